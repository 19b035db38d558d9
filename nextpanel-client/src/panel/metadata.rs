//! The metadata the billing system writes into an account.

use jiff::Timestamp;
use serde::Serialize;

use provisioning_core::catalog::AccountType;

/// What NextPanel's billing system writes beside an account (wire sample of the upstream requests): the panel itself
/// sees only `is_admin`, the type sits here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountMetadata {
    created_from: &'static str,
    billing_customer_id: Option<String>,
    account_type: &'static str,
    is_admin: bool,
    account_level: &'static str,
    /// With a zone, unlike the billing backend's: a naive time is one more thing to guess.
    created_at: Timestamp,
}

impl AccountMetadata {
    /// Metadata of an account of `account_type`. `planned_at` is the plan's instant, so that a resend is the same
    /// request.
    #[must_use]
    pub fn new(
        account_type: AccountType,
        billing_customer_id: Option<String>,
        planned_at: Timestamp,
    ) -> Self {
        Self {
            created_from: "billing_system",
            billing_customer_id,
            account_type: account_type.as_wire(),
            is_admin: account_type.is_admin(),
            account_level: account_type.as_wire(),
            created_at: planned_at,
        }
    }
}
