//! One small GET after the other.

use crate::{
    Effort,
    clients::{Small, ours, raw, raw_get},
    paired::{report, rounds},
    rows::StrictCustomer,
};

pub(crate) fn run(base: &str, effort: Effort) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (client, reqwest) = (ours(base), raw());
    let url = format!("{base}/small");
    let hand_written = async || {
        let rows = raw_get::<Vec<StrictCustomer>>(&reqwest, &url).await;
        assert_eq!(rows.len(), 2);
    };
    let with_ours = async || {
        assert_eq!(client.call(&Small).await.unwrap().len(), 2);
    };
    let rounds = runtime.block_on(rounds(effort, (1_000, 10), hand_written, with_ours));
    report("small GET, wall clock", 1, &rounds);
}
