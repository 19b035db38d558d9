//! How every order ended: a row each, and the summary.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use csv::Writer;
use futures_util::{StreamExt as _, stream};
use host_setup::exit::Exit;
use host_setup::panels::Panels;
use jiff::Timestamp;
use provisioning_core::plan::id::{PlanId, StepPath};
use provisioning_core::run::Run;
use provisioning_core::run::status::{Conclusion, RunStatus};
use provisioning_engine::{Engine, EngineError, RunState, RunView};
use serde::Serialize;
use tempfile::NamedTempFile;

use crate::cause::Causes;
use crate::files::folder_of;
use crate::submit::Refused;

/// How many runs are read at once.
const READING: usize = 16;

/// So many orders of a group are named; the results have all.
const NAMED: usize = 5;

/// An order that was submitted.
#[derive(Debug, Clone)]
pub(crate) struct Submitted {
    pub(crate) line: u64,
    pub(crate) order_id: String,
    pub(crate) run: PlanId,
}

/// How an order ended, for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ending {
    Done,
    DoneExceptManual,
    AwaitingConfirmation,
    Waiting,
    NeedsAttention,
    Unknown,
    Cancelled,
    Abandoned,
    NotTaken,
}

#[derive(Debug, Serialize)]
struct Row {
    line: u64,
    order_id: String,
    run: String,
    result: Ending,
    server: String,
    username: String,
    account_id: String,
    note: String,
}

/// How one run ended, as its row says it.
#[derive(Debug)]
pub(crate) struct Outcome {
    result: Ending,
    note: String,
    server: String,
    username: String,
    account_id: String,
}

impl Outcome {
    fn new(view: &RunView, (result, note): (Ending, String)) -> Self {
        let accounts: Vec<_> = view.run().map(accounts).unwrap_or_default();
        let joined =
            |part: fn(&Account) -> &str| accounts.iter().map(part).collect::<Vec<_>>().join("; ");
        Self {
            result,
            note,
            server: joined(|account| &account.server),
            username: joined(|account| &account.username),
            account_id: joined(|account| &account.id),
        }
    }

    /// Of a run that is done, perhaps except by hand: nothing more happens to it.
    pub(crate) fn of_done(view: &RunView) -> Option<Self> {
        let done = done(view.run()?)?;
        Some(Self::new(view, done))
    }
}

/// How all orders ended.
pub(crate) struct Results {
    rows: Vec<Row>,
    causes: Causes,
}

impl Results {
    /// Reads every run that is not known to be done.
    pub(crate) async fn read(
        engine: &Engine,
        submitted: &[Submitted],
        mut finished: HashMap<PlanId, Outcome>,
        panels: &Panels,
    ) -> Result<Self, EngineError> {
        let mut results = Self {
            rows: Vec::with_capacity(submitted.len()),
            causes: Causes::default(),
        };
        let is_unknown: Vec<bool> = submitted
            .iter()
            .map(|order| !finished.contains_key(&order.run))
            .collect();
        let mut views = stream::iter(submitted.iter().zip(is_unknown))
            .map(|(order, is_unknown)| async move {
                let view = match is_unknown {
                    true => Some(engine.inspect(order.run).await?),
                    false => None,
                };
                Ok::<_, EngineError>((order, view))
            })
            .buffered(READING);
        while let Some(read) = views.next().await {
            let (order, view) = read?;
            let outcome = match view {
                Some(view) => Some(Outcome::new(&view, results.ending(order, &view, panels))),
                None => finished.remove(&order.run),
            };
            results.rows.extend(outcome.map(|outcome| Row {
                line: order.line,
                order_id: order.order_id.clone(),
                run: order.run.to_string(),
                result: outcome.result,
                server: outcome.server,
                username: outcome.username,
                account_id: outcome.account_id,
                note: outcome.note,
            }));
        }
        Ok(results)
    }

    fn ending(&mut self, order: &Submitted, view: &RunView, panels: &Panels) -> (Ending, String) {
        let id = &order.order_id;
        let run = match &view.state {
            RunState::Planned(run) => run,
            RunState::Rejected(rejection) => {
                self.causes.of_rejection(id, rejection, panels);
                return (Ending::NeedsAttention, rejection.to_string());
            }
            RunState::Cancelled { by, reason } => {
                return (Ending::Cancelled, format!("{by}: {reason}"));
            }
            RunState::Forgotten { at } => {
                return (Ending::Done, format!("over, and forgotten at {at}"));
            }
            _ => return (Ending::Waiting, "not planned yet".to_owned()),
        };
        if let Some(done) = done(run) {
            return done;
        }
        match run.status(Timestamp::now()) {
            RunStatus::Over(Conclusion::Cancelled { by, reason, .. }) => {
                (Ending::Cancelled, format!("{by}: {reason}"))
            }
            RunStatus::Over(Conclusion::Abandoned { steps, .. }) => {
                (Ending::Abandoned, joined(&steps))
            }
            RunStatus::AwaitingConfirmation { .. } => (Ending::AwaitingConfirmation, String::new()),
            RunStatus::NeedsAttention { steps } => {
                let is_unknown = self.causes.of_run(id, run, panels);
                let why: Vec<String> = steps
                    .iter()
                    .map(|(step, why)| format!("{step}: {why}"))
                    .collect();
                let ending = if is_unknown {
                    Ending::Unknown
                } else {
                    Ending::NeedsAttention
                };
                (ending, why.join("; "))
            }
            RunStatus::Waiting { until, why } => {
                (Ending::Waiting, format!("not before {until:.0}: {why}"))
            }
            _ => (Ending::Waiting, "under way when this ended".to_owned()),
        }
    }

