use http::StatusCode;

use crate::{error::Error, server_error::ServerError};

/// How one panel uses statuses where it departs from the custom. A client crate implements it once; the defaults are the
/// custom.
pub trait Conventions: Send + Sync + 'static {
    /// Whether this answer means that the credential itself was refused, so that a new login may help. Some servers say
    /// it with 403, some say 500 where a login would not help.
    fn refuses_credential(&self, status: StatusCode, server: &ServerError) -> bool {
        let _ = server;
        status == StatusCode::UNAUTHORIZED
    }

    /// Whether a 500 may be a fault of the moment. False where the panel answers bad input with it.
    fn repeats_internal_errors(&self) -> bool {
        true
    }

    /// Whether this answer stands although its status is one of faults that pass: a 503 that says that the route does
    /// not exist says so again.
    fn is_final(&self, status: StatusCode, server: &ServerError) -> bool {
        let _ = (status, server);
        false
    }

    /// The error a call ends in, told as what it means on this panel: a status that is misused there gets the kind its
    /// text is known to mean.
    fn tell(&self, error: Error) -> Error {
        error
    }
}

/// The custom.
#[derive(Debug, Clone, Copy, Default)]
pub struct DefaultConventions;

impl Conventions for DefaultConventions {}
