//! What happens to the payment of the bundled order, before and after its account exists.

use panel_sandbox::Fault;
use panel_sandbox::mpanel::operations::{CREATE_CUSTOMER, SUSPEND_SUBSCRIPTION};
use panel_sandbox::mpanel::{Generation, MPanel, MPanelSettings};
use panel_sandbox::nextpanel_panel::{PanelSettings, operations};
use tempfile::TempDir;

use crate::kept::in_folder;
use crate::program::{Ended, Program, program, run};
use crate::real_panel::RealPanel;

const REFUND: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/refund.json");

fn with_refund(more: &str) -> Program {
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
    with_refund("")
        .run()
        .exits(0)
        .says("done     hosting/wp_growth")
        .says("event: the payment was refunded")
        .says("call     suspend/hosting/wp_growth")
        .says("done     verify/suspend/hosting/wp_growth")
        .says("suspended: the account is as the payment says");
}

#[test]
fn a_refund_after_hosting_suspends_on_both_panels() {
    for generation in ["legacy", "typescript"] {
        for mode in ["direct", "stripe-completed"] {
            with_refund(&format!("--sandbox {generation}"))
                .env("MPANEL_MODE", mode)
                .run()
                .exits(0)
                .says("done     suspend/hosting/wp_growth")
                .says("done     suspend/mpanel/subscription/hosting/wp_growth")
                .says("suspended: the account and what mPanel has of it are as the payment says")
                .never_says("by hand: suspend")
                .never_says("by hand: the payment");
        }
    }
}

/// An order for what mPanel hosts, in a file of its own.
fn starter(folder: &TempDir) -> String {
    let order = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/samples/order-created-long.json"
    );
    let starter = folder.path().join("starter.json");
    let text = std::fs::read_to_string(order).unwrap();
    let mut payload: serde_json::Value = serde_json::from_str(&text).unwrap();
    let items = payload["items"].as_array_mut().unwrap();
    items.retain(|item| item["code"] == "starter");
    std::fs::write(&starter, payload.to_string()).unwrap();
    starter.display().to_string()
}

#[test]
fn a_refund_of_what_mpanel_hosts_alone_suspends_it_there() {
    let folder = TempDir::new().unwrap();
    let starter = starter(&folder);
    for generation in ["legacy", "typescript"] {
        for entry in ["stripe-completed", "orders/webhook", "order-created"] {
            with_refund(&format!(
                "{starter} --order-id sample-1001 --sandbox {generation}"
            ))
            .env("MPANEL_MODE", entry)
            .run()
            .exits(0)
            .says("done     suspend/mpanel/order")
            .says("suspended: what mPanel has of the order is as the payment says");
        }
    }
}

/// What this entry makes lies in a table that no route shows, so nothing proves it to be there.
#[test]
fn a_refund_of_what_cannot_be_read_is_left_to_a_person_with_its_ids() {
    let folder = TempDir::new().unwrap();
    let starter = starter(&folder);
    for generation in ["legacy", "typescript"] {
        with_refund(&format!(
            "{starter} --order-id sample-1001 --sandbox {generation}"
        ))
        .env("MPANEL_MODE", "provisioning/stripe")
        .run()
        .exits(4)
        .says("needs attention: suspend/mpanel/order: nothing was done to it: mPanel shows no subscription ")
        .says("by hand: suspend subscription ")
        .never_says("suspended: what mPanel has");
    }
}

const REFUNDED: &str =
    r#"{"id":"r-1","event":"refunded","orderId":"A-1","occurredAt":"2026-01-15T09:30:00Z"}"#;

/// Both panels, real to the program, and a folder with its state and the refund.
struct Real {
    panels: RealPanel,
    folder: TempDir,
}

