//! Orders, operators and workers on the stand-in, on either generation.

use std::time::Duration;

use jiff::civil::date;
use mpanel_client::{
    Availability, Generation, Mpanel, ServedBy,
    customers::{AddDomain, CreateCustomer, DeleteCustomer, ListCustomers, UpdateCustomer},
    invoices::{CreateInvoice, GetInvoice, ListInvoices, NewInvoiceItem},
    order_entries::{
        CartItem, CompletedItem, CreatedItem, OrderCreated, OrderWebhook, StripeCompleted,
        StripePayment,
    },
    products::ProductId,
    servers::ServerId,
    subscriptions::{CreateSubscription, SubscriptionId, SubscriptionStatus, UpdateSubscription},
    tasks::{GetTask, ListTasks, TaskId},
    websites::{CreateWebsite, GetWebsite},
    worker::{ClaimTask, CompleteTask},
};
use panel_http::Kind;
use panel_sandbox::{
    Fault,
    mpanel::{self, MPanelSettings, UserKind, WorkerPace},
};
use provisioning_core::{
    money::{Currency, Money},
    permission::Missing,
    plan::id::Mark,
    status::ProvisioningState,
};
use serde_json::json;

use super::live::{GENERATIONS, client, started};

fn usd(cents: u64) -> Money {
    Money::from_minor(cents, Currency::USD)
}

fn mark() -> Mark {
    serde_json::from_value(json!("0d4c9a52-7e1b-5f0e-8b1a-3c5d7e9f1a2b")).unwrap()
}

#[tokio::test]
async fn an_order_is_recorded_directly_on_either_generation_within_its_budget() {
    for (sandbox, generation) in GENERATIONS {
        let server = started(MPanelSettings::new("main", sandbox)).await;
        let mpanel = client(&server, UserKind::Admin);
        let create =
            CreateCustomer::new("Order pi_7", "buyer@shop.example").set_country(Some("AT".into()));
        let customer = mpanel.call(create.clone()).await.unwrap();
        let found = mpanel.find_created_customer(&create).await.unwrap();
        assert_eq!(found.customers.len(), 1, "{generation}");
        assert_eq!(found.customers[0].id, customer.id);
        assert!(found.proves_absence);
        let product = ProductId::text(server.product("wp_growth").unwrap().id());
        let subscription =
            CreateSubscription::new(customer.id.clone(), product.clone(), "monthly", usd(4999))
                .set_next_billing_date(date(2027, 4, 4))
                .set_mark(mark());
        let subscription = mpanel.create_subscription(subscription).await.unwrap();
        assert_eq!(
            subscription.tenant_id.as_ref().map(ToString::to_string),
            Some(server.tenant_id()),
            "{generation}"
        );
        let set = |status| UpdateSubscription::new(subscription.id.clone()).set_status(status);
        mpanel
            .call(set(SubscriptionStatus::PendingProvisioning))
            .await
            .unwrap();
        let found = mpanel
            .find_created_subscription(&customer.id, mark())
            .await
            .unwrap();
        assert_eq!(found.subscriptions[0].id, subscription.id);
        let website = CreateWebsite::new("shop", "shop.example")
            .set_customer(customer.id.clone())
            .set_subscription(subscription.id.clone())
            .set_server(ServerId::text(server.server_id()))
            .set_metadata("order", "pi_7");
        let website = mpanel.call(website).await.unwrap();
        let read = mpanel.call(GetWebsite(website.id)).await.unwrap();
        assert_eq!(read.metadata.unwrap()["order"], "pi_7");
        let active = mpanel.call(set(SubscriptionStatus::Active)).await.unwrap();
        assert_eq!(active.status, Some(SubscriptionStatus::Active));
        assert!(server.requests().len() <= 14, "{}", server.requests().len());
        assert_eq!(server.times_customer_created("Order pi_7"), 1);

        let error = mpanel.call(create.clone()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Conflict, "{error}");
        let update = UpdateCustomer::new(customer.id.clone(), create.set_city(Some("Graz".into())));
        assert_eq!(
            mpanel.call(update).await.unwrap().city.as_deref(),
            Some("Graz")
        );
        mpanel
            .call(AddDomain::new(customer.id.clone(), "shop.example"))
            .await
            .unwrap();
        mpanel.suspend_subscription(&subscription.id).await.unwrap();
        mpanel
            .reactivate_subscription(&subscription.id)
            .await
            .unwrap();
        let row = mpanel.cancel_subscription(&subscription.id).await.unwrap();
        assert_eq!(row.status, Some(SubscriptionStatus::Cancelled));
        let nobody = SubscriptionId::text("00000000-0000-4000-8000-00000000dead");
        let error = mpanel.cancel_subscription(&nobody).await.unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound, "{generation}: {error}");
        assert!(server.unexpected_requests().is_empty());
    }
}

