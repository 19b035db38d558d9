//! The doors an order comes in by (contract, section 8).

use panel_sandbox::Fault;
use panel_sandbox::mpanel::{
    Columns, Generation, MPanelSettings, UserKind, WorkerPace, operations,
};
use serde_json::{Value, json};

use super::caller::{
    BOTH, Caller, admin_of, customers, legacy, mpanel, public_order, start, stripe_order,
    type_script, webhook_order, with_internal_key, with_provisioning_token,
};

const B: &str = "/api/public/orders/stripe-completed";
const C: &str = "/api/provisioning/stripe";
const D: &str = "/api/orders/webhook";
const A: &str = "/api/provisioning/webhooks/order-created";

fn by_hand(generation: Generation) -> MPanelSettings {
    MPanelSettings::new("main", generation).with_worker_pace(WorkerPace::ByHand)
}

#[tokio::test]
async fn stripe_completed_makes_one_task_of_each_item_it_knows() {
    for generation in BOTH {
        let mpanel = start(by_hand(generation)).await;
        let stranger = Caller::stranger(&mpanel);
        let body = public_order("pi_1", &["starter", "wp-growth", "daily_backups_30d"]);
        let got = stranger.post(B, &body).await;
        assert_eq!((got.status, &got.body["ok"]), (200, &json!(true)));
        assert_eq!(got.body["customerEmail"], "pia@buyers.example");
        let made = got.body["subscriptions"].as_array().unwrap();
        let expected = ["Starter", "Daily Backups (30 days)"];
        for (subscription, product) in made.iter().zip(expected) {
            assert_eq!(subscription["product"], product);
            assert_eq!(subscription["status"], "pending_provisioning");
        }
        assert_eq!(
            made.len(),
            2,
            "the slug with a hyphen is nobody's, and nothing is said"
        );
        assert_eq!(made[0]["domain"], "starter.example");
        let tasks = mpanel.tasks();
        assert_eq!(tasks.len(), 2);
        assert!(
            tasks
                .iter()
                .all(|task| task.step == "create_account" && task.status == "pending")
        );
        let customer = &mpanel.customers()[0];
        assert_eq!(
            (customer.tenant_id.as_ref(), customer.user_id.as_ref()),
            (None, None)
        );
        assert_eq!(customer.stripe_customer_id.as_deref(), Some("cus_pia"));
        let row = &customers(&admin_of(&mpanel)).await[0];
        assert_eq!(
            (&row["email"], &row["full_name"]),
            (&Value::Null, &json!("Pia Buyer"))
        );
    }
}

#[tokio::test]
async fn stripe_completed_does_everything_again() {
    let mpanel = legacy().await;
    let stranger = Caller::stranger(&mpanel);
    for _ in 0..2 {
        stranger.post(B, &public_order("pi_1", &["starter"])).await;
    }
    assert_eq!(mpanel.times_ordered("pi_1"), 2);
    assert_eq!(
        (mpanel.customers().len(), mpanel.subscriptions().len()),
        (1, 2)
    );
    let of_intent = mpanel.subscriptions();
    assert!(
        of_intent
            .iter()
            .all(|found| found.stripe_payment_intent.as_deref() == Some("pi_1"))
    );
}

#[tokio::test]
async fn the_blueprints_payload_loses_its_payment() {
    let mpanel = legacy().await;
    let body = json!({
        "stripePaymentIntentId": "pi_1", "customerEmail": "pia@buyers.example",
        "items": [{ "productSlug": "starter", "qty": 2, "unitPrice": 1, "billingPeriod": "yearly" }],
        "primaryDomain": "pia.example",
    });
    let got = Caller::stranger(&mpanel).post(B, &body).await;
    assert_eq!(
        (
            got.status,
            got.body["subscriptions"].as_array().unwrap().len()
        ),
        (200, 1)
    );
    assert_eq!(mpanel.times_ordered("pi_1"), 0);
    let subscription = &mpanel.subscriptions()[0];
    assert_eq!(subscription.domain, None);
    assert_eq!(subscription.billing_cycle.as_deref(), Some("monthly"));
    assert_eq!(mpanel.public_orders().len(), 1);
}

