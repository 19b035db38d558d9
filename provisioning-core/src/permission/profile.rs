//! What is known of an API key or a role, held against what a verb needs.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Denial, Missing, PermissionLevel, Requirement, Rule, Scope, Verb};

/// One entry of a key's list of allowed addresses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum AllowedAddress {
    /// One address.
    Address(IpAddr),
    /// All addresses of a network, such as `203.0.113.0/24`.
    Network(IpNet),
    /// An entry that is neither; it allows nobody.
    Unreadable(String),
}

impl AllowedAddress {
    /// Whether the entry allows an address; an IPv4 address written as IPv6 is the IPv4 address.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        match self {
            Self::Address(allowed) => allowed.to_canonical() == address.to_canonical(),
            Self::Network(network) => network.contains(&address.to_canonical()),
            Self::Unreadable(_) => false,
        }
    }
}

impl fmt::Display for AllowedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Network(network) => network.fmt(f),
            Self::Unreadable(text) => f.write_str(text),
        }
    }
}

impl From<&str> for AllowedAddress {
    fn from(text: &str) -> Self {
        let trimmed = text.trim();
        if let Ok(address) = trimmed.parse() {
            Self::Address(address)
        } else if let Ok(network) = trimmed.parse() {
            Self::Network(network)
        } else {
            Self::Unreadable(text.to_owned())
        }
    }
}

impl From<String> for AllowedAddress {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<AllowedAddress> for String {
    fn from(entry: AllowedAddress) -> Self {
        entry.to_string()
    }
}

/// What is known of a NextPanel API key; never the key or the secret.
///
/// ```
/// use jiff::Timestamp;
/// use provisioning_core::permission::{ApiKeyProfile, Missing, PermissionLevel, Verb, check};
///
/// let key = ApiKeyProfile::new(PermissionLevel::Billing).with_allowed_addresses(["198.51.100.4"]);
/// let denial = check(&key, Verb::CreateAccount, "203.0.113.7".parse().ok(), Timestamp::UNIX_EPOCH).unwrap_err();
/// assert!(matches!(denial.missing(), Missing::IpNotAllowed { .. }));
/// assert!(matches!(denial.also_missing(), [Missing::Level { .. }]));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyProfile {
    level: PermissionLevel,
    #[serde(default)]
    scopes: Option<BTreeSet<Scope>>,
    #[serde(default)]
    allowed_addresses: Vec<AllowedAddress>,
    #[serde(default = "yes")]
    active: bool,
    #[serde(default)]
    expires_at: Option<Timestamp>,
}

fn yes() -> bool {
    true
}

impl ApiKeyProfile {
    /// An active key of this level with unknown scopes, usable from everywhere, that never expires.
    #[must_use]
    pub fn new(level: PermissionLevel) -> Self {
        Self {
            level,
            scopes: None,
            allowed_addresses: Vec::new(),
            active: true,
            expires_at: None,
        }
    }

    /// Sets the scopes; without this they are unknown and not held against the key.
    #[must_use]
    pub fn with_scopes(mut self, scopes: impl IntoIterator<Item = Scope>) -> Self {
        self.scopes = Some(scopes.into_iter().collect());
        self
    }

    /// Sets the allowed addresses and networks; none means any.
    #[must_use]
    pub fn with_allowed_addresses(
        mut self,
        entries: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Self {
        self.allowed_addresses = entries
            .into_iter()
            .map(|entry| entry.as_ref().into())
            .collect();
        self
    }

    /// Says whether the key is switched on.
    #[must_use]
    pub fn with_active(mut self, active: bool) -> Self {
        self.active = active;
        self
    }

    /// Says when the key stops working; at that very instant it no longer does.
    #[must_use]
    pub fn with_expiry(mut self, at: Timestamp) -> Self {
        self.expires_at = Some(at);
        self
    }

    /// The key's permission level.
    #[must_use]
    pub fn level(&self) -> &PermissionLevel {
        &self.level
    }

    /// The key's scopes, if known.
    #[must_use]
    pub fn scopes(&self) -> Option<&BTreeSet<Scope>> {
        self.scopes.as_ref()
    }

    /// The addresses the key may be used from; none means any.
    #[must_use]
    pub fn allowed_addresses(&self) -> &[AllowedAddress] {
        &self.allowed_addresses
    }

    /// Whether the key is switched on.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.active
    }

    /// When the key stops working, if ever.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    fn lacks(&self, level: &PermissionLevel, scopes: &[Scope]) -> Vec<Missing> {
        let mut missing = Vec::new();
        if self.level < *level || matches!(self.level, PermissionLevel::Unknown(_)) {
            missing.push(Missing::Level {
                found: self.level.clone(),
                wanted: level.clone(),
            });
        }
        if let Some(has) = &self.scopes
            && !has.contains(&Scope::FullAccess)
        {
            let wanted: BTreeSet<Scope> = scopes
                .iter()
                .filter(|scope| !has.contains(scope))
                .cloned()
                .collect();
            if !wanted.is_empty() {
                missing.push(Missing::Scopes { wanted });
            }
        }
        missing
    }
}

/// Holds a key against a verb, as far as the key's profile tells.
///
/// `from_ip` is the address the panel will see; unknown, it is not held against the key. `now` decides about expiry.
/// Verbs that need no API key pass.
///
/// # Errors
/// A [`Denial`] that names everything the key lacks. [`Denial::is_assumed`] if the requirement itself is only assumed:
/// then asking the panel is the better judge.
pub fn check(
    key: &ApiKeyProfile,
    verb: Verb,
    from_ip: Option<IpAddr>,
    now: Timestamp,
) -> Result<(), Denial> {
    let requirement = Requirement::of(verb);
    let Rule::ApiKey { level, scopes } = requirement.rule() else {
        return Ok(());
    };
    let mut missing = Vec::new();
    if !key.active {
        missing.push(Missing::Inactive);
    }
    if let Some(at) = key.expires_at
        && at <= now
    {
        missing.push(Missing::KeyExpired { at: Some(at) });
    }
    if let Some(address) = from_ip
        && !key.allowed_addresses.is_empty()
        && !key
            .allowed_addresses
            .iter()
            .any(|entry| entry.allows(address))
    {
        missing.push(Missing::IpNotAllowed {
            address: Some(address),
        });
    }
    let certain = missing.len();
    missing.extend(key.lacks(level, scopes));
    let mut missing = missing.into_iter();
    match missing.next() {
        None => Ok(()),
        Some(first) => Err(Denial::new(first, verb, requirement.credential())
            .with_also_missing(missing)
            .with_assumed(requirement.is_assumed() && certain == 0)),
    }
}

/// Holds an mPanel user's role against a verb. Roles are compared letter by letter, as the panel does.
///
/// # Errors
/// A [`Denial`] with [`Missing::Role`], naming the roles that would do.
pub fn check_role(role: &str, verb: Verb) -> Result<(), Denial> {
    let requirement = Requirement::of(verb);
    let wanted = requirement.roles();
    if wanted.is_empty() || wanted.contains(&role) {
        return Ok(());
    }
    let missing = Missing::Role {
        found: Some(role.to_owned()),
        wanted: wanted.iter().map(|role| (*role).to_owned()).collect(),
    };
    Err(Denial::new(missing, verb, requirement.credential()))
}
