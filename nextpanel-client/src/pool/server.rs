//! One server of a pool.

use provisioning_core::fleet::{ServerConfig, ServerName};
use provisioning_core::permission::{ApiKeyProfile, RemedyContext};

use crate::panel::PanelCredentials;

/// A server and the key to it. Prints neither key nor secret.
#[derive(Debug, Clone)]
pub struct PoolServer {
    config: ServerConfig,
    credentials: PanelCredentials,
    profile: Option<ApiKeyProfile>,
}

impl PoolServer {
    /// A server and the key to it.
    #[must_use]
    pub const fn new(config: ServerConfig, credentials: PanelCredentials) -> Self {
        Self {
            config,
            credentials,
            profile: None,
        }
    }

    /// What is known of the key: no route of a panel tells it.
    #[must_use]
    pub fn with_profile(mut self, profile: Option<ApiKeyProfile>) -> Self {
        self.profile = profile;
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &ServerName {
        self.config.name()
    }

    /// How it is configured.
    #[must_use]
    pub const fn config(&self) -> &ServerConfig {
        &self.config
    }

    /// The key to it.
    #[must_use]
    pub const fn credentials(&self) -> &PanelCredentials {
        &self.credentials
    }

    /// What is known of the key.
    #[must_use]
    pub const fn profile(&self) -> Option<&ApiKeyProfile> {
        self.profile.as_ref()
    }

    /// The same server with another key.
    #[must_use]
    pub fn with_credentials(
        mut self,
        credentials: PanelCredentials,
        profile: Option<ApiKeyProfile>,
    ) -> Self {
        self.credentials = credentials;
        self.profile = profile;
        self
    }

    /// Its names and addresses, for remedies.
    #[must_use]
    pub fn remedy_context(&self) -> RemedyContext {
        self.config
            .remedy_context()
            .with_key_id(&self.credentials.key_id())
    }
}
