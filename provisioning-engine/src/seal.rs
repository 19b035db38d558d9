//! Sealing secrets and personal data before they reach a store.
//!
//! XChaCha20-Poly1305 with a random 192-bit nonce per message, so one key seals any number of messages. The
//! associated data binds each message to its tenant, run, purpose and key: a sealed value copied to another run or
//! another field does not open.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use rand::Rng;
use secrecy::{ExposeSecret, SecretSlice, SecretString, zeroize::Zeroizing};
use sha2::Sha256;
use thiserror::Error;

use provisioning_core::order::TenantId;
use provisioning_core::plan::id::PlanId;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// What the key of indexes is derived from the sealing key by. Changing it would lose everything that is found by one.
const INDEX_KEY: &[u8] = b"index key";

/// What a sealed value belongs to. All of it is authenticated.
#[derive(Debug, Clone, Copy)]
pub struct SealContext<'a> {
    /// The tenant.
    pub tenant: &'a TenantId,
    /// The run; none for what belongs to none, such as a payment event whose order has not come.
    pub run: Option<PlanId>,
    /// Which value, such as `order` or `credential/hosting/wp_growth`. Without a run it names the value by itself.
    pub purpose: &'a str,
}

impl<'a> SealContext<'a> {
    fn parts(&'a self) -> [&'a [u8]; 3] {
        [
            self.tenant.as_str().as_bytes(),
            self.run
                .as_ref()
                .map_or(&[], |run| run.as_uuid().as_bytes()),
            self.purpose.as_bytes(),
        ]
    }
}

/// Seals values with one key, and opens what this key or an older one has sealed.
#[derive(Clone)]
pub struct Sealer {
    newest: Named,
    older: Vec<Named>,
    is_of_this_process: bool,
}

#[derive(Clone)]
struct Named {
    id: String,
    cipher: XChaCha20Poly1305,
    /// What indexes are made with: nothing that is found by one tells anything about the key that seals.
    index: Zeroizing<[u8; KEY_BYTES]>,
}

/// Why a value could not be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SealError {
    /// The key has the wrong length.
    #[error("a sealing key has {expected} bytes, this one has {found}")]
    KeyLength {
        /// Bytes it must have.
        expected: usize,
        /// Bytes it has.
        found: usize,
    },
    /// Sealed with another key.
    #[error(
        "sealed with key `{sealed_with}`, this engine has `{have}`: configure that key; nothing was changed"
    )]
    OtherKey {
        /// The key that sealed it.
        sealed_with: String,
        /// The keys at hand.
        have: String,
    },
    /// Two keys of one name: which of them sealed a value could not be told.
    #[error("two sealing keys are called `{key_id}`: name each differently")]
    SameName {
        /// The name.
        key_id: String,
    },
    /// Not what was sealed for this place: another run's value, a changed value, or another key under the same name.
    #[error(
        "the sealed value does not open: it was changed, moved from another run, or sealed with another key of the same name"
    )]
    DoesNotOpen,
    /// The value is not a sealed value at all, or sealing itself failed.
    #[error("not a sealed value")]
    Malformed,
}

impl Sealer {
    /// A sealer with a random key that lives as long as the process: for stores that live as long as the process.
    #[must_use]
    pub fn for_this_process() -> Self {
        let mut key = Zeroizing::new([0_u8; KEY_BYTES]);
        rand::rng().fill_bytes(key.as_mut_slice());
        Self {
            newest: Named::of_bytes("process", &key),
            older: Vec::new(),
            is_of_this_process: true,
        }
    }

    /// A sealer with a key from the host's configuration. `key_id` is stored beside every sealed value.
    ///
    /// # Errors
    /// [`SealError::KeyLength`] unless the key has 32 bytes.
    pub fn with_key(key_id: impl Into<String>, key: &SecretSlice<u8>) -> Result<Self, SealError> {
        Ok(Self {
            newest: Named::new(key_id, key)?,
            older: Vec::new(),
            is_of_this_process: false,
        })
    }

    /// Adds a key that opens what it sealed earlier and seals nothing any more.
    /// [`Engine::rotate`](crate::Engine::rotate) makes it superfluous.
    ///
    /// # Errors
    /// [`SealError::KeyLength`] unless the key has 32 bytes; [`SealError::SameName`] if another has its name.
    pub fn with_older(
        mut self,
        key_id: impl Into<String>,
        key: &SecretSlice<u8>,
    ) -> Result<Self, SealError> {
        let key = Named::new(key_id, key)?;
        if self.named(&key.id).is_some() {
            return Err(SealError::SameName { key_id: key.id });
        }
        self.older.push(key);
        Ok(self)
    }

