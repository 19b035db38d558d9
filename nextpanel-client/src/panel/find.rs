//! Finding accounts by what the panel stores of ours.

use panel_http::Error;
use provisioning_core::plan::id::Mark;

use super::account::Account;
use super::client::Panel;

/// What was found on a panel for a username and a mark.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Found {
    /// Every account that carries the username or the mark, with what it was found by.
    pub accounts: Vec<(Account, FoundBy)>,
    /// Whether the list that was searched is shown to be whole.
    pub is_whole: bool,
    /// Whether any account on this panel shows a billing id: then the panel shows ours, too.
    pub shows_billing_ids: bool,
}

/// What an account was found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundBy {
    /// Its billing id is our mark.
    Mark,
    /// It has the username, and another billing id or none.
    Username,
}

impl Panel {
    /// Searches the panel for a username and a mark. The panel has no filter, so the whole list is read.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn find(&self, username: &str, mark: Mark) -> Result<Found, Error> {
        let list = self.list_all().await?;
        let shows_billing_ids = list
            .accounts
            .iter()
            .any(|account| account.billing_id().is_some());
        let accounts = list
            .accounts
            .into_iter()
            .filter_map(|account| {
                if account.billing_id().is_some_and(|shown| mark.is(shown)) {
                    Some((account, FoundBy::Mark))
                } else if account.has_username(username) {
                    Some((account, FoundBy::Username))
                } else {
                    None
                }
            })
            .collect();
        Ok(Found {
            accounts,
            is_whole: list.is_whole,
            shows_billing_ids,
        })
    }
}
