//! Requests that arrive after their sender gave them up.

use panel_sandbox::nextpanel_panel::{Panel, operations};
use panel_sandbox::{ArrivalOrder, Fault};
use serde_json::Value;

use crate::caller::{ACCOUNTS, Caller, got, statuses, struck_by, wanted};

const BEFORE: Fault = Fault::LateArrival(ArrivalOrder::BeforeResend);
const AFTER: Fault = Fault::LateArrival(ArrivalOrder::AfterResend);

async fn given_up(fault: Fault) -> (Panel, Caller) {
    let (panel, caller) = struck_by(fault).await;
    caller.create(&wanted("ada")).await.unwrap_err();
    assert!(panel.accounts().is_empty());
    assert_eq!(statuses(&panel, &operations::CREATE_ACCOUNT), [None]);
    (panel, caller)
}

#[tokio::test]
async fn before_the_resend_it_arrives_between_a_look_up_and_the_resend() {
    let (panel, caller) = given_up(BEFORE).await;
    // The look-up does not see it, however many requests it takes; the next look-up and the resend do.
    assert!(caller.list().await.is_empty());
    caller.get(&format!("{ACCOUNTS}?skip=1")).await;
    assert_eq!(panel.times_created("ada"), 0);
    let resent = caller.create(&wanted("ada")).await.unwrap();
    assert_eq!(resent.status, 400);
    assert_eq!(
        statuses(&panel, &operations::CREATE_ACCOUNT),
        [Some(201), Some(400)]
    );
    assert_eq!(panel.settle().await, 0);
}

#[tokio::test]
async fn a_second_look_up_of_any_kind_sees_it_and_nothing_else_lets_it_arrive() {
    for look_up in [0, 1, 2] {
        let (panel, caller) = given_up(BEFORE).await;
        caller.get("/api/health").await;
        caller.get(&format!("{ACCOUNTS}/1/stats")).await;
        caller.create(&wanted("bob")).await.unwrap();
        assert!(panel.account("ada").is_none());
        for round in 1..=2 {
            match look_up {
                0 => assert_eq!(caller.list().await.len(), round),
                1 => {
                    let status = if round == 1 { 404 } else { 200 };
                    assert_eq!(caller.get(&format!("{ACCOUNTS}/2")).await.status, status);
                }
                _ => {
                    let status = if round == 1 { 401 } else { 200 };
                    assert_eq!(caller.login("ada", "Corr3ct-horse").await.status, status);
                }
            }
            assert_eq!(panel.account("ada").is_some(), round == 2, "{look_up}");
        }
    }
}

#[tokio::test]
async fn before_the_resend_it_arrives_even_if_nobody_looked() {
    let (panel, caller) = given_up(BEFORE).await;
    assert_eq!(caller.create(&wanted("ada")).await.unwrap().status, 400);
    let positions: Vec<_> = panel
        .requests_for(&operations::CREATE_ACCOUNT)
        .iter()
        .map(|request| request.handled_position())
        .collect();
    assert_eq!(positions, [Some(0), Some(1)]);
}

#[tokio::test]
async fn after_the_resend_it_arrives_once_the_resend_was_handled() {
    let (panel, caller) = given_up(AFTER).await;
    assert!(caller.list().await.is_empty());
    assert!(caller.list().await.is_empty());
    let resent = caller.create(&wanted("ada")).await.unwrap();
    assert_eq!(resent.status, 201);
    // Settled already when the resend is answered.
    assert_eq!(
        statuses(&panel, &operations::CREATE_ACCOUNT),
        [Some(400), Some(201)]
    );
    assert_eq!(panel.times_created("ada"), 1);
    assert_eq!(panel.settle().await, 0);
}

#[tokio::test]
async fn after_the_resend_means_the_same_request_and_no_other() {
    let (panel, caller) = given_up(AFTER).await;
    assert_eq!(caller.create(&wanted("ada2")).await.unwrap().status, 201);
    assert!(panel.account("ada").is_none());
    assert_eq!(panel.settle().await, 1);
    assert_eq!(panel.times_created("ada"), 1);
}

#[tokio::test]
async fn settling_lets_it_arrive_where_nothing_followed() {
    for fault in [BEFORE, AFTER] {
        let (panel, _) = given_up(fault).await;
        assert_eq!(panel.settle().await, 1);
        assert_eq!(panel.times_created("ada"), 1);
        assert_eq!(statuses(&panel, &operations::CREATE_ACCOUNT), [Some(201)]);
        assert_eq!(panel.settle().await, 0);
    }
}

#[tokio::test]
async fn a_resend_whose_reply_is_lost_still_counts_as_one() {
    let (panel, caller) = given_up(AFTER).await;
    panel.arm(Fault::LostReply).unwrap();
    caller.create(&wanted("ada")).await.unwrap_err();
    assert_eq!(
        statuses(&panel, &operations::CREATE_ACCOUNT),
        [Some(400), Some(201)]
    );
}

#[tokio::test]
async fn a_resend_that_never_arrives_counts_as_none() {
    let (panel, caller) = given_up(AFTER).await;
    panel.arm(Fault::DropBeforeSend).unwrap();
    caller.create(&wanted("ada")).await.unwrap_err();
    assert!(panel.accounts().is_empty());
    assert_eq!(panel.settle().await, 1);
}

#[tokio::test]
async fn several_late_requests_arrive_in_the_order_they_were_sent() {
    let (panel, caller) = given_up(BEFORE).await;
    panel.arm(BEFORE).unwrap();
    let mut other = wanted("ada");
    other["email"] = Value::from("second@customers.example");
    caller.create(&other).await.unwrap_err();
    assert!(caller.list().await.is_empty());
    assert_eq!(caller.list().await.len(), 1);
    assert_eq!(
        statuses(&panel, &operations::CREATE_ACCOUNT),
        [Some(201), Some(400)]
    );
    assert_eq!(panel.account("ada").unwrap().email, "ada@customers.example");
}

#[tokio::test]
async fn healing_does_not_lose_what_is_late() {
    let (panel, caller) = given_up(BEFORE).await;
    panel.heal();
    assert!(caller.list().await.is_empty());
    assert_eq!(caller.list().await.len(), 1);
}

#[tokio::test]
async fn a_look_up_that_is_itself_lost_on_the_way_lets_nothing_arrive() {
    let (panel, caller) = given_up(BEFORE).await;
    panel
        .arm_for(Fault::DropBeforeSend, operations::LIST_ACCOUNTS, 1)
        .unwrap();
    let lost = caller.request(reqwest::Method::GET, ACCOUNTS);
    got(lost).await.unwrap_err();
    assert!(panel.accounts().is_empty());
    assert!(caller.list().await.is_empty());
    assert!(panel.accounts().is_empty());
    assert_eq!(caller.list().await.len(), 1);
}

#[tokio::test]
async fn look_ups_in_parallel_see_it_all_or_not_at_all() {
    for _ in 0..20 {
        let (panel, caller) = given_up(BEFORE).await;
        let (first, second, third) = tokio::join!(caller.list(), caller.list(), caller.list());
        let blind = [first, second, third]
            .iter()
            .filter(|rows| rows.is_empty())
            .count();
        assert_eq!(
            blind, 1,
            "exactly one look-up comes before the late request"
        );
        assert_eq!(panel.times_created("ada"), 1);
    }
}
