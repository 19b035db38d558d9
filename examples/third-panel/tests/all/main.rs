//! Orders through executors of a host's own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::time::Duration;

use provisioning_core::plan::action::Action;
use provisioning_core::plan::id::{PlanId, StepPath};
use provisioning_core::run::attention::Attention;
use provisioning_core::run::facts::{Facts, LoginReading, MarkReading, Proof};
use provisioning_core::run::status::{Conclusion, RunStatus};
use provisioning_core::run::step_state::Phase;
use provisioning_core::run::{Run, outcome::Because};
use provisioning_engine::store::Submitted;
use provisioning_engine::{Engine, RunOptions};
use third_panel::shop::{engine, order};
use third_panel::stub::Stub;

const DOMAIN: &str = "harbour.example";

const TIMEOUT: Duration = Duration::from_millis(300);

async fn submit(engine: &Engine, id: &str) -> PlanId {
    match engine.submit(&order(id, DOMAIN).unwrap()).await.unwrap() {
        Submitted::New { run } => run,
        other => panic!("{other:?}"),
    }
}

async fn drive(engine: &Engine, run: PlanId) -> Run {
    let view = engine.run(run, RunOptions::default()).await.unwrap();
    view.run().unwrap().clone()
}

fn hosting() -> StepPath {
    StepPath::new(["hosting", "harbour", DOMAIN])
}

fn zone() -> StepPath {
    StepPath::new(["dns", "zone", DOMAIN])
}

fn facts<'a>(run: &'a Run, step: &StepPath) -> &'a Facts {
    match &run.step(step).unwrap().phase {
        Phase::Done(facts) => facts,
        other => panic!("{step}: {other:?}"),
    }
}

/// Confirms the password. Where the run stands then, and the password.
async fn hand_over(engine: &Engine, run: PlanId) -> (RunStatus, String) {
    let shown = engine.unconfirmed(run).await.unwrap().remove(0);
    let password = shown.expose_password().to_owned();
    engine.confirm(run, &shown.confirm("jo")).await.unwrap();
    let run = drive(engine, run).await;
    (run.status(jiff::Timestamp::now()), password)
}

#[tokio::test]
async fn an_order_goes_from_payload_to_handover() {
    let stub = Stub::start().await;
    let engine = engine(&stub, TIMEOUT).unwrap();
    let id = submit(&engine, "1").await;
    let run = drive(&engine, id).await;
    let Facts::Verified(verified) = facts(&run, &hosting().under("verify")) else {
        panic!()
    };
    assert_eq!(
        (verified.mark, verified.login),
        (MarkReading::Ours, LoginReading::Proved)
    );
    let (status, password) = hand_over(&engine, id).await;
    // NextPanel has no endpoint for attaching a domain, and Cove's executor declares none either.
    let attach = hosting().under("attach");
    let expected = Conclusion::DoneExceptManual {
        steps: vec![attach.clone()],
    };
    assert_eq!(status, RunStatus::Over(expected));
    assert_eq!(stub.accounts(), ["harbour"]);
    assert!(stub.password_is("harbour", &password));
    assert_eq!(stub.zones(), [(DOMAIN.to_owned(), "cove-1".to_owned())]);
    engine.manual_done(id, attach, "kim").await.unwrap();
    let run = drive(&engine, id).await;
    let status = run.status(jiff::Timestamp::now());
    assert_eq!(status, RunStatus::Over(Conclusion::Done));
}

#[tokio::test]
async fn a_dry_run_shows_every_request_and_no_password() {
    let stub = Stub::start().await;
    let engine = engine(&stub, TIMEOUT).unwrap();
    let plan = engine.plan(&order("1", DOMAIN).unwrap()).await.unwrap();
    let plan = plan.unwrap();
    assert!(matches!(
        plan.step(&zone()).unwrap().action,
        Action::Provide(_)
    ));
    assert!(plan.explain(&zone()).unwrap().contains("by `dns.provide`"));
    let requests = engine.preview(&plan);
    let shown: Vec<_> = requests
        .iter()
        .map(|request| (request.method.as_str(), request.url.clone()))
        .collect();
    let url = |path| format!("{}/{path}", stub.url());
    assert_eq!(
        shown,
        [
            ("POST", url("accounts")),
            // What verifies the account: it is read back, and its password is tried.
            ("GET", url("accounts")),
            ("POST", url("sessions")),
            ("POST", url("zones"))
        ],
        "{requests:?}"
    );
    assert!(requests[0].body.as_ref().unwrap().contains("[secret]"));
    assert_eq!(engine.preview_reads()[0].url, url("accounts"));
    assert!(stub.accounts().is_empty() && stub.zones().is_empty());
}

/// Each of the two requests that create is carried out, and its answer stays away.
#[tokio::test]
async fn what_an_unanswered_request_made_is_found_and_not_made_again() {
    for path in ["/accounts", "/zones"] {
        let stub = Stub::start().await;
        let engine = engine(&stub, TIMEOUT).unwrap();
        stub.lose_next_reply(path, 4 * TIMEOUT);
        let id = submit(&engine, "1").await;
        let run = drive(&engine, id).await;
        let proof = match (path, facts(&run, &hosting()), facts(&run, &zone())) {
            ("/accounts", Facts::HostingAccount(account), _) => &account.proof,
            ("/zones", _, Facts::Provided(zone)) => &zone.proof,
            other => panic!("{other:?}"),
        };
        assert_eq!(*proof, Proof::MarkReadsBack, "{path}");
        assert_eq!(stub.accounts(), ["harbour"], "{path}");
        assert_eq!(stub.zones().len(), 1, "{path}");
        let (_, password) = hand_over(&engine, id).await;
        assert!(stub.password_is("harbour", &password), "{path}");
    }
}

#[tokio::test]
async fn a_name_that_somebody_else_has_is_passed_over() {
    let stub = Stub::start().await;
    stub.add_stranger("harbour");
    let engine = engine(&stub, TIMEOUT).unwrap();
    let id = submit(&engine, "1").await;
    let run = drive(&engine, id).await;
    let account = run.account(&hosting()).unwrap();
    assert_ne!(account.username, "harbour");
    assert_eq!(
        stub.accounts(),
        ["harbour".to_owned(), account.username.clone()]
    );
}

#[tokio::test]
async fn a_domain_whose_zone_belongs_to_another_order_is_for_a_human() {
    let stub = Stub::start().await;
    let engine = engine(&stub, TIMEOUT).unwrap();
    let first = submit(&engine, "1").await;
    drive(&engine, first).await;
    let second = submit(&engine, "2").await;
    let run = drive(&engine, second).await;
    let parked = run.parked();
    let [(step, Attention::Refused { because, .. })] = &parked[..] else {
        panic!("{parked:#?}")
    };
    assert_eq!((*step, *because), (&zone(), Because::DomainTaken));
    assert_eq!(stub.zones().len(), 1);
}
