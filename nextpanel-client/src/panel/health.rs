//! `GET /api/health`.

use serde::Deserialize;

use panel_http::Answer;
use panel_http::DecodeError;
use panel_http::Endpoint;
use panel_http::Operation;

use super::operations::HEALTH;

/// Asks whether the panel answers. It is public: it says nothing about the key.
#[derive(Debug, Clone, Copy, Default)]
pub struct GetHealth;

/// What the panel says of itself. Only the status code of the answer means anything (section 8).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Health {
    /// "healthy", elsewhere "ok".
    #[serde(default)]
    pub status: Option<String>,
    /// The panel's version.
    #[serde(default)]
    pub version: Option<String>,
    /// State of its database, in its own words.
    #[serde(default)]
    pub database: Option<String>,
}

impl Endpoint for GetHealth {
    const OPERATION: &'static Operation = &HEALTH;
    type Reply = Health;

    fn decode(&self, answer: &Answer) -> Result<Health, DecodeError> {
        answer.json()
    }
}
