//! The command line.

use clap::{Args, Parser, Subcommand};
use host_setup::state::StateArguments;
use provisioning_engine::store::Standing;

const AFTER_HELP: &str = "\
RUN is the id of a run, its first characters, or the id of its order.

Exit codes:
  0  done
  2  it cannot begin: no such state, no such run, no such step
  4  what was asked does not follow from where the run stands, or a worker holds it just now";

/// Looks at provisioning runs, answers their questions, and resumes, cancels or forgets them.
///
/// Nothing is sent to any panel: whoever works on the state does what follows.
#[derive(Debug, Parser)]
#[command(name = "inspect", version, after_long_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) state: StateArguments,

    /// One JSON object on standard output.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists runs, oldest first.
    List(Listed),
    /// Shows one run: its steps, what is known and unknown, when it goes on, its journal.
    Show {
        /// The run.
        run: String,
    },
    /// The course of one run as a Mermaid sequence diagram.
    Timeline {
        /// The run.
        run: String,
    },
    #[command(flatten)]
    Tell(Told),
}

/// Which runs are listed.
#[derive(Debug, Args)]
pub(crate) struct Listed {
    /// Only runs that stand here: submitted, rejected, ready, waiting, needs_attention, awaiting_confirmation, over,
    /// forgotten.
    #[arg(long, value_name = "STANDING")]
    pub(crate) standing: Option<Standing>,

    /// The most runs that are listed.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) most: u32,

    /// Only runs after the one with this number: where the page before ended.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) after: u64,
}

/// What people tell a run.
#[derive(Debug, Subcommand)]
pub(crate) enum Told {
    /// Answers what a step asks.
    Answer {
        /// The run.
        run: String,
        /// The step, as `show` names it.
        step: String,
        #[command(subcommand)]
        answer: AnswerArguments,
    },
    /// Says that a manual step was done.
    ManualDone {
        /// The run.
        run: String,
        /// The step, as `show` names it.
        step: String,
        #[command(flatten)]
        who: Who,
    },
    /// Says that the way is open again: parked steps go on where they stood.
    Resume {
        /// The run.
        run: String,
        #[command(flatten)]
        who: Who,
    },
    /// Stops a run before its next call. What exists, exists: nothing is deleted.
    Cancel {
        /// The run.
        run: String,
        /// Why.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        who: Who,
    },
    /// Erases everything about the order and the customer of a run that is over. The accounts stay.
    Forget {
        /// The run.
        run: String,
    },
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum AnswerArguments {
    /// It exists on the panel.
    Exists {
        /// The panel's id.
        #[arg(long)]
        id: String,
        /// The username the panel shows, if it is not the one that was tried.
        #[arg(long)]
        username: Option<String>,
        #[command(flatten)]
        who: Who,
    },
    /// Nothing of ours exists there: send it again.
    SendAgain {
        #[command(flatten)]
        who: Who,
    },
    /// What was asked for was done.
    WasDone {
        #[command(flatten)]
        who: Who,
    },
    /// Try again where it stood.
    TryAgain {
        #[command(flatten)]
        who: Who,
    },
    /// Give the step up. Nothing is deleted.
    Abandon {
        #[command(flatten)]
        who: Who,
    },
}

/// Who says so; it is kept in the journal.
#[derive(Debug, Clone, Args)]
pub(crate) struct Who {
    /// Who says so; it is kept in the journal.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
}

impl Told {
    pub(crate) fn run(&self) -> &str {
        match self {
            Self::Answer { run, .. }
            | Self::ManualDone { run, .. }
            | Self::Resume { run, .. }
            | Self::Cancel { run, .. }
            | Self::Forget { run } => run,
        }
    }
}
