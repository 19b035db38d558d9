use serde::de::IgnoredAny;

use super::{First, first};
use crate::page::{Role, Tolerant};

/// What stands before the rows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Prefix {
    /// The first row is here, or the end of an empty list.
    Found(usize),
    /// It has not arrived yet.
    More,
    /// It says `"success": false`, or has an error and no list.
    Refused,
    /// It holds none.
    NoList(&'static str),
}

/// Finds the first array of a reply, as [`Page`](crate::Page) would choose it.
pub(super) fn find_list(text: &str) -> Prefix {
    let mut scan = Scan {
        text,
        rest: text.strip_prefix('\u{feff}').unwrap_or(text),
    };
    match scan.peek() {
        None => Prefix::More,
        Some(b'[') => scan.found(),
        Some(b'{') => {
            scan.skip(1);
            members(&mut scan).unwrap_or(Prefix::More)
        }
        Some(_) => Prefix::NoList("expected a list, or an object that holds one"),
    }
}

struct Scan<'a> {
    text: &'a str,
    rest: &'a str,
}

impl Scan<'_> {
    fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_ascii_start();
        self.rest.as_bytes().first().copied()
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// The list begins with the next byte.
    fn found(&mut self) -> Prefix {
        self.skip(1);
        Prefix::Found(self.text.len().saturating_sub(self.rest.len()))
    }

    /// The value here; outer None if it has not arrived, inner None if it is none.
    fn value<T: serde::de::DeserializeOwned>(&mut self) -> Option<Option<T>> {
        match first(self.rest) {
            First::Value(value, length) => {
                self.skip(length);
                Some(Some(value))
            }
            First::More => None,
            First::Failed => Some(None),
        }
    }
}

const BROKEN: Prefix = Prefix::NoList("not JSON");

/// None: more is needed.
fn members(scan: &mut Scan<'_>) -> Option<Prefix> {
    let mut is_nested = false;
    let mut has_error = false;
    loop {
        match scan.peek()? {
            b',' => scan.skip(1),
            b'}' if is_nested => {
                is_nested = false;
                scan.skip(1);
            }
            b'}' if has_error => return Some(Prefix::Refused),
            b'}' => return Some(Prefix::NoList("the reply holds no list")),
            b'"' => {
                let Some(name) = scan.value::<String>()? else {
                    return Some(BROKEN);
                };
                if scan.peek()? != b':' {
                    return Some(BROKEN);
                }
                scan.skip(1);
                let start = scan.peek()?;
                match (Role::of(&name), start) {
                    (Role::ListOrEnvelope | Role::List, b'[') => return Some(scan.found()),
                    (Role::ListOrEnvelope, b'{') if !is_nested => {
                        is_nested = true;
                        scan.skip(1);
                    }
                    (Role::Success, _) => match scan.value::<Tolerant<bool>>()? {
                        None => return Some(BROKEN),
                        Some(Tolerant(Some(false))) => return Some(Prefix::Refused),
                        Some(_) => {}
                    },
                    (role, _) => {
                        has_error |= matches!(role, Role::Error) && start != b'n';
                        if scan.value::<IgnoredAny>()?.is_none() {
                            return Some(BROKEN);
                        }
                    }
                }
            }
            _ => return Some(BROKEN),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(text: &str) -> &str {
        match find_list(text) {
            Prefix::Found(at) => &text[at..],
            other => panic!("{other:?}: {text}"),
        }
    }

    #[test]
    fn the_first_array_is_found_in_every_envelope() {
        for text in [
            "[7]",
            " \n[7]",
            "\u{feff}[7]",
            r#"{"data":[7]"#,
            r#"{"success":true,"customers":[7]"#,
            r#"{"success" : "yes" , "errors":[],"message":"a [ b","meta":{"x":[1]},"servers": [7]"#,
            r#"{"data":{"total":2,"items":[7]"#,
            r#"{"data":{"total":2},"items":[7]"#,
            r#"{"error":null,"data":[7]"#,
        ] {
            assert!(rest(text).starts_with('7'), "{text}");
        }
    }

    #[test]
    fn every_start_of_it_needs_more() {
        let text = r#"{"success":true,"count":12,"m":{"a":"\"}"},"data":["#;
        for end in 0..text.len() {
            assert_eq!(find_list(&text[..end]), Prefix::More, "{}", &text[..end]);
        }
        assert_eq!(find_list(text), Prefix::Found(text.len()));
    }

    #[test]
    fn what_is_no_list_is_told_apart() {
        for text in [
            r#"{"success":false,"#,
            r#"{"error":"x","code":7}"#,
            r#"{"data":{"error":"x"}}"#,
        ] {
            assert_eq!(find_list(text), Prefix::Refused, "{text}");
        }
        for text in [
            "<html>",
            "7",
            "null",
            "{}",
            r#"{"a":1}"#,
            r#"{a:1}"#,
            r#"{"a" 1}"#,
            r#"{"a":x}"#,
            r#"{"data":null}"#,
        ] {
            assert!(matches!(find_list(text), Prefix::NoList(_)), "{text}");
        }
    }
}
