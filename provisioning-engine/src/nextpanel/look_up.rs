//! Searching a server for what an unknown call may have created.

use secrecy::SecretString;

use nextpanel_client::panel::{AccountSearch, Panel, SeenBillingId};
use panel_http::Error;
use provisioning_core::permission::Verb;
use provisioning_core::plan::verb::Effect;
use provisioning_core::run::directive::LookUp;
use provisioning_core::run::facts::{LoginReading, MarkReading};
use provisioning_core::run::finding::{Finding, Match};

use super::known_account;
use super::login::try_login;
use super::reply::outcome_of;
use crate::clock::Clock;
use crate::executor::{Known, LookUpReport};
use crate::reply;

pub(super) async fn look_up(
    panel: &Panel,
    clock: &dyn Clock,
    look_up: &LookUp,
    password: Option<&SecretString>,
    known: Known,
) -> LookUpReport {
    if let Some(remote_id) = &look_up.remote_id {
        return LookUpReport {
            finding: known_account::look_up(panel, clock, remote_id, look_up.mark).await,
            learned: Known::default(),
        };
    }
    let search = AccountSearch::new()
        .with_username(look_up.username.as_str())
        .with_mark(look_up.mark);
    let found = match panel.find(&search).await {
        Ok(found) => found,
        Err(error) => {
            return LookUpReport {
                finding: not_found_out(&error, Verb::ListAccounts, clock),
                learned: Known::default(),
            };
        }
    };
    let mut learned = Known::default();
    let mut matches = Vec::new();
    for found in found.matches {
        let account = found.account;
        let mark = match found.billing_id {
            SeenBillingId::Mark => MarkReading::Ours,
            SeenBillingId::CustomerId | SeenBillingId::Other => MarkReading::Other,
            SeenBillingId::None => MarkReading::Nothing,
        };
        // A password is tried only where the mark does not decide whose it is, or not whose password it has.
        let login = match mark {
            MarkReading::Ours if look_up.tries_password => {
                try_login(panel, &account.username, password).await
            }
            MarkReading::Nothing => try_login(panel, &account.username, password).await,
            _ => LoginReading::NotTried,
        };
        learned.shows_marks |= mark == MarkReading::Ours;
        learned.logins_work |= login == LoginReading::Proved;
        matches.push(Match {
            remote_id: account.id.to_string(),
            username: account.username,
            mark,
            login,
            bound_to: None,
        });
    }
    LookUpReport {
        finding: Finding::Read {
            matches,
            whole: found.is_whole,
            // That other rows, or the answer to a create, show billing ids does not say that this list shows ours: only
            // a row of ours that was found in a list by its mark does.
            shows_marks: known.shows_marks,
        },
        learned,
    }
}

/// What a search that failed has found out.
pub(super) fn not_found_out(error: &Error, verb: Verb, clock: &dyn Clock) -> Finding {
    reply::not_found_out(outcome_of(error, verb, Effect::Read, clock))
}
