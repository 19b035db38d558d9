use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use crate::{list::Cursor, scalar::Scalar};

/// The numbers that replies carry about their paging.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PagingFacts {
    pub(crate) total: Option<u64>,
    pub(crate) page: Option<u64>,
    pub(crate) page_size: Option<u64>,
    pub(crate) total_pages: Option<u64>,
    pub(crate) limit: Option<u64>,
    pub(crate) offset: Option<u64>,
    pub(crate) next_token: Option<String>,
}

/// A scalar that may be anything else as well: what is not understood here is no reason to lose the list.
#[derive(Default)]
pub(crate) struct Tolerant<T>(pub(crate) Option<T>);

impl<'de, T: Scalar> Deserialize<'de> for Tolerant<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TolerantVisitor(PhantomData))
    }
}

struct TolerantVisitor<T>(PhantomData<T>);

impl<'de, T: Scalar> Visitor<'de> for TolerantVisitor<T> {
    type Value = Tolerant<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tolerant<T>, E> {
        Ok(Tolerant(T::from_bool(value)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Tolerant<T>, E> {
        Ok(Tolerant(T::from_integer(number.into())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Tolerant<T>, E> {
        Ok(Tolerant(T::from_integer(number.into())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Tolerant<T>, E> {
        Ok(Tolerant(T::from_float(number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tolerant<T>, E> {
        Ok(Tolerant(T::from_text(text.trim())))
    }

    fn visit_unit<E>(self) -> Result<Tolerant<T>, E> {
        Ok(Tolerant(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tolerant<T>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Tolerant(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tolerant<T>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Tolerant(None))
    }
}

/// Which number a member is.
#[derive(Clone, Copy)]
pub(crate) enum Fact {
    Total,
    Page,
    PageSize,
    TotalPages,
    Limit,
    Offset,
    NextToken,
}

impl Fact {
    /// `count` is none of them: some servers mean the rows of this page with it, some all.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "total" | "totalCount" | "total_count" => Self::Total,
            "page" => Self::Page,
            "pageSize" | "page_size" | "perPage" | "per_page" => Self::PageSize,
            "totalPages" | "total_pages" => Self::TotalPages,
            "limit" => Self::Limit,
            "offset" | "skip" => Self::Offset,
            "nextCursor" | "next_cursor" => Self::NextToken,
            _ => return None,
        })
    }
}

impl PagingFacts {
    pub(super) fn read<'de, A: MapAccess<'de>>(
        &mut self,
        fact: Fact,
        map: &mut A,
    ) -> Result<(), A::Error> {
        let slot = match fact {
            Fact::NextToken => {
                self.next_token = map
                    .next_value::<Tolerant<String>>()?
                    .0
                    .filter(|token| !token.is_empty());
                return Ok(());
            }
            Fact::Total => &mut self.total,
            Fact::Page => &mut self.page,
            Fact::PageSize => &mut self.page_size,
            Fact::TotalPages => &mut self.total_pages,
            Fact::Limit => &mut self.limit,
            Fact::Offset => &mut self.offset,
        };
        let read = map.next_value::<Tolerant<u64>>()?.0;
        *slot = read.or(*slot);
        Ok(())
    }

    /// Where the next page begins, as far as the reply alone tells.
    pub(crate) fn next(&self, rows: u64) -> Option<Cursor> {
        if let Some(token) = &self.next_token {
            return Some(Cursor::Token(token.clone()));
        }
        if let (Some(page), Some(pages)) = (self.page, self.total_pages) {
            return (page < pages).then(|| Cursor::Page(page.saturating_add(1)));
        }
        let (offset, total) = (self.offset?, self.total?);
        // A page without rows still takes its place.
        let step = if rows == 0 { self.limit? } else { rows };
        let next = offset.saturating_add(step);
        (step > 0 && next < total).then_some(Cursor::Offset(next))
    }
}

/// `meta` or `pagination`.
impl<'de> Deserialize<'de> for PagingFacts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FactsVisitor)
    }
}

struct FactsVisitor;

impl<'de> Visitor<'de> for FactsVisitor {
    type Value = PagingFacts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object about the paging")
    }

    fn visit_unit<E>(self) -> Result<PagingFacts, E> {
        Ok(PagingFacts::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<PagingFacts, E> {
        Ok(PagingFacts::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<PagingFacts, E> {
        Ok(PagingFacts::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<PagingFacts, E> {
        Ok(PagingFacts::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<PagingFacts, E> {
        Ok(PagingFacts::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<PagingFacts, E> {
        Ok(PagingFacts::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<PagingFacts, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(PagingFacts::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PagingFacts, A::Error> {
        let mut facts = PagingFacts::default();
        while let Some(name) = map.next_key::<super::envelope::Name<'de>>()? {
            match Fact::named(name.as_str()) {
                Some(fact) => facts.read(fact, &mut map)?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(facts)
    }
}
