//! A TOML text read table by table: every mistake with the line it stands on.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::CatalogError;
use crate::order::ProductCode;
use crate::problem::{Problem, Problems};

/// The text of a catalog and what is wrong in it, by position.
pub(super) struct Sheet<'t> {
    file: &'t str,
    line_starts: Vec<usize>,
    wrong: Vec<(usize, String)>,
}

impl<'t> Sheet<'t> {
    pub(super) fn new(file: &'t str, text: &str) -> Self {
        let after_breaks = text
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'\n')
            .map(|(at, _)| at + 1);
        Self {
            file,
            line_starts: std::iter::once(0).chain(after_breaks).collect(),
            wrong: Vec::new(),
        }
    }

    pub(super) fn wrong(&mut self, at: usize, message: impl Into<String>) {
        self.wrong.push((at, message.into()));
    }

    pub(super) fn line_of(&self, at: usize) -> String {
        let line = self.line_starts.partition_point(|start| *start <= at);
        format!("{}:{}", self.file, line.max(1))
    }

    pub(super) fn into_result(mut self) -> Result<(), CatalogError> {
        let mut wrong = std::mem::take(&mut self.wrong);
        wrong.sort_by_key(|(at, _)| *at);
        let problems: Problems = wrong
            .into_iter()
            .map(|(at, message)| Problem::new(self.line_of(at), message))
            .collect();
        problems.into_result(()).map_err(CatalogError::Invalid)
    }
}

/// A table that is being read; reading takes keys out of it.
pub(super) struct Section<'a, 'i> {
    pub(super) what: String,
    pub(super) at: usize,
    keys: BTreeMap<&'a str, (usize, &'a Spanned<DeValue<'i>>)>,
    known: Vec<&'static str>,
}

impl<'a, 'i> Section<'a, 'i> {
    pub(super) fn new(what: String, at: usize, table: &'a DeTable<'i>) -> Self {
        let keys = table
            .iter()
            .map(|(key, value)| (key.get_ref().as_ref(), (key.span().start, value)))
            .collect();
        Self {
            what,
            at,
            keys,
            known: Vec::new(),
        }
    }

    /// True if the key is there and was not taken yet.
    pub(super) fn has(&self, name: &str) -> bool {
        self.keys.contains_key(name)
    }

    pub(super) fn take(&mut self, name: &'static str) -> Option<(usize, &'a DeValue<'i>)> {
        self.known.push(name);
        let (at, value) = self.keys.remove(name)?;
        Some((at, value.get_ref()))
    }

    pub(super) fn text(
        &mut self,
        name: &'static str,
        sheet: &mut Sheet<'_>,
    ) -> Option<(usize, &'a str)> {
        let (at, value) = self.take(name)?;
        match value.as_str().map(str::trim) {
            Some("") => {
                sheet.wrong(at, format!("{}: {name} is empty", self.what));
                None
            }
            Some(text) => Some((at, text)),
            None => {
                sheet.wrong(
                    at,
                    format!("{}: {name} must be text, not {}", self.what, kind(value)),
                );
                None
            }
        }
    }

    pub(super) fn integer(
        &mut self,
        name: &'static str,
        sheet: &mut Sheet<'_>,
    ) -> Option<(usize, i64)> {
        let (at, value) = self.take(name)?;
        let integer = value
            .as_integer()
            .and_then(|integer| i64::from_str_radix(integer.as_str(), integer.radix()).ok());
        if integer.is_none() {
            sheet.wrong(
                at,
                format!(
                    "{}: {name} must be a whole number, not {}",
                    self.what,
                    kind(value)
                ),
            );
        }
        Some((at, integer?))
    }

    pub(super) fn codes(
        &mut self,
        name: &'static str,
        sheet: &mut Sheet<'_>,
    ) -> (Option<usize>, Vec<ProductCode>) {
        let Some((at, value)) = self.take(name) else {
            return (None, Vec::new());
        };
        let Some(list) = value.as_array() else {
            sheet.wrong(
                at,
                format!(
                    "{}: {name} must be a list of product codes, not {}",
                    self.what,
                    kind(value)
                ),
            );
            return (Some(at), Vec::new());
        };
        let mut codes = Vec::new();
        for entry in list {
            let at = entry.span().start;
            match entry.get_ref().as_str().map(ProductCode::new) {
                Some(Ok(code)) => codes.push(code),
                Some(Err(error)) => {
                    sheet.wrong(at, format!("{}: a code in {name} {error}", self.what))
                }
                None => sheet.wrong(
                    at,
                    format!("{}: {name} must hold product codes as text", self.what),
                ),
            }
        }
        (Some(at), codes)
    }

    /// Ends the reading of this table: keys that are left are mistakes, most often in spelling.
    pub(super) fn finish(self, sheet: &mut Sheet<'_>) {
        for (name, (at, _)) in self.keys {
            let meant = self
                .known
                .iter()
                .find(|known| strsim::osa_distance(known, name) <= 2);
            let hint = meant.map_or_else(String::new, |known| format!(" (did you mean {known}?)"));
            sheet.wrong(at, format!("{}: unknown key {name:?}{hint}", self.what));
        }
    }
}

/// What a value is, in words.
pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
