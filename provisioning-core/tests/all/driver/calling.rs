//! Carrying out calls and look-ups against the model.

use std::time::Duration;

use provisioning_core::permission;
use provisioning_core::permission::{CredentialKind, Denial, Missing};
use provisioning_core::plan::id::Mark;
use provisioning_core::plan::verb::Effect;
use provisioning_core::run::directive::{Call, LookUp, Request};
use provisioning_core::run::event::{Event, Intent};
use provisioning_core::run::facts::{
    Facts, HostingAccount, LoginReading, MarkReading, Proof, Verified,
};
use provisioning_core::run::finding::{Finding, Match};
use provisioning_core::run::outcome::{Barrier, Named, Reply, outcome};

use super::{Carried, Driver};
use crate::fate::{CreateFate, Fates, LookUpFate, Point, VerifyFate};
use crate::model_panel::{Account, CreateRequest, Panel};
use crate::sample::at;

fn answered(status: u16, named: Option<Named>) -> Reply {
    Reply::Answered {
        status,
        text: format!("answer {status}"),
        html: false,
        retry_after: None,
        named,
        denial: None,
    }
}

fn too_many(pause: Option<u64>) -> Reply {
    Reply::Answered {
        status: 429,
        text: "too many requests".into(),
        html: false,
        retry_after: pause.map(Duration::from_secs),
        named: None,
        denial: None,
    }
}

fn right_missing(status: u16, missing: Missing) -> Reply {
    let verb = permission::Verb::CreateAccount;
    Reply::Answered {
        status,
        text: "refused".into(),
        html: false,
        retry_after: None,
        named: None,
        denial: Some(Box::new(Denial::new(
            missing,
            verb,
            CredentialKind::NextPanelApiKey,
        ))),
    }
}

fn no_answer() -> Reply {
    Reply::NoAnswer {
        text: "connection reset".into(),
    }
}

/// Each step's own: two orders may have steps of the same path.
fn password_of(mark: Mark) -> String {
    format!("made for {mark}")
}

