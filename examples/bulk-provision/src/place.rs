//! Where in the file something is.

use std::fmt;

/// A line of the file and, where one is meant, a column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: u64,
    pub(crate) column: Option<&'static str>,
}

/// What is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wrong {
    pub(crate) place: Place,
    pub(crate) what: String,
}

impl Wrong {
    pub(crate) fn at(line: u64, column: &'static str, what: impl Into<String>) -> Self {
        Self {
            place: Place {
                line,
                column: Some(column),
            },
            what: what.into(),
        }
    }

    pub(crate) fn on(line: u64, what: impl Into<String>) -> Self {
        Self {
            place: Place { line, column: None },
            what: what.into(),
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.place.line)?;
        if let Some(column) = self.place.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.what)
    }
}
