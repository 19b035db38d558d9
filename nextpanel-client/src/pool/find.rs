//! Finding accounts on all servers.

use futures_util::future::join_all;
use panel_http::{Error, Kind};
use provisioning_core::fleet::ServerName;

use super::{PoolCallError, ServerPool};
use crate::panel::operations::LIST_ACCOUNTS;
use crate::panel::{AccountSearch, SearchResult};

impl ServerPool {
    /// Finds the accounts that fit on every server, all asked at the same time; one that hangs costs the limit of a
    /// [test](super::PoolBuilder::test) and nobody else's. Servers that are being left alone are not asked.
    ///
    /// Nothing found anywhere proves that there is none only if every server has answered with a list that
    /// [is whole](SearchResult::is_whole).
    pub async fn find(
        &self,
        search: &AccountSearch,
    ) -> Vec<(ServerName, Result<SearchResult, PoolCallError>)> {
        let limit = self.shared.settings.test.timeout();
        let servers = self.servers();
        join_all(servers.iter().map(|server| async move {
            let found = self.call(server.name(), |panel| async move {
                let found = tokio::time::timeout(limit, panel.find(search)).await;
                found.unwrap_or_else(|_| {
                    Err(Error::new(Kind::Timeout, LIST_ACCOUNTS.name)
                        .with_note("the time to find an account ran out"))
                })
            });
            (server.name().clone(), found.await)
        }))
        .await
    }
}
