//! 1,000 tasks polled at once on one client: the panel counts how many requests it has open at a time.

use std::time::Instant;

use mpanel_client::tasks::{GetTask, TaskId};
use panel_http::{HttpMethod, RawRequest, Safety};

const POLLS: usize = 1_000;

pub(crate) fn run(base: &str) -> Vec<f64> {
    [1, 8, 32].map(|permits| polled(base, permits)).into()
}

fn polled(base: &str, permits: usize) -> f64 {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mpanel = super::client(base)
            .with_client(|client| client.max_concurrent_calls(permits))
            .build()
            .unwrap();
        mpanel.session().await.unwrap();
        most_in_flight(&mpanel).await;
        let started = Instant::now();
        let polls: Vec<_> = (0..POLLS)
            .map(|number| {
                let mpanel = mpanel.clone();
                tokio::spawn(async move {
                    let id = TaskId::text(format!("7a5c0000-0000-4000-8000-{number:012}"));
                    let task = mpanel.call(GetTask(id.clone())).await.unwrap();
                    assert_eq!(task.id, id);
                })
            })
            .collect();
        for poll in polls {
            poll.await.unwrap();
        }
        let elapsed = started.elapsed();
        let most = most_in_flight(&mpanel).await;
        let ratio = most as f64 / permits as f64;
        println!(
            "{POLLS} polls at once with {permits} permits: {most} in flight at most, {} ms ratio={ratio:.3}",
            elapsed.as_millis()
        );
        ratio
    })
}

/// The most polls the panel had open at a time since it was asked last.
async fn most_in_flight(mpanel: &mpanel_client::Mpanel) -> usize {
    let request = RawRequest::new(HttpMethod::Get, "/api/most-in-flight", Safety::ReadOnly);
    let answer = mpanel.client().raw(request).await.unwrap();
    answer.text().unwrap().parse().unwrap()
}
