//! A server with its key as one document, for stores that seal it.

use std::io::{self, Write};

use provisioning_core::fleet::ServerConfig;
use provisioning_core::permission::ApiKeyProfile;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::{Deserialize, Serialize};

use super::server::PoolServer;
use crate::panel::PanelCredentials;

#[derive(Serialize)]
struct Written<'a> {
    config: &'a ServerConfig,
    key: &'a str,
    secret: &'a str,
    profile: Option<&'a ApiKeyProfile>,
}

#[derive(Deserialize)]
struct Read {
    config: ServerConfig,
    key: SecretString,
    secret: SecretString,
    #[serde(default)]
    profile: Option<ApiKeyProfile>,
}

/// Counts what is written to it.
struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A server's document cannot be read or written. Holds nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a server's document: {problem}")]
pub struct DocumentError {
    /// Where it ended, without what stands there: it may be a key.
    problem: String,
}

impl From<serde_json::Error> for DocumentError {
    fn from(error: serde_json::Error) -> Self {
        Self {
            problem: format!(
                "{:?} error at line {}, column {}",
                error.classify(),
                error.line(),
                error.column()
            ),
        }
    }
}

impl PoolServer {
    /// The whole server as JSON, its key and secret in plain text among it: to be sealed as one, so that nobody who can
    /// write to the store can send the key to another address.
    ///
    /// # Errors
    /// [`DocumentError`], which no server brings about.
    pub fn expose_document(&self) -> Result<SecretSlice<u8>, DocumentError> {
        let written = Written {
            config: self.config(),
            key: self.credentials().key().expose_secret(),
            secret: self.credentials().secret().expose_secret(),
            profile: self.profile(),
        };
        let mut length = Length(0);
        serde_json::to_writer(&mut length, &written)?;
        // Of exactly this length it is never moved, and a move would leave a copy of the key behind.
        let mut document = Vec::with_capacity(length.0);
        serde_json::to_writer(&mut document, &written)?;
        Ok(SecretSlice::from(document))
    }

    /// Reads what [`expose_document`](Self::expose_document) wrote.
    ///
    /// # Errors
    /// [`DocumentError`] for anything else.
    pub fn from_document(document: &[u8]) -> Result<Self, DocumentError> {
        let read: Read = serde_json::from_slice(document)?;
        let credentials = PanelCredentials::new(read.key, read.secret);
        Ok(Self::new(read.config, credentials).with_profile(read.profile))
    }
}

#[cfg(test)]
mod tests {
    use provisioning_core::fleet::{ServerName, ServerState};
    use provisioning_core::permission::{PermissionLevel, Scope};

    use super::*;

    fn server() -> PoolServer {
        let name = ServerName::new("np-1").unwrap();
        let url = "https://np-1.example.net:9000/panel".parse().unwrap();
        let config = ServerConfig::new(name, url, 70)
            .unwrap()
            .with_credentials_from("NP1_KEY", "NP1_SECRET")
            .unwrap()
            .with_location("eu")
            .unwrap()
            .with_tags(["ssd", "php83"])
            .unwrap()
            .with_weight(3)
            .unwrap()
            .with_state(ServerState::Draining);
        let credentials = PanelCredentials::new("npk_canary".into(), "nps_canary".into());
        let profile = ApiKeyProfile::new(PermissionLevel::SuperAdmin)
            .with_scopes([Scope::from("account_management")])
            .with_allowed_addresses(["203.0.113.0/24"]);
        PoolServer::new(config, credentials).with_profile(Some(profile))
    }

    #[test]
    fn a_server_is_read_back_as_it_was_written() {
        let server = server();
        let read =
            PoolServer::from_document(server.expose_document().unwrap().expose_secret()).unwrap();
        assert_eq!(read.config(), server.config());
        assert_eq!(read.profile(), server.profile());
        assert_eq!(read.credentials().key().expose_secret(), "npk_canary");
        assert_eq!(read.credentials().secret().expose_secret(), "nps_canary");
    }

    #[test]
    fn a_document_that_does_not_read_shows_nothing_of_itself() {
        let document = server().expose_document().unwrap();
        let text = std::str::from_utf8(document.expose_secret()).unwrap();
        for (from, to) in [
            ("\"nps_canary\"", "[\"nps_canary\"]"),
            ("\"capacity\":70", "\"capacity\":\"npk_canary\""),
            ("https://np-1", "ftp://nps_canary"),
            ("{", "npk_canary"),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text);
            let problem = PoolServer::from_document(changed.as_bytes()).unwrap_err();
            assert!(
                !format!("{problem} {problem:?}").contains("canary"),
                "{problem}"
            );
        }
    }
}
