//! The result as one JSON object.

use serde::Serialize;

use provisioning_core::fleet::ServerName;
use provisioning_core::handover::Unconfirmed;
use provisioning_core::plan::action::Action;
use provisioning_core::planner::rejection::Rejection;
use provisioning_core::run::attention::Attention;
use provisioning_core::run::outcome::Barrier;
use provisioning_core::run::status::RunStatus;
use provisioning_core::run::step_state::Phase;
use provisioning_engine::{RunState, RunView};

use super::{Known, verified};
use crate::denied::{self, Denied};
use crate::ending::{exit_of, is_cut_short};
use crate::exit::Exit;
use crate::panels::{Held, HeldOnMpanel, Panels};
use crate::preflight::Input;

/// The result of a run, for programs.
#[derive(Debug, Serialize)]
pub(crate) struct JsonResult {
    order: String,
    run: String,
    status: &'static str,
    exit: u8,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hosting: Vec<Hosting>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mpanel: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    credentials: Vec<Credential>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    manual: Vec<Manual>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attention: Vec<Item>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rejected: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_try: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interrupted: Option<Interrupted>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    assumed: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sandbox: Option<Holds>,
}

/// A signal came, and what is known of the plan's steps.
#[derive(Debug, Serialize)]
struct Interrupted {
    by: String,
    #[serde(flatten)]
    known: Known,
}

/// What the sandbox holds, counted on the stand-ins.
#[derive(Debug, Serialize)]
struct Holds {
    accounts: Vec<Held>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mpanel: Option<HeldOnMpanel>,
}

#[derive(Debug, Serialize)]
struct Hosting {
    step: String,
    server: String,
    panel_url: String,
    account_id: String,
    username: String,
    domain: String,
    ours: String,
    verified: Vec<String>,
}

/// A credential; `password` only once it is taken as saved.
#[derive(Serialize)]
struct Credential {
    id: String,
    opens: String,
    username: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Serialize)]
struct Manual {
    step: String,
    what: String,
    instructions: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    done_by: Option<String>,
}

#[derive(Debug, Serialize)]
struct Item {
    step: String,
    why: String,
    answers: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remedy: Vec<String>,
}

impl JsonResult {
    /// The result of a run. `shown` are the credentials that wait to be confirmed; their passwords are in it only if
    /// `confirmed` says that they count as saved once this is written.
    pub(crate) fn new(
        view: &RunView,
        panels: &Panels,
        input: &Input,
        shown: &[Unconfirmed],
        confirmed: bool,
    ) -> Self {
        let mut result = Self {
            order: view.key.to_string(),
            run: view.id.to_string(),
            status: "submitted",
            exit: exit_of(view) as u8,
            hosting: Vec::new(),
            mpanel: view.run().map(super::mpanel::lines).unwrap_or_default(),
            credentials: shown
                .iter()
                .map(|credential| Credential {
                    id: credential.credential().to_string(),
                    opens: credential.opens().to_owned(),
                    username: credential.username().to_owned(),
                    password: confirmed.then(|| credential.expose_password().to_owned()),
                })
                .collect(),
            manual: Vec::new(),
            attention: Vec::new(),
            rejected: Vec::new(),
            next_try: None,
            interrupted: None,
            assumed: input.assumed.clone(),
            sandbox: panels.sandbox.as_ref().map(|sandbox| Holds {
                accounts: sandbox.holds(),
                mpanel: sandbox.holds_on_mpanel(),
            }),
        };
        match &view.state {
            RunState::Rejected(rejection) => result.rejected(rejection, panels),
            RunState::Planned(_) => result.planned(view, panels, confirmed),
            _ => {}
        }
        result
    }

    /// The same after a signal, if it cut the run short.
    pub(crate) fn interrupted_by(mut self, signal: Option<&str>, view: &RunView) -> Self {
        if let Some(signal) = signal.filter(|_| is_cut_short(view)) {
            self.status = "interrupted";
            self.interrupted = Some(Interrupted {
                by: signal.to_owned(),
                known: view.run().map(Known::of).unwrap_or_default(),
            });
        }
        self
    }

    fn rejected(&mut self, rejection: &Rejection, panels: &Panels) {
        self.status = "rejected";
        self.rejected = rejection.reasons.iter().map(ToString::to_string).collect();
        for denied in denied::of_rejection(rejection) {
            self.status = "denied";
            self.attention.push(Item {
                step: "planning".to_owned(),
                why: denied.denial.summary(),
                answers: Vec::new(),
                remedy: denied.remedy(panels),
            });
        }
    }

    fn planned(&mut self, view: &RunView, panels: &Panels, confirmed: bool) {
        let Some(run) = view.run() else { return };
        for step in &run.plan().steps {
            if let (Action::CreateHostingAccount(create), Some(account)) =
                (&step.action, run.account(&step.path))
            {
                self.hosting.push(Hosting {
                    step: step.path.to_string(),
                    server: account.server.to_string(),
                    panel_url: panels
                        .fleet
                        .server(&account.server)
                        .map(|server| server.url().to_string())
                        .unwrap_or_default(),
                    account_id: account.remote_id.clone(),
                    username: account.username.clone(),
                    domain: create.domain.for_username(&account.username),
                    ours: account.proof.describe(),
                    verified: verified(run, &step.path),
                });
            }
            if let Some(work) = run
                .instructions(&step.path)
                .filter(|_| run.is_due(&step.path))
            {
                self.manual.push(Manual {
                    step: step.path.to_string(),
                    what: work.what,
                    instructions: work.instructions,
                    done_by: work.confirmed_by,
                });
            }
            if let Some(Phase::Parked(why)) = run.step(&step.path).map(|state| &state.phase) {
                self.attention.push(item(
                    step.path.as_str(),
                    why,
                    panels,
                    run.server_of(&step.path),
                ));
            }
        }
        self.status = match run.status(jiff::Timestamp::now()) {
            RunStatus::Over(conclusion) if conclusion.is_done() => self.done(),
            RunStatus::Over(_) => "stopped",
            RunStatus::AwaitingConfirmation { .. } if confirmed => {
                self.exit = Exit::Done as u8;
                self.done()
            }
            RunStatus::AwaitingConfirmation { .. } => "awaiting_confirmation",
            RunStatus::NeedsAttention { steps } if steps.iter().any(|(_, why)| why.is_denied()) => {
                "denied"
            }
            RunStatus::NeedsAttention { .. } => "needs_attention",
            RunStatus::Waiting { until, why } => {
                self.next_try = Some(format!("{until:.0}: {why}"));
                "waiting"
            }
            _ => "not_finished",
        };
    }

    fn done(&self) -> &'static str {
        if self.manual.iter().all(|work| work.done_by.is_some()) {
            "done"
        } else {
            "done_except_manual"
        }
    }
}

fn item(step: &str, why: &Attention, panels: &Panels, server: Option<&ServerName>) -> Item {
    let (why_said, remedy) = match why {
        Attention::Denied {
            barrier: Barrier::Permission { denial },
            ..
        } => {
            let denied = Denied {
                denial: (**denial).clone(),
                servers: server.into_iter().cloned().collect(),
            };
            (denied.denial.summary(), denied.remedy(panels))
        }
        _ => (why.to_string(), Vec::new()),
    };
    Item {
        step: step.to_owned(),
        why: why_said,
        answers: why.choices(),
        remedy,
    }
}
