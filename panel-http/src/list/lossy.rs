use std::fmt;

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{
    decode::{self, DecodeError},
    error::Error,
};

/// A row that could not be read. Prints why and where, and not the row.
#[derive(Clone, PartialEq, thiserror::Error)]
#[error("row {index} cannot be read: {error}")]
pub struct BadItem {
    index: u64,
    error: DecodeError,
    raw: Box<str>,
}

impl BadItem {
    /// Its place among the rows that were asked for, from 0.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// Why it cannot be read.
    #[must_use]
    pub const fn error(&self) -> &DecodeError {
        &self.error
    }

    /// The row as the server sent it. It may hold anything, secrets included.
    #[must_use]
    pub fn raw_json(&self) -> &str {
        &self.raw
    }

    pub(super) const fn at(mut self, index: u64) -> Self {
        self.index = index;
        self
    }
}

impl fmt::Debug for BadItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BadItem")
            .field("index", &self.index)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

/// Why a lossy list has no row here.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ItemError {
    /// This row cannot be read. The list goes on.
    #[error(transparent)]
    Bad(BadItem),
    /// The list ends here.
    #[error(transparent)]
    Failed(Error),
}

/// A row, or what stands in its place.
pub(super) enum Lossy<T> {
    Good(T),
    Bad(BadItem),
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Lossy<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        Ok(match decode::json(raw.get()) {
            Ok(row) => Self::Good(row),
            Err(error) => Self::Bad(BadItem {
                index: 0,
                error,
                raw: raw.get().into(),
            }),
        })
    }
}
