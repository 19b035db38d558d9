//! 64 calls at a time: throughput, processor time, connections.

use std::{
    fs,
    time::{Duration, Instant},
};

use panel_http::Client;

use crate::{
    Effort,
    clients::{Small, ours, raw, raw_get},
    paired::{Round, report},
    rows::StrictCustomer,
};

const AT_A_TIME: usize = 64;

/// How many turns a round has, and how many calls each of the 64 makes in a turn.
const TURNS: usize = 10;
const CALLS: usize = 10;

/// How many new clients of each side have their connections counted.
const FRESH: usize = 5;

pub(crate) fn run(base: &str, effort: Effort) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let turns = effort.calls(TURNS);
    let (wall, cpu, opened) = runtime.block_on(async {
        let url = format!("{base}/small");
        let hand_written = async |reqwest: &reqwest::Client| {
            at_once(|| {
                let (reqwest, url) = (reqwest.clone(), url.clone());
                async move {
                    for _ in 0..CALLS {
                        raw_get::<Vec<StrictCustomer>>(&reqwest, &url).await;
                    }
                }
            })
            .await
        };
        let with_ours = async |client: &Client| {
            at_once(|| {
                let client = client.clone();
                async move {
                    for _ in 0..CALLS {
                        client.call(&Small).await.unwrap();
                    }
                }
            })
            .await
        };
        let (client, reqwest) = (ours(base), raw());
        let connections = format!("{base}/connections");
        let opened = async || raw_get::<usize>(&reqwest, &connections).await;
        let (mut by_raw, mut by_ours) = (Vec::new(), Vec::new());
        for _ in 0..FRESH {
            opened().await;
            let fresh = raw();
            for _ in 0..turns {
                hand_written(&fresh).await;
            }
            by_raw.push(opened().await);
            let fresh = ours(base);
            for _ in 0..turns {
                with_ours(&fresh).await;
            }
            by_ours.push(opened().await);
        }
        let (mut wall, mut cpu) = (Vec::new(), Vec::new());
        hand_written(&reqwest).await;
        with_ours(&client).await;
        for _ in 0..effort.rounds {
            let (mut in_wall, mut in_cpu) = (Round::default(), Round::default());
            for _ in 0..turns {
                let raw = hand_written(&reqwest).await;
                let ours = with_ours(&client).await;
                let control = hand_written(&reqwest).await;
                let ours_again = with_ours(&client).await;
                in_wall.raw += raw.0;
                in_cpu.raw += raw.1;
                in_wall.ours += ours.0;
                in_cpu.ours += ours.1;
                in_wall.control += control.0;
                in_cpu.control += control.1;
                in_wall.ours_again += ours_again.0;
                in_cpu.ours_again += ours_again.1;
            }
            wall.push(in_wall);
            cpu.push(in_cpu);
        }
        (wall, cpu, (by_ours, by_raw))
    });
    let each = turns * CALLS * AT_A_TIME;
    report("64 at a time, time per call", each, &wall);
    report("64 at a time, processor time per call", each, &cpu);
    let (by_ours, by_raw) = opened;
    println!(
        "64 at a time, connections a new client opens for {each} calls: ours {by_ours:?}, raw {by_raw:?}, interval none (counted), most of ours by calls ratio={:.3}",
        *by_ours.iter().max().unwrap() as f64 / each as f64
    );
}

/// Runs 64 of these at a time; how long it took, and how much of the processor.
async fn at_once<F: Future<Output = ()> + Send + 'static>(
    make: impl Fn() -> F,
) -> (Duration, Duration) {
    let started = (Instant::now(), processor_time());
    let tasks: Vec<_> = (0..AT_A_TIME).map(|_| tokio::spawn(make())).collect();
    for task in tasks {
        task.await.unwrap();
    }
    (started.0.elapsed(), processor_time() - started.1)
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
