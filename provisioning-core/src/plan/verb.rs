//! What an executor declares about a verb, frozen in the plan so that a change of settings never rewrites a run.

mod mpanel;

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::permission;

pub use mpanel::{MpanelOffer, REDIS_LONGEST_DURATION};

/// Name of something an executor can do, such as `nextpanel.create_account`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VerbName(String);

impl VerbName {
    /// Creates a NextPanel hosting account.
    pub const CREATE_ACCOUNT: &'static str = "nextpanel.create_account";
    /// Reads a NextPanel hosting account back and tries to log in.
    pub const VERIFY_ACCOUNT: &'static str = "nextpanel.verify_account";
    /// Suspends a NextPanel hosting account.
    pub const SUSPEND_ACCOUNT: &'static str = "nextpanel.suspend_account";
    /// Unsuspends a NextPanel hosting account.
    pub const UNSUSPEND_ACCOUNT: &'static str = "nextpanel.unsuspend_account";
    /// Moves a NextPanel hosting account to another package. NextPanel has no endpoint for it, so no executor of this
    /// project declares it; a host's own may.
    pub const CHANGE_PACKAGE: &'static str = "nextpanel.change_package";
    /// Removes a NextPanel hosting account and its data.
    pub const TERMINATE_ACCOUNT: &'static str = "nextpanel.terminate_account";
    /// Reads a NextPanel hosting account by its id, without logging in.
    pub const CHECK_ACCOUNT: &'static str = "nextpanel.check_account";
    /// Sets up DNS for a domain. Neither panel has an endpoint for it; a host's executor that declares it makes products
    /// of that kind steps of their own, which are manual steps otherwise. So do the four that follow.
    pub const PROVIDE_DNS: &'static str = "dns.provide";
    /// Registers, transfers or renews a domain.
    pub const PROVIDE_DOMAIN: &'static str = "domain.provide";
    /// Sets up mailboxes.
    pub const PROVIDE_MAILBOX: &'static str = "mailbox.provide";
    /// Sets up a certificate.
    pub const PROVIDE_SSL: &'static str = "ssl.provide";
    /// Sets up an addition to a hosting account.
    pub const PROVIDE_ADDON: &'static str = "addon.provide";

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Compared and ordered like its text.
impl Borrow<str> for VerbName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&str> for VerbName {
    fn from(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl fmt::Display for VerbName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What sending a request may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Brings something into being.
    Create,
    /// Changes something that exists, to the same state however often it is sent.
    Change,
}

/// What to do when a look-up shows that the natural key belongs to somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenForeign {
    /// Take the next candidate, as for usernames.
    NextCandidate,
    /// Refuse the step, as for a domain that is hosted already.
    Reject,
    /// Ask a human.
    AskHuman,
}

/// How an unknown outcome of a verb can be cleared up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookUpBy {
    /// By something of ours that the server stores and shows, such as username and mark.
    NaturalKey {
        /// Whether the server itself refuses a second one of the same key. Only then may a request whose outcome is
        /// unknown be sent again as soon as a look-up has found nothing.
        refuses_second: bool,
    },
    /// Not at all: an unknown outcome asks a human.
    Nothing,
}

/// What an executor declares about one verb. A verb that is not declared is never sent twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerbDeclaration {
    /// What sending it may change.
    pub effect: Effect,
    /// How an unknown outcome is cleared up.
    pub look_up: LookUpBy,
    /// Whether it removes a customer's data. Such a verb is never sent on a guess.
    pub destroys_data: bool,
    /// After this long a request that was sent has been executed or never will be, in milliseconds.
    pub longest_duration_ms: u64,
    /// What to do when the natural key belongs to somebody else.
    pub when_foreign: WhenForeign,
    /// The right the credential needs, as far as known.
    pub needs: Option<permission::Verb>,
}

impl VerbDeclaration {
    /// What is true of a verb that is done by one of two executors, which declare this and `other` of it.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self {
            effect: if self.effect == other.effect {
                self.effect
            } else {
                Effect::Create
            },
            look_up: match (self.look_up, other.look_up) {
                (
                    LookUpBy::NaturalKey {
                        refuses_second: one,
                    },
                    LookUpBy::NaturalKey {
                        refuses_second: two,
                    },
                ) => LookUpBy::NaturalKey {
                    refuses_second: one && two,
                },
                _ => LookUpBy::Nothing,
            },
            destroys_data: self.destroys_data || other.destroys_data,
            longest_duration_ms: self.longest_duration_ms.max(other.longest_duration_ms),
            when_foreign: if self.when_foreign == other.when_foreign {
                self.when_foreign
            } else {
                WhenForeign::AskHuman
            },
            needs: if self.needs == other.needs {
                self.needs
            } else {
                None
            },
        }
    }

    /// [`VerbDeclaration::longest_duration_ms`] as a duration.
    #[must_use]
    pub const fn longest_duration(&self) -> Duration {
        Duration::from_millis(self.longest_duration_ms)
    }

    /// Whether the server itself refuses a second one of the same key.
    #[must_use]
    pub const fn refuses_second(&self) -> bool {
        matches!(
            self.look_up,
            LookUpBy::NaturalKey {
                refuses_second: true
            }
        )
    }

    /// The declaration of a verb about which nothing is known: a creation that can neither be looked up nor repeated.
    #[must_use]
    pub const fn undeclared() -> Self {
        Self {
            effect: Effect::Create,
            look_up: LookUpBy::Nothing,
            destroys_data: false,
            longest_duration_ms: 60_000,
            when_foreign: WhenForeign::AskHuman,
            needs: None,
        }
    }
}

