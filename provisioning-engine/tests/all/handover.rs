//! Passwords: sealed, shown until confirmed, then gone. Nothing else ever shows them.

use std::time::Duration;

use provisioning_core::handover::Confirmation;
use provisioning_core::password::{PasswordPolicy, check};
use provisioning_core::run::status::{Conclusion, RunStatus};
use provisioning_engine::{EngineError, RunState};
use secrecy::SecretString;

use crate::place::{StoreKind, on_every_store};
use crate::shop::{Shop, new_run, order_of, planned, status};

async fn a_password_is_shown_until_it_is_confirmed_and_never_again(store: StoreKind) {
    let shop = Shop::with_one_server(store, |panel| panel).await;
    let (run, _) = shop.run_order().await;
    let first = shop.engine.unconfirmed(run).await.unwrap();
    let again = shop.engine.unconfirmed(run).await.unwrap();
    assert_eq!(first[0].expose_password(), again[0].expose_password());
    assert!(
        shop.panel()
            .password_is(first[0].username(), first[0].expose_password())
    );
    let password = SecretString::from(first[0].expose_password());
    assert!(check(&PasswordPolicy::default(), &password).is_empty());

    let confirmation = first.into_iter().next().unwrap().confirm("tests");
    let view = shop.engine.confirm(run, &confirmation).await.unwrap();
    assert!(
        matches!(
            status(&view),
            RunStatus::Over(Conclusion::DoneExceptManual { .. })
        ),
        "{:?}",
        status(&view)
    );
    assert!(shop.engine.unconfirmed(run).await.unwrap().is_empty());
    assert!(matches!(
        shop.engine.confirm(run, &confirmation).await,
        Err(EngineError::NotAllowed(_))
    ));
}

async fn a_credential_that_does_not_work_yet_cannot_be_confirmed(store: StoreKind) {
    let shop = Shop::with_one_server(store, |panel| panel).await;
    shop.arm("under-privileged-key");
    let (run, view) = shop.run_order().await;
    let credential = planned(&view).plan().credentials[0].id.clone();
    assert!(shop.engine.unconfirmed(run).await.unwrap().is_empty());
    let refused = shop
        .engine
        .confirm(run, &Confirmation::received(credential, "tests"))
        .await
        .unwrap_err();
    assert!(matches!(refused, EngineError::NotAllowed(_)), "{refused}");
}

async fn neither_store_nor_journal_nor_progress_ever_holds_the_password(store: StoreKind) {
    for fault in ["", "lost-reply", "username-taken-by-other", "html-502"] {
        let shop = Shop::with_one_server(store, |panel| panel).await;
        let mut progress = shop.engine.progress();
        if !fault.is_empty() {
            shop.arm(fault);
        }
        let (run, view) = shop.run_order().await;
        let password = shop.engine.unconfirmed(run).await.unwrap()[0]
            .expose_password()
            .to_owned();
        let journal = serde_json::to_string(planned(&view).journal()).unwrap();
        let mut seen = format!("{view:?}\n{:?}\n{journal}", shop.engine);
        while let Ok(event) = progress.try_recv() {
            seen.push_str(&format!("{event:?}"));
        }
        assert!(!seen.contains(&password), "{fault}");
        // The order is sealed, and what the plan needs of the customer does not print.
        assert!(!format!("{:?}", shop.engine).contains("cus_7"), "{fault}");
    }
}

async fn the_sealed_copy_is_gone_once_it_is_confirmed(store: StoreKind) {
    let shop = Shop::with_one_server(store, |panel| panel).await;
    let (run, view) = shop.run_order().await;
    let sealed = planned(&view)
        .sealed(&planned(&view).plan().credentials[0].id)
        .unwrap()
        .sealed
        .clone();
    assert!(!sealed.is_empty());
    let shown = shop.engine.unconfirmed(run).await.unwrap().remove(0);
    shop.engine
        .confirm(run, &shown.confirm("tests"))
        .await
        .unwrap();
    let view = shop.engine.inspect(run).await.unwrap();
    let RunState::Planned(after) = &view.state else {
        panic!()
    };
    assert!(
        !serde_json::to_string(after.journal())
            .unwrap()
            .contains(&sealed)
    );
    assert!(!format!("{:?}", shop.engine).contains(&sealed));
}

async fn confirming_a_password_sends_nothing_and_makes_no_other_account(store: StoreKind) {
    let wire = panel_sandbox::WireSettings::new().with_retry_after_seconds(3_600);
    let one_place = |name: &str| {
        panel_sandbox::nextpanel_panel::PanelSettings::new(name)
            .with_capacity(1)
            .with_wire(wire.clone())
    };
    let shop = Shop::with_servers(store, [one_place("np-1"), one_place("np-2")]).await;
    let made = || -> usize {
        let panels = shop.panels.nextpanel_panels();
        panels.iter().map(|panel| panel.created_by_clients()).sum()
    };
    // The first item's server wants an hour's pause, the second item's account is made at once.
    shop.arm("rate-limited");
    let items =
        r#"{"code":"wp_growth","domain":"a.example"},{"code":"wp_growth","domain":"b.example"}"#;
    let run = new_run(&shop.engine, &order_of("2", "a@example.com", items)).await;
    shop.go_on(run).await;
    assert_eq!(made(), 1);
    let shown = shop.engine.unconfirmed(run).await.unwrap();
    assert_eq!(shown.len(), 1);

    shop.clock.advance(Duration::from_secs(7_200));
    let confirmation = shown.into_iter().next().unwrap().confirm("tests");
    shop.engine.confirm(run, &confirmation).await.unwrap();
    assert_eq!(made(), 1);

    assert!(shop.engine.unconfirmed(run).await.unwrap().is_empty());
}

on_every_store!(
    confirming_a_password_sends_nothing_and_makes_no_other_account,
    a_password_is_shown_until_it_is_confirmed_and_never_again,
    a_credential_that_does_not_work_yet_cannot_be_confirmed,
    neither_store_nor_journal_nor_progress_ever_holds_the_password,
    the_sealed_copy_is_gone_once_it_is_confirmed,
);
