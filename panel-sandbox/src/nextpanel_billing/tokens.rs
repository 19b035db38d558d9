//! Tokens: real JSON web tokens, signed with a secret that can be changed.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;

use crate::Fault;

/// How long a refresh token is good; the backend never looks at what sort of token it gets.
const REFRESH_LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) sub: String,
    pub(super) is_admin: bool,
    exp: u64,
    #[serde(rename = "type")]
    kind: String,
}

/// Why a token is no good. Clients are not told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BadToken {
    Invalid,
    Expired,
    /// It was good until this fault.
    Struck(Fault),
}

/// Signs and reads tokens.
pub(super) struct Tokens {
    secret: String,
    lifetime: Duration,
    /// By how much the tokens' time runs ahead.
    ahead: Duration,
    /// The faults that have put an end to all tokens issued before, each with a new secret.
    ends: Vec<Fault>,
}

impl Tokens {
    pub(super) fn new(secret: String, lifetime: Duration) -> Self {
        Self {
            secret,
            lifetime,
            ahead: Duration::ZERO,
            ends: Vec::new(),
        }
    }

    pub(super) fn access(&self, user: &str, is_admin: bool) -> String {
        self.issue(user, is_admin, "access", self.lifetime)
    }

    pub(super) fn refresh(&self, user: &str, is_admin: bool) -> String {
        self.issue(user, is_admin, "refresh", REFRESH_LIFETIME)
    }

    fn issue(&self, user: &str, is_admin: bool, kind: &str, lifetime: Duration) -> String {
        let claims = Claims {
            sub: user.to_owned(),
            is_admin,
            exp: (self.now() + lifetime).as_secs(),
            kind: kind.to_owned(),
        };
        let header = json!({ "alg": "HS256", "typ": "JWT" });
        let claims = serde_json::to_vec(&claims).unwrap_or_default();
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims)
        );
        let signature = self
            .signer(self.ends.len(), &signed)
            .map(|signer| URL_SAFE_NO_PAD.encode(signer.finalize().into_bytes()))
            .unwrap_or_default();
        format!("{signed}.{signature}")
    }

    pub(super) fn read(&self, token: &str) -> Result<Claims, BadToken> {
        let claims = |signed: &str| {
            let (_, claims) = signed.split_once('.')?;
            let claims = URL_SAFE_NO_PAD.decode(claims).ok()?;
            serde_json::from_slice::<Claims>(&claims).ok()
        };
        let (signed, signature) = token.rsplit_once('.').ok_or(BadToken::Invalid)?;
        let signature = URL_SAFE_NO_PAD
            .decode(signature)
            .map_err(|_| BadToken::Invalid)?;
        let is_signed = |epoch: &usize| {
            self.signer(*epoch, signed)
                .is_some_and(|signer| signer.verify_slice(&signature).is_ok())
        };
        let epoch = (0..=self.ends.len())
            .find(is_signed)
            .ok_or(BadToken::Invalid)?;
        let claims = claims(signed).ok_or(BadToken::Invalid)?;
        if claims.exp <= self.now().as_secs() {
            return Err(BadToken::Expired);
        }
        match self.ends.get(epoch) {
            Some(fault) => Err(BadToken::Struck(*fault)),
            None => Ok(claims),
        }
    }

    /// Puts an end to every token issued until now.
    pub(super) fn end_all(&mut self, fault: Fault) {
        self.ends.push(fault);
    }

    pub(super) fn advance(&mut self, by: Duration) {
        self.ahead = self.ahead.saturating_add(by);
    }

    fn signer(&self, epoch: usize, signed: &str) -> Option<Hmac<Sha256>> {
        let secret = format!("{} {epoch}", self.secret);
        let mut signer = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
        signer.update(signed.as_bytes());
        Some(signer)
    }

    fn now(&self) -> Duration {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .saturating_add(self.ahead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUARTER: Duration = Duration::from_secs(900);

    #[test]
    fn a_token_is_good_for_its_lifetime_and_for_its_own_backend() {
        let mut tokens = Tokens::new("a".into(), QUARTER);
        let (access, refresh) = (tokens.access("ada", true), tokens.refresh("ada", true));
        let claims = tokens.read(&access).unwrap();
        assert_eq!((claims.sub.as_str(), claims.is_admin), ("ada", true));
        let stranger = Tokens::new("b".into(), QUARTER);
        for nonsense in ["", "a", "a.b", "a.b.c", &access[1..]] {
            assert_eq!(tokens.read(nonsense), Err(BadToken::Invalid));
        }
        assert_eq!(stranger.read(&access), Err(BadToken::Invalid));
        tokens.advance(QUARTER);
        assert_eq!(tokens.read(&access), Err(BadToken::Expired));
        assert!(tokens.read(&refresh).is_ok());
    }

    #[test]
    fn tokens_can_be_ended_but_not_those_issued_later() {
        let mut tokens = Tokens::new("a".into(), QUARTER);
        let first = tokens.access("ada", false);
        tokens.end_all(Fault::ForgetsTokens);
        let second = tokens.access("ada", false);
        assert_eq!(
            tokens.read(&first),
            Err(BadToken::Struck(Fault::ForgetsTokens))
        );
        assert!(tokens.read(&second).is_ok());
    }
}
