//! What cannot be proven asks a human, and the answer is journaled with who gave it.

use provisioning_core::run::event::{Answer, Event};
use provisioning_core::run::facts::Proof;
use provisioning_core::run::status::{Conclusion, RunStatus};
use provisioning_engine::{EngineError, RunView};

use provisioning_core::plan::id::PlanId;

use crate::place::{StoreKind, on_every_store};
use crate::shop::{LONGEST, Shop, hosting, is_awaiting_confirmation, planned, status};

/// A run whose create call was carried out and whose account can be proven by nothing.
async fn unprovable(store: StoreKind) -> (Shop, PlanId, RunView) {
    let shop = Shop::with_one_server(store, |panel| {
        panel
            .with_billing_id_in_rows(false)
            .with_accounts_may_log_in(false)
    })
    .await;
    shop.arm("lost-reply");
    let (run, view) = shop.run_order().await;
    assert!(matches!(status(&view), RunStatus::NeedsAttention { .. }));
    (shop, run, view)
}

async fn it_exists_with_this_id_goes_on_with_that_account(store: StoreKind) {
    let (shop, run, _) = unprovable(store).await;
    let account = shop
        .panel()
        .accounts()
        .into_iter()
        .find(|account| !account.is_stranger)
        .unwrap();
    let answer = Answer::Exists {
        remote_id: account.id.to_string(),
        username: None,
    };
    let view = shop
        .engine
        .answer(run, hosting(), answer, "jo")
        .await
        .unwrap();
    let journal = planned(&view).journal();
    assert!(
        journal
            .entries
            .iter()
            .any(|entry| matches!(&entry.event, Event::HumanAnswered { by, .. } if by == "jo"))
    );
    let view = shop.go_on(run).await;
    assert!(is_awaiting_confirmation(&view), "{:?}", status(&view));
    assert_eq!(
        planned(&view).account(&hosting()).unwrap().proof,
        Proof::SaidBy { by: "jo".into() }
    );
    assert_eq!(shop.panel().created_by_clients(), 1);
}

async fn a_wrong_id_from_a_human_does_not_pass_verification(store: StoreKind) {
    let (shop, run, _) = unprovable(store).await;
    let stranger = shop.panel().add_stranger("somebody").unwrap();
    let answer = Answer::Exists {
        remote_id: stranger.id.to_string(),
        username: None,
    };
    shop.engine
        .answer(run, hosting(), answer, "jo")
        .await
        .unwrap();
    let view = shop.go_on(run).await;
    let RunStatus::NeedsAttention { steps } = status(&view) else {
        panic!("{:?}", status(&view))
    };
    assert!(
        steps[0].1.to_string().contains("`somebody`, not"),
        "{}",
        steps[0].1
    );
}

async fn send_again_is_refused_by_the_panel_if_the_human_was_wrong_and_makes_no_second_account(
    store: StoreKind,
) {
    let (shop, run, _) = unprovable(store).await;
    // However slow this machine is: the answer comes while the lost request may still arrive.
    shop.clock.jump(-60);
    shop.engine
        .answer(run, hosting(), Answer::SendAgain, "jo")
        .await
        .unwrap();
    let view = shop.go_on(run).await;
    assert!(
        matches!(status(&view), RunStatus::NeedsAttention { .. }),
        "{:?}",
        status(&view)
    );
    assert_eq!(shop.panel().created_by_clients(), 1);
}

async fn once_nothing_can_arrive_the_word_that_a_name_is_a_strangers_counts(store: StoreKind) {
    let (shop, run, _) = unprovable(store).await;
    shop.clock.advance(LONGEST * 2);
    let view = shop
        .engine
        .answer(run, hosting(), Answer::SendAgain, "jo")
        .await
        .unwrap();
    let journal = planned(&view).journal();
    let said = journal.entries.last().map(|entry| &entry.event);
    assert!(matches!(said, Some(Event::HumanAnswered { by, .. }) if by == "jo"));
    let view = shop.go_on(run).await;
    assert!(is_awaiting_confirmation(&view), "{:?}", status(&view));
    let account = planned(&view).account(&hosting()).unwrap();
    assert_eq!(account.proof, Proof::Created);
    assert_eq!(shop.panel().created_by_clients(), 2);
}

async fn abandon_ends_the_run_and_deletes_nothing(store: StoreKind) {
    let (shop, run, _) = unprovable(store).await;
    shop.engine
        .answer(run, hosting(), Answer::Abandon, "jo")
        .await
        .unwrap();
    let view = shop.go_on(run).await;
    assert!(
        matches!(status(&view), RunStatus::Over(Conclusion::Abandoned { .. })),
        "{:?}",
        status(&view)
    );
    assert_eq!(shop.customers_accounts(), 1);
}

async fn an_answer_to_nothing_is_refused(store: StoreKind) {
    let shop = Shop::with_one_server(store, |panel| panel).await;
    let (run, _) = shop.run_order().await;
    let refused = shop
        .engine
        .answer(run, hosting(), Answer::SendAgain, "jo")
        .await
        .unwrap_err();
    assert!(matches!(refused, EngineError::NotAllowed(_)), "{refused}");
}

async fn a_cancelled_run_sends_nothing_more_and_says_what_exists(store: StoreKind) {
    let shop = Shop::with_one_server(store, |panel| panel).await;
    let (run, _) = shop.run_order().await;
    let sent = shop.panel().requests().len();
    shop.engine
        .cancel(run, "jo", "customer changed their mind")
        .await
        .unwrap();
    let view = shop.go_on(run).await;
    let RunStatus::Over(Conclusion::Cancelled { exists, .. }) = status(&view) else {
        panic!("{:?}", status(&view))
    };
    assert!(exists.contains(&hosting()));
    assert_eq!(shop.panel().requests().len(), sent);
    assert_eq!(shop.customers_accounts(), 1);
}

on_every_store!(
    it_exists_with_this_id_goes_on_with_that_account,
    a_wrong_id_from_a_human_does_not_pass_verification,
    send_again_is_refused_by_the_panel_if_the_human_was_wrong_and_makes_no_second_account,
    once_nothing_can_arrive_the_word_that_a_name_is_a_strangers_counts,
    abandon_ends_the_run_and_deletes_nothing,
    an_answer_to_nothing_is_refused,
    a_cancelled_run_sends_nothing_more_and_says_what_exists,
);
