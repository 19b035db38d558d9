use std::fmt::{Display, Write};

use url::form_urlencoded;

use crate::encode::EncodeError;

/// Values for the `{name}` parts of an operation's path.
#[derive(Debug, Clone, Default)]
pub struct PathParameters {
    values: Vec<(&'static str, String)>,
}

impl PathParameters {
    /// Sets the value of `{name}`.
    pub fn set(&mut self, name: &'static str, value: impl Display) {
        self.values.push((name, value.to_string()));
    }

    /// The path with all values in place, percent-encoded.
    ///
    /// Values that would leave their place in the path are refused: empty, `.`, `..`, and those with a slash, a
    /// backslash or a control character. A slash is refused rather than encoded because NextPanel's server decodes
    /// `%2F` before it routes, which would turn one call into another.
    pub(crate) fn expand(&self, template: &str) -> Result<String, EncodeError> {
        let mut path = String::with_capacity(template.len().saturating_add(32));
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            path.push_str(before);
            let (name, tail) = after
                .split_once('}')
                .ok_or_else(|| EncodeError::new("the path template has an open brace"))?;
            let value = self
                .values
                .iter()
                .find_map(|(known, value)| (*known == name).then_some(value.as_str()))
                .ok_or_else(|| {
                    EncodeError::new(format_args!("the path needs a value for {name}"))
                })?;
            push_segment(&mut path, name, value)?;
            rest = tail;
        }
        path.push_str(rest);
        Ok(path)
    }
}

fn push_segment(path: &mut String, name: &str, value: &str) -> Result<(), EncodeError> {
    let fault = match value {
        "" => Some("is empty"),
        "." | ".." => Some("is a relative path"),
        _ if value.contains(['/', '\\']) => Some("contains a slash"),
        _ if value.contains(char::is_control) => Some("contains a control character"),
        _ => None,
    };
    if let Some(fault) = fault {
        return Err(EncodeError::new(format_args!(
            "the path value {name} {fault}"
        )));
    }
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            write!(path, "%{byte:02X}").map_err(EncodeError::new)?;
        }
    }
    Ok(())
}

/// Query of a request, in the order it is set.
#[derive(Debug, Clone, Default)]
pub struct Query {
    pairs: Vec<(&'static str, String)>,
}

impl Query {
    /// Adds `name=value`.
    pub fn set(&mut self, name: &'static str, value: impl Display) {
        self.pairs.push((name, value.to_string()));
    }

    /// Adds `name=value` if there is a value.
    pub fn set_some(&mut self, name: &'static str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    pub(crate) fn encode(&self) -> Option<String> {
        (!self.pairs.is_empty()).then(|| {
            form_urlencoded::Serializer::new(String::new())
                .extend_pairs(&self.pairs)
                .finish()
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn expand(value: &str) -> Result<String, EncodeError> {
        let mut parameters = PathParameters::default();
        parameters.set("id", value);
        parameters.expand("/a/{id}/b")
    }

    #[test]
    fn values_are_encoded_and_cannot_leave_their_segment() {
        assert_eq!(expand("7").unwrap(), "/a/7/b");
        assert_eq!(expand("x?y#z %").unwrap(), "/a/x%3Fy%23z%20%25/b");
        assert_eq!(expand("%2e%2e").unwrap(), "/a/%252e%252e/b");
        assert_eq!(expand("caf\u{e9}").unwrap(), "/a/caf%C3%A9/b");
        for refused in [
            "",
            ".",
            "..",
            "../../x?y",
            "5/suspend",
            "a\\b",
            "a\nb",
            "\0",
        ] {
            assert!(expand(refused).is_err(), "{refused:?}");
        }
    }

    #[test]
    fn a_missing_value_is_named() {
        let error = PathParameters::default().expand("/a/{id}").unwrap_err();
        assert_eq!(error.to_string(), "the path needs a value for id");
    }

    #[test]
    fn the_complaint_does_not_repeat_the_value() {
        let error = expand("se/cret").unwrap_err().to_string();
        assert!(!error.contains("cret"), "{error}");
    }

    #[test]
    fn queries_are_encoded_in_order() {
        let mut query = Query::default();
        query.set("b", 2);
        query.set_some("none", None::<u8>);
        query.set_some("a", Some("x&y=z"));
        assert_eq!(query.encode().unwrap(), "b=2&a=x%26y%3Dz");
        assert!(Query::default().encode().is_none());
    }

    proptest! {
        #[test]
        fn an_accepted_value_stays_one_segment(value in ".*") {
            if let Ok(path) = expand(&value) {
                let url = url::Url::parse("http://h").unwrap().join(&path).unwrap();
                let segments: Vec<_> = url.path_segments().unwrap().collect();
                prop_assert_eq!(segments.len(), 3);
                prop_assert_eq!(segments[2], "b");
                prop_assert!(url.query().is_none() && url.fragment().is_none());
            }
        }
    }
}
