//! Everything that was found out: what is printed, kept and compared.

use std::{fmt, fs, io::Write, path::Path};

use jiff::Timestamp;
use mpanel_client::{Generation, OPERATIONS, Session};
use serde::{Deserialize, Serialize};

use crate::{exit::Stop, known::Known, verdict::Verdict};

/// Version of the file.
const FORMAT: u32 = 1;

/// Everything that was found out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Report {
    format: u32,
    /// Where the panel is.
    pub(crate) panel: String,
    pub(crate) generation: Option<String>,
    /// The role that asked.
    pub(crate) role: Option<String>,
    /// Whether every endpoint that can be asked was asked.
    pub(crate) is_complete: bool,
    /// In the order of the client's table.
    pub(crate) endpoints: Vec<Row>,
    /// What was made and could not be removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) leftovers: Vec<String>,
    /// Ids that lists have shown, to ask for.
    #[serde(default)]
    pub(crate) known: Known,
}

/// One endpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) operation: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) verdict: Verdict,
    /// Milliseconds from the request to the end of the reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) latency_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) note: String,
    /// When it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) asked_at: Option<Timestamp>,
}

impl Report {
    /// Of a panel of which nothing is known.
    pub(crate) fn new(panel: impl fmt::Display) -> Self {
        Self {
            format: FORMAT,
            panel: panel.to_string(),
            generation: None,
            role: None,
            is_complete: false,
            endpoints: OPERATIONS
                .iter()
                .map(|operation| Row {
                    operation: operation.name.to_owned(),
                    method: operation.method.to_string(),
                    path: operation.path.to_owned(),
                    verdict: Verdict::NotProbed,
                    latency_ms: None,
                    note: String::new(),
                    asked_at: None,
                })
                .collect(),
            leftovers: Vec::new(),
            known: Known::default(),
        }
    }

    /// Reads a file of this program.
    pub(crate) fn read(path: &Path) -> Result<Self, Stop> {
        let name = path.display();
        let bytes = fs::read(path).map_err(|error| Stop::bad_input(format!("{name}: {error}")))?;
        let report: Self = serde_json::from_slice(&bytes).map_err(|error| {
            Stop::bad_input(format!("{name} is no result of api-status: {error}"))
        })?;
        if report.format != FORMAT {
            let problem = format!(
                "{name} is of format {}, and this program reads format {FORMAT}",
                report.format
            );
            return Err(Stop::bad_input(problem));
        }
        Ok(report)
    }

    /// Reads the file to go on with, or begins one. It belongs to one panel.
    pub(crate) fn resumed(path: &Path, panel: impl fmt::Display) -> Result<Self, Stop> {
        let panel = panel.to_string();
        let begun = Self::new(&panel);
        if let Ok(false) = fs::exists(path) {
            return Ok(begun);
        }
        let kept = Self::read(path)?;
        if kept.panel != panel {
            return Err(Stop::bad_input(format!(
                "{} is about {}, and MPANEL_URL is {panel}: name another file",
                path.display(),
                kept.panel
            )));
        }
        // The rows are this program's, whatever version wrote the file.
        let endpoints = begun.endpoints.into_iter().map(|row| {
            let known = kept
                .endpoints
                .iter()
                .find(|known| known.operation == row.operation);
            known.cloned().unwrap_or(row)
        });
        Ok(Self {
            endpoints: endpoints.collect(),
            ..kept
        })
    }

    /// Writes the file as a whole or not at all.
    pub(crate) fn keep(&self, path: &Path) -> Result<(), Stop> {
        let told = |error: std::io::Error| Stop::fault(format!("{}: {error}", path.display()));
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(told)?;
        file.write_all(self.json().as_bytes()).map_err(told)?;
        file.write_all(b"\n").map_err(told)?;
        file.persist(path).map_err(|error| told(error.error))?;
        Ok(())
    }

    /// Whether the file could be kept there, asked before anything is sent.
    pub(crate) fn can_be_kept(&self, path: &Path) -> Result<(), Stop> {
        self.keep(path)
            .map_err(|stop| Stop::bad_inputs(stop.problems))
    }

    pub(crate) fn json(&self) -> String {
        // Strings, numbers and lists always serialise.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The generation of the server, if a login has told it.
    pub(crate) fn generation(&self) -> Option<Generation> {
        let told = self.generation.as_deref()?;
        [Generation::Legacy, Generation::TypeScript]
            .into_iter()
            .find(|generation| generation.to_string() == told)
    }

    /// Whether what was found out before was found out with the same role: another one is answered otherwise.
    pub(crate) fn is_of(&self, session: &Session) -> Result<(), Stop> {
        match (self.role.as_deref(), session.role()) {
            (Some(before), Some(now)) if before != now => Err(Stop::bad_input(format!(
                "the file to go on with was made by a user with the role {before}, and this one has the role {now}: name another file"
            ))),
            _ => Ok(()),
        }
    }

    /// Who asked.
    pub(crate) fn set_session(&mut self, session: &Session) {
        self.generation = session
            .generation()
            .map(|generation| generation.to_string());
        self.role = session.role().map(str::to_owned);
    }

    /// The row of an operation.
    pub(crate) fn row_mut(&mut self, operation: &str) -> Option<&mut Row> {
        self.endpoints
            .iter_mut()
            .find(|row| row.operation == operation)
    }

    /// Whether an operation was asked.
    pub(crate) fn has_asked(&self, operation: &str) -> bool {
        self.endpoints
            .iter()
            .any(|row| row.operation == operation && row.verdict != Verdict::NotProbed)
    }

    /// How many endpoints are so.
    pub(crate) fn count(&self, verdict: Verdict) -> usize {
        self.endpoints
            .iter()
            .filter(|row| row.verdict == verdict)
            .count()
    }
}

impl Row {
    /// Not asked, and why not.
    pub(crate) fn leave_out(&mut self, why: impl Into<String>) {
        self.verdict = Verdict::NotProbed;
        self.note = why.into();
    }

    /// What came of asking.
    pub(crate) fn set(&mut self, verdict: Verdict, note: impl Into<String>, latency_ms: u64) {
        self.verdict = verdict;
        self.note = note.into();
        self.latency_ms = Some(latency_ms);
        self.asked_at = Some(Timestamp::now());
    }
}
