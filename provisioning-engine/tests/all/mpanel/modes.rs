//! Both modes on both generations.

use panel_sandbox::mpanel::operations;
use provisioning_core::run::attention::Attention;

use super::*;

#[tokio::test]
async fn an_account_is_recorded_as_pending_before_it_exists_and_as_active_after_it_works() {
    for generation in GENERATIONS {
        let both = Both::start(generation, MpanelMode::Direct).await;
        let (_, view) = both.run(&purchase("A-1", ACCOUNT)).await;
        awaits_confirmation(&view);
        let mpanel = both.mpanel();
        let customers = mpanel.customers();
        let [customer] = &customers[..] else {
            panic!("{customers:#?}");
        };
        let company = customer.company_name.as_deref().unwrap();
        assert!(company.contains("(order A-1/"), "{company}");
        let subscriptions = mpanel.subscriptions();
        let [subscription] = &subscriptions[..] else {
            panic!("{subscriptions:#?}");
        };
        assert_eq!(subscription.status, "active");
        assert_eq!(subscription.customer_id.as_ref(), Some(&customer.id));
        let wp_growth = mpanel.product("wp_growth").unwrap();
        assert_eq!(subscription.product_id.as_deref(), Some(wp_growth.id()));
        assert_eq!(mpanel.times_website_created("ada.example"), 1);
        assert_eq!(both.accounts(), 1);
        let changes = mpanel.requests_for(&operations::PATCH_SUBSCRIPTION);
        assert_eq!(changes.len(), 2, "pending, then active");
        both.was_spared();
        // Log in, customer, products, subscription, pending, website, active.
        assert_eq!(mpanel.requests().len(), 7, "{generation:?}");
    }
}

#[tokio::test]
async fn the_long_order_goes_through_every_entry_and_is_watched_to_its_end() {
    for (generation, entry) in [
        (Generation::Legacy, OrderEntry::ProvisioningStripe),
        (Generation::Legacy, OrderEntry::StripeCompleted),
        (Generation::Legacy, OrderEntry::OrdersWebhook),
        (Generation::Legacy, OrderEntry::OrderCreated),
        (Generation::TypeScript, OrderEntry::StripeCompleted),
        (Generation::TypeScript, OrderEntry::OrdersWebhook),
        (Generation::TypeScript, OrderEntry::OrderCreated),
    ] {
        let both = Both::start(generation, delegate(entry)).await;
        let (_, view) = both.run(&purchase("A-2", LONG)).await;
        awaits_confirmation(&view);
        let mpanel = both.mpanel();
        assert_eq!(both.accounts(), 1, "{entry}");
        assert_eq!(mpanel.customers().len(), 1, "{entry}");
        let open = mpanel.tasks().iter().any(|task| task.status != "success");
        assert!(!open, "{entry}: {:#?}", mpanel.tasks());
        if entry == OrderEntry::ProvisioningStripe {
            assert_eq!(mpanel.stripe_orders()[0].subscriptions.len(), 4);
        } else {
            let plans: Vec<_> = mpanel
                .tasks()
                .iter()
                .filter_map(|task| Some(task.payload.get("plan")?.as_str()?.to_owned()))
                .collect();
            assert!(
                !plans.contains(&"wp_growth".to_owned()),
                "{entry}: {plans:?}"
            );
            assert_eq!(
                mpanel.times_subscription_created("/product", "wp_growth"),
                1,
                "{entry}"
            );
        }
        both.was_spared();
    }
}

#[tokio::test]
async fn what_mpanel_shows_nobody_is_told_and_not_taken_for_done() {
    // On a TypeScript server neither tasks nor the table of this entry's subscriptions can be read.
    let both = Both::start(
        Generation::TypeScript,
        delegate(OrderEntry::ProvisioningStripe),
    )
    .await;
    let starter = r#"{"code":"starter","domain":"ada.example"}"#;
    let (_, view) = both.run(&purchase("A-3", starter)).await;
    let run = planned(&view);
    let [(_, Attention::NotSettled { text, .. })] = &run.parked()[..] else {
        panic!("{:#?}", run.parked());
    };
    assert!(text.contains("no task, job or subscription"), "{text}");
    both.was_spared();
}

#[tokio::test]
async fn a_role_that_may_not_read_tasks_is_told_which_one_may() {
    let both = Both::start(Generation::Legacy, delegate(OrderEntry::StripeCompleted)).await;
    let engine = engine(
        &both.panels,
        delegate(OrderEntry::StripeCompleted),
        UserKind::UpperCaseSuperAdmin,
    );
    let order = purchase("A-4", r#"{"code":"starter","domain":"ada.example"}"#);
    let run = new_run(&engine, &order).await;
    let view = engine.run(run, RunOptions::default()).await.unwrap();
    let parked = planned(&view).parked();
    let [(_, attention @ Attention::Denied { .. })] = &parked[..] else {
        panic!("{parked:#?}");
    };
    assert!(attention.is_denied());
    let told = attention.to_string();
    assert!(
        told.contains("admin") && told.contains("SUPER_ADMIN"),
        "{told}"
    );
    // The order was taken; nobody sends it again.
    assert_eq!(both.mpanel().public_orders().len(), 1);
}

#[tokio::test]
async fn the_reference_can_be_left_out_and_then_a_lost_customer_asks() {
    use panel_sandbox::Fault;
    let both = Both::start(Generation::Legacy, MpanelMode::Direct).await;
    let mpanel = both.mpanel();
    let user = mpanel.user(UserKind::Admin);
    let client = Mpanel::builder(mpanel.url())
        .login(Login::new(user.email(), user.password().clone()))
        .no_proxy()
        .build()
        .unwrap();
    let offer = MpanelOffer::new(MpanelMode::Direct)
        .with_longest_duration(LONGEST)
        .with_order_reference(false);
    let fleet = FleetConfig::new([ServerConfig::new(
        ServerName::new("np-1").unwrap(),
        both.panels.nextpanel_panels()[0].url().parse().unwrap(),
        50,
    )
    .unwrap()])
    .unwrap();
    let panel = &both.panels.nextpanel_panels()[0];
    let key = panel.key(KeyKind::SuperAdmin);
    let credentials = PanelCredentials::new(SecretString::from(key.id()), key.secret().clone());
    let nextpanel = Panel::builder(panel.url(), &credentials)
        .no_proxy()
        .build()
        .unwrap();
    let name = ServerName::new("np-1").unwrap();
    let engine = Engine::builder(MemoryStore::new(), Catalog::migrahosting(), fleet)
        .executor(NextPanelExecutor::new([(name, nextpanel)]))
        .executor(MpanelExecutor::new(client, offer))
        .build()
        .unwrap();
    mpanel.arm(Fault::LostReply).unwrap();
    let run = new_run(&engine, &purchase("A-5", ACCOUNT)).await;
    let view = engine.run(run, RunOptions::default()).await.unwrap();
    let parked = planned(&view).parked();
    assert!(
        matches!(&parked[..], [(_, Attention::NoLookUp { .. })]),
        "{parked:#?}"
    );
    assert_eq!(mpanel.customers().len(), 1);
    assert_eq!(mpanel.customers()[0].company_name.as_deref(), Some("ada"));
}
