//! The table, the remedy, and the same as JSON.

use std::fmt;

use nextpanel_client::panel::{Connection, CreateProbe, Verdict};
use provisioning_core::permission::RemedyContext;
use serde::Serialize;
use url::Url;

use crate::checks::{Check, checks};

/// Everything that is told.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    panel: String,
    /// The first characters of the key.
    key: String,
    checks: Vec<Check>,
    /// What is missing, in one line.
    refusal: Option<String>,
    /// Whether the meaning of the refusal is assumed rather than documented.
    assumed: bool,
    /// What to do, in order.
    remedy: Vec<String>,
    /// What a trial left behind, and how to remove it.
    leftover: Option<Leftover>,
}

#[derive(Debug, Serialize)]
struct Leftover {
    id: Option<i64>,
    username: String,
    how: String,
}

impl Report {
    pub(crate) fn new(
        url: &Url,
        key: &str,
        connection: &Connection,
        probe: Option<&CreateProbe>,
        context: &RemedyContext,
    ) -> Self {
        let denial = connection.denial.as_deref();
        let remedy = denial
            .map(|denial| denial.remedy(context))
            .unwrap_or_default();
        let leftover = probe.and_then(|probe| probe.leftover.as_ref());
        Self {
            panel: url.to_string(),
            key: key.to_owned(),
            checks: checks(connection, probe),
            refusal: denial.map(|denial| denial.summary()),
            assumed: denial.is_some_and(|denial| denial.is_assumed()),
            remedy: remedy.iter().map(ToString::to_string).collect(),
            leftover: leftover.map(|left| Leftover {
                id: left.id.map(|id| id.get()),
                username: left.username.clone(),
                how: left.to_string(),
            }),
        }
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.checks
            .iter()
            .any(|check| check.verdict == Verdict::Fail)
    }

    pub(crate) fn json(&self) -> String {
        // Strings, numbers and lists always serialise.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Key {} on {}\n", self.key, self.panel)?;
        let width = self.checks.iter().map(|check| check.name.len()).max();
        let width = width.unwrap_or_default();
        for check in &self.checks {
            let verdict = match check.verdict {
                Verdict::Pass => "pass",
                Verdict::Fail => "FAIL",
                Verdict::Unknown => "unknown",
            };
            writeln!(f, "{:width$}  {verdict:7}  {}", check.name, check.detail)?;
        }
        if let Some(refusal) = &self.refusal {
            writeln!(f, "\n{refusal}")?;
            if self.assumed {
                writeln!(f, "(what the panel means by its words is assumed)")?;
            }
        }
        if !self.remedy.is_empty() {
            writeln!(f, "\nWhat to do:")?;
            for (place, step) in self.remedy.iter().enumerate() {
                writeln!(f, "{}. {step}", place.saturating_add(1))?;
            }
        }
        Ok(())
    }
}
