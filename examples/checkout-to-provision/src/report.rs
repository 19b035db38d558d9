//! Where words go: to standard output, or to standard error when standard output carries a result for programs.

use std::io::{self, IsTerminal, Write};

use host_setup::harmless::harmless;
use serde_json::json;

use crate::arguments::{Arguments, Format};
use crate::exit::Stop;

/// Where words go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Report {
    json: bool,
    words_on_stderr: bool,
}

impl Report {
    pub(crate) fn new(arguments: &Arguments) -> Self {
        let json = arguments.wants_json();
        Self {
            json,
            words_on_stderr: json || (arguments.dry_run && arguments.format() == Format::Mermaid),
        }
    }

    /// Whether the result is one JSON object.
    pub(crate) const fn is_json(self) -> bool {
        self.json
    }

    /// Whether a person may be watching progress.
    pub(crate) fn is_watched(self) -> bool {
        io::stderr().is_terminal() && (self.words_on_stderr || io::stdout().is_terminal())
    }

    /// Says something. A reader that is gone is not an error: the order matters more than the words.
    pub(crate) fn say(self, text: &str) {
        let _ = self.try_say(text);
    }

    /// Says something that must have arrived before the program goes on.
    pub(crate) fn try_say(self, text: &str) -> io::Result<()> {
        let text = harmless(text);
        if self.words_on_stderr {
            let mut out = io::stderr().lock();
            writeln!(out, "{text}")?;
            out.flush()
        } else {
            let mut out = io::stdout().lock();
            writeln!(out, "{text}")?;
            out.flush()
        }
    }

    /// Says why the program ends early, on standard error; a program that reads standard output is told there as well.
    pub(crate) fn stop(self, stop: &Stop) {
        let mut out = io::stderr().lock();
        let _ = writeln!(out, "{}", harmless(&stop.headline));
        for line in stop.problems.iter().flat_map(|problem| problem.lines()) {
            let _ = writeln!(out, "  {}", harmless(line));
        }
        if self.json && !stop.is_past_result {
            let whole = json!({
                "status": stop.status,
                "exit": stop.exit as u8,
                "why": stop.headline.trim_end_matches(':'),
                "problems": stop.problems,
            });
            let _ = self.result(&format!("{whole:#}"));
        }
    }

    /// Writes the result to standard output and waits until it is out.
    pub(crate) fn result(self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "{text}")?;
        out.flush()
    }
}
