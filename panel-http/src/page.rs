mod envelope;
mod paging_facts;

use serde::{Deserialize, Deserializer, de::Error as _};

use self::envelope::Envelope;
use crate::{answer::Answer, decode::DecodeError, list::Cursor, server_error::ServerError};

pub(crate) use self::{
    envelope::Role,
    paging_facts::{PagingFacts, Tolerant},
};

/// The rows of one reply, whichever envelope they came in.
///
/// A bare array, or an object that holds one: under `data`, `items`, or the name of the resource (the first array
/// counts, a second copy of it is skipped unread), also one level deeper (`{"data": {"items": [..]}}`); beside it or in
/// `meta` or `pagination` the numbers of the paging (mPanel contract 6, NextPanel contract 2). Read in one pass.
///
/// ```
/// use panel_http::Page;
///
/// let text = r#"{"success": true, "data": [1, 2], "pagination": {"page": 1, "totalPages": 9, "total": "17"}}"#;
/// let page: Page<u32> = serde_json::from_str(text)?;
/// assert_eq!((page.items, page.total), (vec![1, 2], Some(17)));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// How many rows there are on all pages, if the server says so.
    pub total: Option<u64>,
    /// Where the next page begins, if there is one and the reply, or the way the list is paged, tells.
    pub next: Option<Cursor>,
    pub(crate) facts: PagingFacts,
}

impl<T> Page<T> {
    /// A page of these rows.
    #[must_use]
    pub fn new(items: Vec<T>) -> Self {
        Self {
            items,
            total: None,
            next: None,
            facts: PagingFacts::default(),
        }
    }

    /// Sets how many rows there are in all.
    #[must_use]
    pub const fn with_total(mut self, total: u64) -> Self {
        self.total = Some(total);
        self
    }

    /// Sets where the next page begins.
    #[must_use]
    pub fn with_next(mut self, next: Cursor) -> Self {
        self.next = Some(next);
        self
    }

    /// The same page with other rows.
    #[must_use]
    pub fn map<U>(self, map: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(map).collect(),
            total: self.total,
            next: self.next,
            facts: self.facts,
        }
    }
}

impl<T: for<'de> Deserialize<'de>> Page<T> {
    /// Reads a reply.
    ///
    /// # Errors
    /// If it says `"success": false` inside, holds no list, or a row cannot be read.
    pub fn read(answer: &Answer) -> Result<Self, DecodeError> {
        let envelope: Envelope<T> = answer.json()?;
        if envelope.is_refused() {
            return Err(DecodeError::refused(ServerError::read(answer.body())));
        }
        envelope
            .into_page()
            .ok_or_else(|| DecodeError::unreadable("", "the reply holds no list"))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Page<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let envelope = Envelope::deserialize(deserializer)?;
        if envelope.is_refused() {
            return Err(D::Error::custom("the reply says that it is none"));
        }
        envelope
            .into_page()
            .ok_or_else(|| D::Error::custom("the reply holds no list"))
    }
}

#[cfg(test)]
mod tests;
