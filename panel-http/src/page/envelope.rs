use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{
    Page,
    paging_facts::{Fact, PagingFacts, Tolerant},
};

/// Room made for rows before they are seen. serde_json knows no length ahead.
const FIRST_ROOM: usize = 32;

/// A reply that should hold a list, read in one pass.
pub(super) struct Envelope<T> {
    items: Option<Vec<T>>,
    facts: PagingFacts,
    says_failure: bool,
    has_error: bool,
}

impl<T> Envelope<T> {
    const fn new() -> Self {
        Self {
            items: None,
            facts: PagingFacts {
                total: None,
                page: None,
                page_size: None,
                total_pages: None,
                limit: None,
                offset: None,
                next_token: None,
            },
            says_failure: false,
            has_error: false,
        }
    }

    /// A success on the outside that is none on the inside.
    pub(super) const fn is_refused(&self) -> bool {
        self.says_failure || (self.has_error && self.items.is_none())
    }

    pub(super) fn into_page(self) -> Option<Page<T>> {
        let items = self.items?;
        let rows = u64::try_from(items.len()).unwrap_or(u64::MAX);
        Some(Page {
            total: self.facts.total,
            next: self.facts.next(rows),
            items,
            facts: self.facts,
        })
    }
}

/// The name of a member, not copied unless it has escapes.
pub(super) struct Name<'de>(Cow<'de, str>);

impl Name<'_> {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
        Ok(Name(name.into()))
    }

    fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
        Ok(Name(name.to_owned().into()))
    }
}

/// What a member of an envelope is, by its name.
pub(crate) enum Role {
    /// A number of the paging.
    Fact(Fact),
    /// An object of such numbers.
    Facts,
    /// Whether the reply is a success.
    Success,
    /// What went wrong. An array of this name is about the reply, whatever it holds.
    Error,
    /// Beside the point, even if it is an array.
    Aside,
    /// The list, if it is an array; also where an envelope may stand once more.
    ListOrEnvelope,
    /// The list, if it is an array.
    List,
}

impl Role {
    pub(crate) fn of(name: &str) -> Self {
        if let Some(fact) = Fact::named(name) {
            return Self::Fact(fact);
        }
        match name {
            "meta" | "pagination" => Self::Facts,
            "success" => Self::Success,
            "error" => Self::Error,
            "errors" | "warnings" | "messages" | "links" | "details" | "detail" => Self::Aside,
            "data" | "result" | "results" | "response" => Self::ListOrEnvelope,
            _ => Self::List,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Envelope<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EnvelopeVisitor(PhantomData))
    }
}

struct EnvelopeVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for EnvelopeVisitor<T> {
    type Value = Envelope<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list, or an object that holds one")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Envelope<T>, A::Error> {
        let mut envelope = Envelope::new();
        envelope.items = Some(rows(seq)?);
        Ok(envelope)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Envelope<T>, A::Error> {
        let mut envelope = Envelope::new();
        members(&mut envelope, map, 0)?;
        Ok(envelope)
    }
}

fn rows<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(mut seq: A) -> Result<Vec<T>, A::Error> {
    let mut rows = Vec::with_capacity(seq.size_hint().unwrap_or(0).min(FIRST_ROOM));
    while let Some(row) = seq.next_element()? {
        rows.push(row);
    }
    Ok(rows)
}

fn members<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    envelope: &mut Envelope<T>,
    mut map: A,
    depth: u8,
) -> Result<(), A::Error> {
    while let Some(name) = map.next_key::<Name<'de>>()? {
        match Role::of(name.as_str()) {
            Role::Fact(fact) => envelope.facts.read(fact, &mut map)?,
            Role::Facts => envelope.facts = map.next_value()?,
            Role::Success => {
                envelope.says_failure |= map.next_value::<Tolerant<bool>>()?.0 == Some(false);
            }
            Role::Error => {
                envelope.has_error |= map.next_value::<Option<IgnoredAny>>()?.is_some();
            }
            Role::Aside => {
                map.next_value::<IgnoredAny>()?;
            }
            role @ (Role::ListOrEnvelope | Role::List) => {
                map.next_value_seed(Member {
                    envelope,
                    may_hold_an_envelope: depth == 0 && matches!(role, Role::ListOrEnvelope),
                })?;
            }
        }
    }
    Ok(())
}

/// A member that may be the list.
struct Member<'a, T> {
    envelope: &'a mut Envelope<T>,
    may_hold_an_envelope: bool,
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Member<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.envelope.items.is_some() {
            // The same array once more: skipping is cheaper than reading.
            return IgnoredAny::deserialize(deserializer).map(drop);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Member<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        self.envelope.items = Some(rows(seq)?);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if self.may_hold_an_envelope {
            return members(self.envelope, map, 1);
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}
