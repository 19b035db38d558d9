//! Between rows and values. What does not read back is damaged, and says where.

use std::fmt::Display;

use serde::de::DeserializeOwned;
use uuid::Uuid;

use provisioning_core::plan::id::PlanId;

use crate::store::StoreError;

pub(super) fn damaged(what: impl Into<String>, problem: impl Display) -> StoreError {
    StoreError::Damaged {
        what: what.into(),
        problem: problem.to_string(),
    }
}

pub(super) fn plan_id(text: &str) -> Result<PlanId, StoreError> {
    text.parse::<Uuid>()
        .map(PlanId::from)
        .map_err(|error| damaged(format!("the run id `{text}`"), error))
}

pub(super) fn json<T: DeserializeOwned>(
    what: &str,
    run: PlanId,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| damaged(format!("{what} of run {run}"), error))
}

pub(super) fn to_json<T: serde::Serialize>(what: &str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unavailable {
        problem: format!("{what} does not serialise: {error}"),
    })
}
