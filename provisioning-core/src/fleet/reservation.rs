//! Slots held for accounts that are being made.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{CountedAccount, ServerName};
use crate::plan::id::Mark;
use crate::username::Username;

/// Slots on a server: held from planning until the run has ended, for counts begun before that still beyond (see
/// [`uncounted_slots`]), and for an account of more than one slot as long as somebody remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    server: ServerName,
    username: Username,
    holder: String,
    slots: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mark: Option<Mark>,
    account: ReservedAccount,
}

/// What is known of the account that slots are held for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReservedAccount {
    /// It is still to be made, or may have been: an account on the panel is it only if it carries its mark. Whoever
    /// holds its username may be a stranger, and the slots of this one are needed all the same.
    #[default]
    Expected,
    /// The panel's answer or a look-up has established it: the account of its username is it.
    Established,
    /// The same, and its run is over: it takes its slots for as long as it is on the panel, and none once it is gone. Where
    /// it takes a single one, it matters to nobody but a count that was begun before its place was taken.
    Left,
}

impl ReservedAccount {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Expected, Self::Established, Self::Left];

    /// The word, such as `expected`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::Established => "established",
            Self::Left => "left",
        }
    }
}

impl fmt::Display for ReservedAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that says nothing of a reserved account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of expected, established, left")]
pub struct UnknownReservedAccount(String);

impl FromStr for ReservedAccount {
    type Err = UnknownReservedAccount;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|account| account.as_str() == text)
            .ok_or_else(|| UnknownReservedAccount(text.to_owned()))
    }
}

impl Reservation {
    /// One slot on `server` for the account `username`, which is [`ReservedAccount::Expected`]. `holder` tells whose it
    /// is, such as run and step.
    #[must_use]
    pub fn new(server: ServerName, username: Username, holder: impl Into<String>) -> Self {
        Self {
            server,
            username,
            holder: holder.into(),
            slots: 1,
            mark: None,
            account: ReservedAccount::Expected,
        }
    }

    /// Sets how many slots it holds: the product's placement weight. 0 counts as 1.
    #[must_use]
    pub fn with_slots(mut self, slots: u32) -> Self {
        self.slots = slots.max(1);
        self
    }

    /// Sets the mark by which its account is told from a stranger's of the same username.
    #[must_use]
    pub fn with_mark(mut self, mark: Mark) -> Self {
        self.mark = Some(mark);
        self
    }

    /// Sets what is known of its account.
    #[must_use]
    pub fn with_account(mut self, account: ReservedAccount) -> Self {
        self.account = account;
        self
    }

    /// The server.
    #[must_use]
    pub fn server(&self) -> &ServerName {
        &self.server
    }

    /// The account it is for: the candidate being tried, or the name it has got.
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

    /// The mark of its account.
    #[must_use]
    pub fn mark(&self) -> Option<Mark> {
        self.mark
    }

    /// What is known of its account.
    #[must_use]
    pub fn account(&self) -> ReservedAccount {
        self.account
    }

    /// Whether it can hold anything beyond the one slot that a counted account is.
    #[must_use]
    pub fn holds_beyond_a_count(&self) -> bool {
        self.account != ReservedAccount::Left || self.slots > 1
    }

    /// Whether the other is the same place, whatever is known of its account by now. A count that was begun with either
    /// promises no slot twice, so going from one to the other makes no count out of date.
    #[must_use]
    pub fn is_same_place(&self, other: &Self) -> bool {
        let Self {
            server,
            username,
            holder,
            slots,
            mark,
            account: _,
        } = self;
        *server == other.server
            && *username == other.username
            && *holder == other.holder
            && *slots == other.slots
            && *mark == other.mark
    }
}

