use std::{fmt, io, ops::Range, sync::Arc};

use bytes::Bytes;
use http::HeaderValue;
use secrecy::{
    ExposeSecret, SecretString,
    zeroize::{Zeroize, Zeroizing},
};
use serde::Serialize;

use crate::encode::EncodeError;

/// What a preview shows in place of a secret.
pub(crate) const MASK: &str = "[secret]";

/// Body of a request. It may hold secrets: it never prints, and its memory is wiped when the last copy goes.
///
/// The parts that are secret are remembered by position, so that a preview can mask them and an error can be freed of
/// a server's echo of them.
///
/// ```
/// use panel_http::RequestBody;
/// use secrecy::SecretString;
///
/// # fn main() -> Result<(), panel_http::EncodeError> {
/// let password = SecretString::from("Tr0ub4dor&3");
/// let body = RequestBody::object(|body| {
///     body.field("username", "acme")?;
///     body.secret("password", &password)
/// })?;
/// assert_eq!(body.masked(), r#"{"username":"acme","password":"[secret]"}"#);
/// assert_eq!(format!("{body:?}"), "RequestBody(44 bytes)");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct RequestBody {
    content_type: Option<HeaderValue>,
    bytes: Bytes,
    /// None without any, which is shared with nobody.
    secrets: Option<Arc<[Range<usize>]>>,
}

impl RequestBody {
    /// No body, and no content type.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// A JSON body without secrets.
    ///
    /// # Errors
    /// If the value does not serialise.
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self, EncodeError> {
        let mut buffer = WipedBuffer::default();
        serde_json::to_writer(&mut buffer, value).map_err(EncodeError::from_json)?;
        Ok(Self::from_buffer(buffer, Vec::new()))
    }

    /// A JSON object written field by field, where some fields are secret.
    ///
    /// # Errors
    /// If a value does not serialise.
    pub fn object<F>(fill: F) -> Result<Self, EncodeError>
    where
        F: FnOnce(&mut JsonObject<'_>) -> Result<(), EncodeError>,
    {
        let mut draft = Draft::default();
        JsonObject::write(&mut draft, fill)?;
        Ok(Self::from_buffer(draft.buffer, draft.secrets))
    }

    /// A body of another media type. All of it counts as one secret: a preview shows nothing of it, and only an echo of the
    /// whole is taken out of what a server says.
    #[must_use]
    pub fn opaque(content_type: HeaderValue, bytes: Vec<u8>) -> Self {
        let whole = 0..bytes.len();
        Self {
            content_type: Some(content_type),
            bytes: Bytes::from_owner(Zeroizing::new(bytes)),
            secrets: Some([whole].into()),
        }
    }

    fn from_buffer(mut buffer: WipedBuffer, secrets: Vec<Range<usize>>) -> Self {
        Self {
            content_type: Some(HeaderValue::from_static("application/json")),
            bytes: Bytes::from_owner(std::mem::take(&mut buffer.bytes)),
            secrets: (!secrets.is_empty()).then(|| secrets.into()),
        }
    }

    /// Number of bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is no body.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Media type to send, none without a body.
    #[must_use]
    pub fn content_type(&self) -> Option<&HeaderValue> {
        self.content_type.as_ref()
    }

    /// The bytes as they go out, secrets included: for transports, never for logs.
    #[must_use]
    pub fn expose_bytes(&self) -> Bytes {
        self.bytes.clone()
    }

    /// The body as text with `[secret]` in place of each secret.
    #[must_use]
    pub fn masked(&self) -> String {
        let mut text = String::with_capacity(self.bytes.len());
        let mut from = 0;
        for secret in self.secret_ranges() {
            push_lossy(&mut text, self.bytes.get(from..secret.start));
            text.push_str(MASK);
            from = secret.end;
        }
        push_lossy(&mut text, self.bytes.get(from..));
        text
    }

    fn secret_ranges(&self) -> &[Range<usize>] {
        self.secrets.as_deref().unwrap_or_default()
    }

    /// Each secret as it stands in the body, JSON escapes included.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.secret_ranges()
            .iter()
            .filter_map(|range| self.bytes.get(range.clone()))
            .filter_map(|bytes| std::str::from_utf8(bytes).ok())
    }
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestBody({} bytes)", self.bytes.len())
    }
}

fn push_lossy(text: &mut String, bytes: Option<&[u8]>) {
    text.push_str(&String::from_utf8_lossy(bytes.unwrap_or_default()));
}

/// A JSON object being written: see [`RequestBody::object`]. Fields go out in the order they are written.
pub struct JsonObject<'a> {
    draft: &'a mut Draft,
    is_first: bool,
}

