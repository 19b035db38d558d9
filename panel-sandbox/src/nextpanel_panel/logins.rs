//! Who may log in, and the tokens they got.

use std::collections::HashMap;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};

use crate::fastapi::Refusal;
use crate::made_up::characters;

/// The panel's administrator, who is no hosting account and may always log in.
#[derive(Debug, Clone)]
pub struct AdminLogin {
    username: String,
    password: SecretString,
}

impl AdminLogin {
    pub(super) fn of(panel: &str) -> Self {
        Self {
            username: "admin".to_owned(),
            password: SecretString::from(characters(&format!("{panel} admin password"), 20)),
        }
    }

    /// The username.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The password.
    pub fn password(&self) -> &SecretString {
        &self.password
    }

    pub(super) fn is(&self, username: &str, password: &str) -> bool {
        self.username == username && self.password.expose_secret() == password
    }
}

/// Whose token it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bearer {
    Admin,
    Account,
}

/// The tokens that were issued.
#[derive(Default)]
pub(super) struct Tokens {
    issued: HashMap<String, Bearer>,
}

impl Tokens {
    pub(super) fn issue(&mut self, panel: &str, bearer: Bearer) -> String {
        let token = characters(&format!("{panel} token {}", self.issued.len()), 64);
        self.issued.insert(token.clone(), bearer);
        token
    }

    pub(super) fn bearer(&self, headers: &HeaderMap) -> Result<Bearer, Refusal> {
        let token = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && !token.is_empty())
            .map(|(_, token)| token)
            .ok_or_else(|| Refusal::new(403, "Not authenticated"))?;
        self.issued
            .get(token)
            .copied()
            .ok_or_else(|| Refusal::new(401, "Could not validate credentials"))
    }
}