    /// Name of the key that seals, stored beside what it sealed.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.newest.id
    }

    /// Names of the keys at hand, the one that seals first.
    pub(crate) fn key_ids(&self) -> impl Iterator<Item = &str> {
        self.keys().map(|key| key.id.as_str())
    }

    /// Whether its key ends with the process, and with it everything it sealed.
    pub(crate) const fn is_of_this_process(&self) -> bool {
        self.is_of_this_process
    }

    fn keys(&self) -> impl Iterator<Item = &Named> {
        std::iter::once(&self.newest).chain(&self.older)
    }

    fn named(&self, key_id: &str) -> Option<&Named> {
        self.keys().find(|key| key.id == key_id)
    }

    /// Seals a value for one place.
    ///
    /// # Errors
    /// [`SealError::Malformed`] if the cipher refuses, which for values of this size it does not.
    pub fn seal(&self, context: SealContext<'_>, value: &[u8]) -> Result<String, SealError> {
        self.seal_for(&context.parts(), value)
    }

    /// Seals a value for the place that these parts name.
    pub(crate) fn seal_for(&self, parts: &[&[u8]], value: &[u8]) -> Result<String, SealError> {
        let mut nonce = [0_u8; NONCE_BYTES];
        rand::rng().fill_bytes(&mut nonce);
        let associated = self.newest.associated(parts);
        let sealed = self
            .newest
            .cipher
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: value,
                    aad: &associated,
                },
            )
            .map_err(|_| SealError::Malformed)?;
        let mut whole = nonce.to_vec();
        whole.extend_from_slice(&sealed);
        Ok(STANDARD_NO_PAD.encode(whole))
    }

    /// Opens a value that was sealed for this place.
    ///
    /// # Errors
    /// [`SealError::OtherKey`], [`SealError::DoesNotOpen`] or [`SealError::Malformed`].
    pub fn open(
        &self,
        context: SealContext<'_>,
        key_id: &str,
        sealed: &str,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        self.open_for(&context.parts(), key_id, sealed)
    }

    /// Opens a value that was sealed for the place that these parts name.
    pub(crate) fn open_for(
        &self,
        parts: &[&[u8]],
        key_id: &str,
        sealed: &str,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let key = self.named(key_id).ok_or_else(|| SealError::OtherKey {
            sealed_with: key_id.to_owned(),
            have: self.key_ids().collect::<Vec<_>>().join("`, `"),
        })?;
        let whole = STANDARD_NO_PAD
            .decode(sealed)
            .map_err(|_| SealError::Malformed)?;
        let (nonce, body) = whole
            .split_at_checked(NONCE_BYTES)
            .ok_or(SealError::Malformed)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| SealError::Malformed)?;
        let associated = key.associated(parts);
        key.cipher
            .decrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: body,
                    aad: &associated,
                },
            )
            .map(Zeroizing::new)
            .map_err(|_| SealError::DoesNotOpen)
    }

    /// The name under which something is kept that must be found without being told: a keyed hash, so that nobody without
    /// the key can try which value has it. `what` keeps names of different kinds of things apart.
    #[must_use]
    pub fn index(&self, what: &str, value: &[u8]) -> String {
        self.newest.name_of(what, value)
    }

    /// [`Sealer::index`] of the newest key, then those of the older ones.
    #[must_use]
    pub fn indexes(&self, what: &str, value: &[u8]) -> Vec<String> {
        self.keys().map(|key| key.name_of(what, value)).collect()
    }

    /// Opens a password.
    ///
    /// # Errors
    /// As [`Sealer::open`]; [`SealError::Malformed`] also if it is not UTF-8.
    pub fn open_password(
        &self,
        context: SealContext<'_>,
        key_id: &str,
        sealed: &str,
    ) -> Result<SecretString, SealError> {
        let bytes = self.open(context, key_id, sealed)?;
        std::str::from_utf8(&bytes)
            .map(SecretString::from)
            .map_err(|_| SealError::Malformed)
    }
}

impl Named {
    fn new(id: impl Into<String>, key: &SecretSlice<u8>) -> Result<Self, SealError> {
        let bytes: [u8; KEY_BYTES] =
            key.expose_secret()
                .try_into()
                .map_err(|_| SealError::KeyLength {
                    expected: KEY_BYTES,
                    found: key.expose_secret().len(),
                })?;
        Ok(Self::of_bytes(id, &Zeroizing::new(bytes)))
    }

    fn of_bytes(id: impl Into<String>, bytes: &Zeroizing<[u8; KEY_BYTES]>) -> Self {
        Self {
            id: id.into(),
            cipher: XChaCha20Poly1305::new(&Key::from(**bytes)),
            index: Zeroizing::new(keyed_hash(bytes, INDEX_KEY)),
        }
    }

    fn name_of(&self, what: &str, value: &[u8]) -> String {
        // What is named holds no line break.
        let mut whole = format!("{what}\n").into_bytes();
        whole.extend_from_slice(value);
        STANDARD_NO_PAD.encode(keyed_hash(&self.index, &whole))
    }

