//! Handing credentials over: shown until confirmed, then never again.
//!
//! A password that was generated for a customer exists twice: on the panel as a hash, and sealed in the run. The
//! sealed copy is the only one that can be shown. It is shown as often as needed while it is [`Unconfirmed`];
//! [`Unconfirmed::confirm`] consumes it and gives the [`Confirmation`] that lets the engine erase the sealed copy.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::plan::step::CredentialId;

/// A credential that nobody has confirmed as saved or delivered yet. It can be shown again.
pub struct Unconfirmed {
    credential: CredentialId,
    opens: String,
    username: String,
    password: SecretString,
}

impl Unconfirmed {
    /// A credential to be shown: what it opens, for which username, with which password.
    #[must_use]
    pub const fn new(
        credential: CredentialId,
        opens: String,
        username: String,
        password: SecretString,
    ) -> Self {
        Self {
            credential,
            opens,
            username,
            password,
        }
    }

    /// Name of the credential within its plan.
    #[must_use]
    pub const fn credential(&self) -> &CredentialId {
        &self.credential
    }

    /// What it opens, in the customer's words.
    #[must_use]
    pub fn opens(&self) -> &str {
        &self.opens
    }

    /// The username it belongs to.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The password itself: the one deliberate way to see it.
    #[must_use]
    pub fn expose_password(&self) -> &str {
        self.password.expose_secret()
    }

    /// Says that the password is saved or delivered. It can never be shown again.
    #[must_use]
    pub fn confirm(self, by: impl Into<String>) -> Confirmation {
        Confirmation {
            credential: self.credential,
            by: by.into(),
        }
    }
}

impl fmt::Debug for Unconfirmed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unconfirmed")
            .field("credential", &self.credential)
            .field("opens", &self.opens)
            .field("username", &self.username)
            .field("password", &"[secret]")
            .finish()
    }
}

/// Somebody's word that a credential is saved or delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    credential: CredentialId,
    by: String,
}

impl Confirmation {
    /// A confirmation that arrives without the credential at hand, such as the customer's click on "I have saved it"
    /// in a later request. After it the password can never be shown again.
    #[must_use]
    pub fn received(credential: CredentialId, by: impl Into<String>) -> Self {
        Self {
            credential,
            by: by.into(),
        }
    }

    /// The credential.
    #[must_use]
    pub const fn credential(&self) -> &CredentialId {
        &self.credential
    }

    /// Whose word it is.
    #[must_use]
    pub fn by(&self) -> &str {
        &self.by
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_credential_prints_no_password() {
        let shown = Unconfirmed::new(
            "hosting/a".into(),
            "hosting account".into(),
            "client".into(),
            "canary-9f".into(),
        );
        assert!(!format!("{shown:?}").contains("canary"));
        assert_eq!(shown.expose_password(), "canary-9f");
        assert_eq!(shown.confirm("operator").by(), "operator");
    }
}
