//! How mPanel uses statuses where it departs from the custom (contract sections 2.4 and 3).

use std::sync::Arc;

use http::StatusCode;
use panel_http::{Conventions, Error, ServerError};

use crate::{dialect::Generation, learned::Learned, meaning::truthful};

/// mPanel's own use of statuses.
#[derive(Debug)]
pub(crate) struct MpanelConventions {
    learned: Arc<Learned>,
}

impl MpanelConventions {
    pub(crate) const fn new(learned: Arc<Learned>) -> Self {
        Self { learned }
    }
}

impl Conventions for MpanelConventions {
    fn refuses_credential(&self, status: StatusCode, server: &ServerError) -> bool {
        match status {
            // The legacy routers on a TypeScript server say so of an expired or foreign token.
            StatusCode::FORBIDDEN => server.says("invalid or expired token"),
            StatusCode::UNAUTHORIZED => {
                let is_legacy = self.learned.generation() == Some(Generation::Legacy);
                let is_of_the_tail = is_legacy && is_typescript_refusal(server);
                !is_of_the_tail && !is_shared_secret_refusal(server)
            }
            // A 500 "Authentication check failed" is a broken server: no login mends it.
            _ => false,
        }
    }

    fn repeats_internal_errors(&self) -> bool {
        false
    }

    fn tell(&self, error: Error) -> Error {
        truthful(error, self.learned.generation())
    }

    fn is_final(&self, status: StatusCode, server: &ServerError) -> bool {
        status == StatusCode::SERVICE_UNAVAILABLE && is_typescript_missing(server)
    }
}

/// Whether a 401 is about `x-mpanel-token`, `x-internal-key` or a marketing key, which no login renews.
pub(crate) fn is_shared_secret_refusal(server: &ServerError) -> bool {
    let is_bare = server.label().is_none() && server.code().is_none();
    (is_bare && server.message() == Some("Unauthorized"))
        || server.says("internal api key")
        || server.says("api key required")
        || server.says("invalid api key")
        || server.says("api key expired")
}

/// Whether a 401 is the TypeScript gate's word on a token it cannot read: on a legacy server, its tail's word on every
/// token there is.
pub(crate) fn is_typescript_refusal(server: &ServerError) -> bool {
    server.label() == Some("Invalid token")
        && server.message() == Some("Authentication failed")
        && server.code().is_none()
}

/// The 503 of a legacy server without TypeScript tail, to every GET it does not know.
pub(crate) fn is_typescript_missing(server: &ServerError) -> bool {
    server.says("typescript routes not available")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuses(generation: Option<Generation>, status: u16, body: &str) -> bool {
        let learned = Arc::new(Learned::default());
        if let Some(generation) = generation {
            learned.keep_generation(generation);
        }
        MpanelConventions::new(learned).refuses_credential(
            StatusCode::from_u16(status).unwrap(),
            &ServerError::read(body.as_bytes()),
        )
    }

    #[test]
    fn a_login_is_tried_again_only_where_it_can_help() {
        let both = [None, Some(Generation::Legacy), Some(Generation::TypeScript)];
        for generation in both {
            for (status, body, expected) in [
                (
                    401,
                    r#"{"error":"Token expired","message":"Your session has expired.","code":"TOKEN_EXPIRED"}"#,
                    true,
                ),
                (401, r#"{"error":"Access token required"}"#, true),
                (
                    401,
                    r#"{"error":"Unauthorized","message":"No authentication token provided"}"#,
                    true,
                ),
                (403, r#"{"error":"Invalid or expired token"}"#, true),
                (403, r#"{"error":"Insufficient permissions"}"#, false),
                (401, r#"{"error":"Unauthorized"}"#, false),
                (
                    401,
                    r#"{"error":"Unauthorized","message":"Invalid internal API key"}"#,
                    false,
                ),
                (401, r#"{"error":"API key required"}"#, false),
                (
                    500,
                    r#"{"error":"Internal server error","message":"Authentication check failed"}"#,
                    false,
                ),
            ] {
                assert_eq!(
                    refuses(generation, status, body),
                    expected,
                    "{generation:?} {body}"
                );
            }
        }
    }

    #[test]
    fn a_typescript_tail_refuses_every_legacy_token_so_a_new_one_is_no_help() {
        let body = r#"{"error":"Invalid token","message":"Authentication failed"}"#;
        assert!(!refuses(Some(Generation::Legacy), 401, body));
        assert!(refuses(Some(Generation::TypeScript), 401, body));
        let own = r#"{"error":"Invalid token","message":"Authentication failed. Please log in again.","code":"AUTH_INVALID"}"#;
        assert!(refuses(Some(Generation::Legacy), 401, own));
    }
}
