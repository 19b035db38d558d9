//! The faults, by name.

use std::fmt;
use std::str::FromStr;

use crate::Service;
use crate::operation::{Access, Operation};

/// Where a request given up by its sender arrives after all, seen from the sender's next steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ArrivalOrder {
    /// After the next look-up was answered, however many requests it takes: before a resend is handled, or before the
    /// first request of a second look-up.
    BeforeResend,
    /// After the resend was handled.
    AfterResend,
}

/// Whether a refusal for sending too fast says when to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RetryHint {
    /// A `Retry-After` header in seconds.
    Given,
    /// No hint at all.
    Missing,
}

/// Something that goes wrong, by name: `"lost-reply".parse::<Fault>()`.
///
/// "Handled" means that the stand-in received the whole request and did what it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// Whatever needs more than an ordinary credential is refused (403): on NextPanel every write, for want of super
    /// admin rights; on mPanel every route that wants a certain role. The rest goes on working.
    UnderPrivilegedKey,
    /// Every call with an API key is refused because of the caller's address (403).
    IpRefused,
    /// Every call with an API key is refused because the key is revoked (401).
    RevokedKey,
    /// Every call with an API key or a shared secret is refused as if it were wrong (401).
    WrongSecret,
    /// Bearer tokens are refused as expired.
    ExpiredToken,
    /// The request is handled; the connection is reset before a byte of the reply.
    LostReply,
    /// The connection is reset at once; the request arrives later, as the order says.
    LateArrival(ArrivalOrder),
    /// The connection is reset; the request never arrives.
    DropBeforeSend,
    /// The request is handled at once; the reply comes late.
    Delay,
    /// The request is refused for coming too fast (429) and not handled.
    RateLimited(RetryHint),
    /// The request is answered 500 and not handled.
    Error500Once,
    /// The request is handled; the reply is a proxy's 502 page in HTML.
    Html502,
    /// The request is handled; the reply ends half-way through its body.
    Truncated,
    /// The request is handled; the reply is readable but larger than any client should take.
    HugeBody,
    /// The request is answered by a redirect (307) to another origin and not handled.
    RedirectElsewhere,
    /// The server is filled with strangers' accounts up to its capacity.
    ServerFull,
    /// A stranger's account takes the wanted username just before the request is handled.
    UsernameTakenByOther,
    /// Tasks are accepted and never worked on.
    WorkerDead,
    /// Tasks are worked on and fail.
    TaskFailed,
    /// Tokens that were issued are no longer known, as after a change of the signing secret.
    ForgetsTokens,
}

impl Fault {
    /// Every fault, in the order of the documentation.
    pub const ALL: [Self; 22] = [
        Self::UnderPrivilegedKey,
        Self::IpRefused,
        Self::RevokedKey,
        Self::WrongSecret,
        Self::ExpiredToken,
        Self::LostReply,
        Self::LateArrival(ArrivalOrder::BeforeResend),
        Self::LateArrival(ArrivalOrder::AfterResend),
        Self::DropBeforeSend,
        Self::Delay,
        Self::RateLimited(RetryHint::Given),
        Self::RateLimited(RetryHint::Missing),
        Self::Error500Once,
        Self::Html502,
        Self::Truncated,
        Self::HugeBody,
        Self::RedirectElsewhere,
        Self::ServerFull,
        Self::UsernameTakenByOther,
        Self::WorkerDead,
        Self::TaskFailed,
        Self::ForgetsTokens,
    ];

