//! The panels and the client alone, without plan, journal or store: what there is to be had of them on this machine.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use nextpanel_client::panel::{LogIn, Panel, PanelCredentials};

use crate::panels::Panels;
use crate::{IN_FLIGHT, LATENCY};

/// So many requests, 64 at once, spread over all panels.
pub(crate) fn run(requests: usize) {
    let panels = Panels::start(1);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let clients: Vec<Panel> = panels
        .all
        .iter()
        .map(|panel| {
            let credentials =
                PanelCredentials::new(panel.key.clone().into(), panel.secret.clone().into());
            Panel::builder(&panel.url, &credentials)
                .no_proxy()
                .build()
                .unwrap()
        })
        .collect();
    let seconds = runtime.block_on(async {
        let next = std::sync::Arc::new(AtomicUsize::new(0));
        let begun = Instant::now();
        let tasks: Vec<_> = (0..IN_FLIGHT)
            .map(|_| {
                let (next, clients) = (std::sync::Arc::clone(&next), clients.clone());
                tokio::spawn(async move {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= requests {
                            return;
                        }
                        // Nobody of this name exists: the smallest request with a body there is.
                        let login = LogIn::new("nobody", "none".to_owned().into());
                        let answer = clients[number % clients.len()].call(login).await;
                        assert_eq!(
                            answer.unwrap_err().status().map(|status| status.as_u16()),
                            Some(401)
                        );
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        begun.elapsed().as_secs_f64()
    });
    let asked = panels.end();
    let rate = requests as f64 / seconds;
    println!(
        "the panels and a client alone: {requests} requests, {:.0} µs of the panels' processor each per_second={rate:.0}",
        asked.processor_seconds / requests as f64 * 1e6
    );
    println!(
        "the panels and a client alone: share of 64 / 50 ms ratio={:.3}",
        rate * LATENCY.as_secs_f64() / IN_FLIGHT as f64
    );
}
