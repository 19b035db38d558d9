//! What one request says of an endpoint.

use std::fmt;

use mpanel_client::Mpanel;
use panel_http::{Error, Kind};
use serde::{Deserialize, Serialize};

/// What an endpoint was asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked {
    /// For something that nobody has, because no row was known.
    pub(crate) is_made_up: bool,
    /// For something that a row may lack.
    pub(crate) may_be_absent: bool,
}

/// How an endpoint is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// It answered as it should.
    Working,
    /// It failed, or what it answered cannot be read.
    Error,
    /// The panel says that it has no such route.
    NotImplemented,
    /// The panel refuses it to this user.
    Forbidden,
    /// It was not asked.
    NotProbed,
}

impl Verdict {
    /// All of them, in the order in which they are counted.
    pub(crate) const ALL: [Self; 5] = [
        Self::Working,
        Self::Error,
        Self::NotImplemented,
        Self::Forbidden,
        Self::NotProbed,
    ];

    /// What an error says of the endpoint, and in which words.
    pub(crate) fn of(error: &Error, asked: Asked, panel: &Mpanel) -> (Self, String) {
        let verdict = match error.kind() {
            Kind::NotFound if asked.may_be_absent => {
                return (Self::Working, "there is none yet: 404".to_owned());
            }
            Kind::NotFound if asked.is_made_up => {
                let note = "there is none to ask for: it answers 404 to an id that nobody has";
                return (Self::Working, note.to_owned());
            }
            Kind::NotImplemented => Self::NotImplemented,
            Kind::Denied | Kind::Auth => Self::Forbidden,
            _ => Self::Error,
        };
        let note = match panel.denial(error) {
            Some(denial) if verdict == Self::Forbidden => denial.summary(),
            _ => words(error),
        };
        (verdict, note)
    }
}

/// The error without the name of its operation, which stands beside it.
pub(crate) fn words(error: &Error) -> String {
    let text = error.to_string();
    let prefix = format!("{}: ", error.operation());
    text.strip_prefix(&prefix).unwrap_or(&text).to_owned()
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Working => "working",
            Self::Error => "error",
            Self::NotImplemented => "not implemented",
            Self::Forbidden => "forbidden",
            Self::NotProbed => "not probed",
        })
    }
}
