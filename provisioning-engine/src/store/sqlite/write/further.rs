//! Further runs of an order.

use rusqlite::{Connection, params};

use provisioning_core::run::journal::JOURNAL_SCHEMA;

use super::super::rows::{done, micros, to_json};
use super::super::statements as sql;
use super::fenced;
use crate::store::{Claim, FurtherRun, Projection, StoreError};

pub(in super::super) fn add(
    connection: &Connection,
    first: &Claim,
    further: FurtherRun,
) -> Result<bool, StoreError> {
    fenced(connection, first)?;
    let run = further.id.to_string();
    let (plan, projection) = match further.planned {
        Some((plan, projection)) => (Some(plan), projection),
        None => (
            None,
            Projection {
                wake_at: Some(further.at),
                ..Projection::default()
            },
        ),
    };
    let row = params![
        run,
        further.key.to_string(),
        further.operation.as_str(),
        further.generation,
        first.run.to_string(),
        micros(further.at),
        projection.wake_at.map(micros),
        projection.standing.as_str(),
        projection.server.as_ref().map(|server| server.as_str()),
    ];
    if done(connection, sql::ADD_RUN, row)? == 0 {
        return Ok(false);
    }
    if let Some(plan) = plan {
        let row = params![run, JOURNAL_SCHEMA, to_json("the plan", &plan)?];
        done(connection, sql::ADD_PLAN, row)?;
        done(connection, sql::SET_PLANNED, [&run])?;
    }
    Ok(true)
}
