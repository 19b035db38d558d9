//! What a step does, typed, with every choice frozen.

mod lifecycle;
pub mod mpanel;
mod provide;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use lifecycle::{
    ChangePackage, CheckAccount, SuspendAccount, SuspensionReason, TerminateAccount,
    UnsuspendAccount,
};
pub use provide::Provide;

use super::account::{AccountState, KnownAccount};
use super::id::{Mark, StepPath};
use super::step::CredentialId;
use super::verb::VerbName;
use crate::catalog::AccountType;
use crate::domain::DomainName;
use crate::email::EmailAddress;
use crate::order::ProductCode;
use crate::placement::RankedServer;
use crate::username::Username;
use mpanel::MpanelAction;

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// Creates a hosting account on a NextPanel server.
    CreateHostingAccount(Box<CreateHostingAccount>),
    /// Reads the account back and tries to log in.
    VerifyHostingAccount(VerifyHostingAccount),
    /// Something no configured executor does; listed with what to do.
    Manual(Manual),
    /// Shows credentials until they are confirmed as saved.
    HandOver(HandOver),
    /// Stops serving an account, keeps its data.
    SuspendAccount(Box<SuspendAccount>),
    /// Serves a suspended account again.
    UnsuspendAccount(Box<UnsuspendAccount>),
    /// Moves an account to another package.
    ChangePackage(Box<ChangePackage>),
    /// Removes an account and its data.
    TerminateAccount(Box<TerminateAccount>),
    /// Reads an account back by its id and compares it with the state it should be in.
    CheckAccount(Box<CheckAccount>),
    /// Something on mPanel.
    Mpanel(MpanelAction),
    /// Provides what is no hosting account, by a host's executor.
    Provide(Box<Provide>),
}

impl Action {
    /// The verb an executor is asked for, if this action calls one.
    #[must_use]
    pub fn verb(&self) -> Option<VerbName> {
        match self {
            Self::CreateHostingAccount(_) => Some(VerbName::from(VerbName::CREATE_ACCOUNT)),
            Self::VerifyHostingAccount(_) => Some(VerbName::from(VerbName::VERIFY_ACCOUNT)),
            Self::SuspendAccount(_) => Some(VerbName::from(VerbName::SUSPEND_ACCOUNT)),
            Self::UnsuspendAccount(_) => Some(VerbName::from(VerbName::UNSUSPEND_ACCOUNT)),
            Self::ChangePackage(_) => Some(VerbName::from(VerbName::CHANGE_PACKAGE)),
            Self::TerminateAccount(_) => Some(VerbName::from(VerbName::TERMINATE_ACCOUNT)),
            Self::CheckAccount(_) => Some(VerbName::from(VerbName::CHECK_ACCOUNT)),
            Self::Mpanel(action) => Some(VerbName::from(action.verb())),
            Self::Provide(provide) => Some(provide.verb.clone()),
            Self::Manual(_) | Self::HandOver(_) => None,
        }
    }

    /// What the action is, whoever carries it out: that of a manual step is what an executor would have done.
    #[must_use]
    pub fn in_substance(&self) -> &Self {
        match self {
            Self::Manual(Manual {
                instead_of: Some(action),
                ..
            }) => action,
            other => other,
        }
    }

    /// The account that exists already and that the action is about.
    #[must_use]
    pub fn known_account(&self) -> Option<&KnownAccount> {
        match self {
            Self::SuspendAccount(suspend) => Some(&suspend.account),
            Self::UnsuspendAccount(unsuspend) => Some(&unsuspend.account),
            Self::ChangePackage(change) => Some(&change.account),
            Self::TerminateAccount(terminate) => Some(&terminate.account),
            Self::CheckAccount(check) => Some(&check.account),
            Self::CreateHostingAccount(_)
            | Self::VerifyHostingAccount(_)
            | Self::Mpanel(_)
            | Self::Provide(_)
            | Self::Manual(_)
            | Self::HandOver(_) => None,
        }
    }

