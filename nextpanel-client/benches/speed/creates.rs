//! 1,000 accounts on panels with 50 ms latency at 64 in flight: at least 0.85 of the ideal 1,280 a second.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream;
use jiff::Timestamp;
use nextpanel_client::panel::{CreateAccount, Panel, PanelCredentials};
use provisioning_core::catalog::AccountType;
use provisioning_core::plan::id::{PlanId, StepPath};
use secrecy::SecretString;
use uuid::Uuid;

use crate::stand_in;

const ACCOUNTS: usize = 1_000;
const IN_FLIGHT: usize = 64;
const PANELS: usize = 4;
const LATENCY: Duration = Duration::from_millis(50);

pub(crate) async fn run() {
    let credentials = PanelCredentials::new(
        SecretString::from("npk_bench"),
        SecretString::from("nps_bench"),
    );
    let mut panels = Vec::new();
    for _ in 0..PANELS {
        let address = stand_in::answering(LATENCY).await;
        let panel = Panel::builder(&format!("http://{address}"), &credentials).no_proxy();
        panels.push(panel.build().expect("a panel"));
    }
    let begun = Instant::now();
    let created = stream::iter(0..ACCOUNTS)
        .map(|number| {
            let panel = panels[number % PANELS].clone();
            // A task each, as a host's workers are.
            async move { tokio::spawn(create(panel, number)).await.expect("no panic") }
        })
        .buffer_unordered(IN_FLIGHT)
        .collect::<Vec<()>>()
        .await;
    let elapsed = begun.elapsed();
    assert_eq!(created.len(), ACCOUNTS);
    let ideal = IN_FLIGHT as f64 / LATENCY.as_secs_f64();
    let reached = ACCOUNTS as f64 / elapsed.as_secs_f64();
    println!(
        "creates_at_{IN_FLIGHT}_in_flight per_second={reached:.0} ideal={ideal:.0} ratio={:.3} (at least 0.85)",
        reached / ideal
    );
}

async fn create(panel: Panel, number: usize) {
    let mark = PlanId::from(Uuid::from_u128(number as u128)).mark(&StepPath::from("bench"));
    let create = CreateAccount::new(
        format!("user{number}"),
        format!("user{number}@example.com"),
        SecretString::from("Bench-Passw0rd!"),
        AccountType::Panel,
        mark,
        Timestamp::UNIX_EPOCH,
    );
    panel.call(create).await.expect("an account");
}
