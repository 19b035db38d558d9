//! Settings of one panel.

use jiff::civil::DateTime;

use crate::WireSettings;

/// What the rows of accounts show as `billing_id`. Whether a real panel shows it is not documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum BillingIdInRows {
    /// What the account was created with.
    #[default]
    Shown,
    /// Always `null`.
    Null,
    /// The field is missing.
    Absent,
}

impl From<bool> for BillingIdInRows {
    /// Shown, or always `null`.
    fn from(shows: bool) -> Self {
        if shows { Self::Shown } else { Self::Null }
    }
}

/// What the list of accounts makes of `skip` and `limit`. Whether a real panel reads them is not documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Paging {
    /// They are honoured where given: `skip` from 0, `limit` from 1 to 1000, else 422. Without a limit all rows come.
    #[default]
    Honoured,
    /// They are not looked at; all rows come, always.
    Ignored,
}

/// Settings of one panel.
#[derive(Debug, Clone)]
pub struct PanelSettings {
    name: String,
    pub(super) capacity: usize,
    pub(super) billing_id_in_rows: BillingIdInRows,
    pub(super) accounts_may_log_in: bool,
    pub(super) paging: Paging,
    pub(super) first_id: u64,
    pub(super) first_moment: DateTime,
    pub(super) wire: WireSettings,
}

impl PanelSettings {
    /// A panel that shows billing ids, lets accounts log in, honours paging, and takes 100 accounts.
    ///
    /// The name also makes its keys: panels of different names have different ones.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            capacity: 100,
            billing_id_in_rows: BillingIdInRows::default(),
            accounts_may_log_in: true,
            paging: Paging::default(),
            first_id: 1,
            first_moment: DateTime::constant(2026, 1, 15, 9, 0, 0, 0),
            wire: WireSettings::default(),
        }
    }

    /// The panel's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Up to how many accounts [`Fault::ServerFull`](crate::Fault::ServerFull) fills the panel. Default 100. The panel
    /// itself refuses nothing when it is full: a real one leaves counting to the billing side.
    pub fn with_capacity(mut self, capacity: usize) -> Self {
        self.capacity = capacity;
        self
    }

    /// What rows show as `billing_id`; `true` and `false` stand for shown and always `null`. Default shown.
    pub fn with_billing_id_in_rows(mut self, shows: impl Into<BillingIdInRows>) -> Self {
        self.billing_id_in_rows = shows.into();
        self
    }

    /// Whether hosting accounts may log in; if not, each attempt is refused (401) as a wrong password is. Default yes.
    /// The panel's administrator always may.
    pub fn with_accounts_may_log_in(mut self, may: bool) -> Self {
        self.accounts_may_log_in = may;
        self
    }

    /// What becomes of `skip` and `limit`. Default honoured.
    pub fn with_paging(mut self, paging: Paging) -> Self {
        self.paging = paging;
        self
    }

    /// The id of the first account; ids count up from there. Default 1.
    pub fn with_first_id(mut self, id: u64) -> Self {
        self.first_id = id;
        self
    }

    /// The moment of the panel's first timestamp; each next one is a good second later, whatever the real time.
    /// Default 2026-01-15 09:00:00.
    pub fn with_first_moment(mut self, moment: DateTime) -> Self {
        self.first_moment = moment;
        self
    }

    /// How the panel behaves on the wire.
    pub fn with_wire(mut self, wire: WireSettings) -> Self {
        self.wire = wire;
        self
    }
}
