//! Taking a run in.

use sqlx::sqlite::SqliteConnection;

use super::super::batch::Batch;
use super::super::rows::{column, micros, plan_id};
use super::super::{failure, statements as sql};
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
    let mut batch = Batch::new();
    batch.add(
        sql::SUBMIT,
        [
            run.as_str().into(),
            new.key.to_string().into(),
            new.content.as_str().into(),
            micros(new.at).into(),
            Standing::Submitted.as_str().into(),
        ],
    );
    batch.add(
        sql::ADD_ORDER,
        [
            run.as_str().into(),
            new.order.key_id.as_str().into(),
            new.order.value.as_str().into(),
        ],
    );
    for alias in &new.aliases {
        batch.add(
            sql::ADD_ALIAS,
            [
                tenant.into(),
                mode.into(),
                alias.to_string().into(),
                run.as_str().into(),
            ],
        );
    }
    batch.run(connection).await?;
    attach_early(connection, &new).await?;
    Ok(Submitted::New { run: new.id })
}
