//! The caller's own names and addresses.

use std::net::IpAddr;

use url::Url;

/// Characters of a key's id that may be shown: enough to find it in a list, useless to call with.
const SHOWN_OF_KEY: usize = 8;

/// The caller's own names and addresses, to be filled into remedies. Holds no secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemedyContext {
    pub(super) server: Option<String>,
    pub(super) panel_url: Option<String>,
    pub(super) key: Option<String>,
    pub(super) caller_ip: Option<IpAddr>,
    pub(super) key_variable: Option<String>,
    pub(super) secret_variable: Option<String>,
}

impl RemedyContext {
    /// Nothing known: remedies then speak in general terms.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Names the server.
    #[must_use]
    pub fn with_server(mut self, name: impl Into<String>) -> Self {
        self.server = Some(name.into());
        self
    }

    /// Gives the panel's address; credentials, query and fragment in it are left out.
    #[must_use]
    pub fn with_panel_url(mut self, url: &Url) -> Self {
        self.panel_url = url.host_str().map(|host| {
            let port = url
                .port()
                .map(|port| format!(":{port}"))
                .unwrap_or_default();
            format!(
                "{}://{host}{port}{}",
                url.scheme(),
                url.path().trim_end_matches('/')
            )
        });
        self
    }

    /// Tells which key it is; only its first 8 characters are kept.
    #[must_use]
    pub fn with_key_id(mut self, key_id: &str) -> Self {
        let shown: String = key_id.chars().take(SHOWN_OF_KEY).collect();
        let cut = key_id.chars().nth(SHOWN_OF_KEY).is_some();
        self.key = Some(if cut { format!("{shown}...") } else { shown });
        self
    }

    /// Gives the address the panel sees this machine under.
    #[must_use]
    pub fn with_caller_ip(mut self, address: IpAddr) -> Self {
        self.caller_ip = Some(address.to_canonical());
        self
    }

    /// Names the environment variables that hold key and secret.
    #[must_use]
    pub fn with_variables(mut self, key: impl Into<String>, secret: impl Into<String>) -> Self {
        self.key_variable = Some(key.into());
        self.secret_variable = Some(secret.into());
        self
    }
}