/// The verbs that configured executors offer. The planner turns everything else into manual steps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    verbs: BTreeMap<VerbName, VerbDeclaration>,
}

impl Capabilities {
    /// No executor at all: every step of every plan is manual.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The NextPanel verbs. `longest_duration` is how long a create request may still arrive after it was sent;
    /// 60 seconds is the default for real panels.
    #[must_use]
    pub fn nextpanel(longest_duration: Duration) -> Self {
        let longest_duration_ms = u64::try_from(longest_duration.as_millis()).unwrap_or(u64::MAX);
        Self::none()
            .with_verb(
                VerbName::CREATE_ACCOUNT,
                VerbDeclaration {
                    effect: Effect::Create,
                    // CONTRACT-nextpanel section 8: 400 for a username that exists.
                    look_up: LookUpBy::NaturalKey {
                        refuses_second: true,
                    },
                    destroys_data: false,
                    longest_duration_ms,
                    when_foreign: WhenForeign::NextCandidate,
                    needs: Some(permission::Verb::CreateAccount),
                },
            )
            .with_verb(
                VerbName::VERIFY_ACCOUNT,
                VerbDeclaration {
                    effect: Effect::Read,
                    look_up: LookUpBy::Nothing,
                    destroys_data: false,
                    longest_duration_ms,
                    when_foreign: WhenForeign::AskHuman,
                    needs: Some(permission::Verb::GetAccount),
                },
            )
    }

    /// The NextPanel verbs for accounts that exist: suspend, unsuspend, terminate, and reading back. NextPanel has no
    /// endpoint that changes a package (CONTRACT-nextpanel section 8). `longest_duration` is how long a request may
    /// still arrive after it was sent.
    #[must_use]
    pub fn nextpanel_lifecycle(longest_duration: Duration) -> Self {
        let longest_duration_ms = u64::try_from(longest_duration.as_millis()).unwrap_or(u64::MAX);
        let change = |needs| VerbDeclaration {
            // Suspending twice has the effect of suspending once.
            effect: Effect::Change,
            look_up: LookUpBy::Nothing,
            destroys_data: false,
            longest_duration_ms,
            when_foreign: WhenForeign::AskHuman,
            needs: Some(needs),
        };
        Self::none()
            .with_verb(
                VerbName::SUSPEND_ACCOUNT,
                change(permission::Verb::SuspendAccount),
            )
            .with_verb(
                VerbName::UNSUSPEND_ACCOUNT,
                change(permission::Verb::UnsuspendAccount),
            )
            .with_verb(
                VerbName::TERMINATE_ACCOUNT,
                VerbDeclaration {
                    // By id, username and mark. Ids may be given out again, so a second request is not sent while the
                    // first may still arrive.
                    look_up: LookUpBy::NaturalKey {
                        refuses_second: false,
                    },
                    destroys_data: true,
                    ..change(permission::Verb::TerminateAccount)
                },
            )
            .with_verb(
                VerbName::CHECK_ACCOUNT,
                VerbDeclaration {
                    effect: Effect::Read,
                    ..change(permission::Verb::GetAccount)
                },
            )
    }

    /// Adds one verb, replacing an earlier declaration of the same name.
    #[must_use]
    pub fn with_verb(mut self, name: impl Into<VerbName>, declaration: VerbDeclaration) -> Self {
        self.verbs.insert(name.into(), declaration);
        self
    }

    /// All verbs of `self` and `other`; `other` wins where both declare one.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.verbs.extend(other.verbs);
        self
    }

    /// All verbs of two executors that stand side by side. Where both offer one, what is declared of it is true of either:
    /// which of them does it depends on the server.
    #[must_use]
    pub fn beside(mut self, other: Self) -> Self {
        for (name, declaration) in other.verbs {
            let both = self.verbs.get(&name).map(|known| known.or(&declaration));
            self.verbs.insert(name, both.unwrap_or(declaration));
        }
        self
    }

    /// The declaration of a verb, if an executor offers it.
    #[must_use]
    pub fn declaration(&self, name: &str) -> Option<&VerbDeclaration> {
        self.verbs.get(name)
    }
}
