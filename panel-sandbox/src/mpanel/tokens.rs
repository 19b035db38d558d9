//! Tokens: real JSON web tokens, signed with a secret that can be changed.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// What is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenProblem {
    /// It was signed with this server's secret and is too old.
    Expired,
    /// It is no token, or not signed with this server's secret.
    Invalid,
}

/// Signs and reads tokens. What changes at once for all tokens issued so far is an epoch of the secret.
pub(super) struct Tokens {
    secret: String,
    /// For each earlier epoch, what its tokens are now.
    past: Vec<TokenProblem>,
}

impl Tokens {
    pub(super) fn new(secret: String) -> Self {
        Self {
            secret,
            past: Vec::new(),
        }
    }

    /// Signs these claims, adding when it was issued and when it expires.
    pub(super) fn issue(&self, mut claims: Value, lifetime: Duration) -> String {
        let issued = now_seconds();
        if let Some(claims) = claims.as_object_mut() {
            claims.insert("iat".into(), json!(issued));
            claims.insert("exp".into(), json!(issued + lifetime.as_secs()));
        }
        let header = json!({ "alg": "HS256", "typ": "JWT" });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = self
            .signer(self.past.len(), &signed)
            .map(|signer| URL_SAFE_NO_PAD.encode(signer.finalize().into_bytes()))
            .unwrap_or_default();
        format!("{signed}.{signature}")
    }

    /// The claims of a token that is good.
    pub(super) fn read(&self, token: &str) -> Result<Value, TokenProblem> {
        let invalid = TokenProblem::Invalid;
        let (signed, signature) = token.rsplit_once('.').ok_or(invalid)?;
        let (_, claims) = signed.split_once('.').ok_or(invalid)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| invalid)?;
        let epoch = (0..=self.past.len())
            .find(|epoch| {
                self.signer(*epoch, signed)
                    .is_some_and(|signer| signer.verify_slice(&signature).is_ok())
            })
            .ok_or(invalid)?;
        let claims = URL_SAFE_NO_PAD.decode(claims).map_err(|_| invalid)?;
        let claims: Value = serde_json::from_slice(&claims).map_err(|_| invalid)?;
        // Access tokens expire while their refresh tokens are still good.
        let is_refresh = claims.get("type").and_then(Value::as_str) == Some("refresh");
        match self.past.get(epoch) {
            Some(TokenProblem::Expired) if is_refresh => {}
            Some(problem) => return Err(*problem),
            None => {}
        }
        match claims.get("exp").and_then(Value::as_u64) {
            Some(expires) if expires <= now_seconds() => Err(TokenProblem::Expired),
            _ => Ok(claims),
        }
    }

    /// From now on every token issued until now has this problem, unless it has a worse one.
    pub(super) fn spoil(&mut self, problem: TokenProblem) {
        if problem == TokenProblem::Invalid {
            self.past.fill(problem);
        }
        self.past.push(problem);
    }

    fn signer(&self, epoch: usize, signed: &str) -> Option<Hmac<Sha256>> {
        let secret = format!("{} {epoch}", self.secret);
        let mut signer = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
        signer.update(signed.as_bytes());
        Some(signer)
    }
}

fn now_seconds() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn a_token_is_read_back_by_whoever_knows_the_secret() {
        let tokens = Tokens::new("a".into());
        let token = tokens.issue(json!({ "role": "admin" }), HOUR);
        let claims = tokens.read(&token).unwrap();
        assert_eq!(claims["role"], "admin");
        let lifetime = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
        assert_eq!(lifetime, 3600);
        let stranger = Tokens::new("b".into());
        assert_eq!(stranger.read(&token), Err(TokenProblem::Invalid));
        for nonsense in ["", "a", "a.b", "a.b.c", &token[1..]] {
            assert_eq!(
                tokens.read(nonsense),
                Err(TokenProblem::Invalid),
                "{nonsense}"
            );
        }
    }

    #[test]
    fn a_token_expires_with_its_lifetime() {
        let tokens = Tokens::new("a".into());
        let token = tokens.issue(json!({}), Duration::ZERO);
        assert_eq!(tokens.read(&token), Err(TokenProblem::Expired));
    }

    #[test]
    fn earlier_tokens_can_be_expired_or_forgotten_but_no_later_ones() {
        let mut tokens = Tokens::new("a".into());
        let first = tokens.issue(json!({}), HOUR);
        tokens.spoil(TokenProblem::Expired);
        let second = tokens.issue(json!({}), HOUR);
        assert_eq!(tokens.read(&first), Err(TokenProblem::Expired));
        assert!(tokens.read(&second).is_ok());
        tokens.spoil(TokenProblem::Invalid);
        assert_eq!(tokens.read(&first), Err(TokenProblem::Invalid));
        assert_eq!(tokens.read(&second), Err(TokenProblem::Invalid));
        assert!(tokens.read(&tokens.issue(json!({}), HOUR)).is_ok());
    }
}
