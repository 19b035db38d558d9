//! Exit codes, and the one type that ends the program early.

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Every endpoint that can be asked was asked.
    Done = 0,
    /// A fault of this program.
    Fault = 1,
    /// Bad input; nothing was sent.
    BadInput = 2,
    /// The login was refused.
    LoginRefused = 3,
    /// The budget ended, or the panel cannot be reached.
    NotFinished = 4,
    /// Something that worked no longer does.
    Worse = 5,
}

/// The program cannot go on.
#[derive(Debug)]
pub(crate) struct Stop {
    pub(crate) exit: Exit,
    pub(crate) problems: Vec<String>,
}

impl Stop {
    /// Bad input; nothing was sent.
    pub(crate) fn bad_input(problem: impl Into<String>) -> Self {
        Self::bad_inputs(vec![problem.into()])
    }

    /// Several of them.
    pub(crate) fn bad_inputs(problems: Vec<String>) -> Self {
        Self {
            exit: Exit::BadInput,
            problems,
        }
    }

    /// A fault of this program, or of its machine.
    pub(crate) fn fault(problem: impl Into<String>) -> Self {
        Self {
            exit: Exit::Fault,
            problems: vec![problem.into()],
        }
    }
}