impl Real {
    async fn start(generation: Generation) -> Self {
        let mpanel = MPanelSettings::new("mp", generation);
        let panels = RealPanel::beside(mpanel, PanelSettings::new("srv1")).await;
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("refund.json"), REFUNDED).unwrap();
        Self { panels, folder }
    }

    fn mpanel(&self) -> &MPanel {
        self.panels.mpanel().unwrap()
    }

    fn order(&self) -> Program {
        in_folder(&self.panels, &self.folder).env("MPANEL_MODE", "direct")
    }

    fn refund(&self, more: &[&str]) -> Ended {
        let program = self.order().with(["--event", "refund.json"]).with(more);
        self.panels.run_it(program)
    }

    fn suspended(&self) -> usize {
        let sent = self.mpanel().requests_for(&SUSPEND_SUBSCRIPTION);
        sent.len()
    }

    fn account_serves(&self) -> bool {
        let mut accounts = self.panels.panel().accounts().into_iter();
        let ours = accounts.find(|account| !account.is_stranger);
        ours.unwrap().is_active
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_of_the_suspension_is_looked_up_on_mpanel() {
    for generation in [Generation::Legacy, Generation::TypeScript] {
        let real = Real::start(generation).await;
        real.panels.run_it(real.order()).exits(0);
        let mpanel = real.mpanel();
        mpanel
            .arm_for(Fault::LostReply, SUSPEND_SUBSCRIPTION, 1)
            .unwrap();
        real.refund(&[]).exits(0).says("suspended: the account and");
        assert_eq!(mpanel.subscriptions()[0].status, "suspended");
        assert!(!real.account_serves());
        let sent = real.suspended();
        real.refund(&[]).exits(0).says("(known already)");
        assert_eq!(real.suspended(), sent);
    }
}

/// The panel answers 500 to a change of what it has not, and 404 to reading it: nothing is sent, and the account does not
/// wait. The same command goes on; a person who has seen to it says so.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_mpanel_does_not_know_is_said_until_a_person_has_seen_to_it() {
    for generation in [Generation::Legacy, Generation::TypeScript] {
        let real = Real::start(generation).await;
        real.panels.run_it(real.order()).exits(0);
        let id = real.mpanel().subscriptions()[0].id.clone();
        assert!(real.mpanel().remove_subscription(&id));
        let step = "suspend/mpanel/subscription/hosting/wp_growth/ada-shop.example";
        let by_hand = format!("by hand: suspend subscription {id} of customer ");
        real.refund(&[])
            .exits(4)
            .says(&format!("mPanel shows no subscription {id}"))
            .says(&by_hand)
            .says(&format!("--answer '{step}=was-done'"));
        assert!(!real.account_serves());
        real.refund(&[]).exits(4).says(&by_hand);
        assert_eq!(real.suspended(), 0);
        real.refund(&["--answer", &format!("{step}=was-done")])
            .exits(0)
            .says(&format!("answered {step}"))
            .never_says(&by_hand);
        real.refund(&[]).exits(0).never_says("by hand: suspend");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_is_somebody_elses_now_is_left_alone() {
    for generation in [Generation::Legacy, Generation::TypeScript] {
        let real = Real::start(generation).await;
        real.panels.run_it(real.order()).exits(0);
        let mpanel = real.mpanel();
        let stranger = mpanel.add_stranger("Stranger", "stranger@example.net").id;
        let id = mpanel.subscriptions()[0].id.clone();
        mpanel.change_subscription(&id, |row| row.customer_id = Some(stranger.clone()));
        real.refund(&[])
            .exits(4)
            .says(&format!("subscription {id} is of customer {stranger}"))
            .says("by hand: suspend subscription ");
        assert_eq!(
            (mpanel.subscriptions()[0].status.as_str(), real.suspended()),
            ("active", 0)
        );
        assert!(!real.account_serves());
    }
}

/// A customer who comes again is the panel's customer of before, though another process made it.
#[tokio::test(flavor = "multi_thread")]
async fn two_orders_of_one_customer_in_two_processes_are_of_one_customer_on_mpanel() {
    for generation in [Generation::Legacy, Generation::TypeScript] {
        let real = Real::start(generation).await;
        real.panels.run_it(real.order()).exits(0);
        let second = crate::real_panel::ORDER.replace("ada-shop", "ada-blog");
        let said = "- --order-id A-2 --paid-by operator --confirm-saved";
        let program = real
            .panels
            .program(said)
            .dir(real.folder.path())
            .stdin(second)
            .env("MPANEL_MODE", "direct");
        real.panels.run_it(program).exits(0);
        let mpanel = real.mpanel();
        assert_eq!(mpanel.customers().len(), 1);
        assert_eq!(mpanel.requests_for(&CREATE_CUSTOMER).len(), 1);
        let subscriptions = mpanel.subscriptions();
        let customers: Vec<_> = subscriptions.iter().map(|row| &row.customer_id).collect();
        assert_eq!(customers.len(), 2);
        assert_eq!(customers[0], customers[1]);
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
