//! Mistakes in a fleet's configuration.

use std::fmt;

/// One mistake: where it is and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetProblem {
    line: Option<usize>,
    path: String,
    message: String,
}

impl FleetProblem {
    pub(super) fn new(
        line: Option<usize>,
        path: impl Into<String>,
        message: impl fmt::Display,
    ) -> Self {
        Self {
            line,
            path: path.into(),
            message: message.to_string(),
        }
    }

    /// The line in the file, from 1; `None` if the configuration is not from a file.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// Which value, such as `server[2].capacity`; empty for the whole file.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong with it.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for FleetProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

/// Every mistake in a fleet's configuration, in the order of the file; one line each when displayed, as
/// `file:line: value: what is wrong`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetError {
    file: Option<String>,
    problems: Vec<FleetProblem>,
}

impl FleetError {
    pub(super) fn new(file: Option<&str>, mut problems: Vec<FleetProblem>) -> Self {
        problems.sort_by_key(|problem| problem.line);
        Self {
            file: file.map(str::to_owned),
            problems,
        }
    }

    /// The file's name as given.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// The mistakes, at least one.
    #[must_use]
    pub fn problems(&self) -> &[FleetProblem] {
        &self.problems
    }
}

impl fmt::Display for FleetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            match (&self.file, problem.line) {
                (Some(file), Some(line)) => write!(f, "{file}:{line}: {problem}")?,
                (Some(file), None) => write!(f, "{file}: {problem}")?,
                (None, _) => write!(f, "{problem}")?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for FleetError {}
