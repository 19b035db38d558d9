//! What happens to the payment of the bundled order, before and after its account exists.

use panel_sandbox::nextpanel_panel::operations;
use tempfile::TempDir;

use crate::kept::in_folder;
use crate::program::{program, run};
use crate::real_panel::RealPanel;

const REFUND: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/refund.json");

fn with_refund(more: &str) -> crate::program::Program {
    let arguments = format!("--confirm-saved --event {REFUND} {more}");
    program(
        arguments
            .split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>(),
    )
}

#[test]
fn a_refund_before_hosting_cancels_and_no_request_creates_anything() {
    for more in ["", "--sandbox legacy", "--sandbox typescript"] {
        with_refund(&format!("--event-at submitted {more}"))
            .run()
            .exits(4)
            .says("event: the payment was refunded")
            .says("nothing was made yet: the order is cancelled")
            .never_says("call     hosting/");
    }
}

#[test]
fn a_refund_after_hosting_suspends_the_account() {
    for more in ["", "--sandbox legacy", "--sandbox typescript"] {
        with_refund(more)
            .run()
            .exits(0)
            .says("done     hosting/wp_growth")
            .says("event: the payment was refunded")
            .says("call     suspend/hosting/wp_growth")
            .says("done     verify/suspend/hosting/wp_growth")
            .says("suspended: the account is as the payment says");
    }
}

#[test]
fn a_refund_says_what_mpanel_has_of_the_order() {
    for generation in ["legacy", "typescript"] {
        with_refund(&format!("--sandbox {generation}"))
            .run()
            .exits(0)
            .says("by hand: the payment was refunded, and mPanel has a part of it (subscription ");
    }
}

/// What mPanel hosts itself is not suspended from here, and the program does not say so.
#[test]
fn a_refund_of_what_mpanel_hosts_is_left_to_a_person() {
    let order = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/samples/order-created-long.json"
    );
    let folder = TempDir::new().unwrap();
    let starter = folder.path().join("starter.json");
    let text = std::fs::read_to_string(order).unwrap();
    let mut payload: serde_json::Value = serde_json::from_str(&text).unwrap();
    let items = payload["items"].as_array_mut().unwrap();
    items.retain(|item| item["code"] == "starter");
    std::fs::write(&starter, payload.to_string()).unwrap();
    for generation in ["legacy", "typescript"] {
        with_refund(&format!(
            "{} --order-id sample-1001 --sandbox {generation}",
            starter.display()
        ))
        .run()
        .exits(4)
        .says("by hand: the payment was refunded, and mPanel has a part of it")
        .never_says("suspended: the account is as the payment says");
    }
}

/// The same command with the same event again: the account stays suspended, and nothing is sent twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_refund_of_an_order_that_is_kept_in_a_file_suspends_once() {
    let (real, folder) = (RealPanel::start().await, TempDir::new().unwrap());
    let refund = folder.path().join("refund.json");
    std::fs::write(
        &refund,
        r#"{"id":"r-1","event":"refunded","orderId":"A-1","occurredAt":"2026-01-15T09:30:00Z"}"#,
    )
    .unwrap();
    real.run_it(in_folder(&real, &folder)).exits(0);
    let with_event = || in_folder(&real, &folder).with(["--event", refund.to_str().unwrap()]);
    real.run_it(with_event())
        .exits(0)
        .says("suspended: the account is as the payment says");
    real.run_it(with_event()).exits(0).says("(known already)");
    let panel = real.panel();
    let account = panel
        .accounts()
        .into_iter()
        .find(|account| !account.is_stranger);
    assert!(!account.unwrap().is_active);
    let sent = panel.requests_for(&operations::SUSPEND_ACCOUNT).len();
    assert_eq!(sent, 1);
}

#[test]
fn an_event_that_cannot_be_read_is_said_before_anything_is_sent() {
    run("--event no-such-file.json")
        .exits(2)
        .says("no-such-file.json");
    let order = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/order-created.json");
    run(&format!("--event {order}"))
        .exits(2)
        .says("what happened, such as refunded");
    run("--event-at submitted").exits(2).has_no_result();
}
