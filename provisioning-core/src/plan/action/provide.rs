//! What a host's executor provides beside hosting accounts: DNS, domains, mailboxes, certificates, add-ons.

use serde::{Deserialize, Serialize};

use crate::domain::DomainName;
use crate::order::ProductCode;
use crate::plan::id::{Mark, StepPath};
use crate::plan::verb::VerbName;

/// Inputs of [`Action::Provide`](super::Action::Provide).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provide {
    /// The verb of its kind, such as [`VerbName::PROVIDE_DNS`].
    pub verb: VerbName,
    /// What was bought, in the catalog's spelling.
    pub product: ProductCode,
    /// How many.
    pub quantity: u32,
    /// The domain it is for: the item's own, else that of its account.
    pub domain: Option<DomainName>,
    /// The step whose account it belongs to.
    pub account: Option<StepPath>,
    /// What proves that it is ours, to be stored with it where the other side has room for it.
    pub mark: Mark,
    /// What it is in words, such as `dns zone_hosting for example.com`.
    pub what: String,
}

impl Provide {
    /// By what it is looked up: its domain, else the username of its account, which is `None` where it has neither.
    #[must_use]
    pub fn natural_key<'a>(&'a self, username: Option<&'a str>) -> Option<&'a str> {
        self.domain.as_ref().map(DomainName::as_str).or(username)
    }
}
