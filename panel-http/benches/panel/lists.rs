//! Whole lists, in the shapes the panels send them in.

use std::time::Instant;

use panel_http::{
    CredentialKind, HttpMethod, ListEndpoint, Operation, Paging, PathParameters, Safety,
};

use crate::{
    Effort,
    clients::{WholePage, ours, raw, raw_get},
    paired::{Round, report, turns},
    rows::{Counted, StrictCustomer, TolerantCustomer, Wrapped},
};

/// `GET /{shape}/{count}`, read as it arrives.
pub(crate) struct Streamed<T> {
    pub(crate) shape: &'static str,
    pub(crate) count: usize,
    pub(crate) row: std::marker::PhantomData<fn() -> T>,
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
                let calls = effort.calls(if count == 1_000 { 50 } else { 5 });
                let rounds = runtime.block_on(measure(base, shape, count, how, calls, effort));
                report(&format!("{count} rows, {shape}, {name}"), calls, &rounds);
            }
        }
    }
}

async fn measure(
    base: &str,
    shape: &'static str,
    count: usize,
    how: How,
    calls: usize,
    effort: Effort,
) -> Vec<Round> {
    let (client, reqwest) = (ours(base), raw());
    let url = format!("{base}/{shape}/{count}");
    let (turns, each) = turns(calls);
    let hand_written = async || {
        let started = Instant::now();
        for _ in 0..each {
            let rows = match shape {
                "bare" => raw_get::<Vec<StrictCustomer>>(&reqwest, &url).await,
                "twice" => raw_get::<Wrapped<_>>(&reqwest, &url).await.data,
                _ => raw_get::<Counted<_>>(&reqwest, &url).await.items,
            };
            assert_eq!(rows.len(), count);
        }
        started.elapsed()
    };
    let with_ours = async || {
        let started = Instant::now();
        for _ in 0..each {
            let rows = match how {
                How::StreamedStrict => {
                    let list = Streamed::<StrictCustomer> {
                        shape,
                        count,
                        row: std::marker::PhantomData,
                    };
                    client.list(list).collect().await.unwrap().len()
                }
                How::PageStrict => {
                    let page = WholePage::<StrictCustomer>::new(shape, count);
                    client.call(&page).await.unwrap().items.len()
                }
                How::StreamedTolerant => {
                    let list = Streamed::<TolerantCustomer> {
                        shape,
                        count,
                        row: std::marker::PhantomData,
                    };
                    client.list(list).collect().await.unwrap().len()
                }
                How::PageTolerant => {
                    let page = WholePage::<TolerantCustomer>::new(shape, count);
                    client.call(&page).await.unwrap().items.len()
                }
            };
            assert_eq!(rows, count);
        }
        started.elapsed()
    };
    hand_written().await;
    with_ours().await;
    let mut rounds = Vec::new();
    for _ in 0..effort.rounds {
        let mut round = Round::default();
        for _ in 0..turns {
            round.raw += hand_written().await;
            round.ours += with_ours().await;
            round.control += hand_written().await;
            round.ours_again += with_ours().await;
        }
        rounds.push(round);
    }
    rounds
}