#[tokio::test]
async fn invoices_are_kept_on_either_generation() {
    for (sandbox, generation) in GENERATIONS {
        let server = started(MPanelSettings::new("main", sandbox)).await;
        // A TypeScript login has no role these routes take, so the token is a legacy one on both.
        let mpanel = Mpanel::builder(server.url())
            .token(&server.legacy_token(UserKind::Admin))
            .no_proxy()
            .build()
            .unwrap();
        let customer = mpanel
            .call(CreateCustomer::new("Order pi_8", "other@shop.example"))
            .await
            .unwrap();
        let line = NewInvoiceItem::new("WP Growth", 2, usd(4999));
        let create = CreateInvoice::new(customer.id.clone(), "2027-0007", [line]);
        let invoice = mpanel.call(create.clone()).await.unwrap();
        let read = mpanel.call(GetInvoice(invoice.id.clone())).await.unwrap();
        let total: f64 = read.total.unwrap().as_str().parse().unwrap();
        assert!((total - 99.98).abs() < 1e-9, "{generation}: {total}");
        assert_eq!(read.items.unwrap().len(), 1);
        let rows = mpanel
            .list(ListInvoices::of(customer.id.clone()))
            .collect()
            .await
            .unwrap();
        assert_eq!(rows.len(), 1);
        let error = mpanel.call(create).await.unwrap_err();
        // Its text does not say that the number is taken, so the number is what to look up.
        assert_eq!(
            (error.kind(), error.key()),
            (Kind::Indeterminate, Some("2027-0007"))
        );
        mpanel.call(DeleteCustomer(customer.id)).await.unwrap();
    }
}

#[tokio::test]
async fn a_payment_is_one_order_however_often_it_is_lost() {
    for (sandbox, generation) in GENERATIONS {
        let server = started(MPanelSettings::new("main", sandbox)).await;
        let mpanel = client(&server, UserKind::Admin);
        mpanel.session().await.unwrap();
        server.arm(Fault::LostReply).unwrap();
        let payment = StripePayment::new(
            "pi_7",
            usd(1999),
            [CartItem::new("starter", "Starter", usd(1999)).set_billing_cycle("monthly")],
        )
        .set_customer("buyer@shop.example", None);
        let accepted = mpanel.call(payment.clone()).await.unwrap();
        assert!(accepted.is_replay, "{generation}: the first reply was lost");
        let again = mpanel.call(payment).await.unwrap();
        assert_eq!(again.order_id, accepted.order_id);
        assert_eq!(server.times_ordered("pi_7"), 1);
    }
}

#[tokio::test]
async fn a_completed_checkout_is_watched_until_its_tasks_are_done() {
    let server = started(
        MPanelSettings::new("main", mpanel::Generation::Legacy)
            .with_worker_pace(WorkerPace::AfterPolls(1)),
    )
    .await;
    let mpanel = client(&server, UserKind::Admin);
    let checkout = StripeCompleted::new(
        "buyer@shop.example",
        [
            CompletedItem::new("starter").set_domain("shop.example"),
            CompletedItem::new("wp_growth"),
        ],
    );
    let made = mpanel.call(checkout).await.unwrap();
    let subscriptions: Vec<SubscriptionId> = made
        .subscriptions
        .iter()
        .map(|made| made.id.clone())
        .collect();
    let mut looks = 0;
    loop {
        let tasks = mpanel.tasks_of_subscriptions(&subscriptions).await.unwrap();
        assert_eq!(tasks.len(), 2);
        looks += 1;
        if tasks
            .iter()
            .all(|task| task.state() == ProvisioningState::Done)
        {
            break;
        }
        assert!(looks < 8, "the worker does not work");
    }
    assert!(server.requests().len() <= 14);
    let skipped = StripeCompleted::new(
        "buyer@shop.example",
        [
            CompletedItem::new("wp-growth"),
            CompletedItem::new("starter"),
        ],
    );
    let error = mpanel.call(skipped).await.unwrap_err();
    assert!(error.to_string().contains("wp-growth"), "{error}");
}

