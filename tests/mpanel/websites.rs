//! `/api/websites`

use mpanel_client::{
    Generation,
    customers::CustomerId,
    servers::ServerId,
    subscriptions::SubscriptionId,
    websites::{
        CreateWebsite, DeployWebsite, GetWebsite, ListWebsites, UpdateWebsite, UpdateWebsiteSsl,
        WebsiteId, WebsiteStatus,
    },
};
use panel_http::Kind;
use secrecy::ExposeSecret;

use super::{
    case::{CUSTOMER, SERVER, SUBSCRIPTION, WEBSITE, call, list},
    script::{script, with_login},
};

fn id() -> WebsiteId {
    WebsiteId::text(WEBSITE)
}

#[tokio::test]
async fn websites_are_listed_for_all_or_one() {
    let rows = list("websites/list", ListWebsites::all()).await.unwrap();
    assert_eq!(rows[0].id, id());
    let of = ListWebsites::of(CustomerId::text(CUSTOMER));
    let rows = list("websites/list_of_customer", of).await.unwrap();
    assert_eq!(
        rows[0].subscription_id,
        Some(SubscriptionId::text(SUBSCRIPTION))
    );
}

#[tokio::test]
async fn what_a_row_leaks_is_kept_secret() {
    let row = call("websites/get", GetWebsite(id())).await.unwrap();
    assert_eq!(
        row.password_encrypted.as_ref().unwrap().expose_secret(),
        "canary-pass"
    );
    assert!(
        row.env_variables
            .as_ref()
            .unwrap()
            .expose_secret()
            .contains("canary-env")
    );
    assert!(!format!("{row:?}").contains("canary"));
    assert_eq!(row.status, Some(WebsiteStatus::Active));
    assert_eq!(row.metadata.as_ref().unwrap()["order"], "pi_7");
}

#[tokio::test]
async fn a_website_is_created_with_its_domain_as_key() {
    let create = CreateWebsite::new("shop", "shop.example")
        .set_customer(CustomerId::text(CUSTOMER))
        .set_server(ServerId::text(SERVER))
        .set_subscription(SubscriptionId::text(SUBSCRIPTION))
        .set_additional_domains(vec!["www.shop.example".into()])
        .set_document_root("/srv/shop")
        .set_app_type("wordpress")
        .set_php_version("8.3")
        .set_ssl("letsencrypt")
        .set_system_user("shop1")
        .set_metadata("order", "pi_7");
    assert_eq!(call("websites/create", create).await.unwrap().id, id());
    let error = call(
        "websites/create_failed",
        CreateWebsite::new("shop", "shop.example"),
    )
    .await
    .unwrap_err();
    // The text is the same for a bad field, a missing column, and a row that was made.
    assert_eq!(
        (error.kind(), error.key()),
        (Kind::Indeterminate, Some("shop.example"))
    );
}

#[tokio::test]
async fn updates_go_by_columns_and_camel_case_is_not_sent() {
    let update = UpdateWebsite::new(id())
        .set_php_version("8.4")
        .set_status(&WebsiteStatus::Suspended);
    let row = call("websites/update", update).await.unwrap();
    assert_eq!(row.status, Some(WebsiteStatus::Suspended));
    let error = call(
        "websites/update_unknown",
        UpdateWebsite::new(id()).set_php_version("8.4"),
    )
    .await
    .unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    let transport = script(Generation::Legacy, vec![]);
    let client = with_login(&transport).build().unwrap();
    let camel = UpdateWebsite::new(id()).set_column("phpVersion", "8.4");
    let error = client.call(camel).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Encode);
    assert!(
        error.to_string().contains("phpVersion is no column"),
        "{error}"
    );
    assert!(transport.requests().is_empty());
}

#[tokio::test]
async fn certificates_and_deployments_are_recorded() {
    let ssl = UpdateWebsiteSsl::new(id(), true)
        .set_provider("letsencrypt")
        .set_expires_at("2027-06-01T00:00:00Z".parse().unwrap());
    let row = call("websites/update_ssl", ssl).await.unwrap();
    assert_eq!(row.ssl_enabled, Some(true));
    let row = call("websites/deploy", DeployWebsite(id())).await.unwrap();
    assert_eq!(
        row.last_deployed_at.unwrap().to_string(),
        "2027-03-04T05:06:07.089Z"
    );
}
