//! The table as text, Markdown and JSON.

use panel_sandbox::mpanel::Generation;

use super::program::{roomy, row, run};

#[tokio::test]
async fn every_endpoint_is_a_row_in_every_format() {
    let panel = roomy(Generation::Legacy).await;
    let text = run(&panel, "--budget 400").await.exits(0).stdout;
    assert!(
        text.contains("generation: legacy; asked as: admin"),
        "{text}"
    );
    let markdown = run(&panel, "--budget 400 --format markdown").await.exits(0);
    let json = run(&panel, "--budget 400 --format json").await.exits(0);
    let json = json.json();
    assert_eq!(
        json["endpoints"].as_array().unwrap().len(),
        mpanel_client::OPERATIONS.len()
    );
    for operation in mpanel_client::OPERATIONS {
        let line = text
            .lines()
            .find(|line| {
                let mut words = line.split_whitespace();
                words.next() == Some(operation.method.as_str())
                    && words.next() == Some(operation.path)
            })
            .unwrap_or_else(|| panic!("{operation:?}"));
        assert!(!line.ends_with(' '), "{line:?}");
        let start = format!("| `{}` | {} | ", operation.path, operation.method);
        assert!(markdown.stdout.contains(&start), "{start}");
    }
    let health = row(&json, "mpanel.health");
    assert_eq!(health["verdict"], "working");
    assert!(health["latency_ms"].is_u64() && health["asked_at"].is_string());
    let rows = markdown
        .stdout
        .lines()
        .filter(|line| line.starts_with("| `"));
    assert!(rows.clone().all(|line| {
        let cells = line.replace("\\|", "").matches('|').count();
        cells == 6
    }));
    assert_eq!(rows.count(), mpanel_client::OPERATIONS.len());
}

#[tokio::test]
async fn reading_is_all_it_does_unless_asked() {
    for generation in super::program::GENERATIONS {
        let panel = roomy(generation).await;
        run(&panel, "--budget 400").await.exits(0);
        let is_read = |method: &str, path: &str| {
            // Three reads are POSTs.
            let reads = [
                "/login",
                "/verify-session",
                "/switch-tenant",
                "/validate-coupon",
            ];
            method == "GET" || reads.iter().any(|end| path.ends_with(end))
        };
        for request in panel.requests() {
            assert!(
                is_read(request.method(), request.path()),
                "{} {}",
                request.method(),
                request.path()
            );
        }
    }
}

#[tokio::test]
async fn slow_routes_can_be_left_out() {
    let panel = roomy(Generation::Legacy).await;
    let ended = run(&panel, "--budget 400 --skip-slow --format json").await;
    let json = ended.exits(0).json();
    let stats = row(&json, "mpanel.get_queue_stats");
    assert_eq!(stats["verdict"], "not_probed");
    assert_eq!(stats["note"], "slow, and left out with --skip-slow");
}
