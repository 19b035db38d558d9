//! JSON that holds secrets and is kept unread.

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Keeps any JSON but null as its text.
///
/// # Errors
/// None of its own.
pub(crate) fn read<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SecretString>, D::Error> {
    let raw = Option::<Box<RawValue>>::deserialize(deserializer)?;
    Ok(raw.map(|raw| SecretString::from(raw.get())))
}
