//! Finding accounts by what the panel stores of ours.

use panel_http::Error;
use provisioning_core::plan::id::Mark;

use super::account::Account;
use super::client::Panel;
use super::search::{AccountSearch, SeenBillingId};

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
    /// [`search`](Self::search) looks for more than these two.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn find(&self, username: &str, mark: Mark) -> Result<Found, Error> {
        let search = AccountSearch::new().with_username(username).with_mark(mark);
        let result = self.search(&search).await?;
        let accounts = result
            .matches
            .into_iter()
            .map(|found| {
                let by = match found.billing_id {
                    SeenBillingId::Mark => FoundBy::Mark,
                    _ => FoundBy::Username,
                };
                (found.account, by)
            })
            .collect();
        Ok(Found {
            accounts,
            is_whole: result.is_whole,
            shows_billing_ids: result.shows_billing_ids,
        })
    }
}
