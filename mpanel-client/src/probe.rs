//! Telling the generations apart.

use http::StatusCode;
use panel_http::{Answer, DecodeError, Endpoint, HttpMethod, Operation, Safety, ServerError};

use crate::{conventions::is_typescript_missing, dialect::Generation};

/// A route no server has: how it is missing tells the generation (contract section 1).
pub(crate) const PROBE: Operation = Operation::new(
    "mpanel.probe",
    HttpMethod::Get,
    "/api/status",
    Safety::ReadOnly,
)
.contract("mpanel 1");

/// Asks without token: the answer costs the server nothing and needs no login.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Probe;

impl Endpoint for Probe {
    const OPERATION: &'static Operation = &PROBE;
    type Reply = Generation;

    fn accepts(&self, status: StatusCode) -> bool {
        status.is_success() || matches!(status.as_u16(), 401 | 404 | 503)
    }

    fn decode(&self, answer: &Answer) -> Result<Generation, DecodeError> {
        let server = ServerError::read(answer.body());
        // Only the legacy server sends either header, and only it has codes, a debug text or a missing tail.
        let is_legacy = answer.header("x-api-version").is_some()
            || answer.header("x-powered-by") == Some("mPanel")
            || server.code() == Some("AUTH_REQUIRED")
            || server.says("(debug)")
            || is_typescript_missing(&server);
        if is_legacy {
            Ok(Generation::Legacy)
        } else if server.says("route not found") {
            Ok(Generation::TypeScript)
        } else {
            Err(DecodeError::unreadable(
                "",
                "this is not how an mPanel answers a route it does not have; set the generation",
            ))
        }
    }
}
