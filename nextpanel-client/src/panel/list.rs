//! `GET /api/v1/billing/accounts`.

use std::collections::BTreeMap;

use http::StatusCode;

use panel_http::Answer;
use panel_http::CallOptions;
use panel_http::DecodeError;
use panel_http::Endpoint;
use panel_http::Error;
use panel_http::Operation;
use panel_http::Query;

use super::account::{Account, AccountId};
use super::client::Panel;
use super::operations::LIST_ACCOUNTS;

/// Rows asked for at once: the most the sibling service accepts (section 2).
pub(super) const PAGE: u32 = 1_000;

/// No fleet's server has this many pages; a panel that never ends its list is not believed.
const MOST_PAGES: u32 = 1_000;

/// Reads one page of accounts. The panel documents neither paging nor filters, so a page may be the whole list.
#[derive(Debug, Clone, Copy)]
pub struct ListAccounts {
    skip: u32,
    limit: u32,
}

impl ListAccounts {
    /// `limit` rows after the first `skip`, if the panel honours either.
    #[must_use]
    pub const fn new(skip: u32, limit: u32) -> Self {
        Self { skip, limit }
    }
}

impl Endpoint for ListAccounts {
    const OPERATION: &'static Operation = &LIST_ACCOUNTS;
    type Reply = Vec<Account>;

    fn query(&self, query: &mut Query) {
        query.set("skip", self.skip);
        query.set("limit", self.limit);
    }

    fn accepts(&self, status: StatusCode) -> bool {
        status == StatusCode::OK
    }

    fn decode(&self, answer: &Answer) -> Result<Vec<Account>, DecodeError> {
        answer.json()
    }
}

/// Every account the panel shows, and whether that is shown to be all of them.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WholeList {
    /// The accounts, each once, by id.
    pub accounts: Vec<Account>,
    /// Whether the list is shown to be whole. If not, it is never proof that something is absent.
    pub is_whole: bool,
}

impl Panel {
    /// Reads every account: pages of 1,000, each after the rows seen so far, until one brings nothing new.
    ///
    /// The panel documents neither paging nor its own cap on a page, so a short page is not taken for the end: one more
    /// request asks for what follows. A page there that is shorter than one before it proves the end, because no cap has
    /// cut it: it is empty, or has what was added meanwhile, which is not run after. The same rows again mean that `skip`
    /// is ignored; the list then counts as whole unless its size is a round number, where it may have been cut by a cap
    /// of the panel's own, and a third request does not show that `limit` is honoured.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn list_all(&self) -> Result<WholeList, Error> {
        self.list_all_with(&CallOptions::new()).await
    }

    /// The same, with these limits for each request.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn list_all_with(&self, options: &CallOptions) -> Result<WholeList, Error> {
        let mut accounts: BTreeMap<AccountId, Account> = BTreeMap::new();
        let mut longest_page = 0;
        for _ in 0..MOST_PAGES {
            let skip = u32::try_from(accounts.len()).unwrap_or(u32::MAX);
            let page = ListAccounts::new(skip, PAGE);
            let rows = self.client().call_with(&page, options).await?;
            let received = rows.len();
            let before = accounts.len();
            accounts.extend(rows.into_iter().map(|account| (account.id, account)));
            let is_uncut = received < longest_page || received == 0;
            if is_uncut || accounts.len() == before {
                let is_whole = is_uncut || !self.may_be_cut(received, options).await?;
                return Ok(WholeList {
                    accounts: accounts.into_values().collect(),
                    is_whole,
                });
            }
            longest_page = longest_page.max(received);
        }
        Ok(WholeList {
            accounts: accounts.into_values().collect(),
            is_whole: false,
        })
    }

    /// Whether a panel that ignores `skip` may show fewer rows than it has. A round number of rows may be a page of its
    /// own making. If it shows one row fewer when asked for one fewer, it honours `limit`, and a limit of 1,000 would
    /// have shown more if there were more; otherwise nothing tells a page from the whole.
    async fn may_be_cut(&self, received: usize, options: &CallOptions) -> Result<bool, Error> {
        let is_round = received.is_multiple_of(10) || received.is_multiple_of(25);
        if !is_round || received >= PAGE as usize {
            return Ok(received == PAGE as usize);
        }
        let fewer = u32::try_from(received).unwrap_or(PAGE).saturating_sub(1);
        let rows = self
            .client()
            .call_with(&ListAccounts::new(0, fewer), options)
            .await?;
        Ok(rows.len() >= received)
    }
}
