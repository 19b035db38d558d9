//! Problems found in input: each with its path, all reported at once.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a host can do about a [`Problem`] without a person changing the input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProblemKind {
    /// The input itself has to change.
    #[default]
    Input,
    /// The input carries no order id: the host has to give one.
    NeedsOrderId,
    /// The input does not say it was paid: the host has to give evidence of payment.
    NeedsEvidence,
    /// The input names the customer only by a panel id: the host has to look up the e-mail address and give it.
    NeedsCustomer,
}

/// One thing that is wrong with an input, and where.
///
/// The message is written for a support agent. It never repeats an e-mail address or free text of a customer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Problem {
    path: String,
    message: String,
    #[serde(default)]
    kind: ProblemKind,
}

impl Problem {
    /// A problem at `path`, a JSON path such as `items[0].domain`; empty when it concerns the input as a whole.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            message: message.into(),
            kind: ProblemKind::Input,
        }
    }

    /// The same problem, marked with what the host can do about it.
    #[must_use]
    pub fn of_kind(mut self, kind: ProblemKind) -> Self {
        self.kind = kind;
        self
    }

    /// Where it is: a JSON path such as `items[0].domain`, empty for the input as a whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong and what would be right.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What a host can do about it.
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.path, self.message)
        }
    }
}

impl std::error::Error for Problem {}

/// All problems of one input, in the order they were found; displayed one per line.
///
/// It is both the collector that a reader fills and the error it returns: [`Problems::into_result`] turns an empty
/// collection into success, so a `Problems` that comes back as an error holds at least one.
///
/// ```
/// use provisioning_core::problem::{Problem, Problems};
///
/// let mut problems = Problems::new();
/// problems.push(Problem::new("items[0].domain", "is empty"));
/// problems.push(Problem::new("customerEmail", "is missing"));
/// let error = problems.into_result(()).unwrap_err();
/// assert_eq!(error.to_string(), "items[0].domain: is empty\ncustomerEmail: is missing");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// No problem yet.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds one problem.
    pub fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Adds a problem at `path`.
    pub fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.push(Problem::new(path, message));
    }

    /// True while nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The problems in the order they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }

    /// True if one of them is of this kind.
    pub fn any_of_kind(&self, kind: ProblemKind) -> bool {
        self.0.iter().any(|problem| problem.kind == kind)
    }

    /// `value` if nothing is wrong.
    ///
    /// # Errors
    /// The problems themselves if there is at least one.
    pub fn into_result<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl Extend<Problem> for Problems {
    fn extend<I: IntoIterator<Item = Problem>>(&mut self, problems: I) {
        self.0.extend(problems);
    }
}

impl FromIterator<Problem> for Problems {
    fn from_iter<I: IntoIterator<Item = Problem>>(problems: I) -> Self {
        Self(problems.into_iter().collect())
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_of_the_whole_input_has_no_path_in_front() {
        assert_eq!(Problem::new("", "is empty").to_string(), "is empty");
    }

    #[test]
    fn no_problem_is_success() {
        assert_eq!(Problems::new().into_result(7), Ok(7));
    }

    #[test]
    fn kinds_are_found_among_others() {
        let problems: Problems = [
            Problem::new("a", "is missing"),
            Problem::new("", "has no id").of_kind(ProblemKind::NeedsOrderId),
        ]
        .into_iter()
        .collect();
        assert!(problems.any_of_kind(ProblemKind::NeedsOrderId));
        assert!(!problems.any_of_kind(ProblemKind::NeedsEvidence));
    }
}
