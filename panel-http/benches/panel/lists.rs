//! Whole lists, in the shapes the panels send them in.

use std::marker::PhantomData;

use panel_http::{
    CredentialKind, HttpMethod, ListEndpoint, Operation, Paging, PathParameters, Safety,
};

use crate::{
    Effort,
    clients::{WholePage, ours, raw, raw_get},
    paired::{Round, report, rounds},
    rows::{Counted, StrictCustomer, TolerantCustomer, Wrapped},
};

/// `GET /{shape}/{count}`, read as it arrives.
pub(crate) struct Streamed<T> {
    shape: &'static str,
    count: usize,
    row: PhantomData<fn() -> T>,
}

impl<T> Streamed<T> {
    pub(crate) const fn new(shape: &'static str, count: usize) -> Self {
        Self {
            shape,
            count,
            row: PhantomData,
        }
    }
}

impl<T: serde::de::DeserializeOwned + Send + 'static> ListEndpoint for Streamed<T> {
    const OPERATION: &'static Operation = &Operation::new(
        "list customers",
        HttpMethod::Get,
        "/{shape}/{count}",
        Safety::ReadOnly,
    )
    .credentials(&[CredentialKind::KeyPair]);
    const PAGING: Paging = Paging::Whole;
    type Item = T;

    fn path(&self, path: &mut PathParameters) {
        path.set("shape", self.shape);
        path.set("count", self.count);
    }
}

#[derive(Clone, Copy)]
enum How {
    StreamedStrict,
    PageStrict,
    StreamedTolerant,
    PageTolerant,
}

pub(crate) fn run(base: &str, effort: Effort) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for count in [1_000, 10_000] {
        for shape in ["bare", "twice", "counted"] {
            for (how, name) in [
                (How::StreamedStrict, "as it arrives, the same rows"),
                (How::PageStrict, "as a page, the same rows"),
                (How::StreamedTolerant, "as it arrives, tolerant rows"),
                (How::PageTolerant, "as a page, tolerant rows"),
            ] {
                let rounds = runtime.block_on(measure(base, shape, count, how, effort));
                report(&format!("{count} rows, {shape}, {name}"), 1, &rounds);
            }
        }
    }
}

async fn measure(
    base: &str,
    shape: &'static str,
    count: usize,
    how: How,
    effort: Effort,
) -> Vec<Round> {
    let (client, reqwest) = (ours(base), raw());
    let url = format!("{base}/{shape}/{count}");
    let hand_written = async || {
        let rows = match shape {
            "bare" => raw_get::<Vec<StrictCustomer>>(&reqwest, &url).await,
            "twice" => raw_get::<Wrapped<_>>(&reqwest, &url).await.data,
            _ => raw_get::<Counted<_>>(&reqwest, &url).await.items,
        };
        assert_eq!(rows.len(), count);
    };
    let with_ours = async || {
        let rows = match how {
            How::StreamedStrict => {
                let list = Streamed::<StrictCustomer>::new(shape, count);
                client.list(list).collect().await.unwrap().len()
            }
            How::PageStrict => {
                let page = WholePage::<StrictCustomer>::new(shape, count);
                client.call(&page).await.unwrap().items.len()
            }
            How::StreamedTolerant => {
                let list = Streamed::<TolerantCustomer>::new(shape, count);
                client.list(list).collect().await.unwrap().len()
            }
            How::PageTolerant => {
                let page = WholePage::<TolerantCustomer>::new(shape, count);
                client.call(&page).await.unwrap().items.len()
            }
        };
        assert_eq!(rows, count);
    };
    let calls = if count == 1_000 { (20, 2) } else { (6, 1) };
    rounds(effort, calls, hand_written, with_ours).await
}
