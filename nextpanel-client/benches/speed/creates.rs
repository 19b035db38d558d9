//! 1,000 accounts on panels with 50 ms latency at 64 in flight: at least 0.85 of the ideal 1,280 a second.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream;
use jiff::Timestamp;
use nextpanel_client::panel::{CreateAccount, Panel, PanelCredentials};
use provisioning_core::catalog::AccountType;
use provisioning_core::plan::id::{PlanId, StepPath};
use secrecy::SecretString;
use uuid::Uuid;

use crate::{bare, held, median, stand_in};

const ACCOUNTS: usize = 1_000;
const IN_FLIGHT: usize = 64;
const PANELS: usize = 4;
const LATENCY: Duration = Duration::from_millis(50);
const ROUNDS: usize = 9;
const AT_LEAST: f64 = 0.85;

pub(crate) async fn run() {
    let ideal = IN_FLIGHT as f64 / LATENCY.as_secs_f64();
    let (mut ours, mut control) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        for (sort, ratios) in [("client", &mut ours), ("control", &mut control)] {
            let addresses = panels().await;
            let elapsed = match sort {
                "client" => round(&addresses).await,
                _ => bare::round(&addresses, ACCOUNTS, IN_FLIGHT).await,
            };
            let reached = ACCOUNTS as f64 / elapsed.as_secs_f64();
            println!("  {sort} per_second={reached:.0} of {ideal:.0}");
            ratios.push(reached / ideal);
        }
    }
    let (ratio, control) = (median(ours), median(control));
    println!(
        "creates, {ACCOUNTS} accounts, {} ms latency, {IN_FLIGHT} in flight: per_second={:.0} (bound {AT_LEAST}: {}, bare sockets {control:.3}) ratio={ratio:.3}",
        LATENCY.as_millis(),
        ratio * ideal,
        held(ratio >= AT_LEAST),
    );
}

async fn panels() -> Vec<SocketAddr> {
    let mut addresses = Vec::new();
    for _ in 0..PANELS {
        addresses.push(stand_in::answering(LATENCY).await);
    }
    addresses
}

/// How long a new client needs for all of them, connections included.
async fn round(addresses: &[SocketAddr]) -> Duration {
    let credentials = PanelCredentials::new(
        SecretString::from("npk_bench"),
        SecretString::from("nps_bench"),
    );
    let mut panels = Vec::new();
    for address in addresses {
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
    assert_eq!(created.len(), ACCOUNTS);
    begun.elapsed()
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
