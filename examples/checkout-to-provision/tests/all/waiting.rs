//! `--wait`: how long a pause is waited out.

use panel_sandbox::nextpanel_panel::PanelSettings;
use panel_sandbox::{Fault, RetryHint, WireSettings};

use crate::program::run;
use crate::real_panel::{RealPanel, SAID};

async fn asks_for_a_pause_of(seconds: u64) -> RealPanel {
    let wire = WireSettings::new().with_retry_after_seconds(seconds);
    let real = RealPanel::with(PanelSettings::new("srv1").with_wire(wire)).await;
    real.panel()
        .arm(Fault::RateLimited(RetryHint::Given))
        .unwrap();
    real
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_longer_than_the_wait_ends_the_program_which_says_when_it_would_go_on() {
    for (pause, wait) in [(3600, 20), (30, 2), (1, 0)] {
        let real = asks_for_a_pause_of(pause).await;
        let ended = real
            .run(&format!("{SAID} --wait {wait}"))
            .exits(4)
            .says("\nnot finished: would go on at 20")
            .says("--wait waits longer")
            .never_says("password of the hosting account `");
        assert_eq!(
            ended.lines_with("waiting  hosting/wp_growth"),
            1,
            "{ended:#?}"
        );
        assert_eq!(real.panel().created_by_clients(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_json_result_says_when_it_would_go_on() {
    let real = asks_for_a_pause_of(3600).await;
    let result = real.run(&format!("{SAID} --json --wait 0")).exits(4).json();
    assert_eq!(result["status"], "waiting");
    assert!(
        result["next_try"].as_str().unwrap().starts_with("20"),
        "{result:#}"
    );
    assert!(result.get("credentials").is_none(), "{result:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_within_the_wait_is_waited_out() {
    let real = asks_for_a_pause_of(1).await;
    real.run(SAID).exits(0);
    assert_eq!(real.panel().created_by_clients(), 1);
}

#[test]
fn the_sandbox_waits_no_longer_than_it_was_told() {
    run("--confirm-saved --fault rate-limited --wait 0")
        .exits(4)
        .says("not finished: would go on at 20")
        .says("the sandbox holds 0 accounts made for customers");
}
