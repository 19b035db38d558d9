//! The file as lines of named fields.

use std::collections::BTreeMap;
use std::io::Read;

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::place::Wrong;

/// Every column there is; the first three are wanted.
pub(crate) const COLUMNS: [&str; 13] = [
    "order_id",
    "email",
    "product",
    "domain",
    "quantity",
    "cycle",
    "amount",
    "currency",
    "name",
    "company",
    "phone",
    "country",
    "payment_reference",
];
const WANTED: [&str; 3] = ["order_id", "email", "product"];

/// The most lines a file may have. More is another file, or several.
const MOST_LINES: usize = 1_000_000;

/// The most characters of a value: far more than any of them needs.
const MOST_CHARACTERS: usize = 1_000;

/// One line, with the fields that are not empty.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) number: u64,
    fields: BTreeMap<&'static str, String>,
}

impl Line {
    pub(crate) fn get(&self, column: &str) -> Option<&str> {
        self.fields.get(column).map(String::as_str)
    }
}

/// Reads the lines of a file; everything that is wrong with its form is kept apart, and the other lines are read.
pub(crate) fn read(source: impl Read) -> (Vec<Line>, Vec<Wrong>) {
    let mut reader = ReaderBuilder::new()
        // Values are trimmed once they are known to stand on one line.
        .trim(Trim::Headers)
        .flexible(true)
        .from_reader(source);
    let mut wrong = Vec::new();
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => return (Vec::new(), vec![Wrong::on(1, not_read(&error))]),
    };
    let columns = columns(&header, &mut wrong);
    if WANTED.iter().any(|wanted| !columns.contains(&Some(wanted))) {
        // Every line would lack it.
        return (Vec::new(), wrong);
    }
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                wrong.push(Wrong::on(line, not_read(&error)));
                continue;
            }
        };
        let number = record.position().map_or(0, csv::Position::line);
        if lines.len() == MOST_LINES {
            wrong.push(Wrong::on(
                number,
                format!("the file has more than {MOST_LINES} lines: split it"),
            ));
            break;
        }
        let unfit: Vec<Wrong> = record
            .iter()
            .enumerate()
            .filter_map(|(position, value)| {
                let column = columns.get(position).copied().flatten();
                unfit(number, value).map(|what| match column {
                    Some(column) => Wrong::at(number, column, what),
                    None => Wrong::on(number, what),
                })
            })
            .collect();
        if !unfit.is_empty() {
            wrong.extend(unfit);
            continue;
        }
        if record.len() != header.len() {
            wrong.push(Wrong::on(
                number,
                format!(
                    "{} fields, and the header has {}: a comma inside a value needs quotes around the value",
                    record.len(),
                    header.len()
                ),
            ));
            continue;
        }
        lines.push(line(number, &record, &columns));
    }
    (lines, wrong)
}

/// Why this can be no value. A quote that is not closed makes all lines up to the next quote part of one value, and their
/// orders would be missing without a word.
fn unfit(line: u64, value: &str) -> Option<String> {
    let breaks = value.matches('\n').count() as u64;
    if breaks > 0 || value.contains('\r') {
        return Some(format!(
            "is in quotes that go on to line {}: close them, and keep a value on one line",
            line + breaks
        ));
    }
    let value = value.trim();
    if value.chars().any(char::is_control) {
        return Some("contains a control character".to_owned());
    }
    (value.chars().nth(MOST_CHARACTERS).is_some())
        .then(|| format!("is longer than {MOST_CHARACTERS} characters"))
}

fn line(number: u64, record: &StringRecord, columns: &[Option<&'static str>]) -> Line {
    let fields = columns
        .iter()
        .zip(record)
        .filter_map(|(column, value)| {
            let column = (*column)?;
            let value = value.trim();
            (!value.is_empty()).then(|| (column, value.to_owned()))
        })
        .collect();
    Line { number, fields }
}

/// Which column stands at which position.
fn columns(header: &StringRecord, wrong: &mut Vec<Wrong>) -> Vec<Option<&'static str>> {
    let mut columns: Vec<Option<&'static str>> = Vec::new();
    if let Some(separator) = other_separator(header) {
        let what = format!(
            "the columns are separated by {separator}: save the file with commas between them"
        );
        wrong.push(Wrong::on(1, what));
        return columns;
    }
    for name in header {
        // Spreadsheets put a byte-order mark before the first name.
        let plain = name.trim_start_matches('\u{feff}').to_ascii_lowercase();
        let known = COLUMNS.into_iter().find(|column| *column == plain);
        match known {
            Some(column) if columns.contains(&Some(column)) => {
                wrong.push(Wrong::on(1, format!("two columns are called {column}")));
            }
            Some(_) => {}
            None => wrong.push(Wrong::on(
                1,
                format!(
                    "no column is called `{name}`; there are {}",
                    COLUMNS.join(", ")
                ),
            )),
        }
        columns.push(known);
    }
    for column in WANTED {
        if !columns.contains(&Some(column)) {
            wrong.push(Wrong::on(1, format!("the column {column} is missing")));
        }
    }
    columns
}

/// What spreadsheets of some countries put in the comma's place.
fn other_separator(header: &StringRecord) -> Option<&'static str> {
    let only = header.get(0).filter(|_| header.len() == 1)?;
    if only.contains(';') {
        Some("semicolons")
    } else if only.contains('\t') {
        Some("tabs")
    } else {
        None
    }
}

fn not_read(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "not UTF-8 text: save the file as UTF-8".to_owned(),
        _ => error.to_string(),
    }
}
