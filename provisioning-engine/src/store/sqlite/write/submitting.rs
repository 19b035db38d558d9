//! Taking a run in.

use sqlx::sqlite::SqliteConnection;

use super::super::rows::{column, micros, plan_id};
use super::super::{failure, statements as sql};
use super::done;
use super::events::attach_early;
use crate::store::{NewRun, Standing, StoreError, Submitted};

pub(in super::super) async fn submit(
    connection: &mut SqliteConnection,
    new: NewRun,
) -> Result<Submitted, StoreError> {
    let run = new.id.to_string();
    let (tenant, mode) = (new.key.tenant().as_str(), new.key.mode().as_str());
    let mut hits: Vec<(String, String)> = Vec::new();
    let by_key = sqlx::query(sql::SUBMITTED_KEY)
        .bind(new.key.to_string())
        .fetch_optional(&mut *connection)
        .await
        .map_err(|error| failure(&error))?;
    if let Some(row) = by_key {
        hits.push((column(&row, 0)?, format!("order id {}", new.key)));
    }
    for alias in &new.aliases {
        let row = sqlx::query(sql::SUBMITTED_ALIAS)
            .bind(tenant)
            .bind(mode)
            .bind(alias.to_string())
            .fetch_optional(&mut *connection)
            .await
            .map_err(|error| failure(&error))?;
        if let Some(row) = row {
            hits.push((column(&row, 0)?, alias.to_string()));
        }
    }
    if let Some((known, through)) = hits.first() {
        let row = sqlx::query(sql::CONTENT)
            .bind(known)
            .fetch_one(&mut *connection)
            .await
            .map_err(|error| failure(&error))?;
        let content: String = column(&row, 0)?;
        // Ids that lead to different runs are a conflict whatever the content is.
        let same = content == new.content && hits.iter().all(|(other, _)| other == known);
        let (run, through) = (plan_id(known)?, through.clone());
        return Ok(if same {
            Submitted::Existing { run, through }
        } else {
            Submitted::Conflict { run, through }
        });
    }
    let row = sqlx::query(sql::SUBMIT)
        .bind(&run)
        .bind(new.key.to_string())
        .bind(&new.content)
        .bind(micros(new.at))
        .bind(Standing::Submitted.as_str());
    done(connection, row).await?;
    let order = sqlx::query(sql::ADD_ORDER)
        .bind(&run)
        .bind(&new.order.key_id)
        .bind(&new.order.value);
    done(connection, order).await?;
    for alias in &new.aliases {
        let alias = sqlx::query(sql::ADD_ALIAS)
            .bind(tenant)
            .bind(mode)
            .bind(alias.to_string())
            .bind(&run);
        done(connection, alias).await?;
    }
    attach_early(connection, &new).await?;
    Ok(Submitted::New { run: new.id })
}
