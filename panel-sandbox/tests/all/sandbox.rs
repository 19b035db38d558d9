//! Several panels, and their beginning and end.

use std::time::Duration;

use panel_sandbox::nextpanel_panel::{KeyKind, Panel, PanelSettings};
use panel_sandbox::{Fault, PanelSandbox, StartError, WireSettings};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::caller::{ACCOUNTS, Caller, panel, wanted};

async fn three() -> PanelSandbox {
    PanelSandbox::builder()
        .nextpanel_panel(PanelSettings::new("srv1"))
        .nextpanel_panel(PanelSettings::new("srv2").with_capacity(5))
        .nextpanel_panel(PanelSettings::new("srv3"))
        .start()
        .await
        .unwrap()
}

#[tokio::test]
async fn panels_share_nothing() {
    let sandbox = three().await;
    let names: Vec<_> = sandbox.nextpanel_panels().iter().map(Panel::name).collect();
    assert_eq!(names, ["srv1", "srv2", "srv3"]);
    assert!(sandbox.nextpanel_panel("srv4").is_none());
    let first = sandbox.nextpanel_panel("srv1").unwrap();
    let second = sandbox.nextpanel_panel("srv2").unwrap();
    assert_ne!(first.url(), second.url());
    second.arm(Fault::ServerFull).unwrap();
    second.arm(Fault::RevokedKey).unwrap();
    let caller = Caller::with_key(first, KeyKind::SuperAdmin);
    caller.create(&wanted("ada")).await.unwrap();
    assert_eq!(first.accounts().len(), 1);
    assert_eq!(second.accounts().len(), second.capacity());

    sandbox.heal();
    assert!(second.accounts().is_empty());
    let key = first.key(KeyKind::SuperAdmin);
    let theirs = second.key(KeyKind::SuperAdmin);
    assert_ne!(key.id(), theirs.id());
}

#[tokio::test]
async fn settling_the_sandbox_settles_every_panel() {
    let sandbox = three().await;
    for panel in sandbox.nextpanel_panels() {
        panel.arm("late-arrival".parse().unwrap()).unwrap();
        let caller = Caller::with_key(panel, KeyKind::SuperAdmin);
        caller.create(&wanted("ada")).await.unwrap_err();
    }
    assert_eq!(sandbox.settle().await, 3);
    for panel in sandbox.nextpanel_panels() {
        assert_eq!(panel.times_created("ada"), 1);
    }
}

#[tokio::test]
async fn a_panel_that_cannot_start_says_why() {
    let panel = panel().await;
    let port: u16 = panel.url().rsplit(':').next().unwrap().parse().unwrap();
    let wire = WireSettings::new().with_port(port);
    let error = Panel::start(PanelSettings::new("srv9").with_wire(wire))
        .await
        .unwrap_err();
    assert!(matches!(&error, StartError::Bind { name, .. } if name == "srv9"));
    let message = error.to_string();
    let expected = format!("the stand-in `srv9` cannot listen on 127.0.0.1:{port}: ");
    assert!(message.starts_with(&expected), "{message}");

    let error = PanelSandbox::builder()
        .nextpanel_panel(PanelSettings::new("srv1"))
        .nextpanel_panel(PanelSettings::new("srv1"))
        .start()
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "two stand-ins are called `srv1`");
}

#[tokio::test]
async fn everything_ends_when_the_handle_is_dropped() {
    let panel = panel().await;
    let caller = Caller::with_key(&panel, KeyKind::SuperAdmin);
    caller.list().await;
    let address = panel.url().strip_prefix("http://").unwrap().to_owned();
    drop(panel);
    // The relay's tasks end as soon as the runtime gets to them.
    let closed = async {
        while TcpStream::connect(&address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(5), closed).await.unwrap();
    let error = caller
        .request(reqwest::Method::GET, ACCOUNTS)
        .send()
        .await
        .unwrap_err();
    assert!(error.is_connect() || error.is_request(), "{error:?}");
}

#[tokio::test]
async fn the_same_requests_give_the_same_ids_and_timestamps() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let panel = panel().await;
        let caller = Caller::with_key(&panel, KeyKind::SuperAdmin);
        caller.create(&wanted("ada")).await.unwrap();
        panel.add_stranger("theo").unwrap();
        caller.create(&wanted("bob")).await.unwrap();
        runs.push((caller.list().await, panel.accounts()));
    }
    assert_eq!(runs[0], runs[1]);
    assert_eq!(runs[0].0[2]["created_at"], "2026-01-15T09:00:02.026040");
    assert_eq!(panel().await.add_stranger("theo").unwrap().id, 1);
}
