//! Environment variables.

use std::env;

/// A variable that is set, is text, and is not empty.
#[must_use]
pub fn text(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// Whether a variable is set, to whatever. One that is set and empty was meant: a secret that failed to arrive must not
/// be taken for one that nobody wanted.
#[must_use]
pub fn is_set(name: &str) -> bool {
    env::var_os(name).is_some()
}