#[tokio::test]
async fn an_order_by_webhook_is_watched_by_its_jobs() {
    let server = started(MPanelSettings::new("main", mpanel::Generation::TypeScript)).await;
    let operator = client(&server, UserKind::SuperAdmin);
    let slug = server.product("starter").unwrap();
    let order = OrderWebhook::new(
        server.tenant_slug(),
        "buyer@shop.example",
        slug.price_slug().unwrap(),
        usd(1999),
    )
    .set_payment_intent("pi_7")
    .set_domain("shop.example");
    let order = operator.call(order).await.unwrap();
    let expected: Vec<_> = order.jobs.unwrap().into_iter().map(|job| job.id).collect();
    assert!(!expected.is_empty());
    let mut looks = 0;
    loop {
        let jobs = operator
            .jobs_of_order(&order.order_id, &expected)
            .await
            .unwrap();
        assert_eq!(jobs.len(), expected.len());
        looks += 1;
        if jobs
            .iter()
            .all(|job| job.state() == ProvisioningState::Done)
        {
            break;
        }
        assert!(looks < 8, "the worker does not work");
    }
    let owner = client(&server, UserKind::Admin);
    let found = owner.find_order_of_payment("pi_7").await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].id, order.order_id);
    let error = owner.jobs_of_order(&order.order_id, &[]).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    let denial = owner.denial(&error).unwrap();
    assert!(matches!(denial.missing(), Missing::Role { .. }), "{denial}");
}

#[tokio::test]
async fn order_created_is_an_answer_of_the_server_either_way() {
    let created = || {
        OrderCreated::new(
            "hoster.example",
            "buyer@shop.example",
            [CreatedItem::new("starter", "hosting").set_domain("shop.example")],
        )
    };
    for (sandbox, generation) in GENERATIONS {
        for (settings, is_there) in [
            (MPanelSettings::new("main", sandbox), false),
            (
                MPanelSettings::new("main", sandbox).with_type_script_tail(false),
                false,
            ),
            (
                MPanelSettings::new("main", sandbox).with_order_created(true),
                true,
            ),
        ] {
            let server = started(settings).await;
            let answer = client(&server, UserKind::Admin).call(created()).await;
            match answer {
                Ok(reply) => assert!(is_there && reply.contains_key("customerId"), "{generation}"),
                Err(error) => {
                    assert!(!is_there, "{generation}: {error}");
                    assert_eq!(error.kind(), Kind::NotImplemented, "{generation}: {error}");
                }
            }
        }
    }
}

#[tokio::test]
async fn documented_routes_work_by_their_equivalents_on_every_server() {
    for (sandbox, generation) in GENERATIONS {
        for settings in [
            MPanelSettings::new("main", sandbox),
            MPanelSettings::new("main", sandbox).with_type_script_tail(false),
            MPanelSettings::new("main", sandbox).with_broken_type_script_auth(
                // A TypeScript server so built lets nobody in at all.
                sandbox == mpanel::Generation::Legacy,
            ),
        ] {
            let server = started(settings).await;
            let mpanel = client(&server, UserKind::Admin);
            let customer = mpanel
                .call(CreateCustomer::new("Order pi_7", "buyer@shop.example"))
                .await
                .unwrap();
            for _ in 0..2 {
                let served = mpanel.customer_subscriptions(&customer.id).await.unwrap();
                assert!(matches!(served.by, ServedBy::Equivalent(_)), "{generation}");
                let served = mpanel.customer_websites(&customer.id).await.unwrap();
                assert!(matches!(served.by, ServedBy::Equivalent(_)), "{generation}");
                let served = mpanel.customer_invoices(&customer.id).await.unwrap();
                assert!(matches!(served.by, ServedBy::Equivalent(_)), "{generation}");
                let served = mpanel.all_users().await.unwrap();
                assert!(!served.value.is_empty(), "{generation}");
            }
            // Log in, create, four questions asked once, four equivalents asked twice.
            assert_eq!(server.requests().len(), 2 + 4 + 8, "{generation}");
        }
    }
}

