//! The numbers that Python's JSON parser takes and JSON does not have.

use serde_json::Value;

const LITERALS: [&str; 3] = ["NaN", "-Infinity", "Infinity"];

/// Parses JSON in which `NaN`, `Infinity` and `-Infinity` may stand for numbers. They come as strings, which is as
/// good where a number is wanted, for those are read leniently.
pub(super) fn parse(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text).or_else(|error| {
        let quoted = quote_literals(text);
        serde_json::from_str(&quoted).map_err(|_| error)
    })
}

fn quote_literals(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 16);
    let mut rest = text;
    let mut in_string = false;
    while let Some(first) = rest.chars().next() {
        let literal = LITERALS
            .into_iter()
            .find(|literal| !in_string && rest.starts_with(literal));
        if let Some(literal) = literal {
            quoted.extend(["\"", literal, "\""]);
            rest = rest.get(literal.len()..).unwrap_or_default();
            continue;
        }
        let mut length = first.len_utf8();
        match first {
            '"' => in_string = !in_string,
            '\\' => length += rest.chars().nth(1).map_or(0, char::len_utf8),
            _ => {}
        }
        quoted.push_str(rest.get(..length).unwrap_or_default());
        rest = rest.get(length..).unwrap_or_default();
    }
    quoted
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_literals_outside_of_strings_become_strings() {
        let text = r#"{"a":NaN,"b":[-Infinity,Infinity],"c":"NaN \" Infinity"}"#;
        assert_eq!(
            parse(text).unwrap(),
            json!({ "a": "NaN", "b": ["-Infinity", "Infinity"], "c": "NaN \" Infinity" })
        );
    }

    #[test]
    fn what_is_no_json_either_way_keeps_its_own_error() {
        let text = r#"{"a":NaN,}"#;
        let expected = serde_json::from_str::<Value>(text).unwrap_err();
        assert_eq!(parse(text).unwrap_err().column(), expected.column());
    }
}
