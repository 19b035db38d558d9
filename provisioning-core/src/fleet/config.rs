//! A fleet, as an operator configures it.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{FleetError, FleetProblem, ServerConfig, ServerName, read};
use crate::placement::PlacementRule;

/// Longest preview domain: a username of up to 32 characters and a dot still go in front of it.
const MAX_PREVIEW_DOMAIN: usize = 220;

/// The servers, the rule by which one is chosen, and the domain for hosting that comes without one.
///
/// ```
/// use provisioning_core::fleet::FleetConfig;
///
/// let fleet = FleetConfig::from_toml(
///     "fleet.toml",
///     r#"
///         preview_domain = "preview.example.net"
///         rule = "least-accounts"          # least-full, fill-first, or { pinned = "np-1" }
///
///         [[server]]
///         name = "np-1"
///         url = "https://np-1.example.net:9000"
///         api_key_env = "NP1_API_KEY"      # names of environment variables, never the values
///         api_secret_env = "NP1_API_SECRET"
///         capacity = 200
///         location = "eu"                  # optional, as all that follows
///         tags = ["ssd", "php83"]
///         weight = 2
///         state = "open"                   # draining, disabled
///     "#,
/// )?;
/// assert_eq!(fleet.servers().len(), 1);
/// # Ok::<(), provisioning_core::fleet::FleetError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FleetConfig {
    /// In the order of names.
    servers: Vec<ServerConfig>,
    preview_domain: Option<String>,
    rule: PlacementRule,
}

impl FleetConfig {
    /// These servers, least accounts first, without a preview domain.
    ///
    /// # Errors
    /// [`FleetError`] with every name or address that is there twice.
    pub fn new(servers: impl IntoIterator<Item = ServerConfig>) -> Result<Self, FleetError> {
        let servers: Vec<ServerConfig> = servers.into_iter().collect();
        let lines = vec![None; servers.len()];
        let problems = duplicates(&servers, &lines);
        if !problems.is_empty() {
            return Err(FleetError::new(None, problems));
        }
        Ok(Self::sorted(servers))
    }

    /// Reads a fleet from TOML. `file` only names it in errors.
    ///
    /// # Errors
    /// [`FleetError`] with every mistake at once and its line; a syntax error comes alone.
    pub fn from_toml(file: &str, text: &str) -> Result<Self, FleetError> {
        read::read(text).map_err(|problems| FleetError::new(Some(file), problems))
    }

    /// Sets the domain under which hosting without a domain gets `<username>.<preview domain>`.
    ///
    /// # Errors
    /// [`FleetError`] for a text that is no domain name of at least two labels.
    pub fn with_preview_domain(mut self, domain: &str) -> Result<Self, FleetError> {
        let domain = preview_domain(domain).map_err(|message| {
            FleetError::new(
                None,
                vec![FleetProblem::new(None, "preview_domain", message)],
            )
        })?;
        self.preview_domain = Some(domain);
        Ok(self)
    }

    /// Sets the rule by which a server is chosen.
    ///
    /// # Errors
    /// [`FleetError`] if it is pinned to a server that is not there.
    pub fn with_rule(mut self, rule: PlacementRule) -> Result<Self, FleetError> {
        if let Some(message) = self.unknown_pin(&rule) {
            return Err(FleetError::new(
                None,
                vec![FleetProblem::new(None, "rule", message)],
            ));
        }
        self.rule = rule;
        Ok(self)
    }

    /// The servers, in the order of their names.
    #[must_use]
    pub fn servers(&self) -> &[ServerConfig] {
        &self.servers
    }

    /// One server.
    #[must_use]
    pub fn server(&self, name: &ServerName) -> Option<&ServerConfig> {
        self.servers.get(self.position(name)?)
    }

    /// The domain for hosting without a domain.
    #[must_use]
    pub fn preview_domain(&self) -> Option<&str> {
        self.preview_domain.as_deref()
    }

    /// The rule by which a server is chosen.
    #[must_use]
    pub fn rule(&self) -> &PlacementRule {
        &self.rule
    }

    /// SHA-256 over everything configured, in hexadecimal; the order in which servers were given does not matter.
    #[must_use]
    pub fn digest(&self) -> String {
        // Strings, numbers and string-keyed maps alone: this cannot fail to serialise.
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        Sha256::digest(bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    pub(crate) fn position(&self, name: &ServerName) -> Option<usize> {
        self.servers
            .binary_search_by(|server| server.name().cmp(name))
            .ok()
    }

    pub(super) fn sorted(mut servers: Vec<ServerConfig>) -> Self {
        servers.sort_by(|one, other| one.name().cmp(other.name()));
        Self {
            servers,
            preview_domain: None,
            rule: PlacementRule::LeastAccounts,
        }
    }

    pub(super) fn unknown_pin(&self, rule: &PlacementRule) -> Option<String> {
        match rule {
            PlacementRule::Pinned(name) if self.position(name).is_none() => {
                Some(format!("pinned to {name}, but no server has that name"))
            }
            _ => None,
        }
    }
}

/// Names and addresses that are there twice. Two entries for one panel would each be filled to their own capacity.
pub(super) fn duplicates(servers: &[ServerConfig], lines: &[Option<usize>]) -> Vec<FleetProblem> {
    let mut problems = Vec::new();
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    let mut urls: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, server) in servers.iter().enumerate() {
        let line = lines.get(at).copied().flatten();
        let name = server.name().as_str();
        let url = server.url().as_str().trim_end_matches('/');
        if let Some(first) = names.get(name) {
            let message = format!("{name:?} is already the name of server[{first}]");
            problems.push(FleetProblem::new(
                line,
                format!("server[{at}].name"),
                message,
            ));
        } else {
            names.insert(name, at);
        }
        if let Some(first) = urls.get(url) {
            let message =
                format!("server[{first}] has the same URL; one panel would be counted as two");
            problems.push(FleetProblem::new(
                line,
                format!("server[{at}].url"),
                message,
            ));
        } else {
            urls.insert(url, at);
        }
    }
    problems
}

/// Reads a preview domain: lower case, at least two labels of letters, digits and inner hyphens.
pub(super) fn preview_domain(text: &str) -> Result<String, String> {
    let domain = text.trim().trim_end_matches('.').to_ascii_lowercase();
    let label_is_valid = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    if domain.len() > MAX_PREVIEW_DOMAIN {
        Err(format!(
            "longer than {MAX_PREVIEW_DOMAIN} characters, a username would not fit in front of it"
        ))
    } else if domain.split('.').count() < 2 || !domain.split('.').all(label_is_valid) {
        Err(format!(
            "{text:?} is no domain name such as preview.example.net"
        ))
    } else {
        Ok(domain)
    }
}
