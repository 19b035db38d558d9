//! Why a step waits for a human, and what the human can answer.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::finding::Match;
use super::outcome::{Barrier, Because};

/// Why a step waits for a human.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Attention {
    /// The panel or something before it refused us; nothing was executed.
    Denied {
        /// What stands in the way.
        barrier: Barrier,
        /// The panel's words.
        text: String,
        /// Whether it was the look-up that was refused.
        looking_up: bool,
    },
    /// The panel refused what was asked for; nothing was executed.
    Refused {
        /// Why.
        because: Because,
        /// The panel's words.
        text: String,
    },
    /// An outcome is unknown, something is there, and it can be proven neither ours nor foreign.
    NotProvable {
        /// What is there.
        matches: Vec<Match>,
    },
    /// More than one thing on the panel is proven to be ours.
    Several {
        /// What is there.
        matches: Vec<Match>,
    },
    /// The key belongs to somebody else and the step has no other candidate by its nature.
    Foreign,
    /// Every username candidate is taken.
    CandidatesUsedUp {
        /// How many were tried.
        tried: u32,
    },
    /// The account exists and is ours, but its sealed password is gone.
    PasswordUnknown {
        /// The panel's id.
        remote_id: String,
    },
    /// An outcome is unknown and this verb cannot be looked up.
    NoLookUp {
        /// What happened.
        text: String,
    },
    /// The look-up failed too often, or what it read cannot be shown to be whole.
    LookUpImpossible {
        /// What happened last.
        text: String,
    },
    /// No server could be reached, or the setting that keeps us from it does not mend itself.
    Unreachable {
        /// What happened last.
        text: String,
    },
    /// mPanel took the order and could not provide it.
    WorkFailed {
        /// Each piece of work that failed, with the panel's words.
        failures: Vec<String>,
    },
    /// mPanel took the order and has not settled it after as many reads as the plan allows.
    NotSettled {
        /// What it showed last.
        text: String,
        /// How often it was read.
        reads: u32,
    },
    /// The account was read back and is not as it should be.
    VerificationFailed {
        /// Each a sentence.
        failures: Vec<String>,
    },
    /// Whether a known account was changed or removed is unknown, and reading it does not tell.
    ChangeUnknown {
        /// What happened last.
        text: String,
    },
}

impl Attention {
    /// Whether it is a missing permission in words that are known, so that there is a remedy. A 403 in words that nobody
    /// has recorded may mean anything.
    #[must_use]
    pub const fn is_denied(&self) -> bool {
        matches!(
            self,
            Self::Denied {
                barrier: Barrier::Permission { .. },
                ..
            }
        )
    }

    /// Whether "it exists with id X" is an answer here.
    #[must_use]
    pub const fn may_exist(&self) -> bool {
        matches!(
            self,
            Self::NotProvable { .. }
                | Self::Several { .. }
                | Self::NoLookUp { .. }
                | Self::LookUpImpossible { .. }
                | Self::PasswordUnknown { .. }
                | Self::Refused {
                    because: Because::ExistsIdUnknown,
                    ..
                }
                | Self::Denied {
                    looking_up: true,
                    ..
                }
        )
    }

    /// Whether "it does not exist, send it again" is an answer here: a call may have been carried out, and only a human
    /// can say that it was not. Where nothing was carried out, trying again is enough.
    #[must_use]
    pub const fn may_be_sent_again(&self) -> bool {
        matches!(self, Self::ChangeUnknown { .. })
            || (self.may_exist()
                && !matches!(self, Self::PasswordUnknown { .. } | Self::Several { .. }))
    }

    /// Whether "it was done" is an answer here, for a step that brings something about of a known account: its call may have
    /// done it, or a person has done what the call could not. What turned out to be another account is not among it.
    #[must_use]
    pub const fn may_have_been_done(&self) -> bool {
        match self {
            Self::Refused { because, .. } => !matches!(because, Because::OtherAccount),
            Self::ChangeUnknown { .. }
            | Self::NoLookUp { .. }
            | Self::LookUpImpossible { .. }
            | Self::Unreachable { .. }
            | Self::NotSettled { .. }
            | Self::Denied { .. } => true,
            _ => false,
        }
    }

    /// Whether "try again where it stood" is an answer here: a call that may have been executed and cannot be looked up
    /// needs somebody who knows.
    #[must_use]
    pub const fn may_be_tried_again(&self) -> bool {
        !matches!(self, Self::NoLookUp { .. })
    }

