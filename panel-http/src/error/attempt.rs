use std::time::Duration;

use http::StatusCode;

use crate::{delivery::Delivery, transport::TransportFault};

/// One request that was sent, or tried to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    number: u32,
    status: Option<StatusCode>,
    fault: Option<TransportFault>,
    elapsed: Duration,
    delay: Duration,
}

impl Attempt {
    /// Attempt number `number`, from 1, of which nothing is known yet.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self {
            number,
            status: None,
            fault: None,
            elapsed: Duration::ZERO,
            delay: Duration::ZERO,
        }
    }

    /// Sets the status it was answered with.
    #[must_use]
    pub const fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// Sets what broke.
    #[must_use]
    pub const fn with_fault(mut self, fault: TransportFault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// Sets its duration.
    #[must_use]
    pub const fn with_elapsed(mut self, elapsed: Duration) -> Self {
        self.elapsed = elapsed;
        self
    }

    /// Sets the delay before it.
    #[must_use]
    pub const fn with_delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Number of the attempt, from 1.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// Status it was answered with; also known where the body then broke off.
    #[must_use]
    pub const fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// What broke.
    #[must_use]
    pub const fn fault(&self) -> Option<TransportFault> {
        self.fault
    }

    /// How far it came.
    #[must_use]
    pub const fn delivery(&self) -> Delivery {
        match (self.status, self.fault) {
            (None, Some(fault)) => fault.delivery(),
            (None, None) => Delivery::MaybeSent,
            (Some(_), _) => Delivery::Answered,
        }
    }

    /// Its duration.
    #[must_use]
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The delay before it, zero for the first.
    #[must_use]
    pub const fn delay(&self) -> Duration {
        self.delay
    }
}
