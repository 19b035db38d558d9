//! What a step does, typed, with every choice frozen.

pub mod mpanel;

use std::fmt;

use serde::{Deserialize, Serialize};

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
    /// Something on mPanel.
    Mpanel(MpanelAction),
}

impl Action {
    /// The verb an executor is asked for, if this action calls one.
    #[must_use]
    pub fn verb(&self) -> Option<VerbName> {
        match self {
            Self::CreateHostingAccount(_) => Some(VerbName::from(VerbName::CREATE_ACCOUNT)),
            Self::VerifyHostingAccount(_) => Some(VerbName::from(VerbName::VERIFY_ACCOUNT)),
            Self::Mpanel(action) => Some(VerbName::from(action.verb())),
            Self::Manual(_) | Self::HandOver(_) => None,
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
}

/// Inputs of [`Action::HandOver`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOver {
    /// The credentials, each shown and confirmed apart.
    pub credentials: Vec<CredentialId>,
}