    /// Its name, in kebab-case.
    pub fn name(self) -> &'static str {
        match self {
            Self::UnderPrivilegedKey => "under-privileged-key",
            Self::IpRefused => "ip-refused",
            Self::RevokedKey => "revoked-key",
            Self::WrongSecret => "wrong-secret",
            Self::ExpiredToken => "expired-token",
            Self::LostReply => "lost-reply",
            Self::LateArrival(ArrivalOrder::BeforeResend) => "late-arrival",
            Self::LateArrival(ArrivalOrder::AfterResend) => "late-arrival-after-resend",
            Self::DropBeforeSend => "drop-before-send",
            Self::Delay => "delay",
            Self::RateLimited(RetryHint::Given) => "rate-limited",
            Self::RateLimited(RetryHint::Missing) => "rate-limited-without-hint",
            Self::Error500Once => "error-500-once",
            Self::Html502 => "html-502",
            Self::Truncated => "truncated",
            Self::HugeBody => "huge-body",
            Self::RedirectElsewhere => "redirect-elsewhere",
            Self::ServerFull => "server-full",
            Self::UsernameTakenByOther => "username-taken-by-other",
            Self::WorkerDead => "worker-dead",
            Self::TaskFailed => "task-failed",
            Self::ForgetsTokens => "forgets-tokens",
        }
    }

    /// The services it makes sense on.
    pub fn services(self) -> &'static [Service] {
        use Service::{MPanel, NextPanelBilling, NextPanelPanel};
        match self {
            Self::IpRefused | Self::RevokedKey | Self::ServerFull | Self::UsernameTakenByOther => {
                &[NextPanelPanel, NextPanelBilling]
            }
            Self::ExpiredToken | Self::ForgetsTokens => &[NextPanelBilling, MPanel],
            Self::WorkerDead | Self::TaskFailed => &[MPanel],
            Self::UnderPrivilegedKey
            | Self::WrongSecret
            | Self::LostReply
            | Self::LateArrival(_)
            | Self::DropBeforeSend
            | Self::Delay
            | Self::RateLimited(_)
            | Self::Error500Once
            | Self::Html502
            | Self::Truncated
            | Self::HugeBody
            | Self::RedirectElsewhere => &[NextPanelPanel, NextPanelBilling, MPanel],
        }
    }

    /// Whether it makes sense on this service.
    pub fn applies_to(self, service: Service) -> bool {
        self.services().contains(&service)
    }

    /// Whether it is about the credential that was configured, so that it lasts until it is mended.
    pub(crate) fn concerns_key(self) -> bool {
        matches!(
            self,
            Self::UnderPrivilegedKey | Self::IpRefused | Self::RevokedKey | Self::WrongSecret
        )
    }

    /// Whether the relay carries it out, rather than the stand-in behind it.
    pub(crate) fn is_on_the_wire(self) -> bool {
        matches!(
            self,
            Self::LostReply
                | Self::LateArrival(_)
                | Self::DropBeforeSend
                | Self::Delay
                | Self::RateLimited(_)
                | Self::Error500Once
                | Self::Html502
                | Self::Truncated
                | Self::HugeBody
                | Self::RedirectElsewhere
        )
    }

    /// Whether it changes the whole service at the moment it is armed.
    pub(crate) fn is_a_condition(self) -> bool {
        matches!(
            self,
            Self::ServerFull | Self::WorkerDead | Self::TaskFailed | Self::ForgetsTokens
        )
    }

    /// Whether it can strike a request for this operation at all.
    pub(crate) fn can_strike(self, operation: &Operation) -> bool {
        match self {
            Self::UnderPrivilegedKey => {
                matches!(operation.access(), Access::KeyWrite | Access::BearerRole)
            }
            Self::IpRefused | Self::RevokedKey => {
                matches!(operation.access(), Access::KeyRead | Access::KeyWrite)
            }
            Self::WrongSecret => matches!(
                operation.access(),
                Access::KeyRead | Access::KeyWrite | Access::SharedSecret
            ),
            // Some entries want a token besides the secret; where one does not, no token is checked.
            Self::ExpiredToken | Self::ForgetsTokens => matches!(
                operation.access(),
                Access::Bearer | Access::BearerRole | Access::SharedSecret
            ),
            Self::UsernameTakenByOther => operation.does_claim_username(),
            fault => !fault.is_a_condition(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// No fault has this name. The message lists all names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no fault `{name}`; the faults are: {}", names())]
pub struct UnknownFault {
    name: String,
}

impl UnknownFault {
    /// The name that was asked for.
    pub fn name(&self) -> &str {
        &self.name
    }
}

fn names() -> String {
    Fault::ALL.map(Fault::name).join(", ")
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|fault| fault.name() == name)
            .ok_or_else(|| UnknownFault { name: name.into() })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_fault_is_found_by_its_name_and_no_two_share_one() {
        let names: HashSet<_> = Fault::ALL.into_iter().map(Fault::name).collect();
        assert_eq!(names.len(), Fault::ALL.len());
        for fault in Fault::ALL {
            assert_eq!(fault.to_string().parse(), Ok(fault));
            assert!(!fault.services().is_empty(), "{fault}");
        }
    }

    #[test]
    fn an_unknown_name_lists_all_names() {
        let error = "lost-replies".parse::<Fault>().unwrap_err();
        assert_eq!(error.name(), "lost-replies");
        let message = error.to_string();
        for fault in Fault::ALL {
            assert!(message.contains(fault.name()), "{message}");
        }
    }
}
