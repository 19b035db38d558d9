//! The journal of a run: its plan and everything that happened, in order.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::event::Entry;
use crate::plan::{PLAN_SCHEMA, Plan};

/// Schema version of the journals this build writes. A newer build finishes older journals and never re-plans them.
pub const JOURNAL_SCHEMA: u16 = 1;

/// A run's plan and everything that happened to it, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    /// [`JOURNAL_SCHEMA`] of the build that began it.
    pub schema: u16,
    /// The plan; it never changes.
    pub plan: Plan,
    /// What happened, oldest first.
    pub entries: Vec<Entry>,
}

impl Journal {
    /// An empty journal for `plan`.
    #[must_use]
    pub const fn new(plan: Plan) -> Self {
        Self {
            schema: JOURNAL_SCHEMA,
            plan,
            entries: Vec::new(),
        }
    }

    /// Reads a journal from JSON.
    ///
    /// # Errors
    /// [`JournalError::Newer`] for a schema this build does not know (use a newer build; nothing was changed);
    /// [`JournalError::Unreadable`] for anything that is not a journal.
    pub fn from_json(text: &str) -> Result<Self, JournalError> {
        /// The schemas are read first, so that a newer journal is told apart from a damaged one.
        #[derive(Deserialize)]
        struct Head {
            schema: u16,
            #[serde(default)]
            plan: PlanHead,
        }
        #[derive(Deserialize, Default)]
        struct PlanHead {
            #[serde(default)]
            schema: u16,
        }
        let unreadable = |error: serde_json::Error| JournalError::Unreadable {
            problem: error.to_string(),
        };
        let head: Head = serde_json::from_str(text).map_err(unreadable)?;
        not_newer(head.schema, head.plan.schema)?;
        serde_json::from_str(text).map_err(unreadable)
    }
}

/// Refuses a journal or a plan whose schema this build does not know.
pub(super) fn not_newer(journal: u16, plan: u16) -> Result<(), JournalError> {
    for (found, known) in [(journal, JOURNAL_SCHEMA), (plan, PLAN_SCHEMA)] {
        if found > known {
            return Err(JournalError::Newer { found, known });
        }
    }
    Ok(())
}

/// Why a journal cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Written by a newer build.
    #[error(
        "the journal has schema {found}, this build knows up to {known}: use the newer build; nothing was changed"
    )]
    Newer {
        /// Its schema.
        found: u16,
        /// The newest this build knows.
        known: u16,
    },
    /// Not a journal, or damaged.
    #[error("not a readable journal ({problem}); restore it from a backup, nothing was changed")]
    Unreadable {
        /// What is wrong.
        problem: String,
    },
    /// An entry that the entries before it do not allow.
    #[error(
        "journal entry {index} does not follow from what stands before it: {problem}; it was edited or entries are missing"
    )]
    Impossible {
        /// Position of the entry, counted from 0.
        index: usize,
        /// What is wrong.
        problem: String,
    },
}
