//! Counting the accounts of a server.

use nextpanel_client::panel::Panel;
use provisioning_core::fleet::{
    CountedAccount, Observation, Reservation, ServerName, uncounted_slots,
};
use provisioning_core::permission::Verb;
use provisioning_core::plan::verb::Effect;
use provisioning_core::run::outcome::{Barrier, Outcome};

use super::reply::outcome_of;
use crate::clock::Clock;

pub(super) async fn observe(
    server: &ServerName,
    panel: &Panel,
    clock: &dyn Clock,
    reservations: &[Reservation],
) -> Observation {
    let list = match panel.list_all().await {
        Ok(list) => list,
        Err(error) => {
            let outcome = outcome_of(&error, Verb::ListAccounts, Effect::Read, clock);
            return match (outcome, error.retry_after()) {
                (
                    Outcome::Denied {
                        barrier: Barrier::Permission { denial },
                        ..
                    },
                    _,
                ) => Observation::KeyDenied { denial },
                (_, Some(retry_after)) => Observation::LeftAlone {
                    text: error.to_string(),
                    retry_after,
                },
                (
                    Outcome::NotSent {
                        text,
                        not_before: None,
                        ..
                    },
                    None,
                ) => Observation::Offline { text },
                _ => Observation::CountFailed {
                    text: error.to_string(),
                },
            };
        }
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
        reserved_uncounted: uncounted_slots(reservations, server, counted),
    }
}
