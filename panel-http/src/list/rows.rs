mod prefix;

use serde::de::{DeserializeOwned, IgnoredAny};

use self::prefix::{Prefix, find_list};
use crate::decode::{self, DecodeError};

/// Finds the rows of a list in a reply that arrives in pieces: knows nothing of sockets and clocks.
///
/// Rows are read where the first array is, whatever envelope is around it, and what comes after that array is not
/// looked at.
#[derive(Debug)]
pub(crate) struct Rows {
    buffer: Vec<u8>,
    /// What of the buffer is read.
    at: usize,
    course: Course,
    /// Longest row, and longest text before the first.
    longest: usize,
    /// Not worth another try before this much is there.
    patience: usize,
    has_ended: bool,
}

/// How far the list is read.
#[derive(Debug)]
struct Course {
    place: Place,
    index: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    /// Before the first row or the end of the list.
    First,
    /// After a row.
    Between,
    /// After a comma.
    Next,
    Done,
}

/// How far the rows at hand go.
#[derive(Debug, PartialEq)]
pub(crate) enum Progress {
    /// More bytes are needed.
    More,
    /// The list is complete.
    Complete,
    /// The reply reads as failure: [`Rows::text`] holds what came of it so far.
    Refused,
    /// A row, or what comes before the first, is longer than is read.
    TooLarge,
    /// It cannot be read.
    Unreadable(DecodeError),
}

impl Rows {
    pub(crate) const fn new(longest: usize) -> Self {
        Self {
            buffer: Vec::new(),
            at: 0,
            course: Course {
                place: Place::Before,
                index: 0,
            },
            longest,
            patience: 0,
            has_ended: false,
        }
    }

    /// Adds what arrived.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.at);
        self.at = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// Nothing more will arrive.
    pub(crate) const fn end(&mut self) {
        self.has_ended = true;
        self.patience = 0;
    }

    /// What is not read yet.
    pub(crate) fn text(&self) -> &[u8] {
        self.buffer.get(self.at..).unwrap_or_default()
    }

    /// Reads all rows that are there in full.
    pub(crate) fn read<T: DeserializeOwned>(&mut self, rows: &mut Vec<T>) -> Progress {
        if self.text().len() < self.patience {
            return Progress::More;
        }
        let mut at = self.at;
        let progress = self.read_from(&mut at, rows);
        self.at = at;
        if progress != Progress::More {
            return progress;
        }
        let waiting = self.text().len();
        if self.has_ended {
            let error = DecodeError::unreadable(
                self.course.path(""),
                "the reply ended before its list did",
            );
            return Progress::Unreadable(error);
        }
        if waiting > self.longest {
            return Progress::TooLarge;
        }
        // A long row that arrives in small pieces is not tried again for each of them.
        self.patience = waiting.saturating_add(waiting / 8);
        Progress::More
    }

    fn read_from<T: DeserializeOwned>(&mut self, at: &mut usize, rows: &mut Vec<T>) -> Progress {
        let bytes = self.buffer.get(*at..).unwrap_or_default();
        let (text, is_broken) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, false),
            Err(error) => {
                let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
                // A letter that has not arrived as a whole is no fault.
                let is_broken = error.error_len().is_some();
                (std::str::from_utf8(valid).unwrap_or_default(), is_broken)
            }
        };
        let mut rest = text;
        if self.course.place == Place::Before {
            match find_list(text) {
                Prefix::Found(start) => {
                    self.course.place = Place::First;
                    rest = text.get(start..).unwrap_or_default();
                }
                Prefix::More => {}
                Prefix::Refused => return Progress::Refused,
                Prefix::NoList(reason) => {
                    return Progress::Unreadable(DecodeError::unreadable("", reason));
                }
            }
        }
        let progress = if self.course.place == Place::Before {
            Progress::More
        } else {
            self.course.rows_of(&mut rest, rows)
        };
        *at = at.saturating_add(text.len().saturating_sub(rest.len()));
        if is_broken && progress == Progress::More {
            return Progress::Unreadable(DecodeError::unreadable(
                self.course.path(""),
                "not UTF-8",
            ));
        }
        progress
    }
}

impl Course {
    fn rows_of<T: DeserializeOwned>(&mut self, rest: &mut &str, rows: &mut Vec<T>) -> Progress {
        loop {
            *rest = rest.trim_ascii_start();
            match (self.place, rest.as_bytes().first()) {
                (Place::Done, _) => return Progress::Complete,
                (_, None) => return Progress::More,
                (Place::First | Place::Between, Some(b']')) => {
                    self.place = Place::Done;
                    *rest = "";
                }
                (Place::Between, Some(b',')) => {
                    self.place = Place::Next;
                    *rest = rest.get(1..).unwrap_or_default();
                }
                (Place::Between, Some(_)) => {
                    return Progress::Unreadable(DecodeError::unreadable(
                        self.path(""),
                        "expected a comma or the end of the list",
                    ));
                }
                (Place::Before | Place::First | Place::Next, Some(_)) => match read_row(rest) {
                    Read::Row(row, length) => {
                        rows.push(row);
                        self.index = self.index.saturating_add(1);
                        self.place = Place::Between;
                        *rest = rest.get(length..).unwrap_or_default();
                    }
                    Read::More => return Progress::More,
                    Read::Unreadable(mut error) => {
                        error.path = self.path(&error.path);
                        return Progress::Unreadable(error);
                    }
                },
            }
        }
    }

    fn path(&self, inner: &str) -> String {
        let dot = if inner.is_empty() || inner.starts_with('[') {
            ""
        } else {
            "."
        };
        format!("[{}]{dot}{inner}", self.index)
    }
}

enum Read<T> {
    Row(T, usize),
    More,
    Unreadable(DecodeError),
}

/// Reads the row at the start of a text.
fn read_row<T: DeserializeOwned>(text: &str) -> Read<T> {
    match first::<T>(text) {
        First::Value(row, length) => Read::Row(row, length),
        First::More => Read::More,
        First::Failed => match first::<IgnoredAny>(text) {
            First::More => Read::More,
            First::Value(_, length) => {
                let row = text.get(..length).unwrap_or_default();
                Read::Unreadable(decode::json::<T>(row).err().unwrap_or_else(|| {
                    DecodeError::unreadable("", "it reads on its own, but not in its list")
                }))
            }
            First::Failed => Read::Unreadable(DecodeError::unreadable("", "not JSON")),
        },
    }
}

pub(super) enum First<T> {
    Value(T, usize),
    /// It is not all there.
    More,
    Failed,
}

/// Reads the JSON value at the start of a text, of which more may come.
pub(super) fn first<T: DeserializeOwned>(text: &str) -> First<T> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<T>();
    match values.next() {
        Some(Ok(value)) => {
            let end = values.byte_offset();
            // Something has to follow: a number that ends with what has arrived may go on.
            if text.len() > end {
                First::Value(value, end)
            } else {
                First::More
            }
        }
        None => First::More,
        // A number that is passed over and cut after its point or sign counts as wrong rather than as unfinished, but
        // where it went wrong is the end.
        Some(Err(error)) if error.is_eof() || position(text, &error) >= text.len() => First::More,
        Some(Err(_)) => First::Failed,
    }
}

/// How many bytes were read when the error came up.
fn position(text: &str, error: &serde_json::Error) -> usize {
    let lines_before = error.line().saturating_sub(1);
    let start: usize = text
        .split_inclusive('\n')
        .take(lines_before)
        .map(str::len)
        .sum();
    start.saturating_add(error.column())
}

#[cfg(test)]
mod tests;
