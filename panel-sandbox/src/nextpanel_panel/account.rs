//! One account, as tests see it and as rows show it.

use serde::Serialize;
use serde_json::Value;

use super::BillingIdInRows;

/// An account on the panel, apart from its password.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Account {
    /// Its id.
    pub id: u64,
    /// Its username, unique on the panel.
    pub username: String,
    /// Its e-mail address; need not be unique.
    pub email: String,
    /// The customer's name.
    pub full_name: Option<String>,
    /// The customer's telephone number.
    pub phone: Option<String>,
    /// The customer's company.
    pub company: Option<String>,
    /// The hosting package.
    pub package_id: Option<i64>,
    /// Whether it may administer accounts of its own, as resellers do.
    pub is_admin: bool,
    /// Whether it is not suspended.
    pub is_active: bool,
    /// The mark of whoever created it; kept even where rows do not show it.
    pub billing_id: Option<String>,
    /// What else was sent with it; rows never show it.
    pub metadata: Option<Value>,
    /// When it was created, in the panel's time, without zone.
    pub created_at: String,
    /// Why it is suspended, while it is.
    pub suspension_reason: Option<String>,
    /// Whether the panel made it on its own account rather than for a client.
    pub is_stranger: bool,
}

/// The panel has an account of this username already.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the panel has an account `{username}` already")]
pub struct UsernameTaken {
    pub(super) username: String,
}

/// An account as the panel's answers show it.
#[derive(Serialize)]
pub(super) struct Row<'account> {
    id: u64,
    username: &'account str,
    email: &'account str,
    full_name: Option<&'account str>,
    is_admin: bool,
    is_active: bool,
    /// Outer: whether the field is there. Inner: whether it is `null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    billing_id: Option<Option<&'account str>>,
    created_at: &'account str,
    #[serde(skip_serializing_if = "Option::is_none")]
    suspension_reason: Option<&'account str>,
}

impl<'account> Row<'account> {
    pub(super) fn of(account: &'account Account, billing_id: BillingIdInRows) -> Self {
        Self {
            id: account.id,
            username: &account.username,
            email: &account.email,
            full_name: account.full_name.as_deref(),
            is_admin: account.is_admin,
            is_active: account.is_active,
            billing_id: match billing_id {
                BillingIdInRows::Shown => Some(account.billing_id.as_deref()),
                BillingIdInRows::Null => Some(None),
                BillingIdInRows::Absent => None,
            },
            created_at: &account.created_at,
            suspension_reason: account.suspension_reason.as_deref(),
        }
    }
}