#[tokio::test]
async fn only_the_role_that_is_exactly_admin_sees_tasks() {
    let server = started(MPanelSettings::new("main", mpanel::Generation::Legacy)).await;
    client(&server, UserKind::Admin)
        .list(ListTasks::new())
        .collect()
        .await
        .unwrap();
    for (kind, role) in [
        (UserKind::SuperAdmin, "super_admin"),
        (UserKind::UpperCaseSuperAdmin, "SUPER_ADMIN"),
        (UserKind::Manager, "manager"),
    ] {
        let mpanel = client(&server, kind);
        let error = mpanel.list(ListTasks::new()).collect().await.unwrap_err();
        let denial = mpanel.denial(&error).unwrap();
        assert_eq!(
            denial.missing(),
            &Missing::Role {
                found: Some(role.to_owned()),
                wanted: vec!["admin".to_owned()],
            }
        );
    }
    let suspended = client(&server, UserKind::Suspended);
    let error = suspended.session().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Auth);
}

#[tokio::test]
async fn expired_and_forgotten_tokens_are_renewed_without_the_caller() {
    for (sandbox, generation) in GENERATIONS {
        let server = started(MPanelSettings::new("main", sandbox)).await;
        let mpanel = client(&server, UserKind::Admin);
        mpanel.list(ListCustomers).collect().await.unwrap();
        server.expire_tokens();
        mpanel.list(ListCustomers).collect().await.unwrap();
        server.forget_tokens();
        mpanel.list(ListCustomers).collect().await.unwrap();
        assert!(server.requests().len() <= 10, "{generation}");
    }
}

#[tokio::test]
async fn a_used_up_limiter_says_how_long_to_wait_and_nothing_is_waited_for() {
    let server = started(
        MPanelSettings::new("main", mpanel::Generation::Legacy)
            .with_limiter(2, Duration::from_secs(900)),
    )
    .await;
    let mpanel = client(&server, UserKind::Admin);
    mpanel.list(ListCustomers).collect().await.unwrap();
    let error = mpanel
        .call(CreateCustomer::new("Order pi_7", "buyer@shop.example"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::RateLimited, "{error}");
    assert!(
        error.retry_after().unwrap() > Duration::from_secs(60),
        "{error}"
    );
    assert!(
        server
            .customers()
            .iter()
            .all(|row| row.company_name.as_deref() != Some("Order pi_7"))
    );
}

#[tokio::test]
async fn a_worker_claims_and_completes() {
    for (sandbox, _) in GENERATIONS {
        let server =
            started(MPanelSettings::new("main", sandbox).with_worker_pace(WorkerPace::ByHand))
                .await;
        let mpanel = client(&server, UserKind::Admin);
        assert!(mpanel.call(ClaimTask).await.unwrap().is_none());
        let checkout = StripeCompleted::new("buyer@shop.example", [CompletedItem::new("starter")]);
        mpanel.call(checkout).await.unwrap();
        let task = mpanel.call(ClaimTask).await.unwrap().unwrap();
        assert_eq!(task.payload_text("plan"), Some("starter"));
        mpanel
            .call(CompleteTask::success(task.id.clone()))
            .await
            .unwrap();
        if sandbox == mpanel::Generation::Legacy {
            let done = mpanel.call(GetTask(task.id)).await.unwrap();
            assert_eq!(done.state(), ProvisioningState::Done);
            let error = mpanel
                .retry_task(&TaskId::text("00000000-0000-4000-8000-00000000dead"))
                .await
                .unwrap_err();
            assert_eq!(error.kind(), Kind::NotFound, "{error}");
        }
    }
}

/// What the stand-in serves, the client has; and it is marked as served by that generation.
#[tokio::test]
async fn every_route_of_the_stand_in_is_in_the_table() {
    let plain = |path: &str| {
        let segments: Vec<&str> = path
            .split('/')
            .map(|part| if part.starts_with('{') { "{}" } else { part })
            .collect();
        segments.join("/")
    };
    let mut missing = Vec::new();
    for (sandbox, generation) in GENERATIONS {
        let server = started(MPanelSettings::new("main", sandbox).with_order_created(true)).await;
        for operation in server.operations() {
            let known = mpanel_client::FAMILIES
                .iter()
                .flat_map(|family| family.routes)
                .any(|route| {
                    route.operation.method.as_str() == operation.method()
                        && plain(route.operation.path) == plain(operation.path())
                        && (route.availability != Availability::Legacy
                            || generation == Generation::Legacy)
                });
            if !known && operation.path() != "/" {
                missing.push(format!(
                    "{} {} ({generation})",
                    operation.method(),
                    operation.path()
                ));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
