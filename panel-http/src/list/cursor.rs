use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Where in a list to go on: kept by a host as text, it resumes the list in another process.
///
/// ```
/// use panel_http::Cursor;
///
/// let cursor = Cursor::Offset(300);
/// assert_eq!(cursor.to_string(), "offset:300");
/// assert_eq!("offset:300".parse(), Ok(cursor));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cursor {
    /// After this many rows.
    Offset(u64),
    /// At the page of this number, from 1.
    Page(u64),
    /// Where the server's own token points.
    Token(String),
}

/// A text that is no [`Cursor`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a cursor such as offset:300, page:4 or token:abc")]
pub struct NoCursor;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offset(offset) => write!(f, "offset:{offset}"),
            Self::Page(page) => write!(f, "page:{page}"),
            Self::Token(token) => write!(f, "token:{token}"),
        }
    }
}

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let (kind, value) = text.split_once(':').ok_or(NoCursor)?;
        let number = || value.parse().map_err(|_| NoCursor);
        match kind {
            "offset" => number().map(Self::Offset),
            "page" => number().map(Self::Page),
            "token" if !value.is_empty() => Ok(Self::Token(value.to_owned())),
            _ => Err(NoCursor),
        }
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::macros::text(deserializer, str::parse)?.map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_as_text() {
        for cursor in [
            Cursor::Offset(0),
            Cursor::Page(u64::MAX),
            Cursor::Token("a:b c".to_owned()),
        ] {
            assert_eq!(cursor.to_string().parse(), Ok(cursor.clone()));
            let json = serde_json::to_string(&cursor).unwrap();
            assert_eq!(serde_json::from_str::<Cursor>(&json).unwrap(), cursor);
        }
        for text in ["", "offset", "offset:", "offset:-1", "token:", "row:7"] {
            assert_eq!(text.parse::<Cursor>(), Err(NoCursor), "{text}");
        }
    }
}
