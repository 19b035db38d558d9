//! Values nobody chose: the same every time, and different for every text they are made from.

use uuid::{Builder, Uuid};

/// A UUID that looks like a random one.
pub(crate) fn uuid(text: &str) -> String {
    let bytes = Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()).into_bytes();
    Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// So many characters that depend on the text alone.
pub(crate) fn characters(text: &str, length: usize) -> String {
    let mut characters = String::with_capacity(length + 32);
    let mut last = Uuid::NAMESPACE_OID;
    while characters.len() < length {
        last = Uuid::new_v5(&last, text.as_bytes());
        characters.push_str(&last.simple().to_string());
    }
    characters.truncate(length);
    characters
}
