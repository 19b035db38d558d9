use std::{fmt, time::Duration};

use secrecy::SecretString;
use serde::Deserialize;

use crate::{answer::Answer, decode::DecodeError};

/// What a login or a renewal brings: an access token, and what is known about it. Never prints its tokens.
#[derive(Clone)]
pub struct TokenGrant {
    access_token: SecretString,
    refresh_token: Option<SecretString>,
    expires_in: Option<Duration>,
}

impl TokenGrant {
    /// A token of which nothing else is known.
    #[must_use]
    pub const fn new(access_token: SecretString) -> Self {
        Self {
            access_token,
            refresh_token: None,
            expires_in: None,
        }
    }

    /// Sets the token a renewal is asked with.
    #[must_use]
    pub fn with_refresh_token(mut self, refresh_token: SecretString) -> Self {
        self.refresh_token = Some(refresh_token);
        self
    }

    /// Sets how long the token lives, counted from its receipt.
    #[must_use]
    pub const fn with_expires_in(mut self, expires_in: Duration) -> Self {
        self.expires_in = Some(expires_in);
        self
    }

    /// Reads the reply of a login, whichever of the panels' spellings it has: `access_token`, `accessToken` or `token`,
    /// with or without refresh token and lifetime in seconds (mPanel contract 2.2, NextPanel contract 4.2).
    ///
    /// # Errors
    /// If it is no object, or there is no token in it.
    pub fn read(answer: &Answer) -> Result<Self, DecodeError> {
        let reply: Reply = answer.json()?;
        let access_token = reply
            .access_token
            .or(reply.access_token_camel)
            .or(reply.token)
            .ok_or_else(|| DecodeError::unreadable("", "the reply holds no access token"))?;
        Ok(Self {
            access_token,
            refresh_token: reply.refresh_token.or(reply.refresh_token_camel),
            expires_in: reply
                .expires_in
                .or(reply.expires_in_camel)
                .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
        })
    }

    /// The access token.
    #[must_use]
    pub const fn access_token(&self) -> &SecretString {
        &self.access_token
    }

    /// The token a renewal is asked with.
    #[must_use]
    pub const fn refresh_token(&self) -> Option<&SecretString> {
        self.refresh_token.as_ref()
    }

    /// How long the token lives, as the reply says it.
    #[must_use]
    pub const fn expires_in(&self) -> Option<Duration> {
        self.expires_in
    }
}

impl fmt::Debug for TokenGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenGrant")
            .field("expires_in", &self.expires_in)
            .field("has_refresh_token", &self.refresh_token.is_some())
            .finish_non_exhaustive()
    }
}

/// Every spelling is a field of its own: a reply that carries two of them is not a duplicate.
#[derive(Deserialize)]
struct Reply {
    access_token: Option<SecretString>,
    #[serde(rename = "accessToken")]
    access_token_camel: Option<SecretString>,
    token: Option<SecretString>,
    refresh_token: Option<SecretString>,
    #[serde(rename = "refreshToken")]
    refresh_token_camel: Option<SecretString>,
    expires_in: Option<f64>,
    #[serde(rename = "expiresIn")]
    expires_in_camel: Option<f64>,
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};
    use secrecy::ExposeSecret;

    use super::*;

    fn read(body: &'static str) -> Result<TokenGrant, DecodeError> {
        TokenGrant::read(&Answer::new(StatusCode::OK, HeaderMap::new(), body))
    }

    #[test]
    fn every_spelling_is_read() {
        for body in [
            r#"{"access_token":"a","refresh_token":"r","token_type":"bearer"}"#,
            r#"{"accessToken":"a","refreshToken":"r","tokenType":"Bearer","user":{"id":"7"}}"#,
            r#"{"token":"a","refreshToken":"r","user":{}}"#,
            r#"{"token":"other","accessToken":"a","refresh_token":"r"}"#,
        ] {
            let grant = read(body).unwrap();
            assert_eq!(grant.access_token().expose_secret(), "a", "{body}");
            assert_eq!(grant.refresh_token().unwrap().expose_secret(), "r");
            assert_eq!(grant.expires_in(), None);
        }
        let grant = read(r#"{"accessToken":"a","expiresIn":900}"#).unwrap();
        assert_eq!(grant.expires_in(), Some(Duration::from_secs(900)));
        assert!(grant.refresh_token().is_none());
    }

    #[test]
    fn a_reply_without_token_is_told_without_its_values() {
        for body in ["{}", "[]", r#"{"token":null,"user":"canary"}"#, "canary"] {
            let error = read(body).unwrap_err().to_string();
            assert!(!error.contains("canary"), "{error}");
        }
        let printed = format!("{:?}", read(r#"{"token":"canary"}"#).unwrap());
        assert!(!printed.contains("canary"), "{printed}");
    }
}
