//! A few requests at a time, and on from where it stopped.

use std::time::Duration;

use panel_sandbox::mpanel::{Generation, MPanelSettings};

use super::program::{GENERATIONS, roomy, run, start, verdict};

fn open(report: &serde_json::Value) -> usize {
    let rows = report["endpoints"].as_array().unwrap();
    rows.iter()
        .filter(|row| row["note"] == "not asked yet")
        .count()
}

#[tokio::test]
async fn forty_requests_at_most_and_fifty_are_left_to_others() {
    for generation in GENERATIONS {
        let panel = start(MPanelSettings::new("main", generation)).await;
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state.json");
        let arguments = format!("--format json --continue {}", state.display());

        let first = run(&panel, &arguments).await.exits(4);
        assert_eq!(panel.requests().len(), 40, "{generation:?}");
        let first = first.says("the budget of 40 requests is spent").json();
        assert_eq!(first["is_complete"], false);
        let left = open(&first);
        assert!(left > 0);

        // 60 are left of 100: ten more, then others come first.
        let second = run(&panel, &arguments).await.exits(4);
        assert_eq!(panel.requests().len(), 50, "{generation:?}");
        let second = second.says("of which 50 are left to others").json();
        // One of the ten is the login.
        assert_eq!(open(&second), left - 9);

        let third = run(&panel, &arguments).await.exits(4);
        assert_eq!(panel.requests().len(), 51, "one to learn what is left");
        assert_eq!(open(&third.json()), left - 9);

        let mut sent = 51;
        let last = loop {
            panel.reset_limiters();
            let ended = run(&panel, &arguments).await;
            let now = panel.requests().len();
            assert!(now - sent <= 40);
            sent = now;
            if ended.exit == 0 {
                break ended.json();
            }
            assert_eq!(ended.exit, 4, "{ended:?}");
        };
        assert_eq!(open(&last), 0);
        assert_eq!(last["is_complete"], true);

        // What is complete asks nothing.
        run(&panel, &arguments).await.exits(0);
        assert_eq!(panel.requests().len(), sent);

        // Asked at once it says the same.
        let other = roomy(generation).await;
        let whole = run(&other, "--format json --budget 400").await.exits(0);
        let whole = whole.json();
        for row in whole["endpoints"].as_array().unwrap() {
            let operation = row["operation"].as_str().unwrap();
            assert_eq!(
                verdict(&last, operation),
                row["verdict"],
                "{generation:?} {operation}"
            );
        }
    }
}

#[tokio::test]
async fn without_a_file_it_says_how_to_go_on() {
    let panel = start(MPanelSettings::new("main", Generation::Legacy)).await;
    run(&panel, "--budget 7")
        .await
        .exits(4)
        .says("not finished: the budget of 7 requests is spent")
        .says("--continue FILE");
    assert_eq!(panel.requests().len(), 7);
}

#[tokio::test]
async fn a_used_up_limiter_ends_it_and_nothing_is_waited_for() {
    let settings =
        MPanelSettings::new("main", Generation::Legacy).with_limiter(3, Duration::from_secs(900));
    let panel = start(settings).await;
    run(&panel, "--floor 0")
        .await
        .exits(4)
        .says("the server permits 0 more requests");
    assert_eq!(panel.requests().len(), 3);
    // The next program does not know before it is told.
    run(&panel, "--floor 0")
        .await
        .exits(4)
        .says("the panel permits no more requests for");
    assert_eq!(panel.requests().len(), 4);
}
