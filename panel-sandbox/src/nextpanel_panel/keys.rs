//! API keys: the kinds every panel has from the start, and those created on it.

use std::net::{IpAddr, Ipv4Addr};

use http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};

use crate::Fault;
use crate::arming::Arming;
use crate::fastapi::Refusal;
use crate::made_up::characters;
use crate::operation::{Access, Operation};

/// Every caller is on this machine.
const CALLER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

const SECRET_LENGTH: usize = 64;
const ID_LENGTH: usize = 43;

/// The kinds of key every panel has from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyKind {
    /// Level `SUPER_ADMIN`: may do everything.
    SuperAdmin,
    /// Level `ADMIN`: may list and get; writes are refused for want of super admin rights.
    Admin,
    /// Level `BILLING`: as [`Admin`](Self::Admin), whatever the panel's documents say.
    Billing,
    /// Level `READ_ONLY`: may list and get.
    ReadOnly,
    /// A super admin's key that was revoked.
    Revoked,
    /// A super admin's key that is good from another address only.
    IpLocked,
}

impl KeyKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::SuperAdmin,
        Self::Admin,
        Self::Billing,
        Self::ReadOnly,
        Self::Revoked,
        Self::IpLocked,
    ];

    fn level(self) -> Level {
        match self {
            Self::SuperAdmin | Self::Revoked | Self::IpLocked => Level::SuperAdmin,
            Self::Admin => Level::Admin,
            Self::Billing => Level::Billing,
            Self::ReadOnly => Level::ReadOnly,
        }
    }
}

/// A key with its secret, as a client needs them.
#[derive(Debug, Clone)]
pub struct ApiKey {
    id: String,
    secret: SecretString,
}

impl ApiKey {
    /// The value of `X-API-Key`: `npk_` and 43 characters.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The value of `X-API-Secret`: `nps_` and 64 characters.
    pub fn secret(&self) -> &SecretString {
        &self.secret
    }
}

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    ReadOnly,
    User,
    Developer,
    Billing,
    Admin,
    SuperAdmin,
}

impl Level {
    pub(super) const ALL: [Self; 6] = [
        Self::ReadOnly,
        Self::User,
        Self::Developer,
        Self::Billing,
        Self::Admin,
        Self::SuperAdmin,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ReadOnly => "READ_ONLY",
            Self::User => "USER",
            Self::Developer => "DEVELOPER",
            Self::Billing => "BILLING",
            Self::Admin => "ADMIN",
            Self::SuperAdmin => "SUPER_ADMIN",
        }
    }

    /// Either case: the documents write both.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|level| level.name().eq_ignore_ascii_case(name))
    }
}

struct StoredKey {
    key: ApiKey,
    level: Level,
    is_revoked: bool,
    /// Empty is any.
    allowed_ips: Vec<IpAddr>,
}

pub(super) struct Keys {
    panel: String,
    stored: Vec<StoredKey>,
}

impl Keys {
    pub(super) fn new(panel: &str) -> Self {
        let mut keys = Self {
            panel: panel.to_owned(),
            stored: Vec::new(),
        };
        for kind in KeyKind::ALL {
            // An address kept free for documentation, so nobody's.
            let locked = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));
            keys.stored.push(StoredKey {
                key: keys.of_kind(kind),
                level: kind.level(),
                is_revoked: kind == KeyKind::Revoked,
                allowed_ips: (kind == KeyKind::IpLocked)
                    .then_some(locked)
                    .into_iter()
                    .collect(),
            });
        }
        keys
    }

    pub(super) fn of_kind(&self, kind: KeyKind) -> ApiKey {
        self.make(&format!("{kind:?}"))
    }

    pub(super) fn create(&mut self, level: Level, allowed_ips: Vec<IpAddr>) -> ApiKey {
        let key = self.make(&format!("created {}", self.stored.len()));
        self.stored.push(StoredKey {
            key: key.clone(),
            level,
            is_revoked: false,
            allowed_ips,
        });
        key
    }

    fn make(&self, what: &str) -> ApiKey {
        let panel = &self.panel;
        let id = characters(&format!("{panel} key {what}"), ID_LENGTH);
        let secret = characters(&format!("{panel} secret {what}"), SECRET_LENGTH);
        ApiKey {
            id: format!("npk_{id}"),
            secret: SecretString::from(format!("nps_{secret}")),
        }
    }

    /// Whether the caller may do this: the faults first, then the key itself. Texts as in the contract, section 8.
    pub(super) fn authorise(
        &self,
        headers: &HeaderMap,
        operation: &Operation,
        arming: &Arming,
    ) -> Result<(), Refusal> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let (Some(id), Some(secret)) = (header("x-api-key"), header("x-api-secret")) else {
            return Err(Refusal::new(403, "Not authenticated"));
        };
        match arming.take(operation, Fault::concerns_key) {
            None => {}
            Some(Fault::RevokedKey) => return Err(revoked()),
            Some(Fault::IpRefused) => return Err(address_refused()),
            Some(Fault::UnderPrivilegedKey) => return Err(under_privileged()),
            Some(_) => return Err(invalid()),
        }
        let stored = self
            .stored
            .iter()
            .find(|stored| stored.key.id == id && stored.key.secret.expose_secret() == secret)
            .ok_or_else(invalid)?;
        if stored.is_revoked {
            return Err(revoked());
        }
        if !stored.allowed_ips.is_empty() && !stored.allowed_ips.contains(&CALLER) {
            return Err(address_refused());
        }
        if operation.access() == Access::KeyWrite && stored.level != Level::SuperAdmin {
            return Err(under_privileged());
        }
        Ok(())
    }
}

fn invalid() -> Refusal {
    Refusal::new(401, "Invalid API key")
}

fn revoked() -> Refusal {
    Refusal::new(401, "API key is revoked")
}

fn address_refused() -> Refusal {
    Refusal::new(403, "IP address not allowed")
}

fn under_privileged() -> Refusal {
    Refusal::new(
        403,
        "Authentication failed (403): The user doesn't have super admin privileges",
    )
}
