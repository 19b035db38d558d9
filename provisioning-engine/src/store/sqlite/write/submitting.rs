//! Taking a run in.

use rusqlite::{Connection, params};

use super::super::rows::{column, done, find, micros, plan_id};
use super::super::statements as sql;
use super::events::attach_early;
use crate::store::{NewRun, Standing, StoreError, Submitted};

pub(in super::super) fn submit(
    connection: &Connection,
    new: &NewRun,
) -> Result<Submitted, StoreError> {
    let run = new.id.to_string();
    let key = new.key.to_string();
    let (tenant, mode) = (new.key.tenant().as_str(), new.key.mode().as_str());
    let mut hits: Vec<(String, String)> = Vec::new();
    if let Some(known) = find(connection, sql::SUBMITTED_KEY, [&key], |row| column(row, 0))? {
        hits.push((known, format!("order id {key}")));
    }
    for alias in &new.aliases {
        let alias = alias.to_string();
        let values = [tenant, mode, alias.as_str()];
        if let Some(known) = find(connection, sql::SUBMITTED_ALIAS, values, |row| {
            column(row, 0)
        })? {
            hits.push((known, alias));
        }
    }
    if let Some((known, through)) = hits.first() {
        let run = plan_id(known)?;
        let content: String = find(connection, sql::CONTENT, [known], |row| column(row, 0))?
            .ok_or(StoreError::NoRun(run))?;
        // Ids that lead to different runs are a conflict whatever the content is.
        let same = content == new.content && hits.iter().all(|(other, _)| other == known);
        let through = through.clone();
        return Ok(if same {
            Submitted::Existing { run, through }
        } else {
            Submitted::Conflict { run, through }
        });
    }
    let row = params![
        run,
        key,
        new.content,
        micros(new.at),
        Standing::Submitted.as_str(),
    ];
    done(connection, sql::SUBMIT, row)?;
    let order = [&run, &new.order.key_id, &new.order.value];
    done(connection, sql::ADD_ORDER, order)?;
    for alias in &new.aliases {
        let alias = alias.to_string();
        let values = [tenant, mode, alias.as_str(), run.as_str()];
        done(connection, sql::ADD_ALIAS, values)?;
    }
    attach_early(connection, new)?;
    Ok(Submitted::New { run: new.id })
}
