//! How all servers are, asked at the same time.

use std::sync::Arc;

use futures_util::future::join_all;
use provisioning_core::fleet::{
    CountedAccount, Observation, Reservation, ServerName, uncounted_slots,
};

use super::ServerPool;
use super::circuit::CircuitState;
use super::member::Member;
use super::server::PoolServer;
use crate::panel::{Connection, ConnectionTest, Verdict, WholeList};

/// How a server is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ServerStatus {
    /// The server.
    pub server: PoolServer,
    /// What is known of the connection to it.
    pub connection: Connection,
    /// Its accounts, where the key is good.
    pub accounts: Option<WholeList>,
    /// How its circuit stands now.
    pub circuit: CircuitState,
}

impl ServerStatus {
    /// What placement makes of it. A count that failed is no count of zero.
    #[must_use]
    pub fn observation(&self, reservations: &[Reservation]) -> Observation {
        let Some(list) = &self.accounts else {
            return self.without_accounts();
        };
        let accounts = u32::try_from(list.accounts.len()).unwrap_or(u32::MAX);
        if !list.is_whole {
            return Observation::Incomplete { seen: accounts };
        }
        let counted = list
            .accounts
            .iter()
            .map(|account| CountedAccount::new(&account.username).with_mark(account.billing_id()));
        Observation::Counted {
            accounts,
            reserved_uncounted: uncounted_slots(reservations, self.server.name(), counted),
        }
    }

    fn without_accounts(&self) -> Observation {
        let failure = self.connection.failure.as_ref();
        let text = || failure.map_or_else(|| "no answer".to_owned(), ToString::to_string);
        match (&self.connection.denial, self.connection.reachable) {
            (_, Verdict::Fail | Verdict::Unknown) => Observation::Offline { text: text() },
            (Some(denial), Verdict::Pass) if self.connection.authenticated == Verdict::Fail => {
                Observation::KeyDenied {
                    denial: denial.clone(),
                }
            }
            (_, Verdict::Pass) => match failure.and_then(|error| error.retry_after()) {
                Some(retry_after) => Observation::LeftAlone {
                    text: text(),
                    retry_after,
                },
                None => Observation::CountFailed { text: text() },
            },
        }
    }
}

impl ServerPool {
    /// Asks every server at the same time: health, key, accounts. One that hangs costs its own limit and nobody else's;
    /// the others are not kept waiting. Servers that are being left alone are asked as well, and may come back by it.
    pub async fn status(&self) -> Vec<ServerStatus> {
        let members: Vec<Arc<Member>> = self.shared.members().values().cloned().collect();
        let test = &self.shared.settings.test;
        join_all(members.iter().map(|member| status_of(member, test))).await
    }

    /// Asks one server.
    pub async fn server_status(&self, server: &ServerName) -> Option<ServerStatus> {
        let member = self.shared.member(server)?;
        Some(status_of(&member, &self.shared.settings.test).await)
    }
}

async fn status_of(member: &Member, test: &ConnectionTest) -> ServerStatus {
    let server = member.server();
    let mut test = test.clone();
    if let Some(profile) = server.profile() {
        test = test.with_profile(profile.clone());
    }
    let (connection, accounts) = member.panel().test_and_list(&test).await;
    member.circuit().learn(connection.failure.as_deref());
    ServerStatus {
        server,
        connection,
        accounts,
        circuit: member.circuit().state(),
    }
}
