//! Whose account it is, checked before anything is done to it.

use std::fmt;

use panel_http::Error;

use super::account::{Account, AccountId};
use super::client::Panel;
use super::get::GetAccount;
use crate::wrong_account::{AccountActionError, WrongAccount};

/// Who the account is believed to belong to. Ids come from lists that may be wrong or old; a username does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedAccount {
    username: String,
    billing_id: Option<String>,
}

impl ExpectedAccount {
    /// The account of this username.
    #[must_use]
    pub fn new(username: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            billing_id: None,
        }
    }

    /// And of this billing id: the mark a run wrote, or the billing backend's customer id. It is compared where the
    /// panel shows one.
    #[must_use]
    pub fn with_billing_id(mut self, billing_id: impl fmt::Display) -> Self {
        self.billing_id = Some(billing_id.to_string());
        self
    }

    fn check(&self, account: &Account) -> Result<Proof, WrongAccount> {
        if !account.has_username(&self.username) {
            return Err(WrongAccount::new(&self.username, &account.username));
        }
        match (&self.billing_id, account.billing_id()) {
            (Some(expected), Some(shown)) if shown.eq_ignore_ascii_case(expected.trim()) => {
                Ok(Proof::UsernameAndBillingId)
            }
            (Some(expected), Some(shown)) => Err(WrongAccount::new(
                format!("{} of {expected}", self.username),
                format!("{} of {shown}", account.username),
            )),
            (Some(_), None) | (None, _) => Ok(Proof::Username),
        }
    }
}

/// What proved that it was the right account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Username and billing id.
    UsernameAndBillingId,
    /// The username alone: no billing id was expected, or the panel shows none.
    Username,
}

/// An account something was done to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Acted {
    /// The account as it was before.
    pub before: Account,
    /// What proved that it was the right one.
    pub proof: Proof,
}

impl Panel {
    /// Reads an account and holds it against what it is believed to be.
    ///
    /// # Errors
    /// [`AccountActionError::WrongAccount`] if it is another one, else the error of the call.
    pub async fn identify(
        &self,
        account: AccountId,
        expected: &ExpectedAccount,
    ) -> Result<Acted, AccountActionError> {
        let before = self.call(GetAccount(account)).await?;
        if before.id != account {
            return Err(WrongAccount::new(
                format!("account {account}"),
                format!("account {}", before.id),
            )
            .into());
        }
        let proof = expected.check(&before)?;
        Ok(Acted { before, proof })
    }
}

/// Whether an account that was there a moment ago is gone because an earlier attempt of the same call, of which no
/// answer came, deleted it.
pub(super) fn was_deleted_by_us(error: &Error) -> bool {
    error.kind() == panel_http::Kind::NotFound && error.attempts().len() > 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Field;

    fn account(username: &str, billing_id: Option<&str>) -> Account {
        let mut account = Account::new(AccountId::new(7), username);
        account.billing_id = Field::from(billing_id.map(str::to_owned));
        account
    }

    #[test]
    fn username_and_billing_id_decide_whose_account_it_is() {
        let expected = ExpectedAccount::new("acme").with_billing_id("B-1");
        let table = [
            ("acme", Some("b-1"), Some(Proof::UsernameAndBillingId)),
            ("ACME", Some("b-1 "), Some(Proof::UsernameAndBillingId)),
            ("acme", None, Some(Proof::Username)),
            ("acme", Some(" "), Some(Proof::Username)),
            ("acme", Some("b-2"), None),
            ("victim", Some("b-1"), None),
            ("victim", None, None),
        ];
        for (username, billing_id, proof) in table {
            let found = expected.check(&account(username, billing_id));
            assert_eq!(found.ok(), proof, "{username} {billing_id:?}");
        }
    }

    #[test]
    fn a_wrong_account_names_both() {
        let wrong = ExpectedAccount::new("acme")
            .check(&account("victim", None))
            .unwrap_err();
        assert_eq!((wrong.expected(), wrong.found()), ("acme", Some("victim")));
        let wrong = ExpectedAccount::new("acme")
            .with_billing_id("b-1")
            .check(&account("acme", Some("b-2")))
            .unwrap_err();
        assert_eq!(
            wrong.to_string(),
            "the account is acme of b-2, not acme of b-1; nothing was done to it"
        );
    }
}
