//! 64 calls at a time: throughput, processor time, connections.

use std::{
    fs,
    time::{Duration, Instant},
};

use crate::{
    Effort,
    clients::{Small, ours, raw, raw_get},
    paired::{Round, report},
    rows::StrictCustomer,
};

const AT_A_TIME: usize = 64;

pub(crate) fn run(base: &str, effort: Effort) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let calls = effort.calls(100);
    let (wall, cpu, opened) = runtime.block_on(async {
        let (client, reqwest) = (ours(base), raw());
        let url = format!("{base}/small");
        let hand_written = async || {
            let started = (Instant::now(), processor_time());
            let tasks: Vec<_> = (0..AT_A_TIME)
                .map(|_| {
                    let (reqwest, url) = (reqwest.clone(), url.clone());
                    tokio::spawn(async move {
                        for _ in 0..calls {
                            raw_get::<Vec<StrictCustomer>>(&reqwest, &url).await;
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
            (started.0.elapsed(), processor_time() - started.1)
        };
        let with_ours = async || {
            let started = (Instant::now(), processor_time());
            let tasks: Vec<_> = (0..AT_A_TIME)
                .map(|_| {
                    let client = client.clone();
                    tokio::spawn(async move {
                        for _ in 0..calls {
                            client.call(&Small).await.unwrap();
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
            (started.0.elapsed(), processor_time() - started.1)
        };
        let opened = async || raw_get::<usize>(&reqwest, &format!("{base}/connections")).await;
        opened().await;
        hand_written().await;
        let by_raw = opened().await;
        with_ours().await;
        let by_ours = opened().await;
        let (mut wall, mut cpu) = (Vec::new(), Vec::new());
        for _ in 0..effort.rounds {
            let (raw, ours, control) = (
                hand_written().await,
                with_ours().await,
                hand_written().await,
            );
            wall.push(Round {
                raw: raw.0,
                ours: ours.0,
                control: control.0,
            });
            cpu.push(Round {
                raw: raw.1,
                ours: ours.1,
                control: control.1,
            });
        }
        (wall, cpu, (by_ours, by_raw))
    });
    let each = calls * AT_A_TIME;
    report("64 at a time, time per call", each, &wall);
    report("64 at a time, processor time per call", each, &cpu);
    let (by_ours, by_raw) = opened;
    println!(
        "64 at a time, connections for {each} calls: ours {by_ours}, raw {by_raw}, interval none (counted) ratio={:.3}",
        by_ours as f64 / by_raw.max(1) as f64
    );
}

/// Processor time of this process, all threads.
fn processor_time() -> Duration {
    let nanoseconds = fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(|task| fs::read_to_string(task.ok()?.path().join("schedstat")).ok())
        .filter_map(|text| text.split(' ').next()?.parse::<u64>().ok())
        .sum();
    Duration::from_nanos(nanoseconds)
}
