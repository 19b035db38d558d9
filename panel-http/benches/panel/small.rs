//! One small GET after the other.
//!
//! A round counts the ordinary call, which is the median of its calls: a call of microseconds is lost in a single one
//! during which the machine did something else.

use std::time::{Duration, Instant};

use crate::{
    Effort,
    clients::{Small, ours, raw, raw_get},
    paired::{Round, median, report},
    rows::StrictCustomer,
};

/// Calls of a side in a row, enough for it to find its own code and data in the caches.
const AT_ONCE: usize = 10;

pub(crate) fn run(base: &str, effort: Effort) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let calls = effort.calls(1_000);
    runtime.block_on(async {
        let (client, reqwest) = (ours(base), raw());
        let url = format!("{base}/small");
        let hand_written = async |times: &mut Vec<f64>| {
            for _ in 0..AT_ONCE {
                let started = Instant::now();
                let rows = raw_get::<Vec<StrictCustomer>>(&reqwest, &url).await;
                times.push(started.elapsed().as_secs_f64());
                assert_eq!(rows.len(), 2);
            }
        };
        let with_ours = async |times: &mut Vec<f64>| {
            for _ in 0..AT_ONCE {
                let started = Instant::now();
                let rows = client.call(&Small).await.unwrap();
                times.push(started.elapsed().as_secs_f64());
                assert_eq!(rows.len(), 2);
            }
        };
        let mut rounds = Vec::new();
        for _ in 0..effort.rounds {
            let mut times = [const { Vec::new() }; 4];
            for _ in 0..calls / AT_ONCE {
                let [raw, ours, control, ours_again] = &mut times;
                hand_written(raw).await;
                with_ours(ours).await;
                hand_written(control).await;
                with_ours(ours_again).await;
            }
            let [raw, ours, control, ours_again] =
                times.map(|mut times| Duration::from_secs_f64(median(&mut times)));
            rounds.push(Round {
                raw,
                ours,
                control,
                ours_again,
            });
        }
        report("small GET, wall clock", 1, &rounds);
    });
}
