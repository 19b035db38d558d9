use super::Cursor;
use crate::{page::Page, url_parts::Query};

/// How a list is asked for in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Paging {
    /// Not at all: the reply holds the whole list, which is read as it arrives.
    Whole,
    /// By the number of rows to leave out.
    Offset {
        /// Name of that parameter: `offset`, `skip`.
        offset: &'static str,
        /// Name of the parameter for the most rows to send: `limit`.
        limit: &'static str,
        /// Rows asked for unless the caller says otherwise.
        size: u32,
    },
    /// By the number of the page, from 1.
    Page {
        /// Name of that parameter: `page`.
        page: &'static str,
        /// Name of the parameter for the most rows to send: `pageSize`.
        limit: &'static str,
        /// Rows asked for unless the caller says otherwise.
        size: u32,
    },
    /// By a token of the server's.
    Token {
        /// Name of that parameter: `cursor`.
        token: &'static str,
        /// Name of the parameter for the most rows to send: `limit`.
        limit: &'static str,
        /// Rows asked for unless the caller says otherwise.
        size: u32,
    },
}

impl Paging {
    pub(super) const fn size(self) -> u32 {
        match self {
            Self::Whole => u32::MAX,
            Self::Offset { size, .. } | Self::Page { size, .. } | Self::Token { size, .. } => size,
        }
    }

    /// Where a list begins. Token lists begin without one.
    pub(super) const fn start(self) -> Option<Cursor> {
        match self {
            Self::Offset { .. } => Some(Cursor::Offset(0)),
            Self::Page { .. } => Some(Cursor::Page(1)),
            Self::Whole | Self::Token { .. } => None,
        }
    }

    /// Whether this list can go on at such a cursor.
    pub(super) const fn takes(self, cursor: &Cursor) -> bool {
        matches!(
            (self, cursor),
            (Self::Offset { .. }, Cursor::Offset(_))
                | (Self::Page { .. }, Cursor::Page(_))
                | (Self::Token { .. }, Cursor::Token(_))
        )
    }

    pub(super) fn ask(self, cursor: Option<&Cursor>, size: u32, query: &mut Query) {
        let (name, limit) = match self {
            Self::Whole => return,
            Self::Offset { offset, limit, .. } => (offset, limit),
            Self::Page { page, limit, .. } => (page, limit),
            Self::Token { token, limit, .. } => (token, limit),
        };
        match cursor {
            Some(Cursor::Offset(number) | Cursor::Page(number)) => query.set(name, number),
            Some(Cursor::Token(token)) => query.set(name, token),
            None => {}
        }
        query.set(limit, size);
    }

    /// Where the page after this one begins, if there is one.
    ///
    /// What the reply says about itself counts; where it says nothing, a page with fewer rows than asked for is the
    /// last, and so is one with more: such a server ignores what it is asked and sends everything.
    pub(super) fn next<T>(
        self,
        asked: Option<&Cursor>,
        size: u32,
        page: &Page<T>,
    ) -> Option<Cursor> {
        let rows = u64::try_from(page.items.len()).unwrap_or(u64::MAX);
        let size = u64::from(size);
        // A server may send less than it is asked for, and say so.
        let granted = page
            .facts
            .page_size
            .or(page.facts.limit)
            .filter(|granted| (1..size).contains(granted))
            .unwrap_or(size);
        match (self, asked) {
            (Self::Offset { .. }, Some(Cursor::Offset(offset))) => {
                let step = if rows == 0 { granted } else { rows };
                let next = offset.saturating_add(step);
                let is_more = match page.total {
                    Some(total) => next < total,
                    None => rows == granted,
                };
                (is_more && rows <= size).then_some(Cursor::Offset(next))
            }
            (Self::Page { .. }, Some(Cursor::Page(number))) => {
                let is_more = match (page.facts.total_pages, page.total) {
                    (Some(pages), _) => *number < pages,
                    (None, Some(total)) => number.saturating_mul(granted) < total,
                    (None, None) => rows == granted,
                };
                (is_more && rows <= size).then_some(Cursor::Page(number.saturating_add(1)))
            }
            (Self::Token { .. }, _) => match &page.next {
                Some(Cursor::Token(token)) => Some(Cursor::Token(token.clone())),
                _ => None,
            },
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFSET: Paging = Paging::Offset {
        offset: "skip",
        limit: "limit",
        size: 2,
    };
    const PAGE: Paging = Paging::Page {
        page: "page",
        limit: "pageSize",
        size: 2,
    };

    fn next(paging: Paging, asked: &Cursor, reply: &str) -> Option<Cursor> {
        paging.next::<u32>(Some(asked), 2, &serde_json::from_str(reply).unwrap())
    }

    #[test]
    fn a_full_page_is_followed_and_any_other_is_the_last() {
        let asked = Cursor::Offset(4);
        assert_eq!(next(OFFSET, &asked, "[1,2]"), Some(Cursor::Offset(6)));
        for last in ["[]", "[1]", "[1,2,3]"] {
            assert_eq!(next(OFFSET, &asked, last), None, "{last}");
        }
        assert_eq!(next(PAGE, &Cursor::Page(3), "[1,2]"), Some(Cursor::Page(4)));
        assert_eq!(next(PAGE, &Cursor::Page(3), "[1]"), None);
    }

    #[test]
    fn what_the_reply_says_counts_more() {
        let asked = Cursor::Offset(4);
        for (reply, expected) in [
            (r#"{"items":[1],"total":9}"#, Some(5)),
            (r#"{"items":[],"total":9}"#, Some(6)),
            (r#"{"items":[1,2],"total":6}"#, None),
            (r#"{"items":[1],"limit":1,"offset":4}"#, Some(5)),
        ] {
            assert_eq!(
                next(OFFSET, &asked, reply),
                expected.map(Cursor::Offset),
                "{reply}"
            );
        }
        for (reply, is_more) in [
            (r#"{"data":[],"pagination":{"totalPages":4}}"#, true),
            (r#"{"data":[1,2],"pagination":{"totalPages":3}}"#, false),
            (r#"{"data":[1],"meta":{"total":7}}"#, true),
            (r#"{"data":[1,2],"meta":{"total":6}}"#, false),
            (r#"{"data":[1],"meta":{"total":4,"pageSize":1}}"#, true),
        ] {
            assert_eq!(
                next(PAGE, &Cursor::Page(3), reply).is_some(),
                is_more,
                "{reply}"
            );
        }
    }
}
