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
        .trim(Trim::All)
        .flexible(true)
        .from_reader(source);
    let mut wrong = Vec::new();
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => return (Vec::new(), vec![Wrong::on(1, not_read(&error))]),
    };
    let columns = columns(&header, &mut wrong);
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

fn line(number: u64, record: &StringRecord, columns: &[Option<&'static str>]) -> Line {
    let fields = columns
        .iter()
        .zip(record)
        .filter_map(|(column, value)| {
            let column = (*column)?;
            (!value.is_empty()).then(|| (column, value.to_owned()))
        })
        .collect();
    Line { number, fields }
}

/// Which column stands at which position.
fn columns(header: &StringRecord, wrong: &mut Vec<Wrong>) -> Vec<Option<&'static str>> {
    let mut columns: Vec<Option<&'static str>> = Vec::new();
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

fn not_read(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "not UTF-8 text: save the file as UTF-8".to_owned(),
        _ => error.to_string(),
    }
}
