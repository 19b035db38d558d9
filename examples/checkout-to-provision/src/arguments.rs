//! The command line.

use std::convert::Infallible;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use provisioning_core::plan::id::StepPath;

use crate::answers::Answered;
use crate::state::Kept;

const AFTER_HELP: &str = "\
Environment:
  NEXTPANEL_URL, NEXTPANEL_API_KEY, NEXTPANEL_API_SECRET
          One real panel. All three or none; with none of them, and no --fleet, the sandbox is used
  NEXTPANEL_CAPACITY
          How many accounts that panel may hold
  NEXTPANEL_PREVIEW_DOMAIN
          Where accounts without a domain of their own live, as <username>.<preview domain>
  MPANEL_URL, MPANEL_EMAIL, MPANEL_PASSWORD, MPANEL_TOKEN, MPANEL_MODE
          A real mPanel. All five or none. MPANEL_TOKEN is sent as x-mpanel-token. MPANEL_MODE is direct, or the entry
          that takes orders: provisioning-stripe, stripe-completed, orders-webhook, order-created. With --sandbox it
          may stand alone; the sandbox's mode is stripe-completed by default
  MPANEL_INTERNAL_KEY, MPANEL_TENANT
          What the entry orders-webhook wants besides: x-internal-key, and the short name of the tenant
  PROVISIONING_SEALING_KEY
          What seals passwords and orders in the state file: 32 bytes as base64. Without it the key lies beside the
          state file as FILE.key, readable by its owner alone, and is made when it is first needed
  PROVISIONING_SEALING_KEY_OLDER
          The key before, once; everything is sealed anew with the present one
  PROVISIONING_LONGEST_REQUEST
          For how many seconds a request that was sent may still arrive at a real panel: 60 if it is not set, and 180
          for mPanel's entries. What was lost is sent again no sooner
  PROVISIONING_FIRST_PAUSE
          After how many seconds what a real panel did not answer is tried again: 1 if it is not set. Each further pause
          is twice as long
  PROVISIONING_WORKER
          The name under which this program takes a run in hand, for whoever looks at the state

Exit codes:
  0  done, perhaps except manual steps
  1  a fault of this program
  2  bad input; nothing was sent or stored
  3  a permission is missing; the remedy is printed
  4  everything else that is not finished: no room, a question for a human, refused by the panel, awaiting
     confirmation, a pause longer than --wait, interrupted by SIGINT or SIGTERM";

