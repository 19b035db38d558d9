use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Deserialize;

/// How long a token lives, counted from its receipt: what the reply says, else the span between the two times inside
/// the token, else what the panel documents.
///
/// `exp` alone is of no use: it is a time of the server's clock, and this machine's may be an hour off.
pub(crate) fn token_lifetime(
    expires_in: Option<Duration>,
    access_token: &str,
    documented: Duration,
) -> Duration {
    expires_in
        .or_else(|| claimed(access_token))
        .unwrap_or(documented)
}

/// `exp - iat` of a JSON web token, if it is one that has both.
fn claimed(token: &str) -> Option<Duration> {
    #[derive(Deserialize)]
    struct Claims {
        exp: f64,
        iat: f64,
    }
    let mut parts = token.split('.');
    let payload = parts.nth(1)?;
    let payload = BASE64_URL_SAFE_NO_PAD
        .decode(payload.trim_end_matches('='))
        .ok()?;
    let claims: Claims = serde_json::from_slice(&payload).ok()?;
    let span = Duration::try_from_secs_f64(claims.exp - claims.iat).ok()?;
    (!span.is_zero()).then_some(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENTED: Duration = Duration::from_secs(600);

    fn token(claims: &str) -> String {
        format!(
            "e30.{}.c2lnbmF0dXJl",
            BASE64_URL_SAFE_NO_PAD.encode(claims.as_bytes())
        )
    }

    fn seconds(expires_in: Option<u64>, token: &str) -> u64 {
        token_lifetime(expires_in.map(Duration::from_secs), token, DOCUMENTED).as_secs()
    }

    #[test]
    fn what_the_reply_says_comes_first_then_the_token_then_the_document() {
        let both = token(r#"{"sub":"7","iat":1000000000,"exp":1000000900}"#);
        assert_eq!(seconds(Some(60), &both), 60);
        assert_eq!(seconds(None, &both), 900);
        assert_eq!(seconds(None, "opaque"), 600);
    }

    #[test]
    fn an_expiry_without_its_beginning_says_nothing() {
        // Years ago by any clock, and still the documented time.
        assert_eq!(seconds(None, &token(r#"{"exp":1000000900}"#)), 600);
    }

    #[test]
    fn nonsense_is_the_documented_time() {
        for claims in [
            r#"{"iat":5,"exp":4}"#,
            r#"{"iat":5,"exp":5}"#,
            r#"{"iat":0,"exp":1e300}"#,
            r#"{"iat":"0","exp":900}"#,
            "[]",
            "",
        ] {
            assert_eq!(seconds(None, &token(claims)), 600, "{claims}");
        }
        for text in ["", ".", "..", "a.b", "a.!!!.c", "\u{e9}.\u{e9}"] {
            assert_eq!(seconds(None, text), 600, "{text}");
        }
    }
}
