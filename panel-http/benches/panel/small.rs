//! One small GET after the other.

use std::time::Instant;

use crate::{
    Effort,
    clients::{Small, ours, raw, raw_get},
    paired::{Round, report},
    rows::StrictCustomer,
};

pub(crate) fn run(base: &str, effort: Effort) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let calls = effort.calls(500);
    runtime.block_on(async {
        let (client, reqwest) = (ours(base), raw());
        let url = format!("{base}/small");
        let hand_written = async || {
            let started = Instant::now();
            for _ in 0..calls {
                assert_eq!(
                    raw_get::<Vec<StrictCustomer>>(&reqwest, &url).await.len(),
                    2
                );
            }
            started.elapsed()
        };
        let mut rounds = Vec::new();
        hand_written().await;
        for _ in 0..effort.rounds {
            let raw = hand_written().await;
            let started = Instant::now();
            for _ in 0..calls {
                assert_eq!(client.call(&Small).await.unwrap().len(), 2);
            }
            let ours = started.elapsed();
            let control = hand_written().await;
            rounds.push(Round { raw, ours, control });
        }
        report("small GET, wall clock", calls, &rounds);
    });
}
