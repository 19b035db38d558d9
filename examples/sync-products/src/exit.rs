//! Exit codes, and the one type that ends the program early.

use mpanel_client::Mpanel;
use panel_http::{Error, Kind};
use provisioning_core::permission::{RemedyContext, numbered};

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The panel has what the catalog has.
    InStep = 0,
    /// A fault of this program.
    Fault = 1,
    /// Bad input; nothing was sent.
    BadInput = 2,
    /// The login or a right is missing.
    Denied = 3,
    /// No reply, an unknown outcome, or too many requests.
    NotFinished = 4,
    /// Nobody confirmed, or the rest is for a person.
    Different = 5,
}

/// The program cannot go on.
#[derive(Debug)]
pub(crate) struct Stop {
    pub(crate) exit: Exit,
    pub(crate) problems: Vec<String>,
    /// The result is on standard output already.
    pub(crate) is_past_result: bool,
}

impl Stop {
    /// Ends not finished.
    pub(crate) fn not_finished(problem: String) -> Self {
        Self {
            exit: Exit::NotFinished,
            problems: vec![problem],
            is_past_result: false,
        }
    }

    /// The same, after the result was put on standard output.
    pub(crate) fn past_result(mut self) -> Self {
        self.is_past_result = true;
        self
    }

    /// Bad input; nothing was sent.
    pub(crate) fn bad_inputs(problems: Vec<String>) -> Self {
        Self {
            exit: Exit::BadInput,
            problems,
            is_past_result: false,
        }
    }

    /// A fault of this program, or of its machine.
    pub(crate) fn fault(problem: impl Into<String>) -> Self {
        Self {
            exit: Exit::Fault,
            problems: vec![problem.into()],
            is_past_result: false,
        }
    }

    /// What an error of the panel means for the program.
    pub(crate) fn of(error: &Error, panel: &Mpanel) -> Self {
        let mut problems = vec![error.to_string()];
        if let Some(denial) = panel.denial(error) {
            problems.push(denial.summary());
            let context = RemedyContext::new()
                .with_server("mPanel")
                .with_variables("MPANEL_EMAIL", "MPANEL_PASSWORD");
            let remedy = numbered(&denial.remedy(&context));
            problems.extend(remedy.lines().map(str::to_owned));
        }
        let exit = match error.kind() {
            Kind::Denied | Kind::Auth => Exit::Denied,
            _ => Exit::NotFinished,
        };
        Self {
            exit,
            problems,
            is_past_result: false,
        }
    }
}