    /// Whether it came up while looking for what a call of unknown outcome may have created.
    pub(super) const fn is_about_look_up(&self) -> bool {
        matches!(
            self,
            Self::Denied {
                looking_up: true,
                ..
            } | Self::LookUpImpossible { .. }
                | Self::NotProvable { .. }
                | Self::Several { .. }
                | Self::PasswordUnknown { .. }
        )
    }

    /// The answers a human can give, in words. A step that brings something about of a known account also takes "it was
    /// done" wherever [`may_have_been_done`](Self::may_have_been_done) says so.
    #[must_use]
    pub fn choices(&self) -> Vec<&'static str> {
        let mut choices = Vec::new();
        if self.may_exist() {
            choices.push("it exists with id X");
        }
        if matches!(self, Self::ChangeUnknown { .. }) {
            choices.push("it was done");
            choices.push("it was not done, send again");
        } else if self.may_be_sent_again() {
            choices.push("it does not exist, send again");
        }
        if self.may_be_tried_again() {
            choices.push("try again where it stood");
        }
        choices.push("abandon this step (nothing is deleted)");
        choices
    }
}

fn list(matches: &[Match]) -> String {
    matches
        .iter()
        .map(|found| format!("id {} (`{}`)", found.remote_id, found.username))
        .collect::<Vec<_>>()
        .join(", ")
}

impl fmt::Display for Attention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied {
                barrier,
                text,
                looking_up,
            } => {
                let what = if *looking_up {
                    "the look-up was refused"
                } else {
                    "the call was refused"
                };
                match barrier {
                    Barrier::Permission { denial } => write!(f, "{}", denial.summary()),
                    Barrier::Unrecognised { status } => write!(
                        f,
                        "{what} with {status} in words that are not known: {text}"
                    ),
                    Barrier::Proxy { status } => write!(
                        f,
                        "{what} with {status} as a web page: a proxy or firewall answered, not the panel; check what stands in front of it"
                    ),
                    Barrier::RouteMissing { status } => write!(
                        f,
                        "{what} with {status}: this server has no such route; check the URL and the panel's version"
                    ),
                    Barrier::Redirected { status } => write!(
                        f,
                        "{what} with a {status} redirect, which is not followed because credentials would go with it: {text}"
                    ),
                }
            }
            Self::Refused {
                because: Because::ExistsIdUnknown,
                text,
            } => {
                write!(
                    f,
                    "it exists on the panel already, and a person has to say under which id: {text}"
                )
            }
            Self::Refused {
                because: Because::OtherAccount,
                text,
            } => write!(
                f,
                "the id leads to another account, to which nothing was done: {text}"
            ),
            Self::Refused {
                because: Because::StandsOtherwise,
                text,
            } => write!(f, "nothing was done to it: {text}"),
            Self::Refused { text, .. } => {
                write!(f, "the panel refused it; nothing was created: {text}")
            }
            Self::NotProvable { matches } => write!(
                f,
                "the outcome of a call is unknown; {} may be ours, but neither mark nor login proves it",
                list(matches)
            ),
            Self::Several { matches } => {
                write!(f, "more than one account is ours: {}", list(matches))
            }
            Self::Foreign => f.write_str("it is held by somebody else"),
            Self::CandidatesUsedUp { tried } => {
                write!(f, "all {tried} username candidates are taken")
            }
            Self::PasswordUnknown { remote_id } => {
                write!(
                    f,
                    "account {remote_id} exists and is ours, but its sealed password is gone: set a new one in the panel"
                )
            }
            Self::NoLookUp { text } => write!(
                f,
                "the outcome of a call is unknown and cannot be looked up: {text}"
            ),
            Self::LookUpImpossible { text } => {
                write!(
                    f,
                    "the outcome of a call is unknown and the look-up does not succeed: {text}"
                )
            }
            Self::Unreachable { text } => write!(f, "no request got through: {text}"),
            Self::WorkFailed { failures } => write!(
                f,
                "mPanel took the order and could not provide it: {}; retry it there, then try again here",
                failures.join("; ")
            ),
            Self::NotSettled { text, reads } => write!(
                f,
                "mPanel took the order and has not settled it after {reads} reads: {text}; see whether its worker runs, \
                 then try again"
            ),
            Self::VerificationFailed { failures } => write!(
                f,
                "the account is not as it should be: {}",
                failures.join("; ")
            ),
            Self::ChangeUnknown { text } => {
                write!(f, "whether the account was changed is unknown: {text}")
            }
        }
    }
}
