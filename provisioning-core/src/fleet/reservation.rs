//! Slots held for accounts that are being made.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::ServerName;
use crate::username::Username;

/// A slot on a server, held from planning until its run has ended, and for counts begun before that still beyond
/// (see [`uncounted_slots`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    server: ServerName,
    username: Username,
    holder: String,
    slots: u32,
}

impl Reservation {
    /// One slot on `server` for the account `username`. `holder` tells whose it is, such as run and step.
    #[must_use]
    pub fn new(server: ServerName, username: Username, holder: impl Into<String>) -> Self {
        Self {
            server,
            username,
            holder: holder.into(),
            slots: 1,
        }
    }

    /// Sets how many slots it holds: the product's placement weight. 0 counts as 1.
    #[must_use]
    pub fn with_slots(mut self, slots: u32) -> Self {
        self.slots = slots.max(1);
        self
    }

    /// The server.
    #[must_use]
    pub fn server(&self) -> &ServerName {
        &self.server
    }

    /// The account it is for: the candidate being tried.
    #[must_use]
    pub fn username(&self) -> &Username {
        &self.username
    }

    /// Whose it is.
    #[must_use]
    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// How many slots it holds.
    #[must_use]
    pub fn slots(&self) -> u32 {
        self.slots
    }
}

/// Slots that reservations hold on `server` for accounts not among the counted ones.
///
/// `reservations` are all that were held at any time since the counting began. One that ended meanwhile still belongs
/// to them: its account may have come too late for the count, and would be missed by both. `counted` are the usernames
/// read from the panel. Where two reservations are for the same username, the panel's one
/// account can be only one of theirs, so the other keeps its slot. The sum stops at `u32::MAX`.
///
/// ```
/// use provisioning_core::fleet::{Reservation, ServerName, uncounted_slots};
/// use provisioning_core::username::Username;
///
/// let server = ServerName::new("np-1")?;
/// let held = [
///     Reservation::new(server.clone(), Username::new("made")?, "run 1"),
///     Reservation::new(server.clone(), Username::new("coming")?, "run 2"),
/// ];
/// assert_eq!(uncounted_slots(&held, &server, ["made", "other"]), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn uncounted_slots<'a, 'b>(
    reservations: impl IntoIterator<Item = &'a Reservation>,
    server: &ServerName,
    counted: impl IntoIterator<Item = &'b str>,
) -> u32 {
    // The smallest reservation of a username is the one taken for counted: never promise a slot that may be needed.
    let mut by_username: HashMap<&str, (u32, u32)> = HashMap::new();
    for reservation in reservations
        .into_iter()
        .filter(|reservation| reservation.server == *server)
    {
        let (total, smallest) = by_username
            .entry(reservation.username.as_str())
            .or_insert((0, u32::MAX));
        *total = total.saturating_add(reservation.slots);
        *smallest = reservation.slots.min(*smallest);
    }
    for username in counted {
        if let Some((total, smallest)) = by_username.get_mut(username) {
            *total = total.saturating_sub(*smallest);
            *smallest = 0;
        }
    }
    by_username
        .into_values()
        .fold(0, |sum: u32, (total, _)| sum.saturating_add(total))
}
