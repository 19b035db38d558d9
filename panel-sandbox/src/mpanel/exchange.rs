//! One request on its way to an answer.

use std::str::FromStr;

use http::header::AUTHORIZATION;
use jiff::civil::DateTime;
use serde_json::{Value, json};
use wiremock::Request;

use super::answer::{Answer, not_found};
use super::postgres::{self, Refused};
use super::state::State;
use super::timestamps::iso;
use super::{Generation, MPanelSettings};
use crate::Operation;
use crate::arming::Arming;

/// A request with all that is needed to answer it.
pub(super) struct Exchange<'a> {
    pub(super) settings: &'a MPanelSettings,
    pub(super) arming: &'a Arming,
    pub(super) state: &'a mut State,
    /// Nothing for a request this server has no route for.
    pub(super) operation: Option<Operation>,
    pub(super) request: &'a Request,
    pub(super) body: Value,
    pub(super) request_id: &'a str,
    pub(super) now: DateTime,
}

impl<'a> Exchange<'a> {
    pub(super) fn is_legacy(&self) -> bool {
        self.settings.generation == Generation::Legacy
    }

    pub(super) fn path(&self) -> &'a str {
        self.request.url.path()
    }

    /// The value of the segment of the path that varies.
    pub(super) fn parameter(&self) -> String {
        let raw = self
            .operation
            .and_then(|operation| operation.loose_path_parameter(self.path()))
            .unwrap_or_default();
        percent_decoded(raw).unwrap_or_default()
    }

    pub(super) fn query(&self, name: &str) -> Option<String> {
        let mut pairs = self.request.url.query_pairs();
        let (_, value) = pairs.find(|(given, _)| given == name)?;
        Some(value.into_owned())
    }

    pub(super) fn header(&self, name: &str) -> Option<&'a str> {
        self.request.headers.get(name)?.to_str().ok()
    }

    /// Scheme and token of the `Authorization` header.
    pub(super) fn authorization(&self) -> Option<(&'a str, &'a str)> {
        let value = self.request.headers.get(AUTHORIZATION)?.to_str().ok()?;
        let (scheme, token) = value.split_once(' ')?;
        (!token.is_empty()).then_some((scheme, token))
    }

    /// A field of the body, whatever it is.
    pub(super) fn field(&self, name: &str) -> Option<&Value> {
        self.body.get(name)
    }

    /// A field of the body that a JavaScript condition takes for true.
    pub(super) fn given(&self, name: &str) -> Option<&Value> {
        self.field(name).filter(|value| postgres::is_truthy(value))
    }

    /// Whether each of these is given.
    pub(super) fn are_given(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.given(name).is_some())
    }

    /// A field of the body for a text column.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        postgres::parameter(self.field(name))
    }

    /// A field of the body for a text column; nothing where a JavaScript condition takes it for false.
    pub(super) fn given_text(&self, name: &str) -> Option<String> {
        postgres::parameter(self.given(name))
    }

    /// What the global handler answers to what a route threw; the class is JavaScript's.
    pub(super) fn thrown(&self, status: u16, class: &str) -> Answer {
        thrown(status, class, self.request_id, self.now)
    }

    /// Where in a table the row is whose id the path names. The legacy routes answer what is no id with an internal
    /// error, which each words itself.
    pub(super) fn position<T>(
        &self,
        rows: &[T],
        is_it: impl Fn(&T, &str) -> bool,
        what: &str,
        failed: &str,
    ) -> Result<usize, Answer> {
        let id = self.parameter();
        postgres::check_uuid(&id).map_err(|refused| refused.hidden(failed))?;
        rows.iter()
            .position(|row| is_it(row, &id))
            .ok_or_else(|| not_found(what))
    }

    /// A page of a TypeScript list: which page, how many rows. The server throws where they make no sense.
    pub(super) fn page(&self, default_size: usize) -> Result<Page, Answer> {
        let number = |name: &str, default: usize| match self.query(name) {
            None => Ok(default),
            Some(text) => usize::from_str(text.trim())
                .map_err(|_| self.thrown(500, "PrismaClientValidationError")),
        };
        let page = number("page", 1)?;
        if page == 0 {
            return Err(self.thrown(500, "PrismaClientUnknownRequestError"));
        }
        let size = number("pageSize", default_size)?;
        Ok(Page { page, size })
    }
}

/// What the global handler answers.
pub(super) fn thrown(status: u16, class: &str, request_id: &str, now: DateTime) -> Answer {
    let body = json!({
        "error": class,
        "message": "An error occurred",
        "requestId": request_id,
        "timestamp": iso(now),
    });
    Answer::json(status, &body)
}

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    page: usize,
    size: usize,
}

impl Page {
    pub(super) fn of(self, rows: Vec<Value>) -> Vec<Value> {
        rows.into_iter()
            .skip((self.page - 1).saturating_mul(self.size))
            .take(self.size)
            .collect()
    }

    /// `{page, pageSize, total, totalPages}`; without a size there is no number of pages.
    pub(super) fn figures(self, total: usize) -> Value {
        let pages = (self.size > 0).then(|| total.div_ceil(self.size));
        json!({ "page": self.page, "pageSize": self.size, "total": total, "totalPages": pages })
    }
}

/// Undoes percent-encoding; nothing where it is malformed.
pub(super) fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        let digits = std::str::from_utf8(&digits).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

impl Refused {
    /// As the routes answer that pass the database's words on as their error.
    pub(super) fn failure(self) -> Answer {
        Answer::failure(500, self.0)
    }

    /// As the routes answer that have one text for every error of the database.
    pub(super) fn hidden(self, error: &str) -> Answer {
        Answer::error(500, error)
    }

    /// As the routes answer that have one text and pass the database's words on as a message.
    pub(super) fn shown(self, error: &str) -> Answer {
        Answer::error_with(500, error, self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_encoding_is_undone_or_malformed() {
        assert_eq!(percent_decoded("a%20b%C3%A4").as_deref(), Some("a bä"));
        for malformed in ["%E0%A4%A", "%", "%zz", "%FF"] {
            assert_eq!(percent_decoded(malformed), None, "{malformed}");
        }
    }

    #[test]
    fn figures_of_a_page_have_no_pages_without_a_size() {
        let page = Page { page: 2, size: 2 };
        assert_eq!(page.figures(5)["totalPages"], 3);
        let rows = (0..5).map(Value::from).collect();
        assert_eq!(page.of(rows), [2, 3]);
        let none = Page { page: 1, size: 0 };
        assert_eq!(none.figures(5)["totalPages"], Value::Null);
    }
}
