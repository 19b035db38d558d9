//! Customers and what belongs to them, as administrators see it.

use nextpanel_client::Timestamp;
use nextpanel_client::billing::{
    AddCustomerLicence, BillingCycle, CancelCustomerLicence, CancelCustomerSubscriptionNow,
    CreateCustomer, CreateGuest, DeleteCustomer, ExtendCustomerLicence, ExtendCustomerSubscription,
    GetCustomer, GetCustomerStatistics, LicenceStatus, ListCustomerDomains, ListCustomerLicences,
    ListCustomerPayments, ListCustomerSubscriptions, ListCustomers, SetCustomerPassword,
    SubscriptionStatus, UpdateCustomer, UpdateCustomerLicence, UpdateCustomerSubscription,
};
use panel_http::Kind;
use provisioning_core::money::Currency;
use serde_json::{Value, json};

use super::billing_auth::password;
use super::exchange::{Exchange, golden};

pub(super) const FLORA: &str = "7d1c0a52-9f0e-4a55-9b60-2f6a1f7c1b01";
pub(super) const LICENCE: &str = "4b7a0f11-2222-4c3d-8e4f-5a6b7c8d9e0f";
pub(super) const SUBSCRIPTION: &str = "a0b1c2d3-0001-4000-8000-000000000001";
pub(super) const PLAN: &str = "c3f1e8a7-0002-4000-8000-000000000002";

pub(super) fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[tokio::test]
async fn customers_are_listed() {
    let list = ListCustomers::new()
        .set_skip(20_u32)
        .set_limit(10_u32)
        .set_search("flo")
        .set_is_active(true)
        .set_has_licenses(true);
    let customers = golden("billing.list_customers", list).await.unwrap();
    let flora = &customers[0];
    assert_eq!(flora.id.as_str(), FLORA);
    let paid = flora.total_payments.unwrap();
    assert_eq!(paid.money(Currency::USD).unwrap().minor(), 3998);
    let licences = flora.licenses.as_ref().unwrap();
    assert_eq!(licences[0].status, LicenceStatus::Active);
    assert!(!format!("{customers:?}").contains("garden"));
}

#[tokio::test]
async fn a_customer_is_created() {
    let create = CreateCustomer::new(
        "Flora@garden.example",
        "Flora Óg",
        password("Gr0wing-Things"),
    )
    .set_company_name("Garden")
    .set_is_active(true);
    let customer = golden("billing.create_customer", create).await.unwrap();
    assert_eq!(*customer.total_licenses, Some(0));
}

#[tokio::test]
async fn a_customer_that_cannot_be_named_is_indeterminate() {
    for body in [json!({}), json!({"id": null}), Value::Null, json!("ok")] {
        let exchange = Exchange::with_last_reply("billing.create_customer", 200, body);
        let create = CreateCustomer::new("Flora@garden.example", "F", password("Gr0wing-Things"));
        let error = exchange.billing().call(create).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Indeterminate);
        assert_eq!(error.key(), Some("Flora@garden.example"));
    }
}

#[tokio::test]
async fn the_echo_of_a_422_shows_no_password() {
    let echo = json!({
        "detail": [{"type": "string_too_short", "loc": ["body", "password"], "msg": "too short", "input": "Gr0wing-Things"}],
        "body": {"email": "x", "password": "Gr0wing-Things"},
    });
    let exchange = Exchange::with_last_reply("billing.create_customer", 422, echo);
    let create = CreateCustomer::new("Flora@garden.example", "F", password("Gr0wing-Things"));
    let error = exchange.billing().call(create).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Validation);
    assert_eq!(error.field_errors()[0].field(), "password");
    let printed = format!("{error} {error:?} {:?}", error.body_text());
    assert!(!printed.contains("Gr0wing"), "{printed}");
}

#[tokio::test]
async fn a_guest_is_created_without_login() {
    let create = CreateGuest::new("Flora@garden.example", "Flora Óg");
    golden("billing.create_guest", create).await.unwrap();
}

#[tokio::test]
async fn figures_of_customers_are_read() {
    let figures = golden("billing.customer_statistics", GetCustomerStatistics::new()).await;
    let figures = figures.unwrap();
    assert_eq!(*figures.total_customers, Some(9));
    // An empty sum comes as an integer.
    assert_eq!(figures.total_revenue.unwrap().as_f64(), 0.0);
}