#[tokio::test]
async fn stripe_completed_refuses_little() {
    let mpanel = legacy().await;
    let stranger = Caller::stranger(&mpanel);
    for body in [
        json!({}),
        json!({ "customerEmail": "a@b.example" }),
        json!({ "items": [] }),
    ] {
        let got = stranger.post(B, &body).await;
        assert_eq!((got.status, got.error()), (400, "Invalid payload"));
        assert_eq!(
            got.body["details"],
            "customerEmail and items[] are required"
        );
    }
    let got = stranger
        .post(
            B,
            &json!({ "customerEmail": "a@b.example", "items": [null] }),
        )
        .await;
    assert_eq!(
        (got.status, got.message()),
        (
            500,
            "Cannot read properties of null (reading 'productSlug')"
        )
    );
    assert!(mpanel.customers().is_empty());
    let got = stranger.post(B, &public_order("pi_1", &["nothing"])).await;
    assert_eq!((got.status, &got.body["subscriptions"]), (200, &json!([])));

    let settings = by_hand(Generation::TypeScript).with_unique_customer_email(false);
    let mpanel = start(settings).await;
    let got = Caller::stranger(&mpanel)
        .post(B, &public_order("pi_1", &["starter"]))
        .await;
    assert_eq!(got.status, 500);
    assert!(got.message().contains("ON CONFLICT"), "{got:?}");
}

#[tokio::test]
async fn a_provisioning_stripe_order_is_made_once_and_answered_in_two_shapes() {
    for generation in BOTH {
        let mpanel = mpanel(generation).await;
        let caller = Caller::logged_in(&mpanel, UserKind::Customer).await;
        let caller = with_provisioning_token(&mpanel, caller);
        let first = caller.post(C, &stripe_order("pi_1")).await;
        assert_eq!(
            (first.status, &first.body["subscriptionsCreated"]),
            (200, &json!(2))
        );
        assert_eq!(first.body.get("idempotent"), None);
        let mut other = stripe_order("pi_1");
        other["amount"] = json!(1);
        let again = caller.post(C, &other).await;
        assert_eq!(
            (again.status, &again.body["idempotent"]),
            (200, &json!(true))
        );
        assert_eq!(again.body["orderId"], first.body["orderId"]);
        let mut ids = again.body["subscriptions"].as_array().unwrap().clone();
        ids.reverse();
        assert_eq!(json!(ids), first.body["subscriptionIds"]);

        assert_eq!(mpanel.times_ordered("pi_1"), 1);
        let order = &mpanel.stripe_orders()[0];
        assert_eq!((order.amount, order.currency.as_str()), (2498, "usd"));
        assert!(order.paid_at.is_some());
        let codes: Vec<_> = order
            .subscriptions
            .iter()
            .map(|found| {
                (
                    found.product_code.as_str(),
                    found.service_type.as_str(),
                    found.price_cents,
                )
            })
            .collect();
        assert_eq!(
            codes,
            [
                ("starter", "hosting", 1999),
                ("unknown-product", "addon", 0)
            ]
        );
        // A table of its own, which nothing shows and nobody works on.
        assert!(mpanel.tasks().is_empty() && mpanel.subscriptions().is_empty());
        let path = format!("/api/subscriptions/{}", order.subscriptions[0].id);
        assert_eq!(caller.get(&path).await.status, 404);
        let customer = &mpanel.customers()[0];
        assert_eq!(customer.email.as_deref(), Some("pia@buyers.example"));
        assert!(customer.user_id.is_some() && customer.tenant_id.is_none());
        assert_eq!(Some(&customer.id), order.customer_id.as_ref());
    }
}

#[tokio::test]
async fn parallel_orders_of_one_payment_make_one() {
    let mpanel = legacy().await;
    let stranger = with_provisioning_token(&mpanel, Caller::stranger(&mpanel));
    let caller = std::sync::Arc::new(stranger);
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let caller = std::sync::Arc::clone(&caller);
        calls.spawn(async move { caller.post(C, &stripe_order("pi_1")).await.body });
    }
    let replies = calls.join_all().await;
    let replays = replies.iter().filter(|body| body["idempotent"] == true);
    assert_eq!(replays.count(), 7);
    assert_eq!(mpanel.times_ordered("pi_1"), 1);
}