    /// The state the action brings a known account or subscription to; `None` if it changes none.
    #[must_use]
    pub fn brings_about(&self) -> Option<AccountState> {
        match self {
            Self::SuspendAccount(_) => Some(AccountState::Suspended),
            Self::UnsuspendAccount(_) => Some(AccountState::Serving),
            Self::ChangePackage(change) => Some(AccountState::OnPackage {
                package: change.to.clone(),
            }),
            Self::TerminateAccount(_) => Some(AccountState::Gone),
            Self::Mpanel(MpanelAction::ChangeSubscription(change)) => {
                Some(change.change.brings_about())
            }
            _ => None,
        }
    }

    /// Why the action suspends something; `None` if it does not.
    #[must_use]
    pub fn suspends_for(&self) -> Option<&SuspensionReason> {
        match self {
            Self::SuspendAccount(suspend) => Some(&suspend.reason),
            Self::Mpanel(action) => action.subscription_change()?.suspends_for(),
            _ => None,
        }
    }

    /// Whether the action has a candidate (a username) of this number, counted from 0.
    #[must_use]
    pub fn has_candidate(&self, number: u32) -> bool {
        match self {
            Self::CreateHostingAccount(create) => (number as usize) < create.usernames.len(),
            _ => number == 0,
        }
    }

    /// The credential that must be sealed before the action may be called.
    #[must_use]
    pub fn credential(&self) -> Option<&CredentialId> {
        match self {
            Self::CreateHostingAccount(create) => Some(&create.credential),
            _ => None,
        }
    }
}

/// The website address of a hosting account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum HostingDomain {
    /// A domain the customer named.
    Named {
        /// The domain.
        name: DomainName,
    },
    /// The username under the fleet's preview domain.
    Preview {
        /// The fleet's preview domain.
        below: DomainName,
    },
}

impl HostingDomain {
    /// The full name once the username is known.
    #[must_use]
    pub fn for_username(&self, username: &str) -> String {
        match self {
            Self::Named { name } => name.as_str().to_owned(),
            Self::Preview { below } => format!("{username}.{}", below.as_str()),
        }
    }
}

impl fmt::Display for HostingDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.for_username("<username>"))
    }
}

/// Inputs of [`Action::CreateHostingAccount`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateHostingAccount {
    /// What was bought, in the catalog's spelling.
    pub product: ProductCode,
    /// NextPanel's `package_id`, if the catalog names one.
    pub package_id: Option<i64>,
    /// Regular user, reseller or master reseller.
    pub account_type: AccountType,
    /// Where the site will live. NextPanel's create request carries no domain; a manual step names it.
    pub domain: HostingDomain,
    /// E-mail of the account.
    pub email: EmailAddress,
    /// The customer's name, if known.
    pub full_name: Option<String>,
    /// The customer's phone number, if known.
    pub phone: Option<String>,
    /// The customer's company, if known.
    pub company: Option<String>,
    /// The billing customer's id as the order's source knows it, for the account's metadata.
    pub billing_customer_id: Option<String>,
    /// How many slots of a server's capacity it takes.
    pub weight: u32,
    /// Servers in the order they are tried, with the reason for each place.
    pub servers: Vec<RankedServer>,
    /// Usernames in the order they are tried.
    pub usernames: Vec<Username>,
    /// The password, made once and kept over candidates and resends.
    pub credential: CredentialId,
    /// What proves that an account is ours.
    pub mark: Mark,
}

/// Names and addresses of customers are not for logs.
impl fmt::Debug for CreateHostingAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateHostingAccount")
            .field("product", &self.product)
            .field("package_id", &self.package_id)
            .field("account_type", &self.account_type)
            .field("servers", &self.servers)
            .field("usernames", &self.usernames)
            .field("mark", &self.mark)
            .finish_non_exhaustive()
    }
}

/// Inputs of [`Action::VerifyHostingAccount`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyHostingAccount {
    /// The step that created the account.
    pub account: StepPath,
}

/// Inputs of [`Action::Manual`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manual {
    /// What is to be done, such as `add-on daily_backups_30d`.
    pub what: String,
    /// Why no executor does it.
    pub why: String,
    /// What a person has to do. `<username>`, `<server>` and `<domain>` stand for what the run finds.
    pub instructions: String,
    /// The step whose account this concerns.
    pub account: Option<StepPath>,
    /// What an executor would do here, if one declared it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<Box<Action>>,
}

/// Inputs of [`Action::HandOver`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOver {
    /// The credentials, each shown and confirmed apart.
    pub credentials: Vec<CredentialId>,
}