impl JsonObject<'_> {
    fn write<F>(draft: &mut Draft, fill: F) -> Result<(), EncodeError>
    where
        F: FnOnce(&mut JsonObject<'_>) -> Result<(), EncodeError>,
    {
        draft.buffer.push(b"{");
        fill(&mut JsonObject {
            draft,
            is_first: true,
        })?;
        draft.buffer.push(b"}");
        Ok(())
    }

    /// A field that is not secret.
    ///
    /// # Errors
    /// If the value does not serialise.
    pub fn field<T: Serialize + ?Sized>(
        &mut self,
        name: &str,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.name(name)?;
        serde_json::to_writer(&mut self.draft.buffer, value).map_err(EncodeError::from_json)
    }

    /// A field left out when there is no value, where the server tells null from absent.
    ///
    /// # Errors
    /// If the value does not serialise.
    pub fn optional<T: Serialize>(
        &mut self,
        name: &str,
        value: Option<&T>,
    ) -> Result<(), EncodeError> {
        value.map_or(Ok(()), |value| self.field(name, value))
    }

    /// All fields of a struct or map that holds no secret.
    ///
    /// # Errors
    /// If the value does not serialise, or not as a JSON object.
    pub fn fields<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        let mut buffer = WipedBuffer::default();
        serde_json::to_writer(&mut buffer, value).map_err(EncodeError::from_json)?;
        let inner = buffer
            .bytes
            .strip_prefix(b"{")
            .and_then(|bytes| bytes.strip_suffix(b"}"))
            .ok_or_else(|| EncodeError::new("the value to spread is not a JSON object"))?;
        if !inner.is_empty() {
            self.separator();
            self.draft.buffer.push(inner);
        }
        Ok(())
    }

    /// A secret field.
    ///
    /// # Errors
    /// None today: a string always serialises.
    pub fn secret(&mut self, name: &str, value: &SecretString) -> Result<(), EncodeError> {
        self.name(name)?;
        let start = self.draft.buffer.bytes.len().saturating_add(1);
        serde_json::to_writer(&mut self.draft.buffer, value.expose_secret())
            .map_err(EncodeError::from_json)?;
        let end = self.draft.buffer.bytes.len().saturating_sub(1);
        self.draft.secrets.push(start..end);
        Ok(())
    }

    /// A nested object.
    ///
    /// # Errors
    /// If a value in it does not serialise.
    pub fn object<F>(&mut self, name: &str, fill: F) -> Result<(), EncodeError>
    where
        F: FnOnce(&mut JsonObject<'_>) -> Result<(), EncodeError>,
    {
        self.name(name)?;
        JsonObject::write(self.draft, fill)
    }

    fn name(&mut self, name: &str) -> Result<(), EncodeError> {
        self.separator();
        serde_json::to_writer(&mut self.draft.buffer, name).map_err(EncodeError::from_json)?;
        self.draft.buffer.push(b":");
        Ok(())
    }

    fn separator(&mut self) {
        if !std::mem::take(&mut self.is_first) {
            self.draft.buffer.push(b",");
        }
    }
}

impl fmt::Debug for JsonObject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JsonObject")
    }
}

#[derive(Default)]
struct Draft {
    buffer: WipedBuffer,
    secrets: Vec<Range<usize>>,
}

/// A buffer that leaves no copy behind when it grows: `Vec` frees its old allocation as it is.
#[derive(Default)]
struct WipedBuffer {
    bytes: Zeroizing<Vec<u8>>,
}

impl WipedBuffer {
    fn push(&mut self, more: &[u8]) {
        let needed = self.bytes.len().saturating_add(more.len());
        if needed > self.bytes.capacity() {
            let mut grown =
                Vec::with_capacity(needed.max(self.bytes.capacity().saturating_mul(2)).max(256));
            grown.extend_from_slice(&self.bytes);
            let mut old = std::mem::replace(&mut *self.bytes, grown);
            old.zeroize();
        }
        self.bytes.extend_from_slice(more);
    }
}

impl io::Write for WipedBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.push(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_at_every_depth_and_go_out_whole() {
        let secret = SecretString::from("q\"uote\u{e9}");
        let body = RequestBody::object(|body| {
            body.fields(&serde_json::json!({"a": 1, "b": null}))?;
            body.optional::<u8>("left_out", None)?;
            body.object("customer", |customer| {
                customer.secret("password", &secret)?;
                customer.field("name", "x")
            })?;
            body.secret("token", &secret)
        })
        .unwrap();
        assert_eq!(
            body.masked(),
            r#"{"a":1,"b":null,"customer":{"password":"[secret]","name":"x"},"token":"[secret]"}"#
        );
        let sent: serde_json::Value = serde_json::from_slice(&body.expose_bytes()).unwrap();
        assert_eq!(sent["customer"]["password"], "q\"uote\u{e9}");
        assert_eq!(sent["token"], "q\"uote\u{e9}");
        assert_eq!(body.secrets().count(), 2);
    }

    #[test]
    fn an_empty_object_and_an_empty_spread_are_valid_json() {
        let body = RequestBody::object(|body| body.fields(&serde_json::json!({}))).unwrap();
        assert_eq!(body.masked(), "{}");
        assert!(RequestBody::object(|body| body.fields(&[1, 2])).is_err());
    }

    #[test]
    fn a_large_body_survives_growth() {
        let long = "x".repeat(100_000);
        let body = RequestBody::json(&long).unwrap();
        assert_eq!(body.len(), 100_002);
    }
}
