//! Exit codes, and the one type that ends the program early.

use std::fmt;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, perhaps except manual steps.
    Done = 0,
    /// A fault of this program.
    Fault = 1,
    /// Bad input, found before anything was sent or stored.
    BadInput = 2,
    /// A permission is missing.
    Denied = 3,
    /// Everything else that is not finished.
    NotFinished = 4,
}

/// The program cannot go on: what to say, and how to end.
#[derive(Debug)]
pub(crate) struct Stop {
    pub(crate) exit: Exit,
    pub(crate) lines: Vec<String>,
}

impl Stop {
    /// Bad input; nothing was sent or stored.
    pub(crate) fn bad_input(lines: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            exit: Exit::BadInput,
            lines: lines.into_iter().map(Into::into).collect(),
        }
    }

    /// A fault of this program.
    pub(crate) fn fault(what: impl fmt::Display) -> Self {
        Self {
            exit: Exit::Fault,
            lines: vec![what.to_string()],
        }
    }
}
