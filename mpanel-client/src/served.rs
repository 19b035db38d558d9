//! Answers of routes that documents promise and servers lack.

use std::fmt;

/// An answer, and which route gave it: the documented one, or the one that does the same where that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Served<T> {
    /// The answer.
    pub value: T,
    /// Which route gave it.
    pub by: ServedBy,
}

/// Which route gave an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServedBy {
    /// The documented path.
    Documented,
    /// Its equivalent, named as method and path.
    Equivalent(&'static str),
}

impl<T> Served<T> {
    pub(crate) const fn documented(value: T) -> Self {
        Self {
            value,
            by: ServedBy::Documented,
        }
    }

    pub(crate) const fn equivalent(value: T, path: &'static str) -> Self {
        Self {
            value,
            by: ServedBy::Equivalent(path),
        }
    }
}

impl fmt::Display for ServedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Documented => f.write_str("the documented path"),
            Self::Equivalent(path) => f.write_str(path),
        }
    }
}
