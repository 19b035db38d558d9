use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{BodyForm, FieldError, ServerError};
use crate::{redact::is_secret_name, request_body::MASK};

/// More facts or refused fields than this are not kept.
const MOST_ENTRIES: usize = 50;

/// Members that repeat the request or spill the inside of the server.
const ECHOES: [&str; 6] = ["body", "input", "ctx", "stack", "trace", "url"];

/// Reads member by member, so that an object cut off at the cap keeps what came before the cut.
pub(super) fn read(text: &str) -> ServerError {
    let mut found = Found::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // A cut or invalid text ends early; what was found until then stands.
    let _ = Top(&mut found).deserialize(&mut deserializer);
    found.into_error()
}

/// The same JSON without echoes and with secrets masked, or, where it cannot be parsed, only what precedes an echo.
pub(super) fn safe_text(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(mut value) => {
            mask(&mut value);
            value.to_string()
        }
        // Without a parse there is no telling where a secret ends.
        Err(_) => format!("[{} bytes of JSON that cannot be parsed]", text.len()),
    }
}

fn mask(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                if ECHOES.contains(&name.as_str()) {
                    *member = Value::from("[omitted]");
                } else if is_secret_name(name) && (member.is_string() || member.is_number()) {
                    *member = Value::from(MASK);
                } else {
                    mask(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[derive(Default)]
struct Found {
    /// Messages by rank; the best wins.
    nested_message: Option<String>,
    message: Option<String>,
    error: Option<String>,
    detail: Option<String>,
    code: Option<String>,
    field_errors: Vec<FieldError>,
    facts: Vec<(String, String)>,
    retry_after: Option<f64>,
    request_id: Option<String>,
}

impl Found {
    fn into_error(self) -> ServerError {
        let has_better_message = self.nested_message.is_some() || self.message.is_some();
        let listed = || {
            (!self.field_errors.is_empty()).then(|| {
                let lines: Vec<String> = self
                    .field_errors
                    .iter()
                    .map(|error| match error.field.as_str() {
                        "" => error.message.clone(),
                        field => format!("{field}: {}", error.message),
                    })
                    .collect();
                lines.join("; ")
            })
        };
        let message = self
            .nested_message
            .or(self.message)
            .or_else(|| self.error.clone())
            .or(self.detail)
            .or_else(listed);
        ServerError {
            form: BodyForm::Json,
            message,
            label: self.error.filter(|_| has_better_message),
            code: self.code,
            field_errors: self.field_errors,
            facts: self.facts,
            retry_after: self.retry_after,
            request_id: self.request_id,
        }
    }

    fn member(&mut self, name: &str, value: Value) {
        match (name, value) {
            ("error", Value::String(text)) => self.error = Some(text),
            ("error", Value::Object(members)) => {
                for (name, value) in members {
                    match (name.as_str(), value) {
                        ("message", Value::String(text)) => self.nested_message = Some(text),
                        ("details", details) => self.details(details),
                        (_, value) => self.member(&name, value),
                    }
                }
            }
            ("message" | "msg", Value::String(text)) => self.message = Some(text),
            ("detail" | "details" | "errors" | "required", value) => self.details(value),
            // `{error, code}` of a coupon check has the coupon there, hence upper snake only.
            ("code", Value::String(code)) if is_upper_snake(&code) => self.code = Some(code),
            ("retryAfter" | "retry_after", value) => self.retry_after = number(&value),
            ("requestId" | "request_id", Value::String(id)) => self.request_id = Some(id),
            (name, value) => self.fact(name, &value),
        }
    }

    fn details(&mut self, value: Value) {
        match value {
            Value::String(text) => self.detail = Some(text),
            Value::Array(items) => items.into_iter().for_each(|item| self.listed(item)),
            Value::Object(members) => {
                // Shape 3 of NextPanel: an error object as detail.
                if let Some(Value::String(text)) = members.get("message") {
                    self.message = Some(text.clone());
                    return;
                }
                for (name, value) in members {
                    let message = match value {
                        Value::String(text) => text,
                        Value::Array(items) => items
                            .iter()
                            .filter_map(Value::as_str)
                            .collect::<Vec<_>>()
                            .join(", "),
                        _ => "refused".to_owned(),
                    };
                    self.refused(name, message);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// One element of a list of errors.
    fn listed(&mut self, item: Value) {
        match item {
            // `{error, required: ["domain"]}`
            Value::String(name) => self.refused(name, "required".to_owned()),
            Value::Object(members) => {
                let message = ["msg", "message", "error"]
                    .into_iter()
                    .find_map(|name| members.get(name)?.as_str())
                    .unwrap_or("refused")
                    .to_owned();
                let field = ["loc", "path", "field", "param"]
                    .into_iter()
                    .find_map(|name| members.get(name))
                    .map(path)
                    .unwrap_or_default();
                self.refused(field, message);
            }
            _ => {}
        }
    }

    fn refused(&mut self, field: String, message: String) {
        if self.field_errors.len() < MOST_ENTRIES {
            self.field_errors.push(FieldError { field, message });
        }
    }

    fn fact(&mut self, name: &str, value: &Value) {
        let text = match value {
            Value::String(text) if text.len() <= 256 => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            _ => return,
        };
        if !is_secret_name(name) && self.facts.len() < MOST_ENTRIES {
            self.facts.push((name.to_owned(), text));
        }
    }
}

fn path(location: &Value) -> String {
    let Value::Array(parts) = location else {
        return location.as_str().unwrap_or_default().to_owned();
    };
    let parts: Vec<String> = parts
        .iter()
        .map(|part| {
            part.as_str()
                .map_or_else(|| part.to_string(), str::to_owned)
        })
        .collect();
    // `body` is where nearly everything is; `query` and `path` are worth saying.
    match parts.split_first() {
        Some((first, rest)) if first == "body" && !rest.is_empty() => rest.join("."),
        _ => parts.join("."),
    }
}

fn number(value: &Value) -> Option<f64> {
    value
        .as_f64()
        .or_else(|| value.as_str()?.trim().parse().ok())
        .filter(|seconds| seconds.is_finite() && *seconds >= 0.0)
}

fn is_upper_snake(code: &str) -> bool {
    code.starts_with(|letter: char| letter.is_ascii_uppercase())
        && code
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

struct Top<'a>(&'a mut Found);

impl<'de> DeserializeSeed<'de> for Top<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Top<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an error body")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            if ECHOES.contains(&name.as_str()) {
                members.next_value::<IgnoredAny>()?;
            } else if name == "detail" {
                members.next_value_seed(Detail(&mut *self.0))?;
            } else {
                let value = members.next_value::<Value>()?;
                self.0.member(&name, value);
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<(), A::Error> {
        Detail(self.0).visit_seq(items)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        self.0.message = Some(text.to_owned());
        Ok(())
    }
}

/// The list of a 422, whose elements echo the input: a cut in the middle keeps the elements before it.
struct Detail<'a>(&'a mut Found);

impl<'de> DeserializeSeed<'de> for Detail<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Detail<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the detail of an error")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element::<Value>()? {
            self.0.listed(item);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut object = serde_json::Map::new();
        while let Some((name, value)) = members.next_entry::<String, Value>()? {
            object.insert(name, value);
        }
        self.0.details(Value::Object(object));
        Ok(())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        self.0.detail = Some(text.to_owned());
        Ok(())
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<(), E> {
        if number.is_finite() {
            Ok(())
        } else {
            Err(E::custom("not a finite number"))
        }
    }
}
