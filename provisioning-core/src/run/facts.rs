//! What a settled step has established.

pub mod mpanel;

use serde::{Deserialize, Serialize};

use super::account_reading::AccountReading;
use crate::fleet::ServerName;
use mpanel::MpanelFacts;

/// What a settled step has established, typed by action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "facts", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Facts {
    /// A hosting account exists and is ours.
    HostingAccount(HostingAccount),
    /// The account was read back.
    Verified(Verified),
    /// An account that was known already was read back.
    AccountReading(AccountReading),
    /// Nothing beyond the fact that it was done.
    Nothing,
    /// Something on mPanel.
    Mpanel(MpanelFacts),
    /// What a host's executor provides is there and ours.
    Provided(Provided),
}

/// What a host's executor has provided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provided {
    /// Its id where it lies, as text.
    pub remote_id: String,
    /// How we know that it is ours.
    pub proof: Proof,
}

/// A hosting account that is ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostingAccount {
    /// The panel's id, as text: NextPanel sends integers, mPanel UUIDs.
    pub remote_id: String,
    /// The username it has on the panel.
    pub username: String,
    /// The server it is on.
    pub server: ServerName,
    /// How we know that it is ours.
    pub proof: Proof,
}

/// How we know that an account is ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "proof", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Proof {
    /// The panel answered our own create request with it.
    Created,
    /// The mark we wrote reads back from it.
    MarkReadsBack,
    /// The sealed password of this very step logs in.
    PasswordLogsIn,
    /// An earlier order of the same customer established it.
    KnownFromEarlierOrder,
    /// A human said so.
    SaidBy {
        /// Who.
        by: String,
    },
}

impl Proof {
    /// The proof in plain words.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Created => "the panel answered our create request with it".to_owned(),
            Self::MarkReadsBack => "found by look-up: the mark we wrote reads back".to_owned(),
            Self::PasswordLogsIn => "found by look-up: the password made for it logs in".to_owned(),
            Self::KnownFromEarlierOrder => {
                "an earlier order of the same customer established it".to_owned()
            }
            Self::SaidBy { by } => format!("{by} said that it is ours"),
        }
    }
}

/// What reading an account back has shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// The id under which it was read.
    pub remote_id: String,
    /// The username the panel shows.
    pub username: String,
    /// The active flag the panel shows.
    pub active: bool,
    /// Whether the mark reads back.
    pub mark: MarkReading,
    /// Whether the password logs in.
    pub login: LoginReading,
    /// Whether an account of ours has logged in on this server before; only then does a refused login say anything.
    pub logins_work_here: bool,
}

/// What a row shows where our mark would stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkReading {
    /// Our mark.
    Ours,
    /// Something else.
    Other,
    /// Nothing: null, empty or no such field.
    Nothing,
}

/// What trying the sealed password has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginReading {
    /// It logs in.
    Proved,
    /// It was refused. Whether hosting accounts may log in there at all is assumed, so this proves nothing by itself.
    Refused,
    /// The server has no such route or did not answer it.
    NotOffered,
    /// It was not tried.
    NotTried,
}

impl Verified {
    /// What is wrong with the account, if anything: each a sentence, all of them.
    #[must_use]
    pub fn failures(&self, expected_id: &str, expected_username: &str) -> Vec<String> {
        let mut failures = Vec::new();
        if self.remote_id != expected_id {
            failures.push(format!(
                "asked for account {expected_id}, the panel answered with {}",
                self.remote_id
            ));
        }
        // Panels lower-case usernames; a difference in case is the same account.
        if !self.username.eq_ignore_ascii_case(expected_username) {
            failures.push(format!(
                "account {expected_id} is `{}`, not `{expected_username}`",
                self.username
            ));
        }
        if self.mark == MarkReading::Other {
            failures.push(format!(
                "account {expected_id} carries somebody else's mark"
            ));
        }
        if !self.active {
            failures.push(format!("account {expected_id} is not active"));
        }
        if self.login == LoginReading::Refused && self.logins_work_here {
            failures.push("its password was refused, on a server where accounts of ours have logged in before".to_owned());
        }
        failures
    }

    /// What was verified and how, in plain words, one line each.
    #[must_use]
    pub fn describe(&self) -> Vec<String> {
        let mark = match self.mark {
            MarkReading::Ours => "the mark we wrote reads back",
            MarkReading::Other => "it carries another mark",
            MarkReading::Nothing => "the panel does not show the mark",
        };
        let login = match self.login {
            LoginReading::Proved => "the password logs in",
            LoginReading::Refused => {
                "the password was refused (proves nothing: hosting accounts may not be allowed to log in here)"
            }
            LoginReading::NotOffered => "the panel offers no login to try",
            LoginReading::NotTried => "login not tried",
        };
        vec![
            format!(
                "read back by id {} as `{}`, {}",
                self.remote_id,
                self.username,
                if self.active { "active" } else { "not active" }
            ),
            mark.to_owned(),
            login.to_owned(),
        ]
    }
}
