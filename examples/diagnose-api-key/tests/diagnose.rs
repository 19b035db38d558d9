//! The program against every kind of key the stand-in has, and what may go wrong besides.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use std::collections::BTreeMap;
use std::process::Output;

use panel_sandbox::nextpanel_panel::operations::{CREATE_ACCOUNT, DELETE_ACCOUNT, HEALTH};
use panel_sandbox::nextpanel_panel::{KeyKind, Panel, PanelSettings};
use panel_sandbox::{Count, Fault};
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::process::Command;

async fn panel() -> Panel {
    Panel::start(PanelSettings::new("np-1")).await.unwrap()
}

/// Key and secret of a kind, or one whose secret is wrong.
fn key(panel: &Panel, kind: Option<KeyKind>) -> (String, String) {
    let key = panel.key(kind.unwrap_or(KeyKind::SuperAdmin));
    let secret = match kind {
        Some(_) => key.secret().expose_secret().to_owned(),
        None => format!("nps_{}", "w".repeat(64)),
    };
    (key.id().to_owned(), secret)
}

async fn run(panel: &Panel, kind: Option<KeyKind>, arguments: &[&str]) -> Output {
    let (id, secret) = key(panel, kind);
    Command::new(env!("CARGO_BIN_EXE_diagnose-api-key"))
        .env_clear()
        .env("NEXTPANEL_API_KEY", &id)
        .env("NEXTPANEL_API_SECRET", &secret)
        .args(["--url", panel.url(), "--server", "np-1"])
        .args(arguments)
        .output()
        .await
        .unwrap()
}

struct Told {
    code: Option<i32>,
    json: Value,
    verdicts: BTreeMap<String, String>,
}

async fn told(panel: &Panel, kind: Option<KeyKind>, arguments: &[&str]) -> Told {
    let mut all = vec!["--json"];
    all.extend(arguments);
    let output = run(panel, kind, &all).await;
    let json: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let verdicts = json["checks"].as_array().unwrap().iter();
    let verdicts = verdicts.map(|check| {
        let text = |name: &str| check[name].as_str().unwrap().to_owned();
        (text("name"), text("verdict"))
    });
    Told {
        code: output.status.code(),
        verdicts: verdicts.collect(),
        json,
    }
}

fn verdicts(expected: [&str; 5]) -> BTreeMap<String, String> {
    let names = [
        "panel answers",
        "key and secret",
        "key in force",
        "address allowed",
        "may create accounts",
    ];
    let pairs = names.into_iter().zip(expected);
    pairs
        .map(|(name, verdict)| (name.to_owned(), verdict.to_owned()))
        .collect()
}

const GOOD: [&str; 5] = ["pass", "pass", "pass", "pass", "unknown"];

