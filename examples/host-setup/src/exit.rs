//! How a host program ends.

use std::process::ExitCode;

/// The exit codes that the host programs share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything is done, perhaps except manual steps.
    Done = 0,
    /// A fault of the program.
    Fault = 1,
    /// Bad input, found before anything was sent or stored.
    BadInput = 2,
    /// A permission is missing; its remedy was said.
    Denied = 3,
    /// Everything else that is not finished.
    NotFinished = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
