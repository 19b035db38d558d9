//! Which faults are armed, for which operation, how many times; and how often each has struck.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Fault, Operation, Service};

/// How many requests a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Count {
    /// So many, then it is spent.
    Times(u32),
    /// Every one, until the faults are healed.
    UntilHealed,
}

impl From<u32> for Count {
    fn from(times: u32) -> Self {
        Self::Times(times)
    }
}

/// A fault could not be armed; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArmError {
    /// The fault is for other services.
    #[error("the fault `{fault}` does not apply to {service}; it is for {}", list(.fault))]
    OtherService {
        /// The fault that was to be armed.
        fault: Fault,
        /// The service it was to be armed on.
        service: Service,
    },
    /// The operation belongs to another service.
    #[error("the operation `{operation}` is not one of {service} but of {}", .operation.service())]
    ForeignOperation {
        /// The operation it was to be armed for.
        operation: Operation,
        /// The service it was to be armed on.
        service: Service,
    },
    /// The stand-in does not serve the operation as it is set up, so that no request can ever be one.
    #[error("the operation `{operation}` is not served by {service} as it is set up")]
    NotServed {
        /// The operation it was to be armed for.
        operation: Operation,
        /// The service it was to be armed on.
        service: Service,
    },
    /// The fault could never strike this operation.
    #[error("the fault `{fault}` can never strike the operation `{operation}`")]
    NeverStrikes {
        /// The fault that was to be armed.
        fault: Fault,
        /// The operation it was to be armed for.
        operation: Operation,
    },
    /// The fault is a condition of the whole service, not of single requests: arm it without an operation.
    #[error(
        "the fault `{fault}` concerns the whole service, not one operation: arm it without one"
    )]
    WholeService {
        /// The fault that was to be armed.
        fault: Fault,
    },
    /// Armed for no request at all.
    #[error("the fault `{fault}` was armed for 0 requests")]
    ZeroTimes {
        /// The fault that was to be armed.
        fault: Fault,
    },
}

fn list(fault: &Fault) -> String {
    let names: Vec<String> = fault.services().iter().map(ToString::to_string).collect();
    names.join(" and ")
}

/// What a fault is armed for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    /// Every operation the fault can strike.
    Everything,
    /// One operation.
    Only(Operation),
    /// Whichever of these comes.
    OneOf(&'static [Operation]),
}

