//! Checks that tell who sent a request, and with it for which tenant: shared-secret headers and `Stripe-Signature`.
//!
//! All comparisons take the same time whether they succeed or fail. Several secrets may be valid at once, so that they
//! can be exchanged without losing a request.

use std::fmt;
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::digest::decode_hex;
use super::evidence::PaymentEvidence;
use super::identity::{SourceName, TenantId};
use super::intake::Intake;

/// How far Stripe's own libraries let the clocks differ: 5 minutes.
pub const STRIPE_TOLERANCE: Duration = Duration::from_secs(300);

/// The most bytes of a signature header that are looked at.
const MAX_HEADER_BYTES: usize = 4096;

/// Why a request is not from a known sender.
///
/// None of them tells which secret or which character was wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The header is absent or empty.
    #[error("the request carries no {header} header")]
    Missing {
        /// The header.
        header: String,
    },
    /// The header is not of the form Stripe sends.
    #[error("the {header} header is malformed: {reason}")]
    Malformed {
        /// The header.
        header: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// No known secret fits.
    #[error("the {header} header fits none of the configured secrets")]
    NoMatch {
        /// The header.
        header: String,
    },
    /// The signature is right but too old: a replay, or clocks that differ.
    #[error(
        "the request was signed {seconds} s ago, more than the {tolerance} s allowed: a replay, or a wrong clock"
    )]
    TooOld {
        /// How long ago, in seconds.
        seconds: i64,
        /// How long ago is allowed, in seconds.
        tolerance: u64,
    },
    /// The signature is right but from the future: clocks that differ.
    #[error(
        "the request was signed {seconds} s in the future, more than the {tolerance} s allowed: a wrong clock"
    )]
    FromTheFuture {
        /// How far, in seconds.
        seconds: i64,
        /// How far is allowed, in seconds.
        tolerance: u64,
    },
    /// No secret is configured, so nobody can be verified.
    #[error("no secret is configured to check the {header} header with")]
    NoSecrets {
        /// The header.
        header: String,
    },
}

/// A secret that a sender shares with the host, and for whom it speaks.
#[derive(Clone)]
pub struct SenderSecret {
    tenant: TenantId,
    source: Option<SourceName>,
    secret: SecretString,
}

impl SenderSecret {
    /// The secret of a sender of `tenant`'s orders. An empty one fits nothing.
    pub fn new(tenant: TenantId, secret: SecretString) -> Self {
        Self {
            tenant,
            source: None,
            secret,
        }
    }

    /// The same secret, of this source.
    #[must_use]
    pub fn with_source(mut self, source: SourceName) -> Self {
        self.source = Some(source);
        self
    }

    fn is_usable(&self) -> bool {
        !self.secret.expose_secret().trim().is_empty()
    }
}

impl fmt::Debug for SenderSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SenderSecret")
            .field("tenant", &self.tenant)
            .field("source", &self.source)
            .field("secret", &"[secret]")
            .finish()
    }
}

/// A sender that was verified; only the checks of this module make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedSender {
    tenant: TenantId,
    source: Option<SourceName>,
    header: String,
}

impl VerifiedSender {
    /// The tenant whose secret fitted.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The source the secret belongs to.
    pub fn source(&self) -> Option<&SourceName> {
        self.source.as_ref()
    }

    /// An intake for what this sender sent: its tenant and source, without evidence of payment.
    pub fn intake(&self) -> Intake {
        let intake = Intake::new(self.tenant.clone());
        match &self.source {
            Some(source) => intake.with_source(source.clone()),
            None => intake,
        }
    }

    /// Evidence of payment, for senders that send paid orders only.
    pub fn evidence(&self) -> PaymentEvidence {
        PaymentEvidence::VerifiedSender {
            by: self.header.clone(),
        }
    }
}

