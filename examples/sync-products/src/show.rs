//! The table for people, and the JSON object for programs.

use std::fmt;

use serde::Serialize;

use crate::difference::{Difference, Line, State};

/// What is shown.
#[derive(Serialize)]
pub(crate) struct Shown<'a> {
    pub(crate) panel: String,
    pub(crate) dialect: String,
    /// Why the panel's list of products is not believed; ids pinned in the catalog are then used.
    pub(crate) products_broken: Option<&'a str>,
    pub(crate) lines: &'a [Line],
    /// Products of the catalog without a price, which are left out.
    pub(crate) without_price: usize,
    /// Why it ended before everything was created.
    pub(crate) problems: &'a [String],
}

impl Shown<'_> {
    pub(crate) fn json(&self) -> String {
        // Strings, numbers and lists always serialise.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

impl State {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Missing => "missing",
            Self::MissingPrice => "price missing",
            Self::WithoutCode => "without code",
            Self::OtherPrice => "other price",
            Self::ForAPerson => "look at it",
            Self::OnlyOnPanel => "only on panel",
            Self::Pinned => "pinned",
            Self::Unknown => "unknown",
            Self::Created => "created",
        }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Products of {} ({} dialect)\n", self.panel, self.dialect)?;
        if let Some(why) = self.products_broken {
            writeln!(
                f,
                "The panel's list of products cannot be believed: {why}\nProduct ids pinned in the catalog are used; nothing is created.\n"
            )?;
        }
        let cells: Vec<[String; 6]> = self.lines.iter().map(cells).collect();
        let heading = ["code", "cycle", "catalog", "panel", "state", "product id"];
        let heading = heading.map(str::to_owned);
        let width = |column: usize| {
            std::iter::once(&heading)
                .chain(&cells)
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or_default()
        };
        let widths = [0, 1, 2, 3, 4, 5].map(width);
        let notes = std::iter::once("").chain(self.lines.iter().map(|line| line.note.as_str()));
        for (row, note) in std::iter::once(&heading).chain(&cells).zip(notes) {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(widths) {
                line.push_str(&format!("{cell:<width$}  "));
            }
            line.push_str(&one_line(note));
            writeln!(f, "{}", line.trim_end())?;
        }
        if self.without_price > 0 {
            let (what, have) = match self.without_price {
                1 => ("product", "has no price and is"),
                _ => ("products", "have no price and are"),
            };
            writeln!(
                f,
                "\n{} {what} of the catalog {have} left out",
                self.without_price
            )?;
        }
        Ok(())
    }
}

fn cells(line: &Line) -> [String; 6] {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let code = if line.code.is_empty() {
        &line.name
    } else {
        &line.code
    };
    [
        one_line(code),
        text(&line.cycle),
        text(&line.catalog_price),
        text(&line.panel_price),
        line.state.as_str().to_owned(),
        one_line(&text(&line.product_id)),
    ]
}

/// A panel's words on one line, with nothing a terminal would take for a command.
fn one_line(text: &str) -> String {
    let words: String = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What would be created, in words.
pub(crate) fn to_create(difference: &Difference) -> String {
    let count = |state| {
        difference
            .lines
            .iter()
            .filter(|line| line.state == state)
            .count()
    };
    let parts = [
        (count(State::Missing), "product", "products"),
        (count(State::MissingPrice), "price", "prices"),
        (count(State::WithoutCode), "missing code", "missing codes"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }))
        .collect();
    parts.join(", ")
}
