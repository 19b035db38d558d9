//! After an unknown outcome: look up, prove, adopt; never twice, never a stranger's.

use provisioning_core::run::attention::Attention;
use provisioning_core::run::facts::Proof;
use provisioning_core::run::status::RunStatus;

use crate::place::{StoreKind, on_every_store};
use crate::shop::{Shop, hosting, is_awaiting_confirmation, planned, status};

/// Faults after which the account exists and its reply is lost.
const LOST: [&str; 4] = ["lost-reply", "html-502", "truncated", "huge-body"];

async fn a_lost_reply_is_adopted_by_whatever_the_server_lets_prove(store: StoreKind) {
    for fault in LOST {
        for (shows_mark, may_log_in, proof) in [
            (true, true, Some(Proof::MarkReadsBack)),
            (true, false, Some(Proof::MarkReadsBack)),
            (false, true, Some(Proof::PasswordLogsIn)),
            (false, false, None),
        ] {
            let case = format!("{fault}, shows mark: {shows_mark}, may log in: {may_log_in}");
            let shop = Shop::with_one_server(store, |panel| {
                panel
                    .with_billing_id_in_rows(shows_mark)
                    .with_accounts_may_log_in(may_log_in)
            })
            .await;
            shop.arm(fault);
            let (_, view) = shop.run_order().await;
            match proof {
                Some(proof) => {
                    assert!(
                        is_awaiting_confirmation(&view),
                        "{case}: {:?}",
                        status(&view)
                    );
                    assert_eq!(
                        planned(&view).account(&hosting()).unwrap().proof,
                        proof,
                        "{case}"
                    );
                }
                None => {
                    let RunStatus::NeedsAttention { steps } = status(&view) else {
                        panic!("{case}")
                    };
                    assert!(
                        matches!(steps[0].1, Attention::NotProvable { .. }),
                        "{case}: {steps:?}"
                    );
                }
            }
            shop.panel().settle().await;
            assert_eq!(shop.panel().created_by_clients(), 1, "{case}");
            assert!(shop.panel().unexpected_requests().is_empty(), "{case}");
        }
    }
}

async fn an_order_without_faults_is_verified_by_what_the_server_shows(store: StoreKind) {
    for (shows_mark, may_log_in) in [(true, true), (true, false), (false, true), (false, false)] {
        let shop = Shop::with_one_server(store, |panel| {
            panel
                .with_billing_id_in_rows(shows_mark)
                .with_accounts_may_log_in(may_log_in)
        })
        .await;
        let (_, view) = shop.run_order().await;
        assert!(
            is_awaiting_confirmation(&view),
            "{shows_mark} {may_log_in}: {:?}",
            status(&view)
        );
        assert_eq!(shop.customers_accounts(), 1);
    }
}

async fn a_request_that_arrives_late_never_makes_two(store: StoreKind) {
    for fault in ["late-arrival", "late-arrival-after-resend"] {
        let shop = Shop::with_one_server(store, |panel| panel).await;
        shop.arm(fault);
        let (_, view) = shop.run_order().await;
        assert!(
            is_awaiting_confirmation(&view),
            "{fault}: {:?}",
            status(&view)
        );
        shop.panel().settle().await;
        assert_eq!(shop.panel().created_by_clients(), 1, "{fault}");
        assert_eq!(shop.customers_accounts(), 1, "{fault}");
    }
}

async fn a_name_a_stranger_took_leads_to_the_next_candidate_and_not_to_the_strangers_account(
    store: StoreKind,
) {
    let shop = Shop::with_one_server(store, |panel| panel).await;
    shop.arm("username-taken-by-other");
    let (_, view) = shop.run_order().await;
    let account = planned(&view).account(&hosting()).unwrap();
    let strangers = shop.panel().strangers();
    assert_eq!(strangers.len(), 1);
    assert_ne!(account.username, strangers[0].username);
    assert_ne!(account.remote_id, strangers[0].id.to_string());
    assert_eq!(shop.customers_accounts(), 1);
}

async fn a_strangers_account_of_the_same_name_is_never_adopted_after_a_lost_reply(
    store: StoreKind,
) {
    for shows_mark in [true, false] {
        let shop =
            Shop::with_one_server(store, |panel| panel.with_billing_id_in_rows(shows_mark)).await;
        // The stranger comes first and the refusal is lost on its way back.
        shop.arm("username-taken-by-other");
        shop.arm("lost-reply");
        let (_, view) = shop.run_order().await;
        let stranger = shop.panel().strangers().remove(0);
        match planned(&view).account(&hosting()) {
            Some(account) => assert_ne!(account.remote_id, stranger.id.to_string()),
            // Where the server shows no marks, nothing proves that the account is not ours: a human is asked.
            None => {
                assert!(!shows_mark);
                assert!(
                    matches!(status(&view), RunStatus::NeedsAttention { .. }),
                    "{:?}",
                    status(&view)
                );
            }
        }
        assert_eq!(shop.customers_accounts(), usize::from(shows_mark));
    }
}

async fn a_request_that_did_not_arrive_is_sent_again_once_a_look_up_found_nothing(
    store: StoreKind,
) {
    for fault in ["drop-before-send", "error-500-once"] {
        let shop = Shop::with_one_server(store, |panel| panel).await;
        shop.arm(fault);
        let (_, view) = shop.run_order().await;
        assert!(
            is_awaiting_confirmation(&view),
            "{fault}: {:?}",
            status(&view)
        );
        assert_eq!(
            planned(&view).account(&hosting()).unwrap().proof,
            Proof::Created
        );
        assert_eq!(shop.panel().created_by_clients(), 1, "{fault}");
    }
}

on_every_store!(
    a_lost_reply_is_adopted_by_whatever_the_server_lets_prove,
    an_order_without_faults_is_verified_by_what_the_server_shows,
    a_request_that_arrives_late_never_makes_two,
    a_name_a_stranger_took_leads_to_the_next_candidate_and_not_to_the_strangers_account,
    a_strangers_account_of_the_same_name_is_never_adopted_after_a_lost_reply,
    a_request_that_did_not_arrive_is_sent_again_once_a_look_up_found_nothing,
);