/// Checks a header that carries a shared secret, such as `x-mpanel-token` or `x-internal-key`.
///
/// ```
/// use provisioning_core::order::TenantId;
/// use provisioning_core::order::signature::{SenderSecret, verify_shared_secret};
///
/// let secrets = [SenderSecret::new(TenantId::new("migrahosting")?, "s3cret".into())];
/// let sender = verify_shared_secret("x-mpanel-token", Some(b"s3cret"), &secrets)?;
/// assert_eq!(sender.tenant().as_str(), "migrahosting");
/// assert!(verify_shared_secret("x-mpanel-token", Some(b"guess"), &secrets).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`SignatureError::Missing`], [`SignatureError::NoSecrets`] or [`SignatureError::NoMatch`].
pub fn verify_shared_secret(
    header: &str,
    value: Option<&[u8]>,
    secrets: &[SenderSecret],
) -> Result<VerifiedSender, SignatureError> {
    let header = header.to_owned();
    let Some(value) = value
        .map(<[u8]>::trim_ascii)
        .filter(|value| !value.is_empty())
    else {
        return Err(SignatureError::Missing { header });
    };
    // Digests are compared, so that neither content nor length shows in the time it takes.
    let given = Sha256::digest(value);
    let fits = |secret: &SenderSecret| {
        let wanted = Sha256::digest(secret.secret.expose_secret().trim().as_bytes());
        bool::from(wanted.as_slice().ct_eq(given.as_slice()))
    };
    find_sender(header, secrets, fits)
}

/// Checks the `Stripe-Signature` header of a webhook over the exact bytes of its body.
///
/// `tolerance` counts both ways ([`STRIPE_TOLERANCE`] is usual). The header may carry several `v1` signatures, as it
/// does while a secret is being exchanged; one that fits is enough.
///
/// # Errors
/// [`SignatureError`]: `Missing`, `Malformed`, `NoSecrets`, `NoMatch`, and `TooOld` or `FromTheFuture` for a signature
/// that is right but not of this time.
pub fn verify_stripe_signature(
    header: Option<&str>,
    body: &[u8],
    secrets: &[SenderSecret],
    now: Timestamp,
    tolerance: Duration,
) -> Result<VerifiedSender, SignatureError> {
    const HEADER: &str = "Stripe-Signature";
    let Some(value) = header.map(str::trim).filter(|value| !value.is_empty()) else {
        return Err(SignatureError::Missing {
            header: HEADER.to_owned(),
        });
    };
    let signed = StripeHeader::parse(value).map_err(|reason| SignatureError::Malformed {
        header: HEADER.to_owned(),
        reason,
    })?;
    let fits = |secret: &SenderSecret| {
        let Ok(mut mac) =
            Hmac::<Sha256>::new_from_slice(secret.secret.expose_secret().trim().as_bytes())
        else {
            return false;
        };
        mac.update(signed.timestamp.as_bytes());
        mac.update(b".");
        mac.update(body);
        let tag = mac.finalize().into_bytes();
        // Every signature is compared, whether or not one fitted before.
        signed.signatures.iter().fold(false, |fitted, signature| {
            bool::from(tag.as_slice().ct_eq(signature)) | fitted
        })
    };
    let sender = find_sender(HEADER.to_owned(), secrets, fits)?;
    check_age(signed.seconds, now, tolerance)?;
    Ok(sender)
}

/// The sender whose secret fits; every secret is tried, whichever fits.
fn find_sender(
    header: String,
    secrets: &[SenderSecret],
    fits: impl Fn(&SenderSecret) -> bool,
) -> Result<VerifiedSender, SignatureError> {
    if !secrets.iter().any(SenderSecret::is_usable) {
        return Err(SignatureError::NoSecrets { header });
    }
    let mut found = None;
    for secret in secrets.iter().filter(|secret| secret.is_usable()) {
        if fits(secret) {
            found = Some(secret);
        }
    }
    match found {
        Some(secret) => Ok(VerifiedSender {
            tenant: secret.tenant.clone(),
            source: secret.source.clone(),
            header,
        }),
        None => Err(SignatureError::NoMatch { header }),
    }
}

fn check_age(signed: i64, now: Timestamp, tolerance: Duration) -> Result<(), SignatureError> {
    let age = now.as_second().saturating_sub(signed);
    let tolerance = tolerance.as_secs();
    if age.unsigned_abs() <= tolerance {
        Ok(())
    } else if age > 0 {
        Err(SignatureError::TooOld {
            seconds: age,
            tolerance,
        })
    } else {
        Err(SignatureError::FromTheFuture {
            seconds: age.saturating_neg(),
            tolerance,
        })
    }
}

