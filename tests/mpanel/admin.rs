//! `/api/admin/customers`, `/api/admin/subscriptions`

use mpanel_client::{
    Generation,
    admin::{
        GetAdminCustomer, ListAdminCustomers, ListAdminSubscriptions, ListPlatformCustomers,
        SetSubscriptionStatus,
    },
    customers::CustomerId,
    subscriptions::{SubscriptionId, SubscriptionStatus},
};
use panel_http::Kind;

use super::{
    case::{CUSTOMER, SUBSCRIPTION, TENANT, call, list},
    script::{script, with_login},
};

#[tokio::test]
async fn customers_carry_their_subscriptions_or_are_tenants() {
    let rows = list("admin/customers_legacy", ListAdminCustomers)
        .await
        .unwrap();
    let nested = rows[0].subscriptions.as_ref().unwrap();
    assert_eq!(nested[0].price.as_ref().unwrap().as_str(), "49.99");
    // No zone inside of aggregates.
    assert_eq!(
        nested[0].created_at.unwrap().to_string(),
        "2027-03-04T05:06:07.245855Z"
    );
    assert_eq!(
        nested[0].product.as_ref().unwrap().code.as_deref(),
        Some("wp_growth")
    );
    let wanted = ListPlatformCustomers::new().with_search("host");
    let rows = list("admin/customers_typescript", wanted).await.unwrap();
    assert_eq!(rows[0].id, CustomerId::text(TENANT));
    assert_eq!(rows[0].subscriptions_count, Some(6));
    // Cents with a fraction: what adding floats leaves.
    let monthly: f64 = rows[0]
        .mrr_cents
        .as_ref()
        .unwrap()
        .as_str()
        .parse()
        .unwrap();
    assert!((monthly - 1999.0).abs() < 1e-6, "{monthly}");
}

#[tokio::test]
async fn a_customer_is_read_with_its_own_address() {
    let id = || CustomerId::text(CUSTOMER);
    let row = call("admin/customer_legacy", GetAdminCustomer(id()))
        .await
        .unwrap();
    assert_eq!(row.email.as_deref(), Some("kim@buyer.example"));
    let error = call("admin/customer_unknown", GetAdminCustomer(id()))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
}

#[tokio::test]
async fn this_route_takes_fewer_statuses_and_others_are_not_sent() {
    let rows = list("admin/subscriptions", ListAdminSubscriptions)
        .await
        .unwrap();
    assert_eq!(rows[0].id, SubscriptionId::text(SUBSCRIPTION));
    let set = |status| SetSubscriptionStatus::new(SubscriptionId::text(SUBSCRIPTION), status);
    let row = call("admin/set_status", set(SubscriptionStatus::Suspended))
        .await
        .unwrap();
    assert_eq!(row.status, Some(SubscriptionStatus::Suspended));
    let transport = script(Generation::Legacy, vec![]);
    let client = with_login(&transport).build().unwrap();
    let error = client
        .call(set(SubscriptionStatus::PendingProvisioning))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Encode);
    assert!(transport.requests().is_empty());
}
