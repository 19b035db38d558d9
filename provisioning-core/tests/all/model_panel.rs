//! The model of hosting panels that the proofs run against: servers with accounts, strangers, and requests on the way.

use std::collections::BTreeMap;

use provisioning_core::fleet::ServerName;
use provisioning_core::plan::id::Mark;

use super::sample::{START, server};

/// A create request as a panel gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CreateRequest {
    pub(crate) username: String,
    pub(crate) mark: Mark,
    pub(crate) password: String,
}

/// An account on a panel.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: u64,
    pub(crate) username: String,
    /// The step it was made for; none for a stranger's. This is the truth, whatever the panel shows of it.
    pub(crate) made_for: Option<Mark>,
    /// Whether a stranger's account carries a mark of its own.
    pub(crate) other_mark: bool,
    pub(crate) password: Option<String>,
}

/// One server.
#[derive(Debug, Clone)]
pub(crate) struct Panel {
    pub(crate) shows_marks: bool,
    pub(crate) lets_log_in: bool,
    pub(crate) refuses_second: bool,
    pub(crate) accounts: Vec<Account>,
    /// Requests on their way, with the instant at which they arrive.
    pub(crate) on_the_way: Vec<(i64, CreateRequest)>,
    next_id: u64,
}

impl Panel {
    fn new() -> Self {
        Self {
            shows_marks: true,
            lets_log_in: true,
            refuses_second: true,
            accounts: Vec::new(),
            on_the_way: Vec::new(),
            next_id: 1,
        }
    }

    pub(crate) fn holder(&self, username: &str) -> Option<&Account> {
        self.accounts
            .iter()
            .find(|account| account.username == username)
    }

    /// Carries a request out: the account's id, or none if the username is taken.
    pub(crate) fn execute(&mut self, request: &CreateRequest) -> Option<u64> {
        if self.refuses_second && self.holder(&request.username).is_some() {
            return None;
        }
        Some(self.add(
            &request.username,
            Some(request.mark),
            Some(request.password.clone()),
        ))
    }

    fn add(&mut self, username: &str, made_for: Option<Mark>, password: Option<String>) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.accounts.push(Account {
            id,
            username: username.to_owned(),
            made_for,
            other_mark: !id.is_multiple_of(2),
            password,
        });
        id
    }

    /// A stranger takes a username, if it is free.
    pub(crate) fn stranger(&mut self, username: &str) {
        if self.holder(username).is_none() {
            self.add(username, None, None);
        }
    }

    pub(crate) fn made_for(&self, mark: Mark) -> impl Iterator<Item = &Account> {
        self.accounts
            .iter()
            .filter(move |account| account.made_for == Some(mark))
    }

    /// Whether a request on its way can still bring an account for `mark` into being.
    pub(crate) fn may_still_make(&self, mark: Mark) -> bool {
        self.on_the_way.iter().any(|(_, request)| {
            request.mark == mark
                && !(self.refuses_second && self.holder(&request.username).is_some())
        })
    }
}

/// All servers, and the time.
#[derive(Debug, Clone)]
pub(crate) struct Panels {
    pub(crate) now: i64,
    pub(crate) servers: BTreeMap<ServerName, Panel>,
}

impl Panels {
    pub(crate) fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            now: START,
            servers: names
                .into_iter()
                .map(|name| (server(name), Panel::new()))
                .collect(),
        }
    }

    pub(crate) fn at(&mut self, name: &ServerName) -> &mut Panel {
        self.servers.get_mut(name).expect("a server of the model")
    }

    /// Lets time pass; what is due on the way arrives.
    pub(crate) fn advance_to(&mut self, instant: i64) {
        self.now = self.now.max(instant);
        for panel in self.servers.values_mut() {
            let mut due: Vec<(i64, CreateRequest)> = Vec::new();
            let now = self.now;
            panel.on_the_way.retain(|late| {
                if late.0 <= now {
                    due.push(late.clone());
                }
                late.0 > now
            });
            due.sort_by_key(|(arrives, _)| *arrives);
            for (_, request) in due {
                panel.execute(&request);
            }
        }
    }

    /// Every account made for `mark`, with its server.
    pub(crate) fn made_for(&self, mark: Mark) -> Vec<(&ServerName, &Account)> {
        self.servers
            .iter()
            .flat_map(|(name, panel)| panel.made_for(mark).map(move |account| (name, account)))
            .collect()
    }
}