    /// Every part is preceded by its length, so that no two places share an encoding. The key's name is the last.
    fn associated(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in parts.iter().copied().chain([self.id.as_bytes()]) {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }
}

/// HMAC-SHA256.
fn keyed_hash(key: &[u8; KEY_BYTES], value: &[u8]) -> [u8; KEY_BYTES] {
    // A key of one block's length or less is taken as it is, so there is none that is refused.
    let mut block = [0_u8; 64];
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(value);
    mac.finalize().into_bytes().into()
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer")
            .field("key_id", &self.newest.id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use provisioning_core::order::{OrderId, OrderKey, OrderMode, SourceName};
    use provisioning_core::plan::id::Operation;

    fn run(id: &str) -> PlanId {
        let key = OrderKey::new(
            TenantId::new("shop").unwrap(),
            SourceName::new("shop.example").unwrap(),
            OrderMode::Live,
            OrderId::new(id).unwrap(),
        );
        PlanId::new(&key, Operation::Provision, 0)
    }

    #[test]
    fn a_sealed_value_opens_only_where_it_was_sealed_for() {
        let tenant = TenantId::new("shop").unwrap();
        let other_tenant = TenantId::new("other").unwrap();
        let sealer = Sealer::for_this_process();
        let place = SealContext {
            tenant: &tenant,
            run: Some(run("1")),
            purpose: "credential/a",
        };
        let sealed = sealer.seal(place, b"canary-3c").unwrap();
        assert!(!sealed.contains("canary"));
        assert_eq!(
            sealer.open(place, "process", &sealed).unwrap().as_slice(),
            b"canary-3c"
        );
        for elsewhere in [
            SealContext {
                tenant: &other_tenant,
                ..place
            },
            SealContext {
                run: Some(run("2")),
                ..place
            },
            SealContext {
                purpose: "credential/b",
                ..place
            },
        ] {
            assert_eq!(
                sealer.open(elsewhere, "process", &sealed).unwrap_err(),
                SealError::DoesNotOpen
            );
        }
    }

    #[test]
    fn another_key_is_named_and_a_changed_value_does_not_open() {
        let tenant = TenantId::new("shop").unwrap();
        let place = SealContext {
            tenant: &tenant,
            run: Some(run("1")),
            purpose: "order",
        };
        let sealer = Sealer::with_key("2026-11", &SecretSlice::from(vec![7; 32])).unwrap();
        let sealed = sealer.seal(place, b"value").unwrap();
        assert_ne!(
            sealed,
            sealer.seal(place, b"value").unwrap(),
            "a nonce is never used twice"
        );
        assert!(matches!(
            sealer.open(place, "2025-01", &sealed),
            Err(SealError::OtherKey { .. })
        ));
        let mut changed = sealed.clone().into_bytes();
        changed[40] = if changed[40] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(
            sealer.open(place, "2026-11", &changed).unwrap_err(),
            SealError::DoesNotOpen
        );
        assert_eq!(
            sealer.open(place, "2026-11", "short").unwrap_err(),
            SealError::Malformed
        );
        assert_eq!(
            Sealer::with_key("k", &SecretSlice::from(vec![1; 31])).unwrap_err(),
            SealError::KeyLength {
                expected: 32,
                found: 31
            }
        );
    }

    #[test]
    fn an_index_depends_on_key_kind_and_value_and_shows_none_of_them() {
        let (one, other) = (
            SecretSlice::from(vec![1; 32]),
            SecretSlice::from(vec![2; 32]),
        );
        let before = Sealer::with_key("one", &one).unwrap();
        let after = Sealer::with_key("other", &other)
            .unwrap()
            .with_older("one", &one)
            .unwrap();
        let index = before.index("customer", b"ada@example.com");
        assert!(!index.contains("ada"));
        assert_eq!(index, before.index("customer", b"ada@example.com"));
        assert_ne!(index, before.index("customer", b"bob@example.com"));
        assert_ne!(index, before.index("order", b"ada@example.com"));
        assert_ne!(index, after.index("customer", b"ada@example.com"));
        let all = after.indexes("customer", b"ada@example.com");
        assert_eq!(all, [after.index("customer", b"ada@example.com"), index]);
    }

    #[test]
    fn an_older_key_opens_what_it_sealed_and_seals_nothing_more() {
        let tenant = TenantId::new("shop").unwrap();
        let place = SealContext {
            tenant: &tenant,
            run: Some(run("1")),
            purpose: "order",
        };
        let (old, new) = (
            SecretSlice::from(vec![1; 32]),
            SecretSlice::from(vec![2; 32]),
        );
        let before = Sealer::with_key("old", &old).unwrap();
        let sealed = before.seal(place, b"value").unwrap();
        let after = Sealer::with_key("new", &new)
            .unwrap()
            .with_older("old", &old)
            .unwrap();
        assert_eq!(after.key_id(), "new");
        assert_eq!(
            after.open(place, "old", &sealed).unwrap().as_slice(),
            b"value"
        );
        let resealed = after.seal(place, b"value").unwrap();
        assert!(matches!(
            before.open(place, after.key_id(), &resealed),
            Err(SealError::OtherKey { .. })
        ));
        assert_eq!(
            after.with_older("new", &old).unwrap_err(),
            SealError::SameName {
                key_id: "new".into()
            }
        );
    }
}
