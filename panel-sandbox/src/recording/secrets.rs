//! Which recorded values are secrets, told by their names.

use serde_json::Value;

/// What is shown in place of a secret.
pub(crate) const REDACTED: &str = "[secret]";

/// Whether a field, header or parameter of this name carries a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["password", "secret", "token", "api-key", "api_key"]
        .iter()
        .any(|part| name.contains(part))
        || ["authorization", "cookie", "x-internal-key"].contains(&name.as_str())
}

/// Replaces every secret in a JSON value, however deep.
pub(crate) fn redact(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if is_secret(name) && !field.is_null() {
                    *field = Value::from(REDACTED);
                } else {
                    redact(field);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
