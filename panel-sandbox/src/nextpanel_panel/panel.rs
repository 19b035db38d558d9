//! The handle of a running panel.

use std::fmt;
use std::sync::Arc;

use super::account::{Account, UsernameTaken};
use super::effects::Effect;
use super::handlers::{PanelStandIn, State};
use super::operations::CREATE_ACCOUNT;
use super::{AdminLogin, ApiKey, KeyKind, PanelSettings};
use crate::handle::methods_of_every_handle;
use crate::stage::Stage;
use crate::stand_in::StandIn;
use crate::{ArmError, Count, Fault, Operation, StartError};

/// A running NextPanel panel. Dropping it ends it, with all its connections.
pub struct Panel {
    stage: Stage,
    stand_in: Arc<PanelStandIn>,
}

impl Panel {
    /// Starts a panel on 127.0.0.1.
    ///
    /// # Errors
    ///
    /// [`StartError::Bind`] if the address is taken.
    pub async fn start(settings: PanelSettings) -> Result<Self, StartError> {
        let name = settings.name().to_owned();
        let wire = settings.wire.clone();
        let stand_in = Arc::new(PanelStandIn::new(settings));
        let stage = Stage::start(
            &name,
            Arc::clone(&stand_in) as Arc<dyn StandIn>,
            Arc::clone(&stand_in.arming),
            wire,
        )
        .await?;
        Ok(Self { stage, stand_in })
    }

    methods_of_every_handle!();

    /// Its base URL, such as `http://127.0.0.1:40123`, without a slash at the end.
    pub fn url(&self) -> &str {
        self.stage.url()
    }

    /// Up to how many accounts [`Fault::ServerFull`] fills it.
    pub fn capacity(&self) -> usize {
        self.stand_in.settings.capacity
    }

    /// Its key of this kind.
    pub fn key(&self, kind: KeyKind) -> ApiKey {
        self.stand_in.state().keys.of_kind(kind)
    }

    /// Its administrator.
    pub fn admin(&self) -> &AdminLogin {
        &self.stand_in.admin
    }

    /// Arms a fault where it naturally belongs: faults of the key for every operation they can strike until healed,
    /// [`Fault::ServerFull`] at once until healed, any other for the next request that creates an account.
    ///
    /// Of several faults armed for the same request the oldest strikes. A fault on the wire and one of the panel
    /// itself may strike the same request.
    ///
    /// # Errors
    ///
    /// [`ArmError::OtherService`] for a fault of other services.
    pub fn arm(&self, fault: Fault) -> Result<(), ArmError> {
        let arming = &self.stand_in.arming;
        if fault == Fault::ServerFull {
            arming.arm_everywhere(fault)?;
            arming.count_strike(fault);
            let mut state = self.stand_in.state();
            let State {
                accounts, clock, ..
            } = &mut *state;
            accounts.fill_up(self.stand_in.settings.capacity, clock);
            return Ok(());
        }
        if fault.concerns_key() {
            return arming.arm_everywhere(fault);
        }
        arming.arm(fault, CREATE_ACCOUNT, Count::Times(1))
    }

    /// Arms a fault for one operation and so many of its requests: `arm_for(fault, CREATE_ACCOUNT, 2)`.
    ///
    /// # Errors
    ///
    /// Each [`ArmError`], before anything is changed.
    pub fn arm_for(
        &self,
        fault: Fault,
        operation: Operation,
        count: impl Into<Count>,
    ) -> Result<(), ArmError> {
        self.stand_in.arming.arm(fault, operation, count.into())
    }

    /// Lifts every fault. Strangers that filled the panel up are gone; a request that is late stays late.
    pub fn heal(&self) {
        self.stand_in.arming.heal();
        self.stand_in.state().accounts.drain();
    }

    /// The accounts there are now, strangers included, in the order of their ids.
    pub fn accounts(&self) -> Vec<Account> {
        self.accounts_where(|_| true)
    }

    /// The accounts there are now that no client made.
    pub fn strangers(&self) -> Vec<Account> {
        self.accounts_where(|account| account.is_stranger)
    }

    fn accounts_where(&self, wanted: impl Fn(&Account) -> bool) -> Vec<Account> {
        let state = self.stand_in.state();
        let accounts = state.accounts.iter().map(|stored| &stored.account);
        accounts
            .filter(|account| wanted(account))
            .cloned()
            .collect()
    }

    /// The account of this username, if there is one now.
    pub fn account(&self, username: &str) -> Option<Account> {
        let state = self.stand_in.state();
        let stored = state.accounts.by_username(username)?;
        Some(stored.account.clone())
    }

    /// Whether there is an account of this username with this password.
    pub fn password_is(&self, username: &str, password: &str) -> bool {
        let state = self.stand_in.state();
        let stored = state.accounts.by_username(username);
        stored.is_some_and(|stored| stored.has_password(password))
    }

    /// Makes a stranger's account.
    ///
    /// # Errors
    ///
    /// [`UsernameTaken`] if there is an account of this username.
    pub fn add_stranger(&self, username: &str) -> Result<Account, UsernameTaken> {
        let mut state = self.stand_in.state();
        let State {
            accounts, clock, ..
        } = &mut *state;
        accounts.create_stranger(username, clock).cloned()
    }

    /// Deletes an account, and makes a stranger's under its id: ids may be given out again. None if there is no account of
    /// this id, or one of this username.
    pub fn give_id_to_stranger(&self, id: u64, username: &str) -> Option<Account> {
        let mut state = self.stand_in.state();
        let State {
            accounts, clock, ..
        } = &mut *state;
        accounts.give_id_to_stranger(id, username, clock)
    }

    /// How often an account of this username was ever created, by clients or as a stranger's, deleted ones included.
    pub fn times_created(&self, username: &str) -> usize {
        self.stand_in.state().accounts.times_created(username)
    }

    /// How often an account with this `billing_id` was ever created, deleted ones included.
    pub fn times_created_for(&self, billing_id: &str) -> usize {
        self.stand_in.state().accounts.times_created_for(billing_id)
    }

    /// How often an account of this username was suspended. A request that finds it suspended already does not count.
    pub fn times_suspended(&self, username: &str) -> usize {
        self.times(Effect::Suspended, username)
    }

    /// How often an account of this username was unsuspended. A request that finds it active already does not count.
    pub fn times_unsuspended(&self, username: &str) -> usize {
        self.times(Effect::Unsuspended, username)
    }

    /// How often clients have deleted an account of this username.
    pub fn times_deleted(&self, username: &str) -> usize {
        self.times(Effect::Deleted, username)
    }

    fn times(&self, effect: Effect, username: &str) -> usize {
        self.stand_in.state().accounts.times(effect, username)
    }

    /// How many accounts clients have ever created, deleted ones included.
    pub fn created_by_clients(&self) -> usize {
        self.stand_in.state().accounts.created_by_clients()
    }
}

impl fmt::Debug for Panel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Panel")
            .field("name", &self.name())
            .field("url", &self.url())
            .field("armed", &self.armed())
            .finish_non_exhaustive()
    }
}
