//! How rows of the billing backend are read, whichever database it stands on, and lists to their end.

use nextpanel_client::billing::{
    GetCustomer, GetPlan, ListCustomers, ListInvoices, Price, UpdatePlan,
};
use nextpanel_client::with_extra;
use panel_http::Kind;
use panel_http::testing::{Reply, ScriptedTransport};
use serde_json::{Value, json};

use nextpanel_client::billing::Billing;

use super::billing_customers::{FLORA, PLAN};
use super::exchange::Exchange;

#[tokio::test]
async fn moments_are_utc_with_or_without_zone() {
    for (sent, read) in [
        ("2026-01-09T10:20:30", "2026-01-09T10:20:30Z"),
        ("2026-01-09T10:20:30.000001", "2026-01-09T10:20:30.000001Z"),
        ("2026-01-09T10:20:30.250000Z", "2026-01-09T10:20:30.25Z"),
        ("2026-01-09T12:20:30+02:00", "2026-01-09T10:20:30Z"),
    ] {
        let exchange = Exchange::with_last_body("billing.get_customer", |row| {
            row["created_at"] = json!(sent);
        });
        let customer = exchange.billing().call(GetCustomer::new(FLORA)).await;
        assert_eq!(customer.unwrap().created_at.unwrap().to_string(), read);
    }
}

#[tokio::test]
async fn optional_fields_tell_missing_null_and_wrong_type_apart() {
    let read = async |value: Option<Value>| {
        let exchange = Exchange::with_last_body("billing.get_customer", |row| {
            let row = row.as_object_mut().unwrap();
            for name in [
                "company_name",
                "total_payments",
                "licenses",
                "last_payment_date",
            ] {
                row.remove(name);
                row.extend(value.clone().map(|value| (name.to_owned(), value)));
            }
        });
        let customer = exchange.billing().call(GetCustomer::new(FLORA)).await;
        customer.unwrap()
    };
    let missing = read(None).await;
    assert!(missing.company_name.is_missing() && missing.total_payments.is_missing());
    assert!(missing.licenses.is_missing() && missing.last_payment_date.is_missing());
    let null = read(Some(Value::Null)).await;
    assert!(null.company_name.is_null() && null.total_payments.is_null());
    assert!(null.licenses.is_null() && null.last_payment_date.is_null());
    let wrong = read(Some(json!({"canary": [1]}))).await;
    assert_eq!(wrong.company_name.unreadable(), Some("object"));
    assert_eq!(wrong.total_payments.unreadable(), Some("object"));
    assert_eq!(wrong.licenses.unreadable(), Some("object"));
    assert_eq!(wrong.last_payment_date.unreadable(), Some("object"));
    assert_eq!(wrong.id.as_str(), FLORA, "the rest of the row is read");
}

#[tokio::test]
async fn a_required_field_is_named_with_its_path() {
    let broken = [
        (json!([{"name": "x"}]), "[0]"),
        (json!([{"id": null, "name": "x"}]), "[0].id"),
        (
            json!([{"id": "p", "name": "x", "price_monthly": {}}]),
            "[0].price_monthly",
        ),
    ];
    for (body, place) in broken {
        let exchange = Exchange::with_last_reply("billing.list_plans", 200, body);
        let list = nextpanel_client::billing::ListPlans::new()
            .set_is_active(true)
            .set_is_featured(false);
        let error = exchange.billing().call(list).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Decode);
        assert_eq!(error.json_path(), Some(place), "{error}");
    }
}

#[tokio::test]
async fn unknown_fields_survive_on_request() {
    let exchange = Exchange::with_last_body("billing.get_plan", |row| {
        row["trial_days"] = json!(14);
    });
    let plan = exchange
        .billing()
        .call(with_extra(GetPlan::new(PLAN)))
        .await;
    let plan = plan.unwrap();
    assert_eq!(plan.pointer("/trial_days"), Some(&json!(14)));
    assert_eq!(plan.reply().name, "Meadow");
}

#[tokio::test]
async fn what_was_read_can_be_sent_back_unchanged() {
    for sent in ["7.25", "0.30000000000000004", "0.1", "19.99"] {
        let exchange = Exchange::with_last_body("billing.get_plan", |row| {
            row["price_monthly"] = serde_json::from_str(sent).unwrap();
        });
        let plan = exchange.billing().call(GetPlan::new(PLAN)).await.unwrap();
        let price = Price::try_from(plan.price_monthly).unwrap();
        let exchange = Exchange::of("billing.update_plan");
        let update = UpdatePlan::new(PLAN).set_price_monthly(price);
        exchange.billing().call(update).await.unwrap();
        let body = exchange.requests()[0].body.expose_bytes();
        let expected = format!("{{\"price_monthly\":{sent}}}");
        assert_eq!(std::str::from_utf8(&body).unwrap(), expected);
    }
}

fn client(transport: &ScriptedTransport) -> Billing {
    let exchange_free = Billing::builder("https://billing.example.net")
        .login("a@b.example", secrecy::SecretString::from("12345678"))
        .with_client(|client| client.transport(transport.clone()));
    exchange_free.build().unwrap()
}

fn customers(ids: impl Iterator<Item = usize>) -> Reply {
    let rows: Vec<_> = ids.map(|id| json!({"id": format!("c-{id}")})).collect();
    Reply::json(200, Value::from(rows).to_string())
}

#[tokio::test]
async fn a_list_is_read_to_its_short_page_and_each_row_once() {
    // A customer comes once for each licence, and pages overlap.
    let transport = ScriptedTransport::new()
        .with(Reply::json(200, r#"{"access_token": "t"}"#))
        .with(customers((0..1000).map(|row| row / 2)))
        .with(customers((490..520).chain(490..520)));
    let list = ListCustomers::new().set_has_licenses(true);
    let all = client(&transport).all(list).await.unwrap();
    assert_eq!(all.len(), 520);
    let queries: Vec<_> = transport.requests()[1..]
        .iter()
        .map(|request| request.uri.query().unwrap().to_owned())
        .collect();
    assert_eq!(
        queries,
        [
            "skip=0&limit=1000&has_licenses=true",
            "skip=1000&limit=1000&has_licenses=true"
        ]
    );
}

#[tokio::test]
async fn a_backend_that_ignores_paging_does_not_keep_us_for_ever() {
    let page = || {
        let rows: Vec<_> = (0..1000)
            .map(|id| json!({"id": format!("i-{id}"), "status": "open", "subtotal": 1, "total": 1}))
            .collect();
        Reply::json(200, Value::from(rows).to_string())
    };
    let transport = ScriptedTransport::new()
        .with(Reply::json(200, r#"{"access_token": "t"}"#))
        .with(page())
        .with(page());
    let all = client(&transport).all(ListInvoices::new()).await.unwrap();
    assert_eq!(all.len(), 1000);
    assert_eq!(transport.unused(), 0);
}

#[tokio::test]
async fn a_list_is_also_a_stream_that_keeps_what_it_does_not_know() {
    let transport = ScriptedTransport::new()
        .with(Reply::json(200, r#"{"access_token": "t"}"#))
        .with(customers(0..1000))
        .with(Reply::json(200, r#"[{"id": "c-1000", "colour": "green"}]"#));
    let list = ListCustomers::new().set_search("c");
    let all = client(&transport)
        .list(list)
        .with_extra()
        .collect()
        .await
        .unwrap();
    assert_eq!(all.len(), 1001);
    assert_eq!(all[1000].extra["colour"], "green");
    let last = transport.requests()[2].uri.query().unwrap().to_owned();
    assert_eq!(last, "search=c&skip=1000&limit=1000");
}
