//! Between columns and values, for the stores that keep rows. What does not read back is damaged, and says where.

use std::fmt::Display;

use jiff::Timestamp;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, IntoDeserializer};

use provisioning_core::fleet::{Reservation, ReservedAccount, ServerName};
use provisioning_core::order::OrderKey;
use provisioning_core::permission::Denial;
use provisioning_core::plan::id::{Mark, PlanId};
use provisioning_core::run::event::{Entry, Event};
use provisioning_core::username::Username;

use super::{CancelWish, DeniedServer, PaymentNote, StoreError, Unpaid};

pub(crate) fn damaged(what: impl Into<String>, problem: impl Display) -> StoreError {
    StoreError::Damaged {
        what: what.into(),
        problem: problem.to_string(),
    }
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

/// A value that is stored as the word it serialises to.
pub(super) fn word<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, StoreError> {
    let text: StrDeserializer<'_, serde::de::value::Error> = text.into_deserializer();
    T::deserialize(text).map_err(|error| damaged(what, error))
}

/// The wish to stop that three columns hold.
pub(super) fn wish(
    by: Option<String>,
    reason: Option<String>,
    at: Option<i64>,
) -> Result<Option<CancelWish>, StoreError> {
    let Some(by) = by else { return Ok(None) };
    Ok(Some(CancelWish {
        at: instant("the wish to stop", &by, at.unwrap_or_default())?,
        by,
        reason: reason.unwrap_or_default(),
    }))
}

/// What a run's row says about the payment of its order.
pub(super) struct PaymentColumns {
    pub(super) version: i64,
    pub(super) settled: i64,
    pub(super) decide_at: Option<i64>,
    pub(super) unpaid: Option<String>,
    pub(super) unpaid_since: Option<i64>,
    pub(super) question: Option<String>,
}

impl PaymentColumns {
    pub(super) fn read(self, run: PlanId) -> Result<PaymentNote, StoreError> {
        Ok(PaymentNote {
            version: u64::try_from(self.version).unwrap_or_default(),
            settled: u64::try_from(self.settled).unwrap_or_default(),
            decide_at: self
                .decide_at
                .map(|at| instant("the next decision about the payment", run, at))
                .transpose()?,
            unpaid: match self.unpaid {
                Some(kind) => Some(Unpaid {
                    kind: word("what happened to the payment", &kind)?,
                    since: instant(
                        "the payment event",
                        run,
                        self.unpaid_since.unwrap_or_default(),
                    )?,
                }),
                None => None,
            },
            question: self.question,
        })
    }
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

/// A row of the places that runs hold.
#[derive(serde::Deserialize)]
pub(super) struct ReservationColumns {
    pub(super) server: String,
    pub(super) username: String,
    pub(super) holder: String,
    pub(super) slots: u32,
    pub(super) mark: Option<String>,
    pub(super) account: String,
}

impl ReservationColumns {
    pub(super) fn read(self) -> Result<Reservation, StoreError> {
        let holder = self.holder;
        let broken = |error: &dyn Display| damaged(format!("the reservation of {holder}"), error);
        let server = ServerName::new(self.server).map_err(|error| broken(&error))?;
        let username = Username::new(self.username).map_err(|error| broken(&error))?;
        let account = self
            .account
            .parse::<ReservedAccount>()
            .map_err(|error| broken(&error))?;
        let reservation = Reservation::new(server, username, holder.clone())
            .with_slots(self.slots)
            .with_account(account);
        match self.mark {
            None => Ok(reservation),
            Some(mark) => match Mark::read(&mark) {
                Some(mark) => Ok(reservation.with_mark(mark)),
                None => Err(broken(&format!("{mark:?} is no mark"))),
            },
        }
    }
}

/// The one row that numbers what takes a place.
pub(super) fn no_version() -> StoreError {
    damaged("the version of the reservations", "it is missing")
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
