//! Finding accounts by everything that may name one.

use panel_http::Error;
use provisioning_core::plan::id::Mark;

use super::account::{Account, AccountId};
use super::client::Panel;

/// What to look for. An account that fits any one of them is found.
///
/// A billing id is one of two things, depending on who created the account: the mark of a run of ours, or the id of a
/// customer of the billing backend. Give whichever is known, or both.
///
/// ```
/// use nextpanel_client::panel::AccountSearch;
///
/// let search = AccountSearch::new()
///     .with_username("acme")
///     .with_email("it@acme.example")
///     .with_customer_id("6f0c8a0e-7f1d-4c56-9d5e-3a1b2c4d5e6f");
/// assert!(!search.is_empty());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountSearch {
    id: Option<AccountId>,
    username: Option<String>,
    email: Option<String>,
    mark: Option<Mark>,
    customer_id: Option<String>,
}

impl AccountSearch {
    /// Nothing yet: finds nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The account of this id, such as the `remote_id` of a run. [`GetAccount`](super::GetAccount) reads one that is known
    /// to be on this panel with a single request.
    #[must_use]
    pub const fn with_id(mut self, id: AccountId) -> Self {
        self.id = Some(id);
        self
    }

    /// The account of this username. Panels do not tell case apart.
    #[must_use]
    pub fn with_username(mut self, username: impl Into<String>) -> Self {
        self.username = Some(username.into());
        self
    }

    /// Accounts of this e-mail address: the part before the `@` with its case, the domain without.
    #[must_use]
    pub fn with_email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// The account a run of ours marked.
    #[must_use]
    pub const fn with_mark(mut self, mark: Mark) -> Self {
        self.mark = Some(mark);
        self
    }

    /// Accounts the billing backend created for this customer.
    #[must_use]
    pub fn with_customer_id(mut self, customer_id: impl ToString) -> Self {
        self.customer_id = Some(customer_id.to_string());
        self
    }

    /// Whether there is nothing to look for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn matched(&self, account: Account) -> Option<AccountMatch> {
        let by_id = self.id == Some(account.id);
        let by_username = self
            .username
            .as_deref()
            .is_some_and(|wanted| account.has_username(wanted));
        let by_email = match (&self.email, account.email.as_deref()) {
            (Some(wanted), Some(shown)) => is_same_email(wanted, shown),
            _ => false,
        };
        let billing_id = self.billing_id(&account);
        (by_id || by_username || by_email || billing_id.is_wanted()).then_some(AccountMatch {
            account,
            by_id,
            by_username,
            by_email,
            billing_id,
        })
    }

    fn billing_id(&self, account: &Account) -> SeenBillingId {
        let Some(shown) = account.billing_id() else {
            return SeenBillingId::None;
        };
        if self.mark.is_some_and(|mark| mark.is(shown)) {
            SeenBillingId::Mark
        } else if self
            .customer_id
            .as_deref()
            .is_some_and(|wanted| wanted.eq_ignore_ascii_case(shown))
        {
            SeenBillingId::CustomerId
        } else {
            SeenBillingId::Other
        }
    }
}

/// Which kind of billing id an account shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SeenBillingId {
    /// The mark that was looked for: a run of ours created it.
    Mark,
    /// The customer id that was looked for: the billing backend created it.
    CustomerId,
    /// Another one: it is somebody else's.
    Other,
    /// None at all, or the panel does not show them: it proves nothing.
    None,
}

impl SeenBillingId {
    /// Whether it is one that was looked for.
    #[must_use]
    pub const fn is_wanted(self) -> bool {
        matches!(self, Self::Mark | Self::CustomerId)
    }
}

/// An account that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccountMatch {
    /// The account.
    pub account: Account,
    /// Whether it has the id.
    pub by_id: bool,
    /// Whether it has the username.
    pub by_username: bool,
    /// Whether it has the e-mail address.
    pub by_email: bool,
    /// Which kind of billing id it shows.
    pub billing_id: SeenBillingId,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SearchResult {
    /// Every account that fits, by id.
    pub matches: Vec<AccountMatch>,
    /// Whether the list that was searched is shown to be whole. If not, finding nothing proves nothing.
    pub is_whole: bool,
    /// Whether any account on this panel shows a billing id.
    pub shows_billing_ids: bool,
}

impl Panel {
    /// Finds the accounts that fit, and says for each by what it was found and which kind of billing id it shows. The
    /// panel has no filter, so the whole list is read.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn find(&self, search: &AccountSearch) -> Result<SearchResult, Error> {
        let list = self.list_all().await?;
        let shows_billing_ids = list
            .accounts
            .iter()
            .any(|account| account.billing_id().is_some());
        Ok(SearchResult {
            matches: list
                .accounts
                .into_iter()
                .filter_map(|account| search.matched(account))
                .collect(),
            is_whole: list.is_whole,
            shows_billing_ids,
        })
    }
}

fn is_same_email(one: &str, other: &str) -> bool {
    match (one.trim().rsplit_once('@'), other.trim().rsplit_once('@')) {
        (Some((name, domain)), Some((other_name, other_domain))) => {
            name == other_name && domain.eq_ignore_ascii_case(other_domain)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Field;
    use crate::panel::AccountId;
    use uuid::Uuid;

    fn account(username: &str, email: &str, billing_id: Option<&str>) -> Account {
        let mut account = Account::new(AccountId::new(1), username);
        account.email = Field::of(email.to_owned());
        account.billing_id = billing_id.map_or_else(Field::missing, |id| Field::of(id.to_owned()));
        account
    }

    #[test]
    fn both_kinds_of_billing_id_are_accepted_and_told() {
        let uuid = Uuid::from_u128(7);
        let mark: Mark = serde_json::from_value(serde_json::json!(uuid)).unwrap();
        let search = AccountSearch::new()
            .with_username("acme")
            .with_email("Ann@Example.com")
            .with_mark(mark)
            .with_customer_id("C-1");
        let table = [
            (
                "acme",
                "x@x",
                None,
                Some((true, false, SeenBillingId::None)),
            ),
            (
                "other",
                "Ann@EXAMPLE.com",
                None,
                Some((false, true, SeenBillingId::None)),
            ),
            ("other", "ann@example.com", None, None),
            (
                "other",
                "x@x",
                Some(uuid.to_string().to_uppercase()),
                Some((false, false, SeenBillingId::Mark)),
            ),
            (
                "other",
                "x@x",
                Some("c-1".to_owned()),
                Some((false, false, SeenBillingId::CustomerId)),
            ),
            (
                "ACME",
                "x@x",
                Some("somebody".to_owned()),
                Some((true, false, SeenBillingId::Other)),
            ),
            ("other", "x@x", Some("somebody".to_owned()), None),
        ];
        for (username, email, billing_id, expected) in table {
            let found = search.matched(account(username, email, billing_id.as_deref()));
            let found = found.map(|found| (found.by_username, found.by_email, found.billing_id));
            assert_eq!(found, expected, "{username} {email} {billing_id:?}");
        }
        assert!(
            AccountSearch::new()
                .matched(account("", "", None))
                .is_none()
        );
        let by_id = AccountSearch::new().with_id("1".parse().unwrap());
        let found = by_id.matched(account("acme", "x@x", Some("C-1"))).unwrap();
        assert!(found.by_id && !found.by_username);
        assert_eq!(found.billing_id, SeenBillingId::Other);
        let other = AccountSearch::new().with_id(AccountId::new(2));
        assert!(other.matched(account("acme", "x@x", None)).is_none());
    }
}