/// `t=1700000000,v1=5257a8...,v1=...,v0=...`
struct StripeHeader<'a> {
    /// As it was written, because that is what was signed.
    timestamp: &'a str,
    seconds: i64,
    signatures: Vec<Vec<u8>>,
}

impl<'a> StripeHeader<'a> {
    fn parse(value: &'a str) -> Result<Self, &'static str> {
        if value.len() > MAX_HEADER_BYTES {
            return Err("it is longer than any signature");
        }
        let mut timestamp = None;
        let mut signatures = Vec::new();
        for part in value.split(',') {
            match part.trim().split_once('=') {
                Some(("t", time)) => timestamp = Some(time),
                // A signature that is no hexadecimal fits nothing; schemes other than v1 are not looked at.
                Some(("v1", signature)) => signatures.extend(decode_hex(signature)),
                _ => {}
            }
        }
        let timestamp = timestamp.ok_or("it has no time, t=...")?;
        let seconds = timestamp
            .parse()
            .map_err(|_| "its time is not a number of seconds")?;
        if signatures.is_empty() {
            return Err("it has no signature, v1=...");
        }
        Ok(Self {
            timestamp,
            seconds,
            signatures,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BODY: &[u8] = br#"{"id":"evt_1"}"#;
    const SIGNED_AT: i64 = 1_800_000_000;

    fn secret(tenant: &str, secret: &str) -> SenderSecret {
        SenderSecret::new(TenantId::new(tenant).unwrap(), secret.into())
    }

    fn sign(secret: &str, time: &str, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(time.as_bytes());
        mac.update(b".");
        mac.update(body);
        mac.finalize()
            .into_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    fn verify(
        header: &str,
        secrets: &[SenderSecret],
        seconds_later: i64,
    ) -> Result<VerifiedSender, SignatureError> {
        let now = Timestamp::from_second(SIGNED_AT + seconds_later).unwrap();
        verify_stripe_signature(Some(header), BODY, secrets, now, STRIPE_TOLERANCE)
    }

    fn header() -> String {
        format!(
            "t={SIGNED_AT},v1={}",
            sign("whsec_a", &SIGNED_AT.to_string(), BODY)
        )
    }

    #[test]
    fn the_signature_is_hmac_sha_256_over_time_and_body() {
        // From `openssl dgst -sha256 -hmac whsec_test` over `1700000000.{}`.
        let signature = "35495024f4ef3f94e5a93e22221544c4b75e9a42300cd965ab81cb85cd994e91";
        let header = format!("t=1700000000,v1={signature}");
        let secrets = [secret("t", "whsec_test")];
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        assert!(
            verify_stripe_signature(Some(&header), b"{}", &secrets, now, STRIPE_TOLERANCE).is_ok()
        );
    }

    #[test]
    fn the_secret_that_fits_names_tenant_and_source() {
        let secrets = [
            secret("other", "whsec_b"),
            secret("migrahosting", "whsec_a").with_source(SourceName::new("stripe").unwrap()),
        ];
        let sender = verify(&header(), &secrets, 0).unwrap();
        assert_eq!(sender.tenant().as_str(), "migrahosting");
        assert_eq!(sender.source().map(SourceName::as_str), Some("stripe"));
        assert_eq!(sender.intake().tenant(), sender.tenant());
        assert_eq!(
            sender.evidence(),
            PaymentEvidence::VerifiedSender {
                by: "Stripe-Signature".to_owned()
            }
        );
    }

    #[test]
    fn one_of_several_signatures_is_enough() {
        let right = sign("whsec_a", &SIGNED_AT.to_string(), BODY);
        let wrong = "00".repeat(32);
        let secrets = [secret("t", "whsec_a")];
        for header in [
            format!("t={SIGNED_AT},v1={wrong},v1={right}"),
            format!("t={SIGNED_AT},v1={right},v1={wrong},v0=zz"),
            format!(" v1={right} , t={SIGNED_AT} "),
            format!("t={SIGNED_AT},v1=nothex,v1={right}"),
        ] {
            assert!(verify(&header, &secrets, 0).is_ok(), "{header}");
        }
    }

    #[test]
    fn the_clock_may_differ_by_the_tolerance_both_ways() {
        let secrets = [secret("t", "whsec_a")];
        for later in [-300, 0, 300] {
            assert!(verify(&header(), &secrets, later).is_ok(), "{later}");
        }
        assert_eq!(
            verify(&header(), &secrets, 301),
            Err(SignatureError::TooOld {
                seconds: 301,
                tolerance: 300
            })
        );
        assert_eq!(
            verify(&header(), &secrets, -301),
            Err(SignatureError::FromTheFuture {
                seconds: 301,
                tolerance: 300
            })
        );
    }

    #[test]
    fn a_changed_body_time_or_secret_does_not_fit() {
        let right = sign("whsec_a", &SIGNED_AT.to_string(), BODY);
        let secrets = [secret("t", "whsec_a")];
        let no_match = Err(SignatureError::NoMatch {
            header: "Stripe-Signature".to_owned(),
        });
        assert_eq!(verify(&header(), &[secret("t", "whsec_b")], 0), no_match);
        assert_eq!(
            verify(&format!("t={},v1={right}", SIGNED_AT + 1), &secrets, 0),
            no_match
        );
        assert_eq!(
            verify(&format!("t=0{SIGNED_AT},v1={right}"), &secrets, 0),
            no_match
        );
        let now = Timestamp::from_second(SIGNED_AT).unwrap();
        let changed =
            verify_stripe_signature(Some(&header()), b"{}", &secrets, now, STRIPE_TOLERANCE);
        assert_eq!(changed, no_match);
        // A wrong signature is told before its time, so the time of a forgery is no oracle.
        assert_eq!(verify(&format!("t=1,v1={right}"), &secrets, 0), no_match);
    }

    #[test]
    fn headers_that_are_no_signature_are_told_apart() {
        let secrets = [secret("t", "whsec_a")];
        for header in [
            "v1=00",
            "t=soon,v1=00",
            "t=1",
            "t=1,v0=00",
            "nonsense",
            &"t=1,".repeat(2000),
        ] {
            let result = verify(header, &secrets, 0);
            assert!(
                matches!(result, Err(SignatureError::Malformed { .. })),
                "{header}: {result:?}"
            );
        }
        assert!(matches!(
            verify("  ", &secrets, 0),
            Err(SignatureError::Missing { .. })
        ));
    }

    #[test]
    fn an_empty_secret_never_fits() {
        for secrets in [vec![], vec![secret("t", "")], vec![secret("t", " ")]] {
            let empty = sign("", &SIGNED_AT.to_string(), BODY);
            let result = verify(&format!("t={SIGNED_AT},v1={empty}"), &secrets, 0);
            assert!(
                matches!(result, Err(SignatureError::NoSecrets { .. })),
                "{result:?}"
            );
            let result = verify_shared_secret("x-mpanel-token", Some(b""), &secrets);
            assert!(
                matches!(result, Err(SignatureError::Missing { .. })),
                "{result:?}"
            );
        }
    }

    #[test]
    fn a_shared_secret_must_be_equal() {
        let secrets = [secret("old", "token-1"), secret("new", "token-2")];
        let verify = |value: &[u8]| verify_shared_secret("x-internal-key", Some(value), &secrets);
        assert_eq!(verify(b" token-2 ").unwrap().tenant().as_str(), "new");
        assert_eq!(verify(b"token-1").unwrap().tenant().as_str(), "old");
        for wrong in [&b"token"[..], b"token-11", b"TOKEN-1", b"\xff\xfe"] {
            assert!(matches!(verify(wrong), Err(SignatureError::NoMatch { .. })));
        }
        assert!(verify_shared_secret("x-internal-key", None, &secrets).is_err());
    }

    #[test]
    fn secrets_stay_out_of_debug_and_errors() {
        let secrets = [secret("t", "canary-secret")];
        let error =
            verify_shared_secret("x-mpanel-token", Some(b"canary-guess"), &secrets).unwrap_err();
        let shown = format!("{secrets:?} {error:?} {error}");
        assert!(!shown.contains("canary"), "{shown}");
    }

    proptest! {
        #[test]
        fn no_header_panics_or_passes(header in ".{0,200}", body in prop::collection::vec(any::<u8>(), 0..50)) {
            let now = Timestamp::from_second(SIGNED_AT).unwrap();
            let secrets = [secret("t", "whsec_a")];
            prop_assert!(verify_stripe_signature(Some(&header), &body, &secrets, now, STRIPE_TOLERANCE).is_err());
        }
    }
}
