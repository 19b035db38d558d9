//! Why a store did not do what was asked.

use jiff::Timestamp;
use provisioning_core::fleet::ServerName;
use provisioning_core::plan::id::PlanId;
use provisioning_core::run::journal::JournalError;
use thiserror::Error;

use super::{Binding, CancelWish};

/// Why a store did not do what was asked. Nothing was changed, except perhaps after [`StoreError::Undecided`].
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No such run.
    #[error("there is no run {0}")]
    NoRun(PlanId),
    /// The run is claimed by another worker.
    #[error("run {run} is being worked on by {by} until {until}; it is taken up again after that")]
    Claimed {
        /// The run.
        run: PlanId,
        /// When the lease ends.
        until: Timestamp,
        /// The worker's name.
        by: String,
    },
    /// Another worker has claimed the run since: stop at once, this worker's writes no longer count.
    #[error("run {0} was taken over by another worker; this one stops")]
    FencedOut(PlanId),
    /// The run has a plan already; a stored plan is never replaced.
    #[error("run {0} is planned already")]
    Planned(PlanId),
    /// Somebody wants the run to stop, so nothing new is begun for it.
    #[error("run {run} is to be cancelled ({} wants it: {})", wish.by, wish.reason)]
    CancelWished {
        /// The run.
        run: PlanId,
        /// Who wants it, and why.
        wish: CancelWish,
    },
    /// The order of the run has payment events that nobody has acted on, so nothing new is begun for it before that.
    #[error("payment events of the order of run {0} are to be acted on first")]
    Unsettled(PlanId),
    /// Another run took the place meanwhile. Count again and plan again.
    #[error("another order took the last place on {0} meanwhile; count again")]
    RoomTaken(ServerName),
    /// The remote id belongs to another run.
    #[error("{} on {} belongs to run {owner}", binding.remote_id, binding.server)]
    Bound {
        /// The remote id.
        binding: Binding,
        /// The run that has it.
        owner: PlanId,
    },
    /// The run ended the process that worked on it again and again, and is left alone until somebody has looked.
    #[error(
        "run {run} was left behind by {crashes} workers in a row and is not taken up by itself any more: see its journal, then resume it"
    )]
    Poisoned {
        /// The run.
        run: PlanId,
        /// How many workers ended without giving it back.
        crashes: i64,
    },
    /// The database cannot be read or written now. What was recorded stays recorded; what this call wanted is not.
    #[error(
        "the store does not answer: {problem}; nothing of this step was recorded, it can be repeated once the store works"
    )]
    Unavailable {
        /// What it says.
        problem: String,
    },
    /// The connection to the database was lost while it recorded something, and it could not be asked since what became of
    /// that.
    #[error(
        "the database did not say whether this step was recorded ({problem}): it is recorded whole or not at all, so read the run again before anything is decided"
    )]
    Undecided {
        /// What it says.
        problem: String,
    },
    /// There is no room for what was to be recorded.
    #[error(
        "the store is full ({problem}); nothing of this step was recorded: make room where the database lies, then repeat it"
    )]
    Full {
        /// What it says.
        problem: String,
    },
    /// The database can be read and not written.
    #[error(
        "the store cannot be written ({problem}); nothing was recorded: open it for writing (no mode=ro, no SqliteOptions::read_only, no disk that is mounted so), and let this user write the file and its folder, or every table of the schema on a server that takes writes"
    )]
    ReadOnly {
        /// What it says.
        problem: String,
    },
    /// The database's server does not let this program in: user, password, name of the database or encryption are not
    /// what it wants.
    #[error(
        "the database does not let this program in ({problem}); nothing was recorded: mend user, password, database and sslmode in its URL, or what the server's pg_hba.conf and ssl settings allow"
    )]
    AccessRefused {
        /// What it says.
        problem: String,
    },
    /// The database belongs to another program.
    #[error(
        "{place} is a database of another program; nothing in it was changed: name another file or schema"
    )]
    NotOurs {
        /// Where it is.
        place: String,
    },
    /// The database was written by a newer build.
    #[error(
        "{place} has schema {found}, this build knows up to {known}; nothing in it was changed: use the newer build"
    )]
    Newer {
        /// Where it is.
        place: String,
        /// Its schema.
        found: i64,
        /// The newest this build knows.
        known: i64,
    },
    /// The database is not fit for what is to be kept in it.
    #[error("{place} cannot be used: {problem}; nothing in it was changed")]
    Unsuitable {
        /// Where it is.
        place: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// What is stored does not read back: it was edited by hand or damaged.
    #[error(
        "{what} in the store is not readable ({problem}); restore it from a backup, nothing was changed"
    )]
    Damaged {
        /// What.
        what: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The stored journal cannot be used.
    #[error("run {run}: {problem}")]
    Journal {
        /// The run.
        run: PlanId,
        /// What is wrong.
        #[source]
        problem: JournalError,
    },
}

impl StoreError {
    /// Whether it concerns one run alone, so that others can go on: its journal or what is sealed for it.
    #[must_use]
    pub const fn is_about_one_run(&self) -> bool {
        !matches!(
            self,
            Self::Unavailable { .. }
                | Self::Undecided { .. }
                | Self::Unsuitable { .. }
                | Self::Full { .. }
                | Self::ReadOnly { .. }
                | Self::AccessRefused { .. }
                | Self::NotOurs { .. }
                | Self::Newer { .. }
        )
    }
}
