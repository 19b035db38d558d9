//! NextPanel servers the billing backend knows.

use std::num::NonZeroU32;

use nextpanel_client::billing::{
    AddServer, CountAccountsByRole, GetServersStatus, ListServers, ServerId, TestServer,
};
use panel_http::{Error, Kind};
use secrecy::SecretString;
use serde_json::json;

use super::exchange::{Exchange, golden};

fn key() -> (SecretString, SecretString) {
    (
        SecretString::from("npk_gardenkey"),
        SecretString::from("nps_gardensecret"),
    )
}

macro_rules! np7 {
    ($request:ident) => {{
        let (key, secret) = key();
        $request::new("np-7", "https://np-7.garden.example", key, secret)
            .set_description("greenhouse")
            .set_capacity(NonZeroU32::new(40).unwrap())
            .set_location("IE")
            .set_tags(vec!["warm".to_owned()])
    }};
}

#[tokio::test]
async fn servers_are_tested_added_and_listed_without_a_login() -> Result<(), Error> {
    let test = golden("billing.test_server", np7!(TestServer)).await?;
    assert!(test.success);
    let added = golden("billing.add_server", np7!(AddServer)).await?;
    assert_eq!(added.server_id, ServerId::new(7));
    let servers = golden("billing.list_servers", ListServers::new()).await?;
    assert_eq!(
        (servers[0].id, *servers[0].capacity),
        (ServerId::new(7), Some(40))
    );
    let states = golden("billing.servers_status", GetServersStatus::new()).await?;
    assert_eq!(
        states[0].id(),
        Some(ServerId::new(7)),
        "written as text here"
    );
    assert_eq!(*states[0].is_online, Some(false));
    let counts = golden("billing.count_by_role", CountAccountsByRole::new()).await?;
    assert_eq!(counts.by_role.as_ref().unwrap()["panel"], 5);
    Ok(())
}

#[tokio::test]
async fn no_form_of_a_server_request_shows_its_key() {
    let add = np7!(AddServer);
    let exchange = Exchange::with_last_reply(
        "billing.add_server",
        422,
        json!({"detail": [{"loc": ["body", "tags"], "msg": "nps_gardensecret is no tag", "input": 1}], "body": {"api_key": "npk_gardenkey", "api_secret": "nps_gardensecret"}}),
    );
    let billing = exchange.billing();
    let shown = billing.preview(&add).unwrap().to_string();
    assert!(shown.contains(r#""api_secret":"[secret]""#), "{shown}");
    let error = billing.call(add.clone()).await.unwrap_err();
    for text in [shown, format!("{add:?}"), format!("{error} {error:?}")] {
        assert!(
            !text.contains("gardenkey") && !text.contains("gardensecret"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_server_of_the_same_name_is_invalid() {
    let taken = json!({"detail": "Server with name 'np-7' already exists"});
    let exchange = Exchange::with_last_reply("billing.add_server", 400, taken);
    let error = exchange.billing().call(np7!(AddServer)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Validation);
}

#[tokio::test]
async fn a_server_that_takes_no_account_cannot_be_added() {
    assert!(
        NonZeroU32::new(0).is_none(),
        "capacity is not an integer that may be 0"
    );
}
