//! The pages of a list, in both of the backend's dialects.

use super::Database;
use super::call::Call;
use crate::fastapi::{Refusal, query_integer, query_number};

const MAXIMUM_LIMIT: u64 = 1000;
const DEFAULT_LIMIT: u64 = 100;
const DEFAULT_UNCHECKED_LIMIT: i64 = 50;

/// Which rows of a list are wanted.
pub(super) struct Page {
    skip: usize,
    limit: usize,
}

impl Page {
    /// `skip` and `limit` within bounds.
    pub(super) fn checked(call: &Call<'_>) -> Result<Self, Refusal> {
        let skip = query_integer(call.request, "skip", 0, u64::MAX)?.unwrap_or_default();
        let limit = query_integer(call.request, "limit", 1, MAXIMUM_LIMIT)?;
        Ok(Self {
            skip: count(skip),
            limit: count(limit.unwrap_or(DEFAULT_LIMIT)),
        })
    }

    /// `offset` and `limit` as the database takes them: below zero there is no limit on SQLite.
    pub(super) fn unchecked(call: &Call<'_>, database: Database) -> Result<Self, Refusal> {
        let offset: i64 = query_number(call.request, "offset")?.unwrap_or_default();
        let limit: i64 = query_number(call.request, "limit")?.unwrap_or(DEFAULT_UNCHECKED_LIMIT);
        if database == Database::Postgresql && (offset < 0 || limit < 0) {
            let name = if limit < 0 { "LIMIT" } else { "OFFSET" };
            return Err(Refusal::new(
                500,
                format!("Internal server error: {name} must not be negative"),
            ));
        }
        Ok(Self {
            skip: usize::try_from(offset).unwrap_or_default(),
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
        })
    }

    pub(super) fn of<T>(&self, rows: impl Iterator<Item = T>) -> Vec<T> {
        rows.skip(self.skip).take(self.limit).collect()
    }
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
