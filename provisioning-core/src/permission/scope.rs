//! Areas an API key is good for.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Scope of a NextPanel API key (CONTRACT-nextpanel section 8).
///
/// The panel's pages show `Account Management`; how the API writes it was not observed, so every spelling is read and
/// `account_management` is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[non_exhaustive]
pub enum Scope {
    /// Hosting accounts: create, suspend, terminate.
    AccountManagement,
    /// The panel's users.
    UserManagement,
    /// What billing systems do.
    BillingOperations,
    /// Everything.
    FullAccess,
    /// A scope this version does not know, as the panel wrote it.
    Unknown(String),
}

impl Scope {
    /// The three scopes that provisioning needs, in the order of the panel's page.
    pub const PROVISIONING: [Self; 3] = [
        Self::AccountManagement,
        Self::UserManagement,
        Self::BillingOperations,
    ];

    /// The scope as it is written to an API.
    #[must_use]
    pub fn wire(&self) -> &str {
        match self {
            Self::AccountManagement => "account_management",
            Self::UserManagement => "user_management",
            Self::BillingOperations => "billing_operations",
            Self::FullAccess => "full_access",
            Self::Unknown(text) => text,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AccountManagement => "Account Management",
            Self::UserManagement => "User Management",
            Self::BillingOperations => "Billing Operations",
            Self::FullAccess => "Full Access",
            Self::Unknown(text) => text,
        })
    }
}

impl From<&str> for Scope {
    fn from(text: &str) -> Self {
        let spelled = text.trim().to_ascii_lowercase().replace([' ', '-'], "_");
        match spelled.as_str() {
            "account_management" => Self::AccountManagement,
            "user_management" => Self::UserManagement,
            "billing_operations" => Self::BillingOperations,
            "full_access" => Self::FullAccess,
            _ => Self::Unknown(text.to_owned()),
        }
    }
}

impl From<String> for Scope {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.wire().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_reads() {
        for text in [
            "Account Management",
            "account_management",
            "ACCOUNT-MANAGEMENT",
        ] {
            assert_eq!(Scope::from(text), Scope::AccountManagement, "{text}");
        }
        assert_eq!(Scope::from("DNS"), Scope::Unknown("DNS".into()));
        for scope in [Scope::FullAccess, Scope::Unknown("DNS".into())] {
            let json = serde_json::to_string(&scope).unwrap();
            assert_eq!(serde_json::from_str::<Scope>(&json).unwrap(), scope);
        }
    }
}
