//! Refusing to act on somebody else's account.

use panel_http::Error;

/// The id leads to another account than the one that was meant. Nothing was done to it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the account is {}, not {expected}; nothing was done to it", .found.as_deref().unwrap_or("of unknown name"))]
pub struct WrongAccount {
    expected: String,
    found: Option<String>,
}

impl WrongAccount {
    /// Another account than expected.
    #[must_use]
    pub fn new(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self {
            expected: expected.into(),
            found: Some(found.into()),
        }
    }

    /// An account whose name the server does not tell.
    #[must_use]
    pub fn unnamed(expected: impl Into<String>) -> Self {
        Self {
            expected: expected.into(),
            found: None,
        }
    }

    /// The account that was meant.
    #[must_use]
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// The account that is there; none where the server does not tell.
    #[must_use]
    pub fn found(&self) -> Option<&str> {
        self.found.as_deref()
    }
}

/// Why an account was not suspended, unsuspended or deleted.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum AccountActionError {
    /// The id leads to another account. Nothing was done; find out which id is right.
    #[error(transparent)]
    WrongAccount(#[from] WrongAccount),
    /// A call failed; its kind says whether the action may have been carried out.
    #[error(transparent)]
    Call(#[from] Error),
}

impl AccountActionError {
    /// The failed call, if it was one.
    #[must_use]
    pub const fn call(&self) -> Option<&Error> {
        match self {
            Self::Call(error) => Some(error),
            Self::WrongAccount(_) => None,
        }
    }
}
