use std::fmt;

use serde::de::DeserializeOwned;

use crate::{error::Kind, plain_text::one_line, server_error::ServerError};

/// A reply of success that does not give what was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct DecodeError {
    pub(crate) kind: Kind,
    pub(crate) path: String,
    pub(crate) note: Option<String>,
    pub(crate) server: Option<Box<ServerError>>,
}

impl DecodeError {
    /// The reply cannot be read: [`Kind::Decode`]. The message must not repeat values of the reply.
    #[must_use]
    pub fn unreadable(path: impl Into<String>, message: impl fmt::Display) -> Self {
        Self {
            kind: Kind::Decode,
            path: one_line(&path.into()).unwrap_or_default(),
            note: one_line(&message.to_string()),
            server: None,
        }
    }

    /// The reply reads as success on the outside and as failure on the inside (`"success": false`), and nothing was
    /// done: [`Kind::Api`].
    #[must_use]
    pub fn refused(server: ServerError) -> Self {
        Self::told(Kind::Api, server)
    }

    /// The same, where the contract says that something may have been done all the same: [`Kind::Indeterminate`].
    #[must_use]
    pub fn indeterminate(server: ServerError) -> Self {
        Self::told(Kind::Indeterminate, server)
    }

    /// The same, where the text allows a closer kind, such as [`Kind::Denied`] or [`Kind::Conflict`].
    #[must_use]
    pub fn told(kind: Kind, server: ServerError) -> Self {
        Self {
            kind,
            path: String::new(),
            note: None,
            server: Some(Box::new(server)),
        }
    }

    /// The same, ending the call in another kind: a create whose reply cannot be read is [`Kind::Indeterminate`] where
    /// the thing it made can then only be found by looking it up.
    #[must_use]
    pub fn with_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// Kind of the error the call ends in.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Where in the reply.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self
            .note
            .as_deref()
            .or_else(|| self.server.as_ref()?.message())
            .unwrap_or("the reply is not what was asked for");
        f.write_str(message)?;
        if self.path.is_empty() {
            return Ok(());
        }
        write!(f, " at {}", self.path)
    }
}

impl std::error::Error for DecodeError {}

/// Decodes plainly, and only on failure again for the path, which costs more than the decoding.
pub(crate) fn json<T: DeserializeOwned>(text: &str) -> Result<T, DecodeError> {
    serde_json::from_str(text).map_err(|plain| {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
            Ok(_) => DecodeError::unreadable("", without_values(&plain.to_string())),
            Err(error) => {
                let path = match error.path().to_string() {
                    path if path == "." => String::new(),
                    path => path,
                };
                DecodeError::unreadable(path, without_values(&error.inner().to_string()))
            }
        }
    })
}

/// serde's messages quote the value they complain about, and a value of a reply may be a password.
fn without_values(message: &str) -> String {
    for (start, named) in [
        ("invalid type: ", true),
        ("invalid value: ", true),
        ("unknown variant ", false),
    ] {
        let Some(value) = message.strip_prefix(start) else {
            continue;
        };
        // `expected` may stand in the value too; ours is the last.
        let expected = value
            .rfind(", expected ")
            .and_then(|at| value.get(at..))
            .unwrap_or_default();
        // The kind of value comes first: string "x", integer `1`, map.
        let kind = value
            .split(['"', '`', ','])
            .next()
            .filter(|_| named)
            .unwrap_or_default()
            .trim();
        return format!(
            "{}{kind}{expected}",
            if kind.is_empty() {
                start.trim_end()
            } else {
                start
            }
        );
    }
    message.to_owned()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Row {
        #[allow(dead_code, reason = "only decoding matters here")]
        id: u64,
        #[allow(dead_code, reason = "only decoding matters here")]
        state: Option<State>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum State {
        On,
        Off,
    }

    fn complaint(text: &str) -> String {
        json::<Vec<Row>>(text).unwrap_err().to_string()
    }

    #[test]
    fn the_path_is_named_and_the_value_is_not() {
        assert_eq!(
            complaint(r#"[{"id":1},{"id":"can, expected \"ary"}]"#),
            "invalid type: string, expected u64 at line 1 column 37 at [1].id"
        );
        assert_eq!(
            complaint(r#"[{"id":-5}]"#),
            "invalid value: integer, expected u64 at line 1 column 9 at [0].id"
        );
        let variant = complaint(r#"[{"id":1,"state":"canary"}]"#);
        assert!(
            variant.starts_with("unknown variant, expected `on` or `off`"),
            "{variant}"
        );
        assert!(complaint("[{}]").starts_with("missing field `id`"));
    }

    #[test]
    fn nonsense_has_a_position() {
        for text in ["", "[NaN]", "[{\"id\":Infinity}]", "<html>", "[{\"id\":1}"] {
            let text = complaint(text);
            assert!(text.contains("line 1 column"), "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_an_error_and_no_crash() {
        assert!(json::<serde_json::Value>(&"[".repeat(100_000)).is_err());
        assert!(
            json::<serde_json::Value>(&format!("{}{}", "[".repeat(100), "]".repeat(100))).is_ok()
        );
    }
}
