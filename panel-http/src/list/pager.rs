use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    marker::PhantomData,
};

use serde::de::DeserializeOwned;

use super::{Cursor, ListEndpoint, Paging};
use crate::{
    answer::Answer,
    client::{CallOptions, Client},
    decode::DecodeError,
    endpoint::Endpoint,
    error::{Error, Kind},
    operation::Operation,
    page::Page,
    url_parts::{PathParameters, Query},
};

/// Asks for one page after the other.
pub(super) struct Pager<E> {
    client: Client,
    endpoint: E,
    size: u32,
    options: CallOptions,
    next: Option<Cursor>,
    is_done: bool,
    is_resumed: bool,
    /// Digests of the replies so far: a server that does not heed the cursor sends the same one for ever.
    seen: HashSet<u64>,
    /// Cursors so far, where the server makes them.
    cursors: HashSet<Cursor>,
}

impl<E: ListEndpoint> Pager<E> {
    pub(super) fn new(
        client: Client,
        endpoint: E,
        size: u32,
        start: Option<Cursor>,
        options: CallOptions,
    ) -> Self {
        Self {
            client,
            endpoint,
            size,
            options,
            is_resumed: start.is_some(),
            next: start.or_else(|| E::PAGING.start()),
            is_done: false,
            seen: HashSet::new(),
            cursors: HashSet::new(),
        }
    }

    pub(super) async fn next<T: DeserializeOwned + Send>(
        &mut self,
    ) -> Result<Option<Page<T>>, Error> {
        if self.is_done {
            return Ok(None);
        }
        // Whatever happens from here on, a failed page is not asked for again.
        self.is_done = true;
        if let Some(cursor) = self.next.as_ref().filter(|_| self.is_resumed)
            && !E::PAGING.takes(cursor)
        {
            return Err(self.fault(Kind::Encode, "this list cannot go on at such a cursor"));
        }
        let call = PageCall {
            endpoint: &self.endpoint,
            cursor: self.next.as_ref(),
            size: self.size,
            row: PhantomData,
        };
        let (mut page, digest): (Page<T>, u64) =
            self.client.call_with(&call, &self.options).await?;
        if !page.items.is_empty() && !self.seen.insert(digest) {
            return Err(self.fault(Kind::Decode, "the server sent a page for the second time"));
        }
        let following = E::PAGING.next(self.next.as_ref(), self.size, &page);
        if let Some(cursor @ Cursor::Token(_)) = &following
            && !self.cursors.insert(cursor.clone())
        {
            return Err(self.fault(Kind::Decode, "the server names a page for the second time"));
        }
        self.is_done = following.is_none();
        page.next.clone_from(&following);
        self.next = following;
        Ok(Some(page))
    }

    fn fault(&self, kind: Kind, note: &str) -> Error {
        let at = self
            .next
            .as_ref()
            .filter(|cursor| !matches!(cursor, Cursor::Token(_)));
        let error = Error::new(kind, E::OPERATION.name)
            .with_request(E::OPERATION.method, E::OPERATION.path)
            .with_safety(E::OPERATION.safety);
        match at {
            Some(cursor) => error.with_note(format_args!("{note} ({cursor})")),
            None => error.with_note(note),
        }
    }
}

/// The call for one page.
struct PageCall<'a, E, T> {
    endpoint: &'a E,
    cursor: Option<&'a Cursor>,
    size: u32,
    row: PhantomData<fn() -> T>,
}

impl<E: ListEndpoint, T: DeserializeOwned + Send> Endpoint for PageCall<'_, E, T> {
    const OPERATION: &'static Operation = E::OPERATION;
    type Reply = (Page<T>, u64);

    fn path(&self, path: &mut PathParameters) {
        self.endpoint.path(path);
    }

    fn query(&self, query: &mut Query) {
        self.endpoint.query(query);
        E::PAGING.ask(self.cursor, self.size, query);
    }

    fn decode(&self, answer: &Answer) -> Result<(Page<T>, u64), DecodeError> {
        let page = Page::read(answer)?;
        let digest = if E::PAGING == Paging::Whole {
            0
        } else {
            let mut hasher = DefaultHasher::new();
            answer.body().hash(&mut hasher);
            hasher.finish()
        };
        Ok((page, digest))
    }
}
