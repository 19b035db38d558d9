//! The permissions that are missing, whether the run has a plan already or could not even count the servers.

use provisioning_core::fleet::{Observation, ServerName};
use provisioning_core::permission::Denial;
use provisioning_core::placement::Constraint;
use provisioning_core::planner::rejection::{Reason, Rejection};
use provisioning_core::run::Run;
use provisioning_core::run::attention::Attention;
use provisioning_core::run::outcome::Barrier;

use crate::panels::Panels;

/// A missing permission and the servers that miss it.
pub(crate) struct Denied {
    pub(crate) denial: Denial,
    pub(crate) servers: Vec<ServerName>,
}

impl Denied {
    /// What to do, step by step, with the names and addresses of this fleet. The steps are for the first server; where
    /// more of them miss the same, a last step says so.
    pub(crate) fn remedy(&self, panels: &Panels) -> Vec<String> {
        let (first, others) = match self.servers.split_first() {
            Some((first, others)) => (Some(first), others),
            None => (None, &[][..]),
        };
        let mut steps: Vec<String> = self
            .denial
            .remedy(&panels.remedy_context_of(self.denial.verb().service(), first))
            .iter()
            .map(ToString::to_string)
            .collect();
        if !others.is_empty() {
            let others: Vec<String> = others
                .iter()
                .map(|name| match panels.fleet.server(name) {
                    Some(server) => {
                        format!("{name} ({})", server.url().as_str().trim_end_matches('/'))
                    }
                    None => name.to_string(),
                })
                .collect();
            steps.push(format!("Do the same on {}", others.join(", ")));
        }
        if panels.sandbox.is_some() {
            steps.push(
                "That is for a real panel; on the sandbox, --heal with the same command mends it and goes on".to_owned(),
            );
        }
        steps
    }
}

/// The denials that keep servers from being counted, if that is why there is no plan.
pub(crate) fn of_rejection(rejection: &Rejection) -> Vec<Denied> {
    let mut all: Vec<Denied> = Vec::new();
    for reason in &rejection.reasons {
        let Reason::NoServer { refusals, .. } = reason else {
            continue;
        };
        for refusal in refusals {
            let Constraint::NotCounted {
                observation: Observation::KeyDenied { denial },
            } = &refusal.constraint
            else {
                continue;
            };
            add(&mut all, denial, Some(&refusal.name));
        }
    }
    all
}

/// The denials that steps of a run wait behind.
pub(crate) fn of_run(run: &Run) -> Vec<Denied> {
    let mut all = Vec::new();
    for (step, why) in run.parked() {
        if let Attention::Denied {
            barrier: Barrier::Permission { denial },
            ..
        } = why
        {
            add(&mut all, denial, run.server_of(step));
        }
    }
    all
}

fn add(all: &mut Vec<Denied>, denial: &Denial, server: Option<&ServerName>) {
    match all.iter_mut().find(|known| known.denial == *denial) {
        Some(known) => {
            if let Some(server) = server.filter(|server| !known.servers.contains(server)) {
                known.servers.push(server.clone());
            }
        }
        None => all.push(Denied {
            denial: denial.clone(),
            servers: server.into_iter().cloned().collect(),
        }),
    }
}
