//! What it cannot begin with is said at once.

use std::time::Duration;

use crate::floor::Floor;

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_missing_is_said_at_once() {
    let floor = Floor::new(None, Duration::ZERO).await;
    let ended = tokio::task::block_in_place(|| {
        floor
            .command(&["--catalog", "nowhere.toml"])
            .env_remove("NEXTPANEL_CAPACITY")
            .env("NEXTPANEL_API_SECRET", "")
            .output()
            .unwrap()
    });
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(2), "{said}");
    for part in ["nowhere.toml", "NEXTPANEL_CAPACITY", "NEXTPANEL_API_SECRET"] {
        assert!(said.contains(part), "no `{part}` in:\n{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_served_on_loopback_only() {
    let floor = Floor::new(None, Duration::ZERO).await;
    let ended = tokio::task::block_in_place(|| {
        let mut command = floor.command(&[]);
        command.args(["--listen", "0.0.0.0:0"]).output().unwrap()
    });
    assert_eq!(ended.status.code(), Some(2));
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.contains("loopback"), "{said}");
}
