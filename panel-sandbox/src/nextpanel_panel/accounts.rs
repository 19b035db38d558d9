//! All accounts of a panel, and the memory of every one that was ever created.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::DateTime;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::account::{Account, UsernameTaken};
use super::effects::{Effect, Effects};
use super::new_account::NewAccount;
use crate::clock::{Clock, isoformat};

/// An account with what only the panel knows.
pub(super) struct StoredAccount {
    pub(super) account: Account,
    password: SecretString,
    created: DateTime,
    pub(super) last_login: Option<DateTime>,
}

impl StoredAccount {
    pub(super) fn has_password(&self, password: &str) -> bool {
        self.password.expose_secret() == password
    }

    pub(super) fn age_in_days(&self, now: DateTime) -> i64 {
        now.duration_since(self.created).as_hours() / 24
    }
}

struct Creation {
    username: String,
    billing_id: Option<String>,
    is_stranger: bool,
}

pub(super) struct Accounts {
    stored: BTreeMap<u64, StoredAccount>,
    ids: HashMap<String, u64>,
    creations: Vec<Creation>,
    effects: Effects,
    next_id: u64,
    strangers_made: u64,
    /// The strangers that only fill the panel up, to be taken away again.
    fillers: Vec<u64>,
}

impl Accounts {
    pub(super) fn new(first_id: u64) -> Self {
        Self {
            stored: BTreeMap::new(),
            ids: HashMap::new(),
            creations: Vec::new(),
            effects: Effects::default(),
            next_id: first_id,
            strangers_made: 0,
            fillers: Vec::new(),
        }
    }

    pub(super) fn create(
        &mut self,
        new: NewAccount,
        clock: &mut Clock,
    ) -> Result<&Account, UsernameTaken> {
        if self.ids.contains_key(&new.username) {
            return Err(UsernameTaken {
                username: new.username,
            });
        }
        self.creations.push(Creation {
            username: new.username.clone(),
            billing_id: new.billing_id.clone(),
            is_stranger: new.is_stranger,
        });
        let id = self.next_id;
        self.next_id += 1;
        self.ids.insert(new.username.clone(), id);
        let created = clock.now();
        let stored = StoredAccount {
            account: Account {
                id,
                username: new.username,
                email: new.email,
                full_name: new.full_name,
                phone: new.phone,
                company: new.company,
                package_id: new.package_id,
                is_admin: new.is_admin,
                is_active: true,
                billing_id: new.billing_id,
                metadata: new.metadata,
                created_at: isoformat(created),
                suspension_reason: None,
                is_stranger: new.is_stranger,
            },
            password: new.password,
            created,
            last_login: None,
        };
        Ok(&self
            .stored
            .entry(id)
            .insert_entry(stored)
            .into_mut()
            .account)
    }

    /// Makes an account that belongs to somebody else: other e-mail, other mark, a password nobody knows.
    pub(super) fn create_stranger(
        &mut self,
        username: &str,
        clock: &mut Clock,
    ) -> Result<&Account, UsernameTaken> {
        self.strangers_made += 1;
        let number = self.strangers_made;
        let made_up = |what: &str| {
            let text = format!("stranger {number} {what}");
            Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()).to_string()
        };
        let stranger = NewAccount {
            username: username.to_owned(),
            email: format!("stranger{number}@elsewhere.example"),
            password: SecretString::from(made_up("password")),
            full_name: Some(format!("Stranger {number}")),
            phone: None,
            company: None,
            package_id: None,
            is_admin: false,
            billing_id: Some(made_up("billing id")),
            metadata: None,
            is_stranger: true,
        };
        self.create(stranger, clock)
    }

    /// Deletes an account, and makes a stranger's under its id: real panels give ids out again. None if there is no such
    /// account or the username is taken.
    pub(super) fn give_id_to_stranger(
        &mut self,
        id: u64,
        username: &str,
        clock: &mut Clock,
    ) -> Option<Account> {
        if self.ids.contains_key(username) {
            return None;
        }
        self.remove(id)?;
        let made = self.create_stranger(username, clock).ok()?.id;
        let mut stranger = self.remove(made)?;
        stranger.account.id = id;
        self.ids.insert(username.to_owned(), id);
        let stored = self.stored.entry(id).insert_entry(stranger).into_mut();
        Some(stored.account.clone())
    }

    /// Adds strangers until there are this many accounts.
    pub(super) fn fill_up(&mut self, capacity: usize, clock: &mut Clock) {
        while self.stored.len() < capacity {
            let username = format!("stranger{:04}", self.strangers_made + 1);
            if let Ok(filler) = self.create_stranger(&username, clock) {
                let id = filler.id;
                self.fillers.push(id);
            }
        }
    }

    /// Takes away the strangers that filled the panel up.
    pub(super) fn drain(&mut self) {
        for id in std::mem::take(&mut self.fillers) {
            self.remove(id);
        }
    }

    pub(super) fn get_mut(&mut self, id: u64) -> Option<&mut StoredAccount> {
        self.stored.get_mut(&id)
    }

    pub(super) fn by_username(&self, username: &str) -> Option<&StoredAccount> {
        self.stored.get(self.ids.get(username)?)
    }

    pub(super) fn by_username_mut(&mut self, username: &str) -> Option<&mut StoredAccount> {
        self.stored.get_mut(self.ids.get(username)?)
    }

    /// Makes an account active or not. What it was before is none of the caller's business; what it is now, is in the row.
    pub(super) fn set_active(&mut self, id: u64, active: bool, reason: Option<String>) {
        let Some(stored) = self.stored.get_mut(&id) else {
            return;
        };
        if stored.account.is_active != active {
            let effect = if active {
                Effect::Unsuspended
            } else {
                Effect::Suspended
            };
            self.effects.remember(effect, &stored.account.username);
        }
        stored.account.is_active = active;
        stored.account.suspension_reason = reason;
    }

    /// Removes an account because a client asked for it.
    pub(super) fn delete(&mut self, id: u64) -> Option<StoredAccount> {
        let deleted = self.remove(id)?;
        self.effects
            .remember(Effect::Deleted, &deleted.account.username);
        Some(deleted)
    }

    pub(super) fn times(&self, effect: Effect, username: &str) -> usize {
        self.effects.times(effect, username)
    }

    pub(super) fn remove(&mut self, id: u64) -> Option<StoredAccount> {
        let removed = self.stored.remove(&id)?;
        self.ids.remove(&removed.account.username);
        Some(removed)
    }

    /// All accounts, in the order of their ids.
    pub(super) fn iter(&self) -> impl Iterator<Item = &StoredAccount> {
        self.stored.values()
    }

    pub(super) fn times_created(&self, username: &str) -> usize {
        self.count(|creation| creation.username == username)
    }

    pub(super) fn times_created_for(&self, billing_id: &str) -> usize {
        self.count(|creation| creation.billing_id.as_deref() == Some(billing_id))
    }

    pub(super) fn created_by_clients(&self) -> usize {
        self.count(|creation| !creation.is_stranger)
    }

    fn count(&self, wanted: impl Fn(&Creation) -> bool) -> usize {
        self.creations
            .iter()
            .filter(|creation| wanted(creation))
            .count()
    }
}
