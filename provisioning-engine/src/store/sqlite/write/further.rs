//! Further runs of an order.

use sqlx::sqlite::SqliteConnection;

use provisioning_core::run::journal::JOURNAL_SCHEMA;

use super::super::rows::{micros, to_json};
use super::super::statements as sql;
use super::{done, fenced};
use crate::store::{Claim, FurtherRun, Projection, StoreError};

pub(in super::super) async fn add(
    connection: &mut SqliteConnection,
    first: Claim,
    further: FurtherRun,
) -> Result<bool, StoreError> {
    fenced(connection, &first).await?;
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
    let row = sqlx::query(sql::ADD_RUN)
        .bind(&run)
        .bind(further.key.to_string())
        .bind(further.operation.as_str())
        .bind(i64::from(further.generation))
        .bind(first.run.to_string())
        .bind(micros(further.at))
        .bind(projection.wake_at.map(micros))
        .bind(projection.standing.as_str())
        .bind(projection.server.as_ref().map(|server| server.as_str()));
    if done(connection, row).await? == 0 {
        return Ok(false);
    }
    if let Some(plan) = plan {
        let plan = sqlx::query(sql::ADD_PLAN)
            .bind(&run)
            .bind(i64::from(JOURNAL_SCHEMA))
            .bind(to_json("the plan", &plan)?);
        done(connection, plan).await?;
        done(connection, sqlx::query(sql::SET_PLANNED).bind(&run)).await?;
    }
    Ok(true)
}
