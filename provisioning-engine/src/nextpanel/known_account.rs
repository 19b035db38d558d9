//! What is done to accounts that exist: suspend, unsuspend, terminate, and reading back.
//!
//! Whatever is done to an account, it is read first, and nothing is done to one of another username or mark.

use http::StatusCode;

use nextpanel_client::AccountActionError;
use nextpanel_client::panel::{Account, AccountId, ExpectedAccount, GetAccount, Panel};
use panel_http::{Endpoint, Error};
use provisioning_core::permission::Verb;
use provisioning_core::plan::account::KnownAccount;
use provisioning_core::plan::id::Mark;
use provisioning_core::plan::verb::Effect;
use provisioning_core::run::account_reading::{AccountReading, PresentAccount};
use provisioning_core::run::facts::{Facts, MarkReading};
use provisioning_core::run::finding::{Finding, Match};
use provisioning_core::run::outcome::{Because, Outcome};

use super::reply::outcome_of;
use crate::clock::Clock;
use crate::reply::mark_reading;

pub(super) async fn suspend(
    panel: &Panel,
    clock: &dyn Clock,
    known: &KnownAccount,
    reason: &str,
) -> Outcome {
    let id = match id_of(known) {
        Ok(id) => id,
        Err(refused) => return refused,
    };
    let done = panel.suspend(id, &expected(known), reason).await;
    came_to(done.map(|_| ()), Verb::SuspendAccount, clock)
}

pub(super) async fn unsuspend(panel: &Panel, clock: &dyn Clock, known: &KnownAccount) -> Outcome {
    let id = match id_of(known) {
        Ok(id) => id,
        Err(refused) => return refused,
    };
    let done = panel.unsuspend(id, &expected(known)).await;
    came_to(done.map(|_| ()), Verb::UnsuspendAccount, clock)
}

pub(super) async fn terminate(panel: &Panel, clock: &dyn Clock, known: &KnownAccount) -> Outcome {
    let id = match id_of(known) {
        Ok(id) => id,
        Err(refused) => return refused,
    };
    let done = panel.delete(id, &expected(known)).await;
    came_to(done.map(|_| ()), Verb::TerminateAccount, clock)
}

pub(super) async fn check(panel: &Panel, clock: &dyn Clock, known: &KnownAccount) -> Outcome {
    let id = match id_of(known) {
        Ok(id) => id,
        Err(refused) => return refused,
    };
    let reading = match panel.call(GetAccount(id)).await {
        Ok(row) => AccountReading::Present(PresentAccount {
            remote_id: row.id.to_string(),
            mark: read_mark(&row, known.mark),
            active: row.is_active.as_ref().copied(),
            // CONTRACT-nextpanel section 8 shows no package in an account.
            package_id: None,
            username: row.username,
        }),
        Err(error) if says_there_is_none(&error) => AccountReading::Gone,
        Err(error) => return outcome_of(&error, Verb::GetAccount, Effect::Read, clock),
    };
    Outcome::Ok {
        facts: Facts::AccountReading(reading),
    }
}

/// Reads the account by its id: what a look-up is after a removal whose outcome is unknown.
pub(super) async fn look_up(
    panel: &Panel,
    clock: &dyn Clock,
    remote_id: &str,
    mark: Mark,
) -> Finding {
    let Ok(id) = remote_id.parse() else {
        return Finding::NotPossible {
            text: not_an_id(remote_id),
            not_before: None,
        };
    };
    let read = |matches| Finding::Read {
        matches,
        whole: true,
        shows_marks: false,
    };
    match panel.call(GetAccount(AccountId::new(id))).await {
        Ok(row) => read(vec![Match {
            remote_id: row.id.to_string(),
            mark: read_mark(&row, mark),
            login: provisioning_core::run::facts::LoginReading::NotTried,
            bound_to: None,
            username: row.username,
        }]),
        Err(error) if says_there_is_none(&error) => read(Vec::new()),
        Err(error) => super::look_up::not_found_out(&error, Verb::GetAccount, clock),
    }
}

pub(super) fn read_mark(row: &Account, mark: Mark) -> MarkReading {
    mark_reading(row.billing_id(), mark)
}

pub(super) fn not_an_id(remote_id: &str) -> String {
    format!("NextPanel ids are integers, `{remote_id}` is none")
}

/// The id under which a known account is read and changed.
fn id_of(known: &KnownAccount) -> Result<AccountId, Outcome> {
    let remote_id = &known.account.remote_id;
    remote_id
        .parse()
        .map(AccountId::new)
        .map_err(|_| Outcome::Rejected {
            because: Because::Invalid,
            text: not_an_id(remote_id),
        })
}

fn expected(known: &KnownAccount) -> ExpectedAccount {
    ExpectedAccount::new(&known.account.username).with_billing_id(known.mark)
}

fn came_to(done: Result<(), AccountActionError>, verb: Verb, clock: &dyn Clock) -> Outcome {
    let error = match done {
        Ok(()) => {
            return Outcome::Ok {
                facts: Facts::Nothing,
            };
        }
        Err(AccountActionError::WrongAccount(wrong)) => {
            return Outcome::Rejected {
                because: Because::OtherAccount,
                text: wrong.to_string(),
            };
        }
        Err(AccountActionError::Call(error)) => error,
        Err(other) => {
            return Outcome::Unknown {
                text: other.to_string(),
            };
        }
    };
    // The account is read before anything is done to it: whatever became of that, nothing was done.
    if error.operation() == GetAccount::OPERATION.name {
        return match outcome_of(&error, Verb::GetAccount, Effect::Read, clock) {
            Outcome::Unknown { text } => Outcome::NotSent {
                text,
                retryable: true,
                not_before: None,
            },
            other => other,
        };
    }
    outcome_of(&error, verb, Effect::Change, clock)
}

/// Whether the panel says in its own words that there is no such account. A 404 of anything else is a missing route.
fn says_there_is_none(error: &Error) -> bool {
    let server = error.server();
    error.status() == Some(StatusCode::NOT_FOUND)
        && !error.is_html()
        && server.says("account")
        && server.says("not found")
}
