//! Reading single objects out of the envelopes of contract section 6.

use std::collections::BTreeMap;

use panel_http::{Answer, DecodeError, ServerError};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

/// One object: bare, under one of these members, or under `data`.
///
/// An object with an id of its own is the row itself, whatever else it holds.
///
/// # Errors
/// If it says `"success": false`, or is not what was asked for.
pub(crate) fn row<T: DeserializeOwned>(
    answer: &Answer,
    members: &[&str],
) -> Result<T, DecodeError> {
    match member(answer, members)? {
        Some((name, inner)) => inside(answer, name, inner),
        None => answer.json(),
    }
}

/// As [`row`], where null under the member means that there is none.
///
/// # Errors
/// As [`row`].
pub(crate) fn optional_row<T: DeserializeOwned>(
    answer: &Answer,
    members: &[&str],
) -> Result<Option<T>, DecodeError> {
    match member(answer, members)? {
        Some((_, inner)) if inner.get() == "null" => Ok(None),
        Some((name, inner)) => inside(answer, name, inner).map(Some),
        None => answer.json().map(Some),
    }
}

/// A reply of which only the success matters.
///
/// # Errors
/// If it says `"success": false`.
pub(crate) fn done(answer: &Answer) -> Result<Done, DecodeError> {
    if answer.body().is_empty() {
        return Ok(Done { message: None });
    }
    let outer = outer(answer)?;
    let message = outer
        .get("message")
        .and_then(|text| serde_json::from_str(text.get()).ok());
    Ok(Done { message })
}

/// That something was done, in the server's words.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Done {
    /// The server's words, such as "Customer deleted successfully".
    pub message: Option<String>,
}

type Members<'a> = BTreeMap<String, &'a RawValue>;

fn outer(answer: &Answer) -> Result<Members<'_>, DecodeError> {
    let text = answer.text()?;
    let members: Members<'_> = serde_json::from_str(text)
        .map_err(|_| DecodeError::unreadable("", "the reply is no JSON object"))?;
    let is_refused = ["success", "ok"].iter().any(|name| {
        members
            .get(*name)
            .is_some_and(|value| value.get() == "false")
    });
    if is_refused {
        return Err(DecodeError::refused(ServerError::read(answer.body())));
    }
    Ok(members)
}

fn member<'a, 'n>(
    answer: &'a Answer,
    members: &[&'n str],
) -> Result<Option<(&'n str, &'a RawValue)>, DecodeError> {
    let outer = outer(answer)?;
    if outer.contains_key("id") {
        return Ok(None);
    }
    Ok(members
        .iter()
        .chain(&["data"])
        .find_map(|name| Some((*name, *outer.get(*name)?))))
}

fn inside<T: DeserializeOwned>(
    answer: &Answer,
    name: &str,
    inner: &RawValue,
) -> Result<T, DecodeError> {
    let inner = Answer::new(
        answer.status(),
        answer.headers().clone(),
        inner.get().to_owned(),
    );
    inner.json().map_err(|error| {
        let path = match error.path() {
            "" => name.to_owned(),
            path => format!("{name}.{path}"),
        };
        let text = error.to_string();
        // The text ends in the path it was made with.
        let message = text.split(" at ").next().unwrap_or_default().to_owned();
        DecodeError::unreadable(path, message)
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Row {
        id: u32,
    }

    fn answer(body: &'static str) -> Answer {
        Answer::new(StatusCode::OK, HeaderMap::new(), body)
    }

    #[test]
    fn every_envelope_gives_the_row() {
        for body in [
            r#"{"id":7}"#,
            r#"{"id":7,"data":{"id":1},"customer":{"id":2}}"#,
            r#"{"success":true,"customer":{"id":7}}"#,
            r#"{"success":true,"data":{"id":7}}"#,
            r#"{"message":"ok","customer":{"id":7}}"#,
        ] {
            assert_eq!(
                row::<Row>(&answer(body), &["customer"]).unwrap(),
                Row { id: 7 },
                "{body}"
            );
        }
        assert_eq!(
            optional_row::<Row>(&answer(r#"{"task":null}"#), &["task"]).unwrap(),
            None
        );
    }

    #[test]
    fn a_failure_inside_a_success_is_one_and_a_bad_row_names_its_path() {
        let error = row::<Row>(&answer(r#"{"success":false,"error":"no"}"#), &[]).unwrap_err();
        assert_eq!(error.to_string(), "no");
        let error =
            row::<Row>(&answer(r#"{"success":true,"data":{"id":"canary"}}"#), &[]).unwrap_err();
        assert_eq!(error.path(), "data.id");
        assert!(!error.to_string().contains("canary"), "{error}");
        assert!(row::<Row>(&answer("[]"), &[]).is_err());
    }
}
