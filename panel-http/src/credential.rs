use std::{fmt, sync::Arc};

use http::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};
use tokio::time::Instant;

use crate::{client::Client, error::Error, transport::BoxFuture};

/// Tells one token of a source from the next, so that a late refusal of an old one does not evict a newer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Generation(u64);

impl Generation {
    /// The first generation, and the only one of credentials that never change.
    pub const FIRST: Self = Self(0);

    /// The one after this.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// Headers that prove who calls. Never prints their values.
#[derive(Clone)]
pub struct Credential {
    generation: Generation,
    parts: Arc<[Part]>,
}

struct Part {
    name: HeaderName,
    value: HeaderValue,
    secret: SecretString,
}

impl Credential {
    /// `X-API-Key` and `X-API-Secret`.
    ///
    /// # Errors
    /// In words, if one of them is empty or cannot stand in a header.
    pub fn key_pair(key: &SecretString, secret: &SecretString) -> Result<Self, String> {
        Ok(Self {
            generation: Generation::FIRST,
            parts: [
                Part::new(HeaderName::from_static("x-api-key"), "", key, "API key")?,
                Part::new(
                    HeaderName::from_static("x-api-secret"),
                    "",
                    secret,
                    "API secret",
                )?,
            ]
            .into(),
        })
    }

    /// `Authorization: Bearer`.
    ///
    /// # Errors
    /// In words, if the token is empty or cannot stand in a header.
    pub fn bearer(token: &SecretString, generation: Generation) -> Result<Self, String> {
        let part = Part::new(http::header::AUTHORIZATION, "Bearer ", token, "token")?;
        Ok(Self {
            generation,
            parts: [part].into(),
        })
    }

    /// A shared secret in a header of its own.
    ///
    /// # Errors
    /// In words, if the name is none or the secret is empty or cannot stand in a header.
    pub fn header(name: &str, secret: &SecretString) -> Result<Self, String> {
        let header =
            HeaderName::try_from(name).map_err(|_| format!("{name:?} is no header name"))?;
        let part = Part::new(header, "", secret, name)?;
        Ok(Self {
            generation: Generation::FIRST,
            parts: [part].into(),
        })
    }

    /// Which token of its source it is.
    #[must_use]
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    pub(crate) fn headers(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.parts.iter().map(|part| (&part.name, &part.value))
    }

    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|part| part.secret.expose_secret())
    }
}

impl Part {
    fn new(
        name: HeaderName,
        scheme: &str,
        secret: &SecretString,
        what: &str,
    ) -> Result<Self, String> {
        let text = secret.expose_secret().trim();
        if text.is_empty() {
            return Err(format!("the {what} is empty"));
        }
        let line = Zeroizing::new(format!("{scheme}{text}"));
        let mut value = HeaderValue::from_str(&line).map_err(|_| {
            format!("the {what} contains a line break or another character that cannot be sent")
        })?;
        value.set_sensitive(true);
        Ok(Self {
            name,
            value,
            secret: SecretString::from(text),
        })
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("generation", &self.generation)
            .field(
                "headers",
                &self.headers().map(|(name, _)| name).collect::<Vec<_>>(),
            )
            .finish()
    }
}

/// What a source has at hand to obtain a credential.
#[derive(Debug, Clone, Copy)]
pub struct CredentialContext<'a> {
    /// The client the credential is for. A login is an operation without credential, called on it.
    pub client: &'a Client,
    /// When the call that needs the credential ends.
    pub deadline: Instant,
}

/// Where credentials come from: a constant, or a login whose token is kept.
///
/// A source that logs in does so for all waiting calls at once, gives each new token the next [`Generation`], and never
/// drops a token that is still good because a renewal failed.
pub trait CredentialSource: Send + Sync + 'static {
    /// The credential to use now, obtained if need be.
    ///
    /// # Errors
    /// [`Kind::Auth`](crate::Kind::Auth) where the login was refused; whatever else kept it from being made.
    fn credential<'a>(
        &'a self,
        context: CredentialContext<'a>,
    ) -> BoxFuture<'a, Result<Credential, Error>>;

    /// The credential that would be used now, if that takes no request.
    fn at_hand(&self) -> Option<Credential>;

    /// Told that the server refused this generation. Answers whether the next credential may fare better, so that the
    /// request is worth sending once more.
    fn refused(&self, generation: Generation) -> bool;
}

/// A credential that never changes.
#[derive(Debug, Clone)]
pub struct StaticCredential(Credential);

impl StaticCredential {
    /// Always this one.
    #[must_use]
    pub const fn new(credential: Credential) -> Self {
        Self(credential)
    }
}

impl CredentialSource for StaticCredential {
    fn credential<'a>(
        &'a self,
        _context: CredentialContext<'a>,
    ) -> BoxFuture<'a, Result<Credential, Error>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }

    fn at_hand(&self) -> Option<Credential> {
        Some(self.0.clone())
    }

    fn refused(&self, _generation: Generation) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_do_not_print() {
        let canary = SecretString::from("canary-1234");
        let pair = Credential::key_pair(&canary, &canary).unwrap();
        let printed = format!("{pair:?} {:?}", pair.headers().collect::<Vec<_>>());
        assert!(!printed.contains("canary"), "{printed}");
    }

    #[test]
    fn what_cannot_be_sent_is_refused_without_repeating_it() {
        let good = SecretString::from("good");
        for bad in ["", "  ", "can\nary"] {
            let bad = SecretString::from(bad);
            for error in [
                Credential::key_pair(&bad, &good).unwrap_err(),
                Credential::key_pair(&good, &bad).unwrap_err(),
                Credential::bearer(&bad, Generation::FIRST).unwrap_err(),
                Credential::header("x-token", &bad).unwrap_err(),
            ] {
                assert!(!error.contains("ary"), "{error}");
            }
        }
        assert!(Credential::header("no header", &good).is_err());
    }
}
