//! `GET /api/health`.

use serde::Deserialize;

use panel_http::Answer;
use panel_http::DecodeError;
use panel_http::Endpoint;
use panel_http::Operation;

use super::operations::HEALTH;
use crate::Field;

/// Asks whether the panel answers. It is public: it says nothing about the key.
#[derive(Debug, Clone, Copy, Default)]
pub struct GetHealth;

/// What the panel says of itself. Only the status code of the answer means anything (section 8).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[non_exhaustive]
pub struct Health {
    /// "healthy", elsewhere "ok".
    #[serde(default)]
    pub status: Field<String>,
    /// The panel's version.
    #[serde(default)]
    pub version: Field<String>,
    /// State of its database, in its own words.
    #[serde(default)]
    pub database: Field<String>,
}

impl Endpoint for GetHealth {
    const OPERATION: &'static Operation = &HEALTH;
    type Reply = Health;

    fn decode(&self, answer: &Answer) -> Result<Health, DecodeError> {
        // A web page with status 200 is not the panel, anything else that is no object is still an answer.
        if answer.body().trim_ascii_start().starts_with(b"<") {
            return Err(DecodeError::unreadable("", "is a web page"));
        }
        Ok(answer.json().unwrap_or_default())
    }
}
