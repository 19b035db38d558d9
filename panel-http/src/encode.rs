use std::fmt;

/// A request could not be made from its arguments; nothing was sent. Never holds the value it complains about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EncodeError {
    message: String,
}

impl EncodeError {
    /// States what is wrong, without the value: `the username is empty`.
    #[must_use]
    pub fn new(message: impl fmt::Display) -> Self {
        Self {
            message: message.to_string(),
        }
    }

    pub(crate) fn from_json(error: serde_json::Error) -> Self {
        Self::new(format_args!("the body does not serialise: {error}"))
    }
}