/// Turns a paid order into a handed-over hosting account.
///
/// With no panel configured it runs on an embedded sandbox: nothing to install, no network. With real panels nothing is
/// assumed: ORDER, --paid-by and, without a terminal, --confirm-saved must be given. The run is kept in a file then, and
/// the same command again goes on where the last one ended, however it ended.
#[derive(Debug, Parser)]
#[command(name = "checkout-to-provision", version, after_long_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The paid order as JSON; `-` reads standard input. The bundled sample if absent (sandbox only).
    pub(crate) order: Option<String>,

    /// The order's id, for payloads that carry none of their own. The same purchase always gets the same id.
    #[arg(long, value_name = "ID")]
    pub(crate) order_id: Option<String>,

    /// Who vouches that the order is paid, for payloads that carry no evidence of payment. On the sandbox the operator
    /// does by default.
    #[arg(long, value_enum, value_name = "WHO")]
    pub(crate) paid_by: Option<PaidBy>,

    /// Show the plan and the exact requests. No write is sent; the reads that are sent are listed.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// How --dry-run shows the plan; tree by default, json with --json.
    #[arg(long, value_enum, requires = "dry_run")]
    pub(crate) format: Option<Format>,

    /// The result as one JSON object on standard output, everything else on standard error. It contains the password
    /// only with --confirm-saved.
    #[arg(long)]
    pub(crate) json: bool,

    /// What is sold. The bundled MigraHosting catalog if absent.
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) catalog: Option<PathBuf>,

    /// The servers and the preview domain. A dry run with --fleet sends nothing.
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) fleet: Option<PathBuf>,

    /// Where the run is kept: a SQLite file, or `memory` for this process only. ./provisioning.sqlite3 by default; on the
    /// sandbox memory.
    #[arg(long, value_name = "FILE|memory", value_parser = |text: &str| Ok::<_, Infallible>(Kept::from(text)))]
    pub(crate) state: Option<Kept>,

    /// Something that happened to the payment of the order, such as a refund, as JSON: before its account exists a refund
    /// cancels the order, afterwards it suspends the account. The same event again changes nothing.
    #[arg(long, value_name = "FILE.json", conflicts_with = "dry_run")]
    pub(crate) event: Option<String>,

    /// When --event arrives.
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        requires = "event",
        default_value = "provided"
    )]
    pub(crate) event_at: EventAt,

    /// Go on with a run that is left alone because it ended this program three times in a row.
    #[arg(long)]
    pub(crate) resume: bool,

    /// Answers what a step of an earlier run asks, such as hosting/wp_growth=exists:1042. ANSWER is exists:ID, send-again,
    /// was-done (of what a payment event led to), try-again or abandon. May be given several times.
    #[arg(long, value_name = "STEP=ANSWER")]
    pub(crate) answer: Vec<Answered>,

    /// Says that a manual step of an earlier run was done. May be given several times.
    #[arg(long, value_name = "STEP", value_parser = |text: &str| Ok::<_, Infallible>(StepPath::from(text)))]
    pub(crate) confirm_manual: Vec<StepPath>,

    /// The longest pause to wait out before a retry. At a longer one the program says when it would go on, and ends.
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    pub(crate) wait: u64,

    /// Adds an mPanel of this generation to the sandbox; --fault then strikes it, where it can.
    #[arg(long, value_enum, value_name = "GENERATION")]
    pub(crate) sandbox: Option<Generation>,

    /// Something that goes wrong on the sandbox, such as lost-reply; an unknown name lists them all.
    #[arg(long, value_name = "NAME")]
    pub(crate) fault: Option<String>,

    /// Lift the fault once the run stands still, and go on with the same run.
    #[arg(long, requires = "fault")]
    pub(crate) heal: bool,

    /// Print the password and take it as saved, without asking.
    #[arg(long)]
    pub(crate) confirm_saved: bool,
}

impl Arguments {
    /// How a dry run shows the plan.
    pub(crate) fn format(&self) -> Format {
        let default = if self.json {
            Format::Json
        } else {
            Format::Tree
        };
        self.format.unwrap_or(default)
    }

    /// Whether the result is one JSON object on standard output.
    pub(crate) fn wants_json(&self) -> bool {
        self.json || (self.dry_run && self.format() == Format::Json)
    }

    /// Where runs are kept.
    pub(crate) fn kept(&self, on_sandbox: bool) -> Kept {
        match &self.state {
            // A dry run leaves nothing behind.
            _ if self.dry_run => Kept::Memory,
            Some(kept) => kept.clone(),
            None => Kept::by_default(on_sandbox),
        }
    }

    /// The longest pause to wait out.
    pub(crate) fn wait(&self) -> Duration {
        Duration::from_secs(self.wait)
    }

    /// What contradicts itself.
    pub(crate) fn contradictions(&self, kept: &Kept) -> impl Iterator<Item = String> + use<> {
        let formats = self.json && self.dry_run && self.format() != Format::Json;
        let needs_earlier =
            self.resume || !self.answer.is_empty() || !self.confirm_manual.is_empty();
        let forgets = needs_earlier && *kept == Kept::Memory;
        [
            formats.then(|| "--json is a format of its own: leave --format out".to_owned()),
            forgets.then(|| {
                "--resume, --answer and --confirm-manual are about an earlier run, and nothing is kept of one here: \
                 name its file with --state FILE"
                    .to_owned()
            }),
        ]
        .into_iter()
        .flatten()
    }
}

/// When a payment event arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EventAt {
    /// With the order, before anything is done for it now.
    Submitted,
    /// Once the order is provided as far as it goes.
    Provided,
}

/// Who vouches for the payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PaidBy {
    /// The person who runs this program.
    Operator,
}

/// How a plan is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// An indented tree and the requests.
    Tree,
    /// One JSON object with plan, reads and requests.
    Json,
    /// A Mermaid flowchart.
    Mermaid,
}

/// The generations of mPanel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Generation {
    /// The JavaScript server.
    Legacy,
    /// The TypeScript server.
    Typescript,
}
