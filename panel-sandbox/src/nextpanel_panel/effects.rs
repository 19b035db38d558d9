//! What requests have changed about accounts: the memory by which a test tells once from twice.

/// A change of an account. A request that finds the account as it wants it changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Suspended,
    Unsuspended,
    Deleted,
}

/// Every change there was, with the username.
#[derive(Debug, Default)]
pub(super) struct Effects(Vec<(Effect, String)>);

impl Effects {
    pub(super) fn remember(&mut self, effect: Effect, username: &str) {
        self.0.push((effect, username.to_owned()));
    }

    pub(super) fn times(&self, effect: Effect, username: &str) -> usize {
        let same = |(happened, to): &&(Effect, String)| *happened == effect && to == username;
        self.0.iter().filter(same).count()
    }
}