#[tokio::test]
async fn provisioning_stripe_wants_one_credential_here_and_two_there() {
    let legacy_server = legacy().await;
    let type_script_server = type_script().await;
    for (mpanel, without_token) in [
        (&legacy_server, (200, String::new())),
        (
            &type_script_server,
            (401, "No authentication token provided".to_owned()),
        ),
    ] {
        let stranger = with_provisioning_token(mpanel, Caller::stranger(mpanel));
        let got = stranger.post(C, &stripe_order("pi_1")).await;
        assert_eq!((got.status, got.message().to_owned()), without_token);
        let user = Caller::logged_in(mpanel, UserKind::Admin).await;
        let got = user.post(C, &stripe_order("pi_2")).await;
        assert_eq!(
            (got.status, got.body),
            (401, json!({ "error": "Unauthorized" }))
        );
        let wrong = user.with_header("x-mpanel-token", "wrong");
        assert_eq!(wrong.post(C, &stripe_order("pi_2")).await.status, 401);
    }
    let settings = by_hand(Generation::Legacy).with_provisioning_token(None);
    let mpanel = start(settings).await;
    let caller = Caller::stranger(&mpanel).with_header("x-mpanel-token", "");
    assert_eq!(caller.post(C, &stripe_order("pi_1")).await.status, 401);
}

#[tokio::test]
async fn wrong_secret_refuses_the_entries_until_healed() {
    let mpanel = legacy().await;
    mpanel.arm(Fault::WrongSecret).unwrap();
    let caller = with_provisioning_token(&mpanel, Caller::stranger(&mpanel));
    assert_eq!(caller.post(C, &stripe_order("pi_1")).await.status, 401);
    let admin = with_internal_key(&mpanel, admin_of(&mpanel));
    assert_eq!(
        admin
            .post(D, &webhook_order(&mpanel, "pi_2", None))
            .await
            .status,
        401
    );
    assert_eq!(
        caller
            .post(B, &public_order("pi_3", &["starter"]))
            .await
            .status,
        200
    );
    mpanel.heal();
    assert_eq!(caller.post(C, &stripe_order("pi_1")).await.status, 200);
    assert_eq!(mpanel.times_struck(Fault::WrongSecret), 2);
}

#[tokio::test]
async fn provisioning_stripe_passes_the_databases_words_on() {
    let mpanel = legacy().await;
    let caller = with_provisioning_token(&mpanel, Caller::stranger(&mpanel));
    let with = |name: &str, value: Value| {
        let mut body = stripe_order("pi_1");
        body[name] = value;
        body
    };
    for (body, message) in [
        (
            with("amount", Value::Null),
            "null value in column \"amount\" of relation \"stripe_orders\" violates not-null constraint",
        ),
        (
            with("amount", json!(24.98)),
            "invalid input syntax for type integer: \"24.98\"",
        ),
        (
            with("currency", json!("dollar")),
            "value too long for type character(3)",
        ),
        (with("cart", Value::Null), "cart is not iterable"),
        (
            with("cart", json!([null])),
            "Cannot read properties of null (reading 'productCode')",
        ),
        (
            with("cart", json!([{ "price": 4.99 }])),
            "invalid input syntax for type integer: \"4.99\"",
        ),
    ] {
        let got = caller.post(C, &body).await;
        assert_eq!(
            (got.status, got.error(), got.message()),
            (500, "Internal provisioning error.", message)
        );
    }
    assert!(mpanel.stripe_orders().is_empty() && mpanel.customers().is_empty());
    let unpaid = with("status", json!("pending"));
    assert_eq!(caller.post(C, &unpaid).await.status, 200);
    assert_eq!(mpanel.stripe_orders()[0].paid_at, None);
}

