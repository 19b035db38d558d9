//! Why a stand-in did not start.

use std::io;

/// A stand-in could not be started. Those started before it in the same call have ended again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address could not be bound; port 0 is "any free port".
    #[error("the stand-in `{name}` cannot listen on 127.0.0.1:{port}: {source}")]
    Bind {
        /// The name of the stand-in.
        name: String,
        /// The port that was asked for.
        port: u16,
        /// What the operating system said.
        source: io::Error,
    },
    /// Two stand-ins of one sandbox have the same name.
    #[error("two stand-ins are called `{name}`")]
    NameTwice {
        /// The name given twice.
        name: String,
    },
}
