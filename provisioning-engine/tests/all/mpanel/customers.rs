//! A customer who comes again.

use panel_sandbox::mpanel::operations::CREATE_CUSTOMER;
use provisioning_core::run::attention::Attention;
use provisioning_core::run::event::Answer;

use super::*;

/// An order by this customer of Stripe's, with the same e-mail address each time.
fn by(stripe_id: &str, order: &str, domain: &str) -> PaidOrder {
    let payload = format!(
        r#"{{"source":"shop.example","stripeCustomerId":"{stripe_id}","customerEmail":"ada@example.com",
        "items":[{{"code":"wp_growth","domain":"{domain}"}}]}}"#
    );
    let intake = provisioning_core::order::Intake::new(
        provisioning_core::order::TenantId::new("shop").unwrap(),
    )
    .with_order_id(order)
    .with_evidence(provisioning_core::order::PaymentEvidence::Operator {
        name: "tests".to_owned(),
    });
    provisioning_core::order::read_order(payload.as_bytes(), &intake).unwrap()
}

#[tokio::test]
async fn the_same_customer_of_stripe_is_the_same_customer_and_is_not_created_again() {
    let both = Both::start(Generation::Legacy, MpanelMode::Direct).await;
    awaits_confirmation(&both.run(&by("cus_Ada", "C-1", "one.example")).await.1);
    awaits_confirmation(&both.run(&by("cus_Ada", "C-2", "two.example")).await.1);
    let mpanel = both.mpanel();
    assert_eq!(mpanel.customers().len(), 1);
    assert_eq!(mpanel.requests_for(&CREATE_CUSTOMER).len(), 1);
    assert_eq!(mpanel.subscriptions().len(), 2);
}

#[tokio::test]
async fn the_customer_an_entry_made_is_known_to_the_next_order() {
    let mode = delegate(OrderEntry::StripeCompleted);
    let both = Both::start(Generation::TypeScript, mode).await;
    both.run(&purchase(
        "C-3",
        r#"{"code":"starter","domain":"one.example"}"#,
    ))
    .await;
    awaits_confirmation(&both.run(&purchase("C-4", ACCOUNT)).await.1);
    assert_eq!(both.mpanel().customers().len(), 1);
}

#[tokio::test]
async fn the_same_address_alone_asks_and_names_the_customer() {
    let both = Both::start(Generation::Legacy, MpanelMode::Direct).await;
    both.run(&by("cus_Ada", "C-5", "one.example")).await;
    let known = both.mpanel().customers()[0].id.clone();
    let (run, view) = both.run(&by("cus_Other", "C-6", "two.example")).await;
    let parked = planned(&view).parked();
    let [(step, attention @ Attention::Refused { .. })] = &parked[..] else {
        panic!("{parked:#?}");
    };
    assert!(attention.to_string().contains(&known), "{attention}");
    assert_eq!(both.mpanel().requests_for(&CREATE_CUSTOMER).len(), 1);
    let answer = Answer::Exists {
        remote_id: known,
        username: None,
    };
    both.engine
        .answer(run, (*step).clone(), answer, "kim")
        .await
        .unwrap();
    awaits_confirmation(&both.go_on(run).await);
    assert_eq!(both.mpanel().customers().len(), 1);
}

/// What the files of a store hold of this.
fn is_in(file: &std::path::Path, needle: &str) -> bool {
    let name = file.file_name().unwrap().to_str().unwrap();
    ["", "-wal"].iter().any(|end| {
        std::fs::read(file.with_file_name(format!("{name}{end}")))
            .is_ok_and(|bytes| memchr::memmem::find(&bytes, needle.as_bytes()).is_some())
    })
}

/// In a file, by a key of the engine's, and until the last run that knew the customer is forgotten.
#[tokio::test]
async fn a_customer_is_known_after_a_restart_under_another_key_and_until_it_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let file = crate::place::file_in(&folder);
    let panels = PanelSandbox::builder()
        .nextpanel_panel(PanelSettings::new("np-1"))
        .mpanel(MPanelSettings::new("mp", Generation::Legacy))
        .start()
        .await
        .unwrap();
    let key = |byte: u8| SecretSlice::from(vec![byte; 32]);
    let over = async |sealer: Sealer| {
        let store = Arc::new(SqliteStore::open(&file).await.unwrap());
        over_store(store, sealer, &panels, MpanelMode::Direct, UserKind::Admin)
    };
    let run = async |engine: &Engine, order: &PaidOrder| {
        let run = new_run(engine, order).await;
        let options = RunOptions {
            longest_wait: Duration::from_secs(5),
        };
        awaits_confirmation(&engine.run(run, options).await.unwrap());
        for shown in engine.unconfirmed(run).await.unwrap() {
            engine.confirm(run, &shown.confirm("tests")).await.unwrap();
        }
        run
    };

    let engine = over(Sealer::with_key("old", &key(1)).unwrap()).await;
    let first = run(&engine, &by("cus_Ada", "C-1", "one.example")).await;
    engine.close().await;
    let customer = panels.mpanels()[0].customers()[0].id.clone();

    let both = Sealer::with_key("new", &key(2)).unwrap();
    let engine = over(both.with_older("old", &key(1)).unwrap()).await;
    let second = run(&engine, &by("cus_Ada", "C-2", "two.example")).await;
    assert_eq!(panels.mpanels()[0].customers().len(), 1);
    let rotated = engine.rotate().await.unwrap();
    assert!(rotated.left.is_empty(), "{rotated:?}");
    engine.forget(first).await.unwrap();
    engine.close().await;

    let engine = over(Sealer::with_key("new", &key(2)).unwrap()).await;
    let third = run(&engine, &by("cus_Ada", "C-3", "three.example")).await;
    let mpanel = &panels.mpanels()[0];
    assert_eq!(mpanel.requests_for(&CREATE_CUSTOMER).len(), 1);
    for run in [second, third] {
        engine.forget(run).await.unwrap();
    }
    engine.close().await;
    for plain in ["ada@example.com", "cus_Ada", &customer] {
        assert!(!is_in(&file, plain), "{plain}");
    }

    let engine = over(Sealer::with_key("new", &key(2)).unwrap()).await;
    let fourth = new_run(&engine, &by("cus_Ada", "C-4", "four.example")).await;
    engine.run(fourth, RunOptions::default()).await.unwrap();
    assert_eq!(
        mpanel.requests_for(&CREATE_CUSTOMER).len(),
        2,
        "nobody remembers"
    );
}
