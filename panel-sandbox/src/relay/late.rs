//! Requests their sender has given up and that are still on their way.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Request;
use crate::recording::RecordId;
use crate::{ArrivalOrder, Operation};

/// What two sendings of the same request have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sameness {
    pub(crate) operation: Operation,
    pub(crate) path: String,
    /// The natural key, where the operation has one.
    pub(crate) key: Option<String>,
}

/// A request that has not arrived yet.
pub(crate) struct LateRequest {
    pub(crate) request: Request,
    pub(crate) sameness: Sameness,
    pub(crate) order: ArrivalOrder,
    pub(crate) record: RecordId,
    /// Targets of the look-ups that came since. One that comes again begins a second round.
    pub(crate) looked_at: BTreeSet<String>,
}

/// All of them, oldest first.
#[derive(Default)]
pub(crate) struct LateRequests {
    waiting: Mutex<Vec<LateRequest>>,
}

impl LateRequests {
    pub(crate) fn push(&self, late: LateRequest) {
        self.lock().push(late);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Takes those that must arrive before this request is forwarded: before a resend, or before a second look-up.
    ///
    /// A look-up may take several requests (pages, a login), so its end is known only by what comes next: a resend,
    /// or the first request of another round.
    pub(crate) fn due_before(&self, current: &Sameness, target: &str) -> Vec<LateRequest> {
        self.take(|late| {
            if late.order != ArrivalOrder::BeforeResend {
                return false;
            }
            late.sameness == *current
                || (current.operation.is_look_up() && !late.looked_at.insert(target.to_owned()))
        })
    }

    /// Takes those that must arrive once this request was answered.
    pub(crate) fn due_after(&self, current: &Sameness) -> Vec<LateRequest> {
        self.take(|late| late.order == ArrivalOrder::AfterResend && late.sameness == *current)
    }

    pub(crate) fn take_all(&self) -> Vec<LateRequest> {
        self.take(|_| true)
    }

    fn take(&self, mut due: impl FnMut(&mut LateRequest) -> bool) -> Vec<LateRequest> {
        self.lock().extract_if(.., |late| due(late)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<LateRequest>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
