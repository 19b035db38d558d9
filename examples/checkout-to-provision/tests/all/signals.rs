//! SIGINT and SIGTERM: what is known is said, and the same command goes on.

use std::time::Duration;

use panel_sandbox::nextpanel_panel::{PanelSettings, operations};
use panel_sandbox::{Count, Fault, RetryHint, WireSettings};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::kept::in_folder;
use crate::real_panel::{ORDER, RealPanel};
use crate::running::{Running, until};
use crate::silent_server::SilentServer;

/// A panel that makes the account at once and answers after so long.
async fn slow(answer: Duration) -> RealPanel {
    let wire = WireSettings::new().with_delay(answer);
    let real = RealPanel::with(PanelSettings::new("srv1").with_wire(wire)).await;
    let panel = real.panel();
    panel
        .arm_for(Fault::Delay, operations::CREATE_ACCOUNT, Count::Times(1))
        .unwrap();
    real
}

const AMID: Duration = Duration::from_millis(1_500);

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_amid_a_request_waits_for_its_outcome_and_begins_no_other() {
    for (signal, name) in [(Signal::TERM, "SIGTERM"), (Signal::INT, "SIGINT")] {
        let (real, folder) = (slow(AMID).await, TempDir::new().unwrap());
        let running = Running::start(&real, &folder, "");
        until(|| real.panel().created_by_clients() == 1).await;
        running.signal(signal);
        let ended = tokio::task::block_in_place(|| running.ends())
            .exits(4)
            .says(&format!("{name}: stops before the next request"))
            .says(&format!("interrupted by {name}; of the plan's steps"))
            .says("  done      hosting/wp_growth/ada-shop.example\n")
            .says("  not begun verify/hosting/wp_growth/ada-shop.example\n")
            .says("nobody has confirmed the password of adashop on 127.0.0.1 (account 1) yet")
            .says("not finished: the same command goes on where this one was stopped");
        assert_eq!(ended.lines_with("call     "), 1, "{ended:#?}");
        let ended = real.run_it(in_folder(&real, &folder)).exits(0);
        assert_eq!(ended.lines_with("call     hosting/"), 0, "{ended:#?}");
        assert!(real.panel().password_is("adashop", &ended.password()));
        assert_eq!(real.panel().created_by_clients(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_does_not_wait_and_the_next_run_looks() {
    let (real, folder) = (
        slow(Duration::from_secs(600)).await,
        TempDir::new().unwrap(),
    );
    let mut running = Running::start(&real, &folder, "");
    until(|| real.panel().created_by_clients() == 1).await;
    running.signal(Signal::TERM);
    running.says("again: does not wait for the one that is under way");
    running.signal(Signal::TERM);
    tokio::task::block_in_place(|| running.ends())
        .exits(4)
        .says("  unknown   hosting/wp_growth/ada-shop.example\n")
        .says("an account adashop may exist on 127.0.0.1")
        .says("the same command looks for the account before it sends anything again");
    let ended = real
        .run_it(in_folder(&real, &folder))
        .exits(0)
        .says("ours      found by look-up");
    assert!(real.panel().password_is("adashop", &ended.password()));
    assert_eq!(real.panel().created_by_clients(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_state_in_memory_it_says_what_is_lost() {
    let (real, folder) = (slow(AMID).await, TempDir::new().unwrap());
    let running = Running::start(&real, &folder, "--state memory");
    until(|| real.panel().created_by_clients() == 1).await;
    running.signal(Signal::TERM);
    tokio::task::block_in_place(|| running.ends())
        .exits(4)
        .says("the unconfirmed password of adashop on 127.0.0.1 (account 1): set a new one in the panel")
        .says("not finished: the run ends with this process");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_json_result_says_what_is_known() {
    let (real, folder) = (slow(AMID).await, TempDir::new().unwrap());
    let running = Running::start(&real, &folder, "--json");
    until(|| real.panel().created_by_clients() == 1).await;
    running.signal(Signal::TERM);
    let result = tokio::task::block_in_place(|| running.ends())
        .exits(4)
        .json();
    assert_eq!(result["status"], "interrupted");
    assert_eq!(result["interrupted"]["by"], "SIGTERM");
    let done = &result["interrupted"]["done"];
    assert_eq!(done[0], "hosting/wp_growth/ada-shop.example", "{result:#}");
    assert_eq!(result["hosting"][0]["username"], "adashop");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_is_not_waited_out() {
    let wire = WireSettings::new().with_retry_after_seconds(600);
    let real = RealPanel::with(PanelSettings::new("srv1").with_wire(wire)).await;
    let limited = Fault::RateLimited(RetryHint::Given);
    real.panel().arm(limited).unwrap();
    let folder = TempDir::new().unwrap();
    let mut running = Running::start(&real, &folder, "--wait 900");
    running.says("waiting  hosting/wp_growth/ada-shop.example until ");
    running.signal(Signal::TERM);
    tokio::task::block_in_place(|| running.ends())
        .exits(4)
        .says("  not begun hosting/wp_growth/ada-shop.example")
        .says("interrupted by SIGTERM");
    assert_eq!(real.panel().created_by_clients(), 0);
}

#[test]
fn an_order_that_is_being_planned_is_kept_and_nothing_was_changed() {
    let (server, folder) = (SilentServer::start(), TempDir::new().unwrap());
    let environment = [
        ("NEXTPANEL_URL", server.url()),
        ("NEXTPANEL_API_KEY", "npk_canary".to_owned()),
        ("NEXTPANEL_API_SECRET", "nps_canary".to_owned()),
        ("NEXTPANEL_CAPACITY", "10".to_owned()),
    ];
    // More often than a run may end its workers: none of these is a crash.
    for _ in 0..4 {
        let mut running = Running::start_with(&environment, &folder, ORDER, "");
        running.says("  paid      operator vouches for it");
        running.signal(Signal::TERM);
        running
            .ends()
            .exits(4)
            .says("none was planned, so nothing was sent that changes anything")
            .says("the same command goes on where this one was stopped")
            .never_says("canary");
    }
}
