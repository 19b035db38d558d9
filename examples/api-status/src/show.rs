//! The table as text, as Markdown and as JSON.

use std::fmt::{self, Write};

use serde::Serialize;

use crate::{arguments::Format, changes::Change, report::Report, verdict::Verdict};

/// Notes are cut here in the text, where a line is a row.
const LONGEST_NOTE: usize = 100;

/// What is printed.
pub(crate) struct Shown<'a> {
    pub(crate) report: &'a Report,
    pub(crate) format: Format,
    /// With `--diff`.
    pub(crate) changes: Option<&'a [Change]>,
}

/// The JSON object: the report, and what changed.
#[derive(Serialize)]
struct Object<'a> {
    #[serde(flatten)]
    report: &'a Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<&'a [Change]>,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.format {
            Format::Text => self.text(f),
            Format::Markdown => self.markdown(f),
            Format::Json => {
                let object = Object {
                    report: self.report,
                    changes: self.changes,
                };
                // Strings, numbers and lists always serialise.
                f.write_str(&serde_json::to_string_pretty(&object).unwrap_or_default())?;
                f.write_char('\n')
            }
        }
    }
}

impl Shown<'_> {
    fn text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.heading())?;
        let rows = &self.report.endpoints;
        let width = rows.iter().map(|row| row.path.chars().count()).max();
        let width = width.unwrap_or_default();
        for row in rows {
            let latency = row
                .latency_ms
                .map_or_else(String::new, |ms| format!("{ms} ms"));
            let line = format!(
                "{:<6} {:<width$}  {:<15}  {latency:>9}  {}",
                row.method,
                row.path,
                row.verdict.to_string(),
                shortened(&one_line(&row.note)),
            );
            writeln!(f, "{}", line.trim_end())?;
        }
        writeln!(f, "\n{}", self.counts())?;
        for leftover in &self.report.leftovers {
            writeln!(f, "left behind: {leftover}")?;
        }
        if let Some(changes) = self.changes {
            writeln!(f, "\n{}", changes_heading(changes))?;
            for change in changes {
                let mark = if change.is_worse() { "!" } else { " " };
                let (was, is) = (change.was.to_string(), change.is.to_string());
                writeln!(f, "{mark} {:<36} {was:<15} -> {is}", change.operation)?;
            }
        }
        Ok(())
    }

    fn markdown(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# {}\n", self.heading())?;
        writeln!(f, "| Endpoint | Method | Status | Latency | Note |")?;
        writeln!(f, "|---|---|---|---:|---|")?;
        for row in &self.report.endpoints {
            let latency = row
                .latency_ms
                .map_or_else(String::new, |ms| format!("{ms} ms"));
            writeln!(
                f,
                "| `{}` | {} | {} | {latency} | {} |",
                row.path,
                row.method,
                row.verdict,
                cell(&row.note),
            )?;
        }
        writeln!(f, "\n{}", self.counts())?;
        for leftover in &self.report.leftovers {
            writeln!(f, "\nLeft behind: {}", cell(leftover))?;
        }
        if let Some(changes) = self.changes {
            writeln!(f, "\n## {}\n", changes_heading(changes))?;
            if changes.is_empty() {
                return Ok(());
            }
            writeln!(f, "| Operation | Was | Is | |")?;
            writeln!(f, "|---|---|---|---|")?;
            for change in changes {
                let mark = if change.is_worse() { "worse" } else { "" };
                writeln!(
                    f,
                    "| `{}` | {} | {} | {mark} |",
                    change.operation, change.was, change.is
                )?;
            }
        }
        Ok(())
    }

    fn heading(&self) -> String {
        let report = self.report;
        let generation = report.generation.as_deref().unwrap_or("unknown");
        let role = report.role.as_deref().unwrap_or("nobody");
        format!(
            "Endpoints of {} (generation: {generation}; asked as: {role})",
            report.panel
        )
    }

    fn counts(&self) -> String {
        let counts: Vec<String> = Verdict::ALL
            .iter()
            .map(|verdict| format!("{} {verdict}", self.report.count(*verdict)))
            .collect();
        counts.join(", ")
    }
}

fn changes_heading(changes: &[Change]) -> String {
    if changes.is_empty() {
        return "Nothing changed".to_owned();
    }
    let worse = changes.iter().filter(|change| change.is_worse()).count();
    format!("{} changed, {worse} for the worse", changes.len())
}

/// A panel's words on one line, with nothing a terminal would take for a command.
fn one_line(text: &str) -> String {
    let words: String = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST_NOTE {
        return text.to_owned();
    }
    let start: String = text.chars().take(LONGEST_NOTE).collect();
    format!("{} ...", start.trim_end())
}

/// A cell of a Markdown table, in which the panel's words are words.
fn cell(text: &str) -> String {
    let mut escaped = String::new();
    for letter in one_line(text).chars() {
        if matches!(letter, '|' | '\\' | '<' | '>' | '`' | '*' | '_' | '[' | ']') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panels_words_break_neither_terminal_nor_table() {
        assert_eq!(one_line("a\r\n\u{1b}[2Jb"), "a [2Jb");
        assert_eq!(cell("a|b\n<script>"), "a\\|b \\<script\\>");
        assert_eq!(shortened(&"x".repeat(200)).len(), LONGEST_NOTE + 4);
    }
}