impl<F: Fates> Driver<'_, F> {
    pub(super) fn call(&mut self, call: &Call) {
        if self.dies(Point::BeforeIntent) {
            return;
        }
        self.check_intent(call);
        let intent = Event::Intent(Intent {
            step: call.step.clone(),
            attempt: call.attempt,
            candidate: call.candidate,
            server: call.server.clone(),
            key: call.key,
        });
        self.record(intent.clone());
        // Another worker that was told the same cannot begin the call, too.
        self.must_be_refused(intent);
        if self.dies(Point::BetweenIntentAndCall) {
            return;
        }
        let queued = self.fates.queues();
        self.pass(self.panels.now + queued as i64);
        let (reply, effect) = match &call.request {
            // Between planning and now another run may have been given the room, or this one has come to another
            // server or name than the one it holds: nothing is sent, and the machine moves on.
            _ if !self.fates.has_room(&self.run, &self.panels, call) => {
                let text = "no room".into();
                let retryable = true;
                (Reply::NotSent { text, retryable }, Effect::Create)
            }
            Request::CreateHostingAccount {
                create, username, ..
            } => {
                let request = CreateRequest {
                    username: username.as_str().into(),
                    mark: create.mark,
                    password: password_of(create.mark),
                };
                (self.create(call, request), Effect::Create)
            }
            Request::VerifyHostingAccount { account, mark, .. } => {
                (self.verify(account, *mark), Effect::Read)
            }
            other => panic!("no such request: {other:?}"),
        };
        self.check_truth();
        let outcome = outcome(reply, effect, at(self.panels.now));
        if self.dies(Point::BetweenCallAndOutcome) {
            return;
        }
        self.carried.push(Carried {
            event: Event::Outcome {
                step: call.step.clone(),
                attempt: call.attempt,
                outcome,
            },
        });
        if !self.fates.lingers() {
            self.settle(self.carried.len() - 1);
        }
    }

    fn create(&mut self, call: &Call, request: CreateRequest) -> Reply {
        let fate = self.fates.create();
        let now = self.panels.now;
        let name = call.server.clone().expect("a create call has a server");
        self.rules.sent(request.mark);
        self.seen(format!(
            "create {}",
            format!("{fate:?}")
                .split([' ', '('])
                .next()
                .unwrap_or_default()
        ));
        let panel = self.panels.at(&name);
        if matches!(
            fate,
            CreateFate::StrangerFirst | CreateFate::StrangerFirstReplyLost
        ) {
            panel.stranger(&request.username);
        }
        let created = |panel: &mut Panel| match panel.execute(&request) {
            Some(id) => Reply::Understood(Facts::HostingAccount(HostingAccount {
                remote_id: id.to_string(),
                username: request.username.clone(),
                server: name.clone(),
                proof: Proof::Created,
            })),
            None => answered(400, Some(Named::UsernameTaken)),
        };
        match fate {
            CreateFate::Executed | CreateFate::StrangerFirst => created(panel),
            CreateFate::ReplyLost | CreateFate::StrangerFirstReplyLost => {
                created(panel);
                no_answer()
            }
            CreateFate::ReplyUnreadable => {
                created(panel);
                Reply::NotUnderstood {
                    text: "no id".into(),
                }
            }
            CreateFate::ReplyOfAnother => {
                created(panel);
                panel.stranger("stranger");
                let other = panel.holder("stranger").expect("just added");
                Reply::Understood(Facts::HostingAccount(HostingAccount {
                    remote_id: other.id.to_string(),
                    username: other.username.clone(),
                    server: name,
                    proof: Proof::Created,
                }))
            }
            CreateFate::ErrorAfterCommit => {
                created(panel);
                answered(500, None)
            }
            CreateFate::ErrorBeforeCommit => answered(500, None),
            CreateFate::Dropped => no_answer(),
            CreateFate::Late(delay) => {
                panel.on_the_way.push((now + delay as i64, request));
                no_answer()
            }
            CreateFate::TooMany { pause } => too_many(pause),
            CreateFate::NotExecuted => answered(503, Some(Named::NotExecuted)),
            CreateFate::ConnectionRefused => Reply::NotSent {
                text: "refused".into(),
                retryable: true,
            },
            CreateFate::BadCertificate => Reply::NotSent {
                text: "certificate".into(),
                retryable: false,
            },
            CreateFate::Invalid => answered(422, None),
            CreateFate::RightMissing => right_missing(403, Missing::SuperAdminRights),
            CreateFate::WrongKey => right_missing(401, Missing::WrongKeyOrSecret),
            CreateFate::ForbiddenInOtherWords => answered(403, None),
            CreateFate::ProxyRefused => Reply::Answered {
                status: 403,
                text: "<html>".into(),
                html: true,
                retry_after: None,
                named: None,
                denial: None,
            },
            CreateFate::RouteMissing => answered(404, None),
            CreateFate::Redirected => answered(307, None),
        }
    }

    fn verify(&mut self, account: &HostingAccount, mark: Mark) -> Reply {
        let fate = self.fates.verify();
        self.seen(format!("verify {fate:?}"));
        let panel = self.panels.at(&account.server);
        let row = panel
            .accounts
            .iter()
            .find(|row| row.id.to_string() == account.remote_id);
        let Some(row) = row else {
            return answered(404, None);
        };
        let verified = Verified {
            remote_id: account.remote_id.clone(),
            username: row.username.clone(),
            active: fate != VerifyFate::Inactive,
            mark: match fate {
                VerifyFate::OtherMark => MarkReading::Other,
                _ => shown_mark(panel, row, mark),
            },
            login: if panel.lets_log_in {
                LoginReading::Proved
            } else {
                LoginReading::Refused
            },
            logins_work_here: false,
        };
        match fate {
            VerifyFate::Read | VerifyFate::Inactive | VerifyFate::OtherMark => {
                Reply::Understood(Facts::Verified(verified))
            }
            VerifyFate::ReplyLost => no_answer(),
            VerifyFate::Error => answered(500, None),
            VerifyFate::NotListedYet => answered(404, None),
            VerifyFate::TooMany { pause } => too_many(Some(pause)),
            VerifyFate::RightMissing => right_missing(403, Missing::SuperAdminRights),
            VerifyFate::ConnectionRefused => Reply::NotSent {
                text: "refused".into(),
                retryable: true,
            },
        }
    }

    pub(super) fn look_up(&mut self, look_up: &LookUp) {
        let fate = self.fates.look_up();
        self.seen(format!("look-up {fate:?}"));
        let name = look_up.server.clone().expect("a look-up has a server");
        let panel = self.panels.at(&name);
        if fate == LookUpFate::StrangerFirst {
            panel.stranger(look_up.username.as_str());
        }
        let finding = match fate {
            LookUpFate::Whole | LookUpFate::Slow(_) | LookUpFate::StrangerFirst => {
                read(panel, look_up, true)
            }
            LookUpFate::Incomplete => read(panel, look_up, false),
            LookUpFate::Failed => Finding::NotPossible {
                text: "connection reset".into(),
                not_before: None,
            },
            LookUpFate::TooMany { pause } => Finding::NotPossible {
                text: "too many requests".into(),
                not_before: Some(at(self.panels.now + pause as i64 * 1_000)),
            },
            LookUpFate::RightMissing => Finding::Denied {
                barrier: Barrier::Unrecognised { status: 403 },
                text: "no".into(),
            },
        };
        if let LookUpFate::Slow(delay) = fate {
            self.pass(self.panels.now + delay as i64);
        }
        if self.dies(Point::BeforeFindingIsRecorded) {
            return;
        }
        self.record(Event::LookedUp {
            step: look_up.step.clone(),
            finding,
        });
    }
}

fn shown_mark(panel: &Panel, row: &Account, ours: Mark) -> MarkReading {
    match row.made_for {
        _ if !panel.shows_marks => MarkReading::Nothing,
        Some(mark) if mark == ours => MarkReading::Ours,
        Some(_) => MarkReading::Other,
        None if row.other_mark => MarkReading::Other,
        None => MarkReading::Nothing,
    }
}

/// What a look-up sees: rows with our username or our mark; none of them in a list that was cut short.
fn read(panel: &Panel, look_up: &LookUp, whole: bool) -> Finding {
    let known_to_show = panel.shows_marks
        && panel
            .accounts
            .iter()
            .any(|row| row.made_for.is_some() || row.other_mark);
    let matches = panel
        .accounts
        .iter()
        .filter(|_| whole)
        .filter_map(|row| {
            let mark = shown_mark(panel, row, look_up.mark);
            if row.username != look_up.username.as_str() && mark != MarkReading::Ours {
                return None;
            }
            let login = match mark {
                MarkReading::Nothing if !panel.lets_log_in => LoginReading::Refused,
                MarkReading::Nothing
                    if look_up.credential.is_some()
                        && row.password == Some(password_of(look_up.mark)) =>
                {
                    LoginReading::Proved
                }
                MarkReading::Nothing => LoginReading::Refused,
                _ => LoginReading::NotTried,
            };
            Some(Match {
                remote_id: row.id.to_string(),
                username: row.username.clone(),
                mark,
                login,
                bound_to: None,
            })
        })
        .collect();
    Finding::Read {
        matches,
        whole,
        shows_marks: known_to_show,
    }
}
