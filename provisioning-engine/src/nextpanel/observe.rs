//! Counting the accounts of a server.

use nextpanel_client::panel::Panel;
use provisioning_core::fleet::{
    CountedAccount, Observation, Reservation, ServerName, uncounted_slots,
};

use super::reply::not_counted;
use crate::clock::Clock;

pub(super) async fn observe(
    server: &ServerName,
    panel: &Panel,
    clock: &dyn Clock,
    reservations: &[Reservation],
) -> Observation {
    let list = match panel.list_all().await {
        Ok(list) => list,
        Err(error) => return not_counted(&error, clock),
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
