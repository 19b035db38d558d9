//! What is not as it was.

use serde::Serialize;

use crate::{report::Report, verdict::Verdict};

/// An endpoint that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    pub(crate) operation: String,
    pub(crate) was: Verdict,
    pub(crate) is: Verdict,
}

impl Change {
    /// Whether it worked, and does no longer. What was not asked this time is not known to be worse.
    pub(crate) fn is_worse(&self) -> bool {
        self.was == Verdict::Working
            && matches!(
                self.is,
                Verdict::Error | Verdict::NotImplemented | Verdict::Forbidden
            )
    }
}

/// Every endpoint whose verdict is another one. An endpoint that one of them does not know was not probed there.
pub(crate) fn between(before: &Report, now: &Report) -> Vec<Change> {
    let was = |operation: &str| {
        let row = before
            .endpoints
            .iter()
            .find(|row| row.operation == operation);
        row.map_or(Verdict::NotProbed, |row| row.verdict)
    };
    now.endpoints
        .iter()
        .map(|row| Change {
            operation: row.operation.clone(),
            was: was(&row.operation),
            is: row.verdict,
        })
        .filter(|change| change.was != change.is)
        .collect()
}
