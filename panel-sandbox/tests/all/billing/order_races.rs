//! Orders that are created at the same time.

use std::time::Duration;

use panel_sandbox::nextpanel_billing::{Billing, BillingSettings, Resource};
use tokio::task::JoinSet;

use super::orders::order;
use super::user::{PASSWORD, User, address};

const TIMES: usize = 12;

async fn statuses_of_parallel_creates(creation_time: Duration) -> Vec<u16> {
    let settings = BillingSettings::new("billing1").with_order_creation_time(creation_time);
    let billing = Billing::start(settings).await.unwrap();
    let id = User::administrator(&billing).await.customer("ada").await;
    let ada = User::logged_in(&billing, &address("ada"), PASSWORD).await;
    let mut creates = JoinSet::new();
    for _ in 0..TIMES {
        let request = ada.request(reqwest::Method::POST, "/orders");
        let request = request.json(&order(&id, 5.0));
        creates.spawn(async move { request.send().await.unwrap().status().as_u16() });
    }
    let mut statuses = creates.join_all().await;
    statuses.sort_unstable();
    let made = statuses.iter().filter(|status| **status == 201).count();
    assert_eq!(billing.rows(Resource::Orders).len(), made);
    // One after the other all is well.
    for _ in 0..2 {
        ada.make("/orders", &order(&id, 5.0), 201).await;
    }
    statuses
}

#[tokio::test]
async fn of_parallel_creates_one_succeeds_and_the_others_make_nothing() {
    let statuses = statuses_of_parallel_creates(Duration::from_secs(1)).await;
    assert_eq!(statuses[0], 201);
    assert_eq!(statuses[1..], [500; TIMES - 1]);
}

#[tokio::test]
async fn the_race_can_be_taken_away() {
    assert_eq!(
        statuses_of_parallel_creates(Duration::ZERO).await,
        [201; TIMES]
    );
}
