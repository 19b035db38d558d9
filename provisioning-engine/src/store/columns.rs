//! Between columns and values, for the stores that keep rows. What does not read back is damaged, and says where.

use std::fmt::Display;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use provisioning_core::fleet::{Reservation, ServerName};
use provisioning_core::order::OrderKey;
use provisioning_core::permission::Denial;
use provisioning_core::plan::id::PlanId;
use provisioning_core::run::event::{Entry, Event};
use provisioning_core::username::Username;

use super::{CancelWish, DeniedServer, StoreError};

pub(super) fn damaged(what: impl Into<String>, problem: impl Display) -> StoreError {
    StoreError::Damaged {
        what: what.into(),
        problem: problem.to_string(),
    }
}

pub(super) fn plan_id(text: &str) -> Result<PlanId, StoreError> {
    text.parse::<Uuid>()
        .map(PlanId::from)
        .map_err(|error| damaged(format!("the run id `{text}`"), error))
}

/// Instants are stored in microseconds since 1970.
pub(super) fn micros(instant: Timestamp) -> i64 {
    instant.as_microsecond()
}

pub(super) fn instant(what: &str, run: impl Display, micros: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(micros)
        .map_err(|error| damaged(format!("{what} of run {run}"), error))
}

pub(super) fn json<T: DeserializeOwned>(
    what: &str,
    run: PlanId,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| damaged(format!("{what} of run {run}"), error))
}

pub(super) fn to_json<T: serde::Serialize + ?Sized>(
    what: &str,
    value: &T,
) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unavailable {
        problem: format!("{what} does not serialise: {error}"),
    })
}

pub(super) fn order_key(text: &str, run: PlanId) -> Result<OrderKey, StoreError> {
    text.parse()
        .map_err(|error| damaged(format!("the order key of run {run}"), error))
}

/// The wish to stop that two columns hold.
pub(super) fn wish(by: Option<String>, reason: Option<String>) -> Option<CancelWish> {
    by.map(|by| CancelWish {
        by,
        reason: reason.unwrap_or_default(),
    })
}

/// The sealed bytes of a credential that is not erased.
pub(super) struct CredentialColumns {
    pub(super) credential: String,
    pub(super) key_id: String,
    pub(super) sealed: String,
}

/// The entries of a journal from their numbers and bodies, with the sealed bytes of credentials that are not erased put
/// back in.
pub(super) fn entries<'r>(
    run: PlanId,
    rows: impl IntoIterator<Item = (i64, &'r str)>,
    expected: i64,
    credentials: &[CredentialColumns],
) -> Result<Vec<Entry>, StoreError> {
    let mut entries = Vec::new();
    for (number, (stored, body)) in (0_i64..).zip(rows) {
        // An entry that somebody took out would be a call that somebody forgot.
        if stored != number {
            return Err(damaged(
                format!("the journal of run {run}"),
                format!("entry {number} is missing"),
            ));
        }
        entries.push(json::<Entry>("a journal entry", run, body)?);
    }
    if i64::try_from(entries.len()).unwrap_or(i64::MAX) != expected {
        return Err(damaged(
            format!("the journal of run {run}"),
            format!(
                "it has {} entries and should have {expected}",
                entries.len()
            ),
        ));
    }
    for columns in credentials {
        for entry in &mut entries {
            if let Event::CredentialSealed(sealed) = &mut entry.event
                && sealed.credential.as_str() == columns.credential
            {
                sealed.key_id.clone_from(&columns.key_id);
                sealed.sealed.clone_from(&columns.sealed);
            }
        }
    }
    Ok(entries)
}

pub(super) fn reservation(
    server: String,
    username: String,
    holder: String,
    slots: u32,
) -> Result<Reservation, StoreError> {
    let broken = |error: &dyn Display| damaged(format!("the reservation of {holder}"), error);
    let server = ServerName::new(server).map_err(|error| broken(&error))?;
    let username = Username::new(username).map_err(|error| broken(&error))?;
    Ok(Reservation::new(server, username, holder).with_slots(slots))
}

pub(super) fn denied_server(
    name: String,
    denial: &str,
    next_try: i64,
) -> Result<DeniedServer, StoreError> {
    let broken = |error: &dyn Display| damaged(format!("the denial of server {name}"), error);
    Ok(DeniedServer {
        server: ServerName::new(name.clone()).map_err(|error| broken(&error))?,
        denial: serde_json::from_str::<Denial>(denial).map_err(|error| broken(&error))?,
        next_try: Timestamp::from_microsecond(next_try).map_err(|error| broken(&error))?,
    })
}
