use crate::delivery::Delivery;

/// What kind of failure a call ended in, worded by what happened on the wire and what may be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The client is not usable as configured: base URL, TLS, missing credential. Nothing was sent; fix the set-up.
    Config,
    /// The request could not be made from its arguments. Nothing was sent; fix the arguments.
    Encode,
    /// Not signed in: the credential was refused, or none could be obtained. Not carried out; fix the credential.
    Auth,
    /// No byte reached the server. Not carried out; safe to send again.
    NotSent,
    /// No answer in time to a call that changes nothing, or no time left to send it. Safe to send again.
    Timeout,
    /// A call that changes something may or may not have been carried out. Look it up before anything else.
    Indeterminate,
    /// Signed in, but not allowed to (403). Not carried out; the right has to be given first.
    Denied,
    /// The server refused the arguments (400, 413, 415, 422). Not carried out; fix the arguments.
    Validation,
    /// The thing named does not exist (404, 410), or the server has no such route.
    NotFound,
    /// It contradicts what is there already (409). Not carried out.
    Conflict,
    /// Too many requests (429). Not carried out; wait and send again.
    RateLimited,
    /// The server does not have this call (405, 501). Not carried out.
    NotImplemented,
    /// The server points elsewhere. Neither credential nor body went there; correct the base URL.
    Redirected,
    /// The reply is larger than the cap. A write has been carried out.
    TooLarge,
    /// Any other answer that is an error, or a success that says it is none.
    Api,
    /// The server answered with success, but the reply cannot be read. A write has most likely been carried out.
    Decode,
    /// A call that changes nothing met a passing fault at every attempt. Safe to send again later.
    GaveUp,
}

impl Kind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Config => "the client is not configured for it",
            Self::Encode => "the request cannot be made",
            Self::Auth => "not signed in",
            Self::NotSent => "not sent",
            Self::Timeout => "no answer in time",
            Self::Indeterminate => "no answer",
            Self::Denied => "denied",
            Self::Validation => "refused as invalid",
            Self::NotFound => "not found",
            Self::Conflict => "conflict",
            Self::RateLimited => "too many requests",
            Self::NotImplemented => "not implemented by the server",
            Self::Redirected => "redirected",
            Self::TooLarge => "the reply is too large",
            Self::Api => "refused by the server",
            Self::Decode => "the reply cannot be read",
            Self::GaveUp => "gave up",
        }
    }

    pub(super) const fn usual_delivery(self) -> Delivery {
        match self {
            Self::Config | Self::Encode | Self::NotSent => Delivery::NotSent,
            Self::Timeout | Self::Indeterminate | Self::GaveUp => Delivery::MaybeSent,
            Self::Auth
            | Self::Denied
            | Self::Validation
            | Self::NotFound
            | Self::Conflict
            | Self::RateLimited
            | Self::NotImplemented
            | Self::Redirected
            | Self::TooLarge
            | Self::Api
            | Self::Decode => Delivery::Answered,
        }
    }
}