/// Slots that reservations hold on `server` beyond the accounts counted there.
///
/// `reservations` are all that were held at any time since the counting began. One that ended meanwhile still belongs
/// to them: its account may have come too late for the count, and would be missed by both. `counted` are the accounts
/// read from the panel, each of which the count takes for one slot.
///
/// A reservation is among the counted if an account carries its mark or, once its account is established, its username.
/// Then it holds only what its account takes beyond one slot. Until then it holds all its slots, though a stranger has its
/// username. On a panel that shows no marks an account whose reply is still awaited is therefore taken twice for a while:
/// a slot too few is promised rather than one too many. The sum stops at `u32::MAX`.
///
/// Of an account that nobody reserved, or whose order was forgotten, nothing but its row is known: it is one slot.
///
/// ```
/// use provisioning_core::fleet::{CountedAccount, Reservation, ReservedAccount, ServerName, uncounted_slots};
/// use provisioning_core::username::Username;
///
/// let server = ServerName::new("np-1")?;
/// let held = [
///     Reservation::new(server.clone(), Username::new("made")?, "run 1")
///         .with_slots(3)
///         .with_account(ReservedAccount::Established),
///     Reservation::new(server.clone(), Username::new("coming")?, "run 2"),
/// ];
/// // `coming` is a stranger's: run 2 needs its slot all the same. Two of the three slots of `made` are not counted.
/// let counted = ["made", "coming"].map(CountedAccount::new);
/// assert_eq!(uncounted_slots(&held, &server, counted), 2 + 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn uncounted_slots<'a, 'b>(
    reservations: impl IntoIterator<Item = &'a Reservation>,
    server: &ServerName,
    counted: impl IntoIterator<Item = CountedAccount<'b>>,
) -> u32 {
    let mut by_mark: HashMap<Mark, &Reservation> = HashMap::new();
    let mut without_mark: Vec<&Reservation> = Vec::new();
    for reservation in reservations {
        if reservation.server != *server {
            continue;
        }
        // A mark belongs to one step, so a second reservation with it is a mistake, and holds its slots.
        let second = match reservation.mark {
            Some(mark) => by_mark.insert(mark, reservation),
            None => Some(reservation),
        };
        without_mark.extend(second);
    }
    let mut slots = Slots::default();
    let mut usernames: HashMap<&str, OneName> = HashMap::new();
    for account in counted {
        let ours = account.mark.and_then(Mark::read);
        match ours.and_then(|mark| by_mark.remove(&mark)) {
            Some(reservation) => slots.add(reservation.slots.saturating_sub(1)),
            None => {
                usernames.entry(account.username).or_default().accounts += 1;
            }
        }
    }
    for reservation in by_mark.into_values().chain(without_mark) {
        match (
            reservation.account,
            usernames.get_mut(reservation.username.as_str()),
        ) {
            (ReservedAccount::Expected, _) | (ReservedAccount::Established, None) => {
                slots.add(reservation.slots);
            }
            (ReservedAccount::Established, Some(name)) => name.established.add(reservation.slots),
            (ReservedAccount::Left, None) => {}
            (ReservedAccount::Left, Some(name)) => name.left = name.left.max(reservation.slots),
        }
    }
    for name in usernames.into_values() {
        slots.add(name.beyond_one());
    }
    slots.0
}

/// A sum that stops at the largest number there is.
#[derive(Default)]
struct Slots(u32);

impl Slots {
    fn add(&mut self, slots: u32) {
        self.0 = self.0.saturating_add(slots);
    }
}

/// The counted accounts of one username, and the reservations whose account they may be: mostly one of each.
#[derive(Default)]
struct OneName {
    accounts: usize,
    established: Slots,
    /// The largest that was left.
    left: u32,
}

impl OneName {
    /// One account is taken for one of the established, so that no slot is promised that may be needed. What was left
    /// under the name of an established one has gone, unless the panel gives out a name twice.
    fn beyond_one(&self) -> u32 {
        let left = self.left.saturating_sub(1);
        match self.established.0 {
            0 => left,
            slots if self.accounts == 1 => slots.saturating_sub(1),
            slots => slots.saturating_sub(1).saturating_add(left),
        }
    }
}