impl Target {
    fn includes(&self, operation: &Operation) -> bool {
        match self {
            Self::Everything => true,
            Self::Only(only) => only == operation,
            Self::OneOf(operations) => operations.contains(operation),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Armed {
    fault: Fault,
    target: Target,
    left: Count,
}

#[derive(Debug, Default)]
struct State {
    armed: Vec<Armed>,
    struck: HashMap<Fault, u32>,
}

/// The faults of one stand-in. Of several armed for one request the oldest strikes.
#[derive(Debug)]
pub(crate) struct Arming {
    service: Service,
    state: Mutex<State>,
}

impl Arming {
    pub(crate) fn new(service: Service) -> Self {
        Self {
            service,
            state: Mutex::default(),
        }
    }

    /// Arms a fault for one operation.
    pub(crate) fn arm(
        &self,
        fault: Fault,
        operation: Operation,
        count: Count,
    ) -> Result<(), ArmError> {
        self.check(fault)?;
        if operation.service() != self.service {
            return Err(ArmError::ForeignOperation {
                operation,
                service: self.service,
            });
        }
        if fault.is_a_condition() {
            return Err(ArmError::WholeService { fault });
        }
        if !fault.can_strike(&operation) {
            return Err(ArmError::NeverStrikes { fault, operation });
        }
        if count == Count::Times(0) {
            return Err(ArmError::ZeroTimes { fault });
        }
        self.push(fault, Target::Only(operation), count);
        Ok(())
    }

    /// Arms a fault for every operation it can strike, until healed.
    pub(crate) fn arm_everywhere(&self, fault: Fault) -> Result<(), ArmError> {
        self.arm_where(fault, Target::Everything, Count::UntilHealed)
    }

    /// Arms a fault for whichever operation comes that is meant and that it can strike.
    pub(crate) fn arm_where(
        &self,
        fault: Fault,
        target: Target,
        count: Count,
    ) -> Result<(), ArmError> {
        self.check(fault)?;
        self.push(fault, target, count);
        Ok(())
    }

    fn check(&self, fault: Fault) -> Result<(), ArmError> {
        if fault.applies_to(self.service) {
            Ok(())
        } else {
            Err(ArmError::OtherService {
                fault,
                service: self.service,
            })
        }
    }

    fn push(&self, fault: Fault, target: Target, left: Count) {
        self.lock().armed.push(Armed {
            fault,
            target,
            left,
        });
    }

    /// Takes the oldest armed fault of the wanted sort that strikes this operation, and counts the strike.
    pub(crate) fn take(
        &self,
        operation: &Operation,
        wanted: impl Fn(Fault) -> bool,
    ) -> Option<Fault> {
        let mut state = self.lock();
        let position = state.armed.iter().position(|armed| {
            wanted(armed.fault)
                && armed.fault.can_strike(operation)
                && armed.target.includes(operation)
        })?;
        let armed = state.armed.get_mut(position)?;
        let fault = armed.fault;
        if let Count::Times(left) = &mut armed.left {
            *left = left.saturating_sub(1);
            if *left == 0 {
                state.armed.remove(position);
            }
        }
        *state.struck.entry(fault).or_default() += 1;
        Some(fault)
    }

    /// Counts a strike of a fault that is not taken by a request.
    pub(crate) fn count_strike(&self, fault: Fault) {
        *self.lock().struck.entry(fault).or_default() += 1;
    }

    pub(crate) fn heal(&self) {
        self.lock().armed.clear();
    }

    pub(crate) fn armed(&self) -> Vec<Fault> {
        self.lock().armed.iter().map(|armed| armed.fault).collect()
    }

    pub(crate) fn is_armed(&self, fault: Fault) -> bool {
        self.lock().armed.iter().any(|armed| armed.fault == fault)
    }

    pub(crate) fn times_struck(&self, fault: Fault) -> u32 {
        self.lock().struck.get(&fault).copied().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nextpanel_panel::operations::{CREATE_ACCOUNT, LIST_ACCOUNTS};

    #[test]
    fn the_oldest_armed_fault_strikes_until_it_is_spent() {
        let arming = Arming::new(Service::NextPanelPanel);
        arming
            .arm(Fault::LostReply, CREATE_ACCOUNT, Count::Times(2))
            .unwrap();
        arming
            .arm(Fault::Html502, CREATE_ACCOUNT, Count::Times(1))
            .unwrap();
        let take = |operation| arming.take(operation, Fault::is_on_the_wire);
        assert_eq!(take(&LIST_ACCOUNTS), None);
        assert_eq!(take(&CREATE_ACCOUNT), Some(Fault::LostReply));
        assert_eq!(take(&CREATE_ACCOUNT), Some(Fault::LostReply));
        assert_eq!(take(&CREATE_ACCOUNT), Some(Fault::Html502));
        assert_eq!(take(&CREATE_ACCOUNT), None);
        assert_eq!(arming.times_struck(Fault::LostReply), 2);
        assert_eq!(arming.armed(), []);
    }

    #[test]
    fn a_fault_armed_everywhere_strikes_only_what_it_can() {
        let arming = Arming::new(Service::NextPanelPanel);
        arming.arm_everywhere(Fault::UnderPrivilegedKey).unwrap();
        assert_eq!(arming.take(&LIST_ACCOUNTS, Fault::concerns_key), None);
        for _ in 0..3 {
            assert!(arming.take(&CREATE_ACCOUNT, Fault::concerns_key).is_some());
        }
        arming.heal();
        assert_eq!(arming.take(&CREATE_ACCOUNT, Fault::concerns_key), None);
        assert_eq!(arming.times_struck(Fault::UnderPrivilegedKey), 3);
    }

    #[test]
    fn what_cannot_be_armed_says_why_and_changes_nothing() {
        let arming = Arming::new(Service::NextPanelPanel);
        let refused = |fault, operation, count| {
            let error = arming.arm(fault, operation, count).unwrap_err();
            error.to_string()
        };
        assert_eq!(
            refused(Fault::WorkerDead, CREATE_ACCOUNT, Count::Times(1)),
            "the fault `worker-dead` does not apply to the NextPanel panel; it is for mPanel"
        );
        assert_eq!(
            refused(Fault::ServerFull, CREATE_ACCOUNT, Count::Times(1)),
            "the fault `server-full` concerns the whole service, not one operation: arm it without one"
        );
        assert_eq!(
            refused(Fault::UnderPrivilegedKey, LIST_ACCOUNTS, Count::Times(1)),
            "the fault `under-privileged-key` can never strike the operation `list-accounts`"
        );
        assert_eq!(
            refused(Fault::LostReply, CREATE_ACCOUNT, Count::Times(0)),
            "the fault `lost-reply` was armed for 0 requests"
        );
        let error = Arming::new(Service::MPanel)
            .arm(Fault::LostReply, CREATE_ACCOUNT, Count::Times(1))
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the operation `create-account` is not one of mPanel but of the NextPanel panel"
        );
        assert_eq!(arming.armed(), []);
    }
}
