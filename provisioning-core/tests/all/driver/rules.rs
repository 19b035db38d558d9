//! The rules, checked against the model's truth after everything that happens.

use std::collections::BTreeMap;

use provisioning_core::fleet::ServerName;
use provisioning_core::plan::action::Action;
use provisioning_core::plan::id::{Mark, StepPath};
use provisioning_core::plan::verb::LookUpBy;
use provisioning_core::run::directive::{Call, Request};
use provisioning_core::run::status::Conclusion;

use super::Driver;
use crate::fate::Fates;

/// The last call of a step.
#[derive(Debug, Clone)]
struct Last {
    server: ServerName,
    candidate: u32,
    username: String,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    last: BTreeMap<StepPath, Last>,
    sent: BTreeMap<Mark, u32>,
}

impl Rules {
    pub(super) fn sent(&mut self, mark: Mark) {
        *self.sent.entry(mark).or_insert(0) += 1;
    }
}

impl<F: Fates> Driver<'_, F> {
    /// Before a call: another server or another username only where nothing of ours can be or come on the last one.
    pub(super) fn check_intent(&mut self, call: &Call) {
        let Request::CreateHostingAccount {
            create, username, ..
        } = &call.request
        else {
            return;
        };
        let server = call.server.clone().expect("a create call has a server");
        let refuses_second = self.run.plan().step(&call.step).is_some_and(|step| {
            step.verb.as_ref().map(|verb| verb.look_up)
                == Some(LookUpBy::NaturalKey {
                    refuses_second: true,
                })
        });
        if let Some(last) = self.rules.last.get(&call.step) {
            let panel = &self.panels.servers[&last.server];
            let exists = panel.made_for(create.mark).count();
            let may_come = panel.may_still_make(create.mark);
            if last.server != server {
                assert!(
                    exists == 0 && !may_come,
                    "moved to {server} while something of ours is or may come on {}: {exists} {may_come}\n{}",
                    last.server,
                    self.journal()
                );
                self.seen.insert("moved server".into());
            } else if last.candidate != call.candidate {
                let holder = panel.holder(&last.username);
                assert!(
                    holder.is_some_and(|holder| holder.made_for != Some(create.mark)),
                    "gave `{}` up though no stranger holds it\n{}",
                    last.username,
                    self.journal()
                );
                assert!(
                    exists == 0 && !may_come,
                    "took the next username while the last may be ours\n{}",
                    self.journal()
                );
                self.seen.insert("moved candidate".into());
            } else if !refuses_second {
                assert!(
                    exists == 0 && !may_come,
                    "sent again while the last may have been executed, to a server that does not refuse a second\n{}",
                    self.journal()
                );
                self.seen.insert("sent again".into());
            }
        }
        self.rules.last.insert(
            call.step.clone(),
            Last {
                server,
                candidate: call.candidate,
                username: username.as_str().into(),
            },
        );
    }

    /// At every instant: at most one account per step, and never a stranger's taken for ours.
    pub(super) fn check_truth(&self) {
        for step in &self.run.plan().steps {
            let Action::CreateHostingAccount(create) = &step.action else {
                continue;
            };
            let made = self.panels.made_for(create.mark);
            assert!(
                made.len() <= 1,
                "{} was created {} times: {made:?}\n{}",
                step.path,
                made.len(),
                self.journal()
            );
            if let Some(account) = self.run.account(&step.path) {
                let truth = made.first().map(|(server, account)| {
                    (
                        (*server).clone(),
                        account.id.to_string(),
                        account.username.clone(),
                    )
                });
                assert_eq!(
                    truth,
                    Some((
                        account.server.clone(),
                        account.remote_id.clone(),
                        account.username.clone()
                    )),
                    "{} took an account for ours that is not\n{}",
                    step.path,
                    self.journal()
                );
            }
        }
    }

    /// At the end: done means exactly one of everything, handed over and erased.
    pub(super) fn check_end(&self, conclusion: &Conclusion) {
        for step in &self.run.plan().steps {
            let Action::CreateHostingAccount(create) = &step.action else {
                continue;
            };
            let sent = self.rules.sent.get(&create.mark).copied().unwrap_or(0);
            if conclusion.is_done() {
                assert_eq!(
                    self.panels.made_for(create.mark).len(),
                    1,
                    "{} is done",
                    step.path
                );
                assert!(sent >= 1);
                assert!(self.run.sealed(&create.credential).is_none(), "not erased");
                assert_eq!(self.run.confirmed_by(&create.credential), Some("client"));
            }
            // An account that works is handed over even where the rest of the order was given up.
            let verify = step.path.under("verify");
            let verified = self
                .run
                .step(&verify)
                .is_some_and(|state| state.lets_others_go_on());
            if !matches!(conclusion, Conclusion::Cancelled { .. }) && verified {
                assert!(
                    self.run.confirmed_by(&create.credential).is_some(),
                    "{} works and was never handed over",
                    step.path
                );
            }
        }
    }
}
