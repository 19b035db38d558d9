//! Which run somebody means.

use provisioning_core::plan::id::PlanId;
use provisioning_engine::Engine;
use provisioning_engine::store::{ListedRun, Wanted};

use crate::Problem;

/// Fewer characters of a run's id name too many of them.
const SHORTEST_PREFIX: usize = 4;

/// The run of this id, of an id that begins so, or of the order with this id.
pub(crate) async fn find(engine: &Engine, text: &str) -> Result<PlanId, Problem> {
    let mut found: Vec<ListedRun> = Vec::new();
    let mut page = Wanted::default();
    loop {
        let runs = engine.list(page.clone()).await?;
        let Some(last) = runs.last() else { break };
        page.after = last.arrival;
        found.extend(runs.into_iter().filter(|run| is_meant(run, text)));
    }
    match found.as_slice() {
        [one] => Ok(one.id),
        [] => Err(Problem::bad_input(format!(
            "no run has the id `{text}`, an id that begins so, or an order `{text}`; `inspect list` shows them all"
        ))),
        several => {
            let ids: Vec<String> = several
                .iter()
                .map(|run| format!("{} (order {})", run.id, run.key))
                .collect();
            Err(Problem::bad_input(format!(
                "`{text}` may be any of these runs; say which:\n  {}",
                ids.join("\n  ")
            )))
        }
    }
}

fn is_meant(run: &ListedRun, text: &str) -> bool {
    let begins_so = text.len() >= SHORTEST_PREFIX && run.id.to_string().starts_with(text);
    begins_so || run.key.id().as_str() == text || run.key.to_string() == text
}
