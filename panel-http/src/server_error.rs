mod html;
mod json;

use std::borrow::Cow;

use crate::{
    plain_text::{self, one_line},
    redact::Redactor,
};

/// What an error reply says, whichever of the panels' many shapes it has (mPanel contract 3, NextPanel contract 3).
///
/// Reading never fails: what is not understood is left out, and an HTML page, a plain text, a truncated object or no body
/// at all still give what they have. Members that echo the request (`body`, `input`) are never kept.
///
/// ```
/// use panel_http::ServerError;
///
/// let error = ServerError::read(br#"{"detail": [{"loc": ["body", "email"], "msg": "Field required"}]}"#);
/// assert_eq!(error.message(), Some("email: Field required"));
/// assert_eq!(error.field_errors()[0].field(), "email");
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ServerError {
    form: BodyForm,
    message: Option<String>,
    label: Option<String>,
    code: Option<String>,
    field_errors: Vec<FieldError>,
    facts: Vec<(String, String)>,
    retry_after: Option<f64>,
    request_id: Option<String>,
}

/// What kind of text a reply turned out to be, whatever its content type said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum BodyForm {
    /// No body, or only blanks.
    #[default]
    Empty,
    /// JSON, possibly cut off.
    Json,
    /// A page of HTML: most likely from a proxy and not from the panel.
    Html,
    /// Any other text.
    Text,
}

/// One field the server refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    field: String,
    message: String,
}

impl FieldError {
    /// A refused field and why, as it is.
    #[must_use]
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }

    /// Where it is, as dotted path: `items.0.price`.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What is wrong with it, in the server's words.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl ServerError {
    /// Reads the body of an error reply, or of a success that says `"success": false`.
    #[must_use]
    pub fn read(body: &[u8]) -> Self {
        let text = text_of(body);
        let text = text.trim();
        // An event stream reports errors as its only frame (NextPanel contract 3, shape 7).
        let text = text.strip_prefix("data:").map_or(text, str::trim);
        let mut error = match text.as_bytes().first() {
            None => Self::default(),
            Some(_) if text == "null" => Self {
                form: BodyForm::Json,
                ..Self::default()
            },
            Some(b'{' | b'[' | b'"') => json::read(text),
            Some(b'<') => html::read(text),
            Some(_) => Self {
                form: BodyForm::Text,
                message: Some(text.to_owned()),
                ..Self::default()
            },
        };
        error.each_text(|text| one_line(&text).unwrap_or_default());
        error
    }

    /// Passes every text through; those of which nothing is left are gone.
    fn each_text(&mut self, pass: impl Fn(String) -> String) {
        for text in [
            &mut self.message,
            &mut self.label,
            &mut self.code,
            &mut self.request_id,
        ] {
            *text = text.take().map(&pass).filter(|text| !text.is_empty());
        }
        let fields = self
            .field_errors
            .iter_mut()
            .flat_map(|error| [&mut error.field, &mut error.message]);
        let facts = self.facts.iter_mut().flat_map(|(name, fact)| [name, fact]);
        for text in fields.chain(facts) {
            *text = pass(std::mem::take(text));
        }
    }

    /// What kind of text the body was.
    #[must_use]
    pub const fn form(&self) -> BodyForm {
        self.form
    }

    /// What the server says is wrong, on one line of at most 500 characters.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// The short text some shapes carry beside the message: `Token expired`, or the name of a class.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// An error code such as `AUTH_REQUIRED`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The fields the server refused.
    #[must_use]
    pub fn field_errors(&self) -> &[FieldError] {
        &self.field_errors
    }

    /// Another scalar the reply carried at its top, such as `customerId` or `currentStatus`.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts
            .iter()
            .find_map(|(known, value)| (known == name).then_some(value.as_str()))
    }

    /// Seconds to wait, from the body.
    #[must_use]
    pub const fn retry_after_seconds(&self) -> Option<f64> {
        self.retry_after
    }

    /// Request id, from the body.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Whether message or label contain a text, without regard to case.
    #[must_use]
    pub fn says(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        [&self.message, &self.label]
            .into_iter()
            .flatten()
            .any(|own| own.to_lowercase().contains(&text))
    }

    pub(crate) fn set_message(&mut self, message: &str) {
        self.message = one_line(message);
    }

    pub(crate) fn push_field_error(&mut self, error: FieldError) {
        self.field_errors.push(error);
    }

    pub(crate) fn redacted(mut self, redactor: &Redactor) -> Self {
        self.each_text(|text| redactor.clean_line(text));
        self
    }
}

/// The body as text that is safe to keep: without echoes of the request, secrets masked by name, nothing in it that steers
/// what shows it.
pub(crate) fn safe_text(body: &[u8]) -> Option<String> {
    let text = text_of(body);
    let text = text.trim();
    Some(match text.as_bytes().first()? {
        b'{' | b'[' | b'"' => plain_text::lines(&json::safe_text(text)),
        _ => plain_text::lines(text),
    })
}

fn text_of(body: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body))
}

#[cfg(test)]
mod tests;