/// What is told of a key: the verdicts, the exit code, and what the remedy names, which is nothing where nothing is wrong.
type Expected = ([&'static str; 5], i32, &'static str);

fn told_of(kind: KeyKind, is_tried: bool) -> Expected {
    let weak = ["pass", "pass", "pass", "pass", "fail"];
    match kind {
        KeyKind::SuperAdmin if is_tried => (["pass"; 5], 0, ""),
        KeyKind::Admin | KeyKind::Billing | KeyKind::ReadOnly if is_tried => {
            (weak, 3, "Set its permission level to SUPER_ADMIN")
        }
        KeyKind::SuperAdmin | KeyKind::Admin | KeyKind::Billing | KeyKind::ReadOnly => {
            (GOOD, 0, "")
        }
        KeyKind::Revoked => (
            ["pass", "pass", "fail", "unknown", "unknown"],
            3,
            "Create a new key",
        ),
        KeyKind::IpLocked => (
            ["pass", "pass", "unknown", "fail", "unknown"],
            3,
            "allowed IPs",
        ),
        other => panic!("nobody has said what is to be told of {other:?}"),
    }
}

#[tokio::test]
async fn every_kind_of_key_gets_its_verdict_without_a_write() {
    let panel = panel().await;
    let kinds = KeyKind::ALL.map(|kind| (Some(kind), told_of(kind, false)));
    let wrong_secret = (
        ["pass", "fail", "unknown", "unknown", "unknown"],
        3,
        "NEXTPANEL_API_SECRET",
    );
    for (kind, (expected, code, step)) in kinds.into_iter().chain([(None, wrong_secret)]) {
        let told = told(&panel, kind, &[]).await;
        assert_eq!(told.verdicts, verdicts(expected), "{kind:?}");
        assert_eq!(told.code, Some(code), "{kind:?}");
        let remedy = told.json["remedy"].as_array().unwrap();
        assert_eq!(remedy.is_empty(), step.is_empty(), "{kind:?}");
        let remedy = told.json["remedy"].to_string();
        assert!(remedy.contains(step), "{kind:?}: {remedy}");
    }
    let is_read = |method: &str| method == "GET";
    assert!(
        panel
            .requests()
            .iter()
            .all(|request| is_read(request.method()))
    );
}

#[tokio::test]
async fn every_kind_of_key_gets_its_verdict_by_a_trial() {
    let panel = panel().await;
    for kind in KeyKind::ALL {
        let (expected, code, step) = told_of(kind, true);
        let mut told = told(&panel, Some(kind), &["--probe-create"]).await;
        let removed = told.verdicts.remove("trial removed");
        assert_eq!(removed.as_deref(), Some("pass"), "{kind:?}");
        assert_eq!(told.verdicts, verdicts(expected), "{kind:?}");
        assert_eq!(told.code, Some(code), "{kind:?}");
        let remedy = told.json["remedy"].to_string();
        assert!(remedy.contains(step), "{kind:?}: {remedy}");
        assert!(panel.accounts().is_empty(), "{kind:?}");
    }
    assert_eq!(panel.created_by_clients(), 1, "only the one key may");
}

#[tokio::test]
async fn what_the_host_knows_of_the_key_is_held_against_it() {
    let panel = panel().await;
    let billing = Some(KeyKind::Billing);
    let low = told(&panel, billing, &["--level", "billing"]).await;
    assert_eq!(low.verdicts["may create accounts"], "fail");
    assert_eq!(low.code, Some(3));
    let detail = low.json["checks"][4]["detail"].as_str().unwrap();
    assert!(detail.contains("permission level BILLING"), "{detail}");
    let high = told(
        &panel,
        Some(KeyKind::SuperAdmin),
        &["--level", "SUPER_ADMIN"],
    )
    .await;
    assert_eq!(high.verdicts["may create accounts"], "pass");
    let scopes = ["--level", "SUPER_ADMIN", "--scope", "user_management"];
    let scopes = told(&panel, billing, &scopes).await;
    assert_eq!(scopes.verdicts["may create accounts"], "fail");
    assert!(
        scopes.json["refusal"]
            .as_str()
            .unwrap()
            .contains("Account Management")
    );
}

#[tokio::test]
async fn the_table_is_for_people_and_shows_no_secret() {
    let panel = panel().await;
    let output = run(&panel, Some(KeyKind::Billing), &["--probe-create"]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    let (id, secret) = key(&panel, Some(KeyKind::Billing));
    assert!(!text.contains(&id) && !text.contains(&secret), "{text}");
    assert!(
        text.starts_with(&format!("Key {}... on {}", &id[..8], panel.url())),
        "{text}"
    );
    for line in [
        "panel answers        pass     version 1.0.0, database connected",
        "may create accounts  FAIL     not permitted to create a hosting account",
        "What to do:",
        "1. Log in to np-1",
        "2. Set its permission level to SUPER_ADMIN",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert_eq!(output.status.code(), Some(3));
    assert!(output.stderr.is_empty());
}

#[tokio::test]
async fn a_trial_that_cannot_be_removed_is_named_exactly() {
    let panel = panel().await;
    panel
        .arm_for(Fault::UnderPrivilegedKey, DELETE_ACCOUNT, Count::Times(9))
        .unwrap();
    let told = told(&panel, Some(KeyKind::SuperAdmin), &["--probe-create"]).await;
    assert_eq!(told.code, Some(3));
    assert_eq!(told.verdicts["trial removed"], "fail");
    assert_eq!(told.verdicts["may create accounts"], "pass");
    let [account] = &panel.accounts()[..] else {
        panic!("{:?}", panel.accounts());
    };
    let left = &told.json["leftover"];
    assert_eq!(left["id"].as_u64(), Some(account.id));
    assert_eq!(left["username"].as_str(), Some(account.username.as_str()));
    let how = left["how"].as_str().unwrap();
    let route = format!(
        "DELETE {}/api/v1/billing/accounts/{}",
        panel.url(),
        account.id
    );
    assert!(how.contains(&route), "{how}");

    // In words as well.
    let output = run(&panel, Some(KeyKind::SuperAdmin), &["--probe-create"]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    let left = panel.accounts().pop().unwrap();
    let route = format!("DELETE {}/api/v1/billing/accounts/{}", panel.url(), left.id);
    assert!(
        text.contains(&left.username) && text.contains(&route),
        "{text}"
    );
    assert_eq!(output.status.code(), Some(3));
}

#[tokio::test]
async fn a_trial_whose_reply_is_lost_is_found_and_removed() {
    let panel = panel().await;
    panel.arm(Fault::LostReply).unwrap();
    let told = told(&panel, Some(KeyKind::SuperAdmin), &["--probe-create"]).await;
    assert_eq!(told.code, Some(0));
    assert_eq!(told.verdicts["may create accounts"], "pass");
    assert!(panel.accounts().is_empty());
    assert_eq!(panel.requests_for(&CREATE_ACCOUNT).len(), 1);
}

#[tokio::test]
async fn a_panel_that_does_not_answer_says_nothing_of_the_key() {
    let panel = panel().await;
    panel
        .arm_for(Fault::DropBeforeSend, HEALTH, Count::Times(99))
        .unwrap();
    let told = told(&panel, Some(KeyKind::SuperAdmin), &["--timeout", "0.5"]).await;
    assert_eq!(told.code, Some(3));
    let expected = ["fail", "unknown", "unknown", "unknown", "unknown"];
    assert_eq!(told.verdicts, verdicts(expected));
}

#[tokio::test]
async fn what_it_needs_is_said_before_anything_is_sent() {
    let panel = panel().await;
    let output = Command::new(env!("CARGO_BIN_EXE_diagnose-api-key"))
        .env_clear()
        .args(["--url", panel.url()])
        .output()
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        said.trim(),
        "set NEXTPANEL_API_KEY and NEXTPANEL_API_SECRET"
    );
    let odd = run(&panel, Some(KeyKind::Billing), &["--level", "emperor"]).await;
    assert_eq!(odd.status.code(), Some(2));
    assert!(panel.requests().is_empty());
}
