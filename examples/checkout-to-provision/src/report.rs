//! Where words go: to standard output, or to standard error when standard output carries the JSON result.

use std::io::{self, IsTerminal, Write};

/// Where words go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Report {
    json: bool,
}

impl Report {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether the result is one JSON object.
    pub(crate) const fn is_json(self) -> bool {
        self.json
    }

    /// Whether a person may be watching progress.
    pub(crate) fn is_watched(self) -> bool {
        io::stderr().is_terminal() && (self.json || io::stdout().is_terminal())
    }

    /// Says something. A reader that is gone is not an error: the order matters more than the words.
    pub(crate) fn say(self, text: &str) {
        let _ = self.try_say(text);
    }

    /// Says something that must have arrived before the program goes on.
    pub(crate) fn try_say(self, text: &str) -> io::Result<()> {
        if self.json {
            let mut out = io::stderr().lock();
            writeln!(out, "{text}")?;
            out.flush()
        } else {
            let mut out = io::stdout().lock();
            writeln!(out, "{text}")?;
            out.flush()
        }
    }

    /// Says what is wrong, on standard error.
    pub(crate) fn problem(self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Writes the result to standard output and waits until it is out.
    pub(crate) fn result(self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "{text}")?;
        out.flush()
    }
}
