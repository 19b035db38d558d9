//! How much an API key may do.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Permission level of a NextPanel API key, from least to most (CONTRACT-nextpanel section 8).
///
/// Lower case on the wire (`super_admin`), upper case in the panel's pages and here when displayed (`SUPER_ADMIN`).
/// An unknown level is neither more nor less than any other, so it never satisfies a requirement.
///
/// ```
/// use provisioning_core::permission::PermissionLevel;
///
/// assert!(PermissionLevel::Billing < PermissionLevel::SuperAdmin);
/// assert_eq!(PermissionLevel::from("super_admin"), PermissionLevel::SuperAdmin);
/// let odd = PermissionLevel::from("galactic");
/// assert!(!(odd >= PermissionLevel::ReadOnly) && !(odd <= PermissionLevel::SuperAdmin));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[non_exhaustive]
pub enum PermissionLevel {
    /// May look.
    ReadOnly,
    /// May do what a customer may.
    User,
    /// May do what a developer may.
    Developer,
    /// May do billing operations. Documents say this suffices to create accounts; panels refused it.
    Billing,
    /// May administer.
    Admin,
    /// May do everything. The only level seen to create accounts.
    SuperAdmin,
    /// A level this version does not know, as the panel wrote it.
    Unknown(String),
}

impl PermissionLevel {
    /// Every known level, from least to most.
    pub const KNOWN: [Self; 6] = [
        Self::ReadOnly,
        Self::User,
        Self::Developer,
        Self::Billing,
        Self::Admin,
        Self::SuperAdmin,
    ];

    fn rank(&self) -> Option<u8> {
        Some(match self {
            Self::ReadOnly => 0,
            Self::User => 1,
            Self::Developer => 2,
            Self::Billing => 3,
            Self::Admin => 4,
            Self::SuperAdmin => 5,
            Self::Unknown(_) => return None,
        })
    }

    /// The level as the panel's API writes it.
    #[must_use]
    pub fn wire(&self) -> &str {
        match self {
            Self::ReadOnly => "read_only",
            Self::User => "user",
            Self::Developer => "developer",
            Self::Billing => "billing",
            Self::Admin => "admin",
            Self::SuperAdmin => "super_admin",
            Self::Unknown(text) => text,
        }
    }
}

impl PartialOrd for PermissionLevel {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self.rank(), other.rank()) {
            (Some(ours), Some(theirs)) => Some(ours.cmp(&theirs)),
            _ if self == other => Some(Ordering::Equal),
            _ => None,
        }
    }
}

impl fmt::Display for PermissionLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(text) => f.write_str(text),
            known => f.write_str(&known.wire().to_ascii_uppercase()),
        }
    }
}

impl From<&str> for PermissionLevel {
    fn from(text: &str) -> Self {
        let spelled = text.trim().to_ascii_lowercase().replace([' ', '-'], "_");
        Self::KNOWN
            .into_iter()
            .find(|level| level.wire() == spelled)
            .unwrap_or_else(|| Self::Unknown(text.to_owned()))
    }
}

impl From<String> for PermissionLevel {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<PermissionLevel> for String {
    fn from(level: PermissionLevel) -> Self {
        level.wire().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_from_read_only_to_super_admin() {
        assert!(PermissionLevel::KNOWN.is_sorted());
        assert!(
            PermissionLevel::KNOWN
                .windows(2)
                .all(|pair| pair[0] < pair[1])
        );
    }

    #[test]
    fn every_spelling_reads_and_the_wire_form_is_written() {
        for text in ["SUPER_ADMIN", "super_admin", "Super Admin", " super-admin "] {
            assert_eq!(
                PermissionLevel::from(text),
                PermissionLevel::SuperAdmin,
                "{text}"
            );
        }
        for level in PermissionLevel::KNOWN {
            let json = serde_json::to_string(&level).unwrap();
            assert_eq!(json, json.to_ascii_lowercase());
            assert_eq!(
                serde_json::from_str::<PermissionLevel>(&json).unwrap(),
                level
            );
            assert_eq!(PermissionLevel::from(level.to_string()), level);
        }
    }

    #[test]
    fn an_unknown_level_keeps_its_text_and_satisfies_nothing() {
        let odd: PermissionLevel = serde_json::from_str("\"Root\"").unwrap();
        assert_eq!(odd, PermissionLevel::Unknown("Root".into()));
        assert_eq!(serde_json::to_string(&odd).unwrap(), "\"Root\"");
        assert!(
            PermissionLevel::KNOWN
                .iter()
                .all(|known| odd.partial_cmp(known).is_none())
        );
    }
}