    /// Writes a row for every order. The file is whole or as it was before.
    pub(crate) fn write(&self, path: &Path) -> Result<(), String> {
        let failed = |error: io::Error| format!("{}: {error}", path.display());
        // Through a link to the file it means, or the link itself would be replaced.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let mut file = NamedTempFile::new_in(folder_of(&target)).map_err(failed)?;
        {
            let mut writer = Writer::from_writer(&mut file);
            for row in &self.rows {
                writer
                    .serialize(row)
                    .map_err(|error| format!("{}: {error}", path.display()))?;
            }
            writer.flush().map_err(failed)?;
        }
        file.flush().map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&target).map_err(|error| failed(error.error))?;
        Ok(())
    }

    fn count(&self, ending: Ending) -> usize {
        self.rows.iter().filter(|row| row.result == ending).count()
    }

    /// How it ended, in a few lines, with each cause and its remedy once.
    pub(crate) fn summary(&self) -> String {
        let mut text = String::new();
        for (ending, words) in [
            (Ending::Done, "done"),
            (
                Ending::DoneExceptManual,
                "done except manual steps (--results FILE says which)",
            ),
            (
                Ending::AwaitingConfirmation,
                "awaiting confirmation: they work, and their passwords are sealed (--credentials-out FILE hands them over)",
            ),
            (Ending::Waiting, "not finished: the same command goes on"),
            (Ending::NeedsAttention, "need attention"),
            (
                Ending::Unknown,
                "unknown: something of theirs may exist on a panel, and only a person can say",
            ),
            (Ending::Cancelled, "cancelled"),
            (Ending::Abandoned, "abandoned"),
            (Ending::NotTaken, "not taken: nothing was done for them"),
        ] {
            let count = self.count(ending);
            if count > 0 {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{count:>7}  {words}");
            }
        }
        for (cause, group) in self.causes.groups() {
            let kind = if group.is_unknown {
                "unknown"
            } else {
                "needs attention"
            };
            let _ = writeln!(
                text,
                "\n{kind}: {cause} ({} {})",
                group.orders.len(),
                if group.orders.len() == 1 {
                    "order"
                } else {
                    "orders"
                }
            );
            let named: Vec<&str> = group
                .orders
                .iter()
                .take(NAMED)
                .map(String::as_str)
                .collect();
            let more = group.orders.len().saturating_sub(NAMED);
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            let _ = writeln!(text, "  orders {}{more}", named.join(", "));
            for (number, step) in (1..).zip(&group.remedy) {
                let _ = writeln!(text, "  {number}. {step}");
            }
        }
        text
    }

    pub(crate) fn exit(&self) -> Exit {
        let is_done = |row: &Row| matches!(row.result, Ending::Done | Ending::DoneExceptManual);
        if self.rows.iter().all(is_done) {
            Exit::Done
        } else if self.causes.has_permission() {
            Exit::Denied
        } else {
            Exit::NotFinished
        }
    }

    /// Takes note of orders that were not even submitted.
    pub(crate) fn refused(&mut self, refused: Vec<Refused>) {
        for order in refused {
            let named = format!("{} (line {})", order.order_id, order.line);
            self.causes.other(&named, order.cause, order.remedy);
            self.rows.push(Row {
                line: order.line,
                order_id: order.order_id,
                run: String::new(),
                result: Ending::NotTaken,
                server: String::new(),
                username: String::new(),
                account_id: String::new(),
                note: format!("{}: {}; {}", order.cause, order.why, order.remedy),
            });
        }
        self.rows.sort_by_key(|row| row.line);
    }
}

fn done(run: &Run) -> Option<(Ending, String)> {
    match run.status(Timestamp::now()) {
        RunStatus::Over(Conclusion::Done) => Some((Ending::Done, String::new())),
        RunStatus::Over(Conclusion::DoneExceptManual { steps }) => {
            Some((Ending::DoneExceptManual, by_hand(run, &steps)))
        }
        _ => None,
    }
}

struct Account {
    server: String,
    username: String,
    id: String,
}

fn accounts(run: &Run) -> Vec<Account> {
    run.plan()
        .steps
        .iter()
        .filter_map(|step| run.account(&step.path))
        .map(|account| Account {
            server: account.server.to_string(),
            username: account.username.clone(),
            id: account.remote_id.clone(),
        })
        .collect()
}

fn by_hand(run: &Run, steps: &[StepPath]) -> String {
    let work: Vec<String> = steps
        .iter()
        .filter_map(|step| run.instructions(step))
        .map(|work| format!("by hand: {}", work.instructions))
        .collect();
    work.join("; ")
}

fn joined(steps: &[StepPath]) -> String {
    let steps: Vec<&str> = steps.iter().map(StepPath::as_str).collect();
    steps.join(", ")
}