#[tokio::test]
async fn where_set_stripe_orders_make_tasks_that_are_worked_on() {
    let settings = by_hand(Generation::Legacy).with_tasks_of_stripe_orders(true);
    let mpanel = start(settings).await;
    let caller = with_provisioning_token(&mpanel, admin_of(&mpanel));
    caller.post(C, &stripe_order("pi_1")).await;
    assert_eq!(mpanel.tasks().len(), 2);
    mpanel.work_once();
    let statuses: Vec<String> = mpanel.stripe_orders()[0]
        .subscriptions
        .iter()
        .map(|found| found.provisioning_status.clone())
        .collect();
    assert_eq!(statuses, ["completed", "pending"]);
}

#[tokio::test]
async fn the_webhook_makes_a_paid_order_with_jobs_on_both_servers() {
    for generation in BOTH {
        let mpanel = start(by_hand(generation)).await;
        let caller = with_internal_key(&mpanel, admin_of(&mpanel));
        let got = caller
            .post(D, &webhook_order(&mpanel, "pi_1", Some("pia.example")))
            .await;
        assert_eq!(
            (got.status, &got.body["success"]),
            (201, &json!(true)),
            "{got:?}"
        );
        let data = &got.body["data"];
        assert_eq!(
            (&data["status"], &data["totalAmountCents"]),
            (&json!("PAID"), &json!(1999))
        );
        let kinds: Vec<_> = data["jobs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|job| &job["type"])
            .collect();
        assert_eq!(
            kinds,
            ["PROVISION_DNS", "PROVISION_HOSTING", "PROVISION_MAIL"]
        );
        let subscription = &mpanel.subscriptions()[0];
        assert_eq!(
            (json!(subscription.id), subscription.status.as_str()),
            (data["subscriptionId"].clone(), "inactive")
        );
        assert_eq!(
            mpanel.customers()[0].email.as_deref(),
            Some("pia@buyers.example")
        );

        // With the same domain nothing happens, without one everything does.
        let again = caller
            .post(D, &webhook_order(&mpanel, "pi_1", Some("pia.example")))
            .await;
        assert_eq!(
            (again.status, again.error()),
            (500, "PrismaClientKnownRequestError")
        );
        assert_eq!(mpanel.times_ordered("pi_1"), 1);
        assert_eq!(
            caller
                .post(D, &webhook_order(&mpanel, "pi_1", None))
                .await
                .status,
            201
        );
        assert_eq!(
            (mpanel.times_ordered("pi_1"), mpanel.customers().len()),
            (2, 1)
        );

        for _ in 0..3 {
            mpanel.work_once().unwrap();
        }
        assert!(mpanel.jobs()[..3].iter().all(|job| job.status == "SUCCESS"));
        assert_eq!(mpanel.subscriptions()[0].status, "active");
        assert_eq!(mpanel.subscriptions()[1].status, "inactive");
    }
}

#[tokio::test]
async fn the_webhook_makes_jobs_of_hosting_only() {
    let mpanel = type_script().await;
    let caller = with_internal_key(&mpanel, Caller::stranger(&mpanel));
    for (slug, jobs) in [("daily-backups-30d-monthly", 0), ("wp-growth-monthly", 2)] {
        let mut body = webhook_order(&mpanel, slug, None);
        body["priceSlug"] = json!(slug);
        let got = caller.post(D, &body).await;
        assert_eq!(
            got.body["data"]["jobs"].as_array().unwrap().len(),
            jobs,
            "{slug}"
        );
    }
}

#[tokio::test]
async fn the_webhook_refuses_in_several_ways() {
    let mpanel = type_script().await;
    let caller = with_internal_key(&mpanel, Caller::stranger(&mpanel));
    let with = |name: &str, value: Value| {
        let mut body = webhook_order(&mpanel, "pi_1", None);
        body[name] = value;
        body
    };
    for (body, status, error) in [
        (with("priceSlug", Value::Null), 400, "Validation error"),
        (with("customer", json!({})), 400, "Validation error"),
        (with("totalAmountCents", json!(0)), 400, "Validation error"),
        (
            with("totalAmountCents", json!("1999")),
            500,
            "PrismaClientValidationError",
        ),
        (with("tenantSlug", json!("nobody")), 404, "Not found"),
        (with("priceSlug", json!("starter")), 404, "Not found"),
    ] {
        let got = caller.post(D, &body).await;
        assert_eq!((got.status, got.error()), (status, error), "{body}");
    }
    let body = webhook_order(&mpanel, "pi_1", None);
    let got = Caller::stranger(&mpanel).post(D, &body).await;
    assert_eq!(
        (got.status, got.message()),
        (401, "Invalid internal API key")
    );
    assert!(mpanel.orders().is_empty());

    let server = legacy().await;
    let keyed = with_internal_key(&server, Caller::stranger(&server));
    let got = keyed.post(D, &webhook_order(&server, "pi_1", None)).await;
    assert_eq!(
        (got.status, &got.body["code"]),
        (401, &json!("AUTH_REQUIRED"))
    );
    let settings = by_hand(Generation::Legacy).with_type_script_tail(false);
    let server = start(settings).await;
    let keyed = with_internal_key(&server, admin_of(&server));
    let got = keyed.post(D, &webhook_order(&server, "pi_1", None)).await;
    assert_eq!((got.status, got.error()), (404, "Route not found (debug)"));

    let settings = by_hand(Generation::TypeScript).with_columns(Columns::Base);
    let server = start(settings).await;
    let keyed = with_internal_key(&server, Caller::stranger(&server));
    let got = keyed.post(D, &webhook_order(&server, "pi_1", None)).await;
    assert_eq!(
        (got.status, got.error()),
        (500, "PrismaClientKnownRequestError")
    );
}

fn order_created() -> Value {
    json!({
        "source": "hosting.example", "stripeCustomerId": "cus_pia", "stripeSubscriptionId": "sub_1",
        "customerEmail": "pia@buyers.example", "customerName": "Pia Buyer",
        "items": [
            { "code": "starter", "type": "hosting" },
            { "code": "domain_registration", "type": "domain", "domain": "pia.example" },
        ],
    })
}

#[tokio::test]
async fn order_created_is_absent_unless_it_is_set_up() {
    let settings = || by_hand(Generation::Legacy);
    let broken = settings().with_broken_type_script_auth(true);
    let bare = settings().with_type_script_tail(false);
    for (settings, status, error) in [
        (settings(), 401, "Invalid token"),
        (broken, 500, "Internal server error"),
        (bare, 404, "Route not found (debug)"),
    ] {
        let mpanel = start(settings).await;
        let got = admin_of(&mpanel).post(A, &order_created()).await;
        assert_eq!((got.status, got.error()), (status, error));
        let keyed = with_provisioning_token(&mpanel, Caller::stranger(&mpanel));
        let got = keyed.post(A, &order_created()).await;
        assert_eq!(
            (got.status, &got.body["code"]),
            (401, &json!("AUTH_REQUIRED"))
        );
        assert_eq!(mpanel.unexpected_requests().len(), 2);
    }
    let mpanel = type_script().await;
    assert_eq!(
        Caller::stranger(&mpanel)
            .post(A, &order_created())
            .await
            .status,
        401
    );
    let owner = Caller::logged_in(&mpanel, UserKind::Admin).await;
    let got = owner.post(A, &order_created()).await;
    assert_eq!((got.status, got.error()), (404, "Route not found"));
    assert!(
        mpanel
            .arm_for(Fault::LostReply, operations::ORDER_CREATED, 1)
            .is_err()
    );
}

#[tokio::test]
async fn order_created_where_set_up_makes_tasks_and_names_them() {
    for generation in BOTH {
        let mpanel = start(by_hand(generation).with_order_created(true)).await;
        let stranger = Caller::stranger(&mpanel);
        assert_eq!(stranger.post(A, &order_created()).await.status, 401);
        let keyed = with_provisioning_token(&mpanel, stranger);
        let got = keyed.post(A, &order_created()).await;
        assert_eq!(got.status, 201);
        let tasks: Vec<String> = mpanel.tasks().into_iter().map(|task| task.id).collect();
        assert_eq!(got.body["taskIds"], json!(tasks));
        assert_eq!(tasks.len(), 2);
        assert_eq!(mpanel.public_orders()[0].task_ids, tasks);
        assert!(mpanel.unexpected_requests().is_empty());
    }
}
