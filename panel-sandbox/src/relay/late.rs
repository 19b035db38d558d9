//! Requests their sender has given up and that are still on their way.

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

    /// Takes those that must arrive before this request is forwarded.
    pub(crate) fn due_before(&self, current: &Sameness) -> Vec<LateRequest> {
        self.take(|late| late.order == ArrivalOrder::BeforeResend && late.sameness == *current)
    }

    /// Takes those that must arrive once this request was answered.
    pub(crate) fn due_after(&self, current: &Sameness) -> Vec<LateRequest> {
        self.take(|late| match late.order {
            ArrivalOrder::BeforeResend => current.operation.is_look_up(),
            ArrivalOrder::AfterResend => late.sameness == *current,
        })
    }

    pub(crate) fn take_all(&self) -> Vec<LateRequest> {
        self.take(|_| true)
    }

    fn take(&self, due: impl Fn(&LateRequest) -> bool) -> Vec<LateRequest> {
        self.lock().extract_if(.., |late| due(late)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<LateRequest>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
