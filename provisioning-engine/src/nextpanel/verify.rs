//! Reading an account back, as evidence.

use secrecy::SecretString;

use nextpanel_client::panel::{AccountId, GetAccount, Panel};
use provisioning_core::permission::Verb;
use provisioning_core::plan::id::Mark;
use provisioning_core::plan::verb::Effect;
use provisioning_core::run::facts::{Facts, HostingAccount, LoginReading, Verified};
use provisioning_core::run::outcome::{Because, Outcome};

use super::known_account::{not_an_id, read_mark};
use super::login::try_login;
use super::reply::outcome_of;
use crate::executor::{CallReport, Known};

pub(super) async fn verify(
    panel: &Panel,
    account: &HostingAccount,
    mark: Mark,
    password: Option<&SecretString>,
    known: Known,
) -> CallReport {
    let Ok(id) = account.remote_id.parse::<AccountId>() else {
        return CallReport::without_lesson(Outcome::Rejected {
            because: Because::Invalid,
            text: not_an_id(&account.remote_id),
        });
    };
    let row = match panel.call(GetAccount(id)).await {
        Ok(row) => row,
        Err(error) => {
            return CallReport::without_lesson(outcome_of(&error, Verb::GetAccount, Effect::Read));
        }
    };
    let login = try_login(panel, &row.username, password).await;
    let mark = read_mark(&row, mark);
    CallReport {
        learned: Known {
            // What a single row shows says nothing about the rows of the list, which is what look-ups read.
            shows_marks: false,
            logins_work: login == LoginReading::Proved,
        },
        outcome: Outcome::Ok {
            facts: Facts::Verified(Verified {
                remote_id: row.id.to_string(),
                username: row.username,
                // A panel that shows no flag has not said that it is inactive.
                active: row.is_active.unwrap_or(true),
                mark,
                login,
                logins_work_here: known.logins_work,
            }),
        },
    }
}
