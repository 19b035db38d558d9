use std::{marker::PhantomData, pin::Pin};

use futures_core::Stream;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::de::DeserializeOwned;

use super::{
    Cursor, ItemError, ListEndpoint, Paging, WithExtra, lossy::Lossy, pager::Pager,
    streamed::Streamed,
};
use crate::{
    client::{CallOptions, Client},
    error::Error,
    page::Page,
};

/// The pages of a list.
pub type PageStream<T> = Pin<Box<dyn Stream<Item = Result<Page<T>, Error>> + Send>>;

/// The rows of a list, up to the first error.
pub type ItemStream<T> = Pin<Box<dyn Stream<Item = Result<T, Error>> + Send>>;

/// The rows of a list, those that cannot be read as errors among them.
pub type LossyItemStream<T> = Pin<Box<dyn Stream<Item = Result<T, ItemError>> + Send>>;

/// A list about to be read: as pages, as rows, or all at once. Nothing is sent before the stream is polled, and each
/// page only when it is asked for.
///
/// A list that a server sends whole ([`Paging::Whole`]) is read as it arrives: rows are handed out while the rest is on
/// its way, at most one row is kept, and what follows the list is not read at all. The limits of the call then hold for
/// the time spent waiting for the server, not for the time between two polls.
#[must_use = "a list is read as `pages`, `items`, `items_lossy` or with `collect`"]
pub struct Listing<E: ListEndpoint, T = <E as ListEndpoint>::Item> {
    client: Client,
    endpoint: E,
    size: u32,
    start: Option<Cursor>,
    options: CallOptions,
    row: PhantomData<fn() -> T>,
}

impl<E: ListEndpoint> Listing<E> {
    pub(crate) fn new(client: Client, endpoint: E) -> Self {
        Self {
            client,
            endpoint,
            size: E::PAGING.size(),
            start: None,
            options: CallOptions::new(),
            row: PhantomData,
        }
    }

    /// Keeps what the type of the rows does not know, so that they can be sent back whole.
    pub fn with_extra(self) -> Listing<E, WithExtra<E::Item>> {
        self.of_rows()
    }
}

impl<E: ListEndpoint, T: DeserializeOwned + Send + 'static> Listing<E, T> {
    /// Asks for this many rows at a time.
    pub const fn with_page_size(mut self, rows: u32) -> Self {
        self.size = if rows == 0 { 1 } else { rows };
        self
    }

    /// Goes on where a page said the next one begins.
    pub fn with_start(mut self, cursor: Cursor) -> Self {
        self.start = Some(cursor);
        self
    }

    /// Limits of each request.
    pub const fn with_options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    fn of_rows<U>(self) -> Listing<E, U> {
        Listing {
            client: self.client,
            endpoint: self.endpoint,
            size: self.size,
            start: self.start,
            options: self.options,
            row: PhantomData,
        }
    }

    /// The list page by page. [`Page::next`] of the last page seen resumes it. A list that comes whole is one page, and
    /// has to fit the cap of bodies.
    ///
    /// # Errors
    /// As [`Client::call`]; [`Kind::Decode`](crate::Kind::Decode) also where the server sends the same page again and
    /// again. Nothing follows an error.
    pub fn pages(self) -> PageStream<T> {
        let pager = Pager::new(
            self.client,
            self.endpoint,
            self.size,
            self.start,
            self.options,
        );
        Box::pin(stream::try_unfold(pager, |mut pager| async move {
            Ok(pager.next::<T>().await?.map(|page| (page, pager)))
        }))
    }

    /// The rows one by one, strictly: a row that cannot be read ends the list.
    ///
    /// # Errors
    /// As [`pages`](Self::pages).
    pub fn items(self) -> ItemStream<T> {
        if E::PAGING == Paging::Whole {
            let streamed = Streamed::new(self.client, self.endpoint, self.options);
            let batches = stream::try_unfold(streamed, |mut streamed| async move {
                Ok(streamed.next::<T>().await?.map(|rows| (rows, streamed)))
            });
            return Box::pin(
                batches
                    .map_ok(|rows| stream::iter(rows.into_iter().map(Ok)))
                    .try_flatten(),
            );
        }
        Box::pin(
            self.pages()
                .map_ok(|page| stream::iter(page.items.into_iter().map(Ok)))
                .try_flatten(),
        )
    }

    /// The rows one by one; one that cannot be read is an error with its JSON, and the list goes on after it.
    ///
    /// # Errors
    /// [`ItemError::Bad`] for a row, [`ItemError::Failed`] for what ends the list.
    pub fn items_lossy(self) -> LossyItemStream<T> {
        let rows = self.of_rows::<Lossy<T>>().items();
        Box::pin(rows.enumerate().map(|(index, row)| match row {
            Ok(Lossy::Good(row)) => Ok(row),
            Ok(Lossy::Bad(bad)) => Err(ItemError::Bad(
                bad.at(u64::try_from(index).unwrap_or(u64::MAX)),
            )),
            Err(error) => Err(ItemError::Failed(error)),
        }))
    }

    /// All rows.
    ///
    /// # Errors
    /// As [`pages`](Self::pages); the rows before an error are lost.
    pub async fn collect(self) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        if E::PAGING == Paging::Whole {
            let mut streamed = Streamed::new(self.client, self.endpoint, self.options);
            while streamed.next_into(&mut all).await? {}
            return Ok(all);
        }
        let mut pages = self.pages();
        while let Some(page) = pages.try_next().await? {
            all.extend(page.items);
        }
        Ok(all)
    }
}
