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
    /// In one word, for programs.
    pub(crate) status: &'static str,
    pub(crate) headline: String,
    pub(crate) problems: Vec<String>,
    /// The result is on standard output already, or cannot be put there.
    pub(crate) is_past_result: bool,
}

impl Stop {
    /// Bad input; nothing was sent or stored.
    pub(crate) fn bad_input(problems: Vec<String>) -> Self {
        Self::before_start(Exit::BadInput, "bad_input", problems)
    }

    /// Not a mistake in the input: the order is well-formed, and nobody has paid. Nothing was sent or stored.
    pub(crate) fn not_paid(problems: Vec<String>) -> Self {
        Self::before_start(Exit::NotFinished, "not_paid", problems)
    }

    fn before_start(exit: Exit, status: &'static str, problems: Vec<String>) -> Self {
        Self {
            exit,
            status,
            headline: "not started; nothing was sent or stored:".to_owned(),
            problems,
            is_past_result: false,
        }
    }

    /// Something a human has to look at.
    pub(crate) fn not_finished(status: &'static str, headline: String) -> Self {
        Self {
            exit: Exit::NotFinished,
            status,
            headline,
            problems: Vec::new(),
            is_past_result: false,
        }
    }

    /// A signal came before this process had sent anything for the order that changes anything.
    pub(crate) fn interrupted() -> Self {
        Self::not_finished(
            "interrupted",
            "interrupted: this process has sent nothing that changes anything; the same command begins where this one did"
                .to_owned(),
        )
    }

    /// A fault of this program.
    pub(crate) fn fault(what: impl fmt::Display) -> Self {
        Self {
            exit: Exit::Fault,
            status: "fault",
            headline: format!("a fault of this program: {what}"),
            problems: Vec::new(),
            is_past_result: false,
        }
    }

    /// The same, after the result was put on standard output, or failed to get there.
    pub(crate) fn past_result(mut self) -> Self {
        self.is_past_result = true;
        self
    }
}