#[tokio::test]
async fn a_customer_is_read_by_an_id_in_any_case() {
    let upper = FLORA.to_uppercase();
    let customer = golden("billing.get_customer", GetCustomer::new(upper.as_str())).await;
    assert_eq!(customer.unwrap().id.as_str(), FLORA);
    let gone = json!({"detail": "Customer not found"});
    let exchange = Exchange::with_last_reply("billing.get_customer", 404, gone);
    let error = exchange.billing().call(GetCustomer::new(FLORA)).await;
    assert_eq!(error.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn a_customer_is_changed_and_deleted() {
    let update = UpdateCustomer::new(FLORA)
        .set_email("flora2@garden.example")
        .set_full_name("F.")
        .set_company_name("G.")
        .set_is_active(false);
    let customer = golden("billing.update_customer", update).await.unwrap();
    assert_eq!(*customer.is_active, Some(false));
    let password = SetCustomerPassword::new(FLORA, password("Wilt3d-Things"));
    golden("billing.update_customer.password", password)
        .await
        .unwrap();
    golden("billing.delete_customer", DeleteCustomer::new(FLORA))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_update_that_sets_nothing_sends_an_empty_object() {
    let exchange = Exchange::of("billing.update_customer");
    let update = UpdateCustomer::new(FLORA);
    exchange.billing().call(update).await.unwrap();
    let body = exchange.requests()[0].body.expose_bytes();
    assert_eq!(&*body, b"{}");
}

#[tokio::test]
async fn a_customers_licences_are_listed_added_changed_and_cancelled() {
    let licences = golden(
        "billing.list_customer_licences",
        ListCustomerLicences::new(FLORA),
    )
    .await;
    assert_eq!(licences.unwrap()[0].id.as_str(), LICENCE);

    let add =
        AddCustomerLicence::new(FLORA, PLAN, BillingCycle::Yearly).set_create_subscription(false);
    let added = golden("billing.add_customer_licence", add).await.unwrap();
    assert_eq!(added.license_id.as_str(), LICENCE);
    assert!(!format!("{added:?}").contains("HJKL"));

    let update = UpdateCustomerLicence::new(FLORA, LICENCE)
        .set_plan_id(PLAN)
        .set_expiry_date(moment("2026-06-01T02:00:00+02:00"))
        .set_status(LicenceStatus::Suspended)
        .set_max_accounts(3_u32)
        .set_max_domains(4_u32)
        .set_max_databases(5_u32)
        .set_max_emails(6_u32)
        .set_auto_renew(false);
    let changed = golden("billing.update_customer_licence", update).await;
    assert_eq!(changed.unwrap().license.status, LicenceStatus::Suspended);

    let cancel = CancelCustomerLicence::new(FLORA, LICENCE);
    golden("billing.cancel_customer_licence", cancel)
        .await
        .unwrap();
}

#[tokio::test]
async fn days_are_added_by_an_operation_that_is_never_resent() {
    let extend = ExtendCustomerLicence::new(FLORA, LICENCE, 14_u32);
    golden("billing.extend_customer_licence", extend)
        .await
        .unwrap();
    let extend = ExtendCustomerSubscription::new(FLORA, SUBSCRIPTION, 7_u32);
    golden("billing.extend_customer_subscription", extend)
        .await
        .unwrap();
    for operation in nextpanel_client::billing::OPERATIONS {
        if operation.name.starts_with("billing.extend") {
            assert!(!operation.safety.may_be_resent(), "{}", operation.name);
        }
    }
}

#[tokio::test]
async fn a_customers_subscriptions_are_listed_and_changed() {
    let list = ListCustomerSubscriptions::new(FLORA);
    let list = golden("billing.list_customer_subscriptions", list).await;
    assert_eq!(list.unwrap()[0].status, SubscriptionStatus::Active);
    let update = UpdateCustomerSubscription::new(FLORA, SUBSCRIPTION, SubscriptionStatus::PastDue);
    let changed = golden("billing.update_customer_subscription", update).await;
    assert_eq!(
        changed.unwrap().subscription.status,
        SubscriptionStatus::PastDue
    );
}

#[tokio::test]
async fn for_an_administrator_cancelling_is_at_once_and_says_so() {
    let cancel = CancelCustomerSubscriptionNow::new(FLORA, SUBSCRIPTION);
    let changed = golden("billing.update_customer_subscription.cancel", cancel).await;
    let subscription = changed.unwrap().subscription;
    assert_eq!(subscription.status, SubscriptionStatus::Cancelled);
    assert_eq!(*subscription.cancel_at_period_end, Some(true));
}

#[tokio::test]
async fn a_customers_domains_and_payments_are_listed() {
    let domains = golden(
        "billing.list_customer_domains",
        ListCustomerDomains::new(FLORA),
    )
    .await;
    let domains = domains.unwrap();
    assert_eq!(domains[0].domain_name.as_deref(), Some("garden.example"));
    let payments = golden(
        "billing.list_customer_payments",
        ListCustomerPayments::new(FLORA),
    )
    .await;
    assert!(payments.unwrap()[0].amount.is_negative());
}
