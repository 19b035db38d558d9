//! The backend's hazards on its stand-in, where they do what they do to others: each is shown first, then taken away.

use std::time::Duration;

use nextpanel_client::AccountActionError;
use nextpanel_client::billing::{
    Billing, CreateCustomer, GetMe, HostingAccountId, HostingDetails, ListCustomers, LookUp,
    NewHostingAccount, NewOrder, NewPassword, Price, ProvisionOutcome, ProvisionRefusal, ServerId,
};
use panel_http::{HttpMethod, Kind, RawRequest, RequestBody, Safety};
use panel_sandbox::nextpanel_billing::operations::{
    CREATE_ORDER, LOGIN, PROVISION, SERVERS_STATUS, SUSPEND_HOSTING,
};
use panel_sandbox::nextpanel_billing::{self, BillingSettings, Resource};
use panel_sandbox::nextpanel_panel::{self, KeyKind, PanelSettings};
use panel_sandbox::{Fault, WireSettings};
use provisioning_core::catalog::AccountType;
use provisioning_core::email::EmailAddress;
use provisioning_core::permission::Missing;
use provisioning_core::username::Username;
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::billing_live::administrator;
use super::panel_search::client as panel_client;

struct Scene {
    backend: nextpanel_billing::Billing,
    panels: Vec<nextpanel_panel::Panel>,
    billing: Billing,
}

/// A backend with two panels, servers 1 and 2.
async fn scene(key: KeyKind) -> Scene {
    let settings = BillingSettings::new("billing").with_panel_timeout(Duration::from_secs(5));
    let backend = nextpanel_billing::Billing::start(settings).await.unwrap();
    let mut panels = Vec::new();
    for name in ["a", "b"] {
        let panel = nextpanel_panel::Panel::start(PanelSettings::new(name)).await;
        let panel = panel.unwrap();
        backend.add_server(&panel, key);
        panels.push(panel);
    }
    let billing = administrator(&backend);
    Scene {
        backend,
        panels,
        billing,
    }
}

fn account(server: i64, username: &str) -> NewHostingAccount {
    HostingDetails::new(
        ServerId::new(server),
        Username::new(username).unwrap(),
        EmailAddress::parse("someone@example.com").unwrap(),
        NewPassword::new(SecretString::from("H0sted-Things")).unwrap(),
        AccountType::Panel,
    )
    .for_customer(Uuid::new_v4())
}

async fn provisioned(scene: &Scene, server: i64, username: &str) -> HostingAccountId {
    let new = account(server, username);
    match scene.billing.provision(&new, None).await.unwrap() {
        ProvisionOutcome::Created(account) => account.account_id,
        other => panic!("{other:?}"),
    }
}

/// What others send: no server.
async fn provision_without_a_server(billing: &Billing, username: &str) -> HostingAccountId {
    let body = json!({"customer_id": "c", "username": username, "email": "x@example.com", "password": "H0sted-Things"});
    let request = RawRequest::new(
        HttpMethod::Post,
        "/api/v1/nextpanel/provision",
        Safety::Unsafe,
    )
    .body(RequestBody::json(&body).unwrap());
    let answer = billing.client().raw(request).await.unwrap();
    let reply: serde_json::Value = answer.json().unwrap();
    HostingAccountId::new(reply["account_id"].as_i64().unwrap())
}

#[tokio::test]
async fn an_account_placed_by_others_on_the_wrong_server_id_is_not_anothers_to_delete() {
    let scene = scene(KeyKind::SuperAdmin).await;
    // Two accounts fill ids 1 and 2 of panel b, so that panel a's second account shares its id with a victim there.
    provisioned(&scene, 2, "first").await;
    provisioned(&scene, 2, "victim").await;
    provisioned(&scene, 1, "filler").await;
    let placed = provision_without_a_server(&scene.billing, "placed").await;
    let statistics = scene.billing.account_statistics(placed).await;
    let leads_to = statistics.unwrap().username.into_option();
    assert_ne!(leads_to.as_deref(), Some("placed"), "the hazard is there");

    let result = scene.billing.delete_account(placed, "placed").await;
    let Err(AccountActionError::WrongAccount(wrong)) = result else {
        panic!("{result:?}");
    };
    assert_eq!(wrong.expected(), "placed");
    assert_eq!(wrong.found(), leads_to.as_deref());
    for username in ["first", "victim"] {
        assert!(scene.panels[1].account(username).is_some(), "{username}");
    }
}

#[tokio::test]
async fn accounts_of_this_client_are_deleted_where_they_are() {
    let scene = scene(KeyKind::SuperAdmin).await;
    provisioned(&scene, 2, "victim").await;
    let ours = provisioned(&scene, 1, "ours").await;
    scene.billing.delete_account(ours, "ours").await.unwrap();
    assert!(scene.panels[0].account("ours").is_none());
    assert!(scene.panels[1].account("victim").is_some());
}

#[tokio::test]
async fn an_account_whose_creation_the_backend_did_not_understand_is_found_on_the_panel() {
    for fault in [Fault::LostReply, Fault::Truncated, Fault::Html502] {
        let scene = scene(KeyKind::SuperAdmin).await;
        scene.panels[0].arm(fault).unwrap();
        let new = account(1, "ours");
        let panel = panel_client(&scene.panels[0], KeyKind::SuperAdmin);
        let outcome = scene.billing.provision(&new, Some(&panel)).await.unwrap();
        let ProvisionOutcome::OnPanel { account, .. } = outcome else {
            panic!("{fault}: {outcome:?}");
        };
        assert_eq!(account.username, "ours");
        assert_eq!(scene.panels[0].times_created("ours"), 1, "{fault}");
        assert_eq!(scene.backend.requests_for(&PROVISION).len(), 1, "{fault}");
    }
}

#[tokio::test]
async fn without_the_panels_key_the_same_asks_a_human() {
    let scene = scene(KeyKind::SuperAdmin).await;
    scene.panels[0].arm(Fault::LostReply).unwrap();
    let outcome = scene.billing.provision(&account(1, "ours"), None).await;
    let ProvisionOutcome::Unknown(unknown) = outcome.unwrap() else {
        panic!("not unknown");
    };
    assert!(matches!(unknown.look_up, LookUp::NoCredentials));
    assert_eq!(scene.panels[0].times_created("ours"), 1);
    assert_eq!(scene.backend.requests_for(&PROVISION).len(), 1);
}

#[tokio::test]
async fn a_reply_lost_on_the_way_to_us_is_looked_up_and_not_sent_again() {
    let scene = scene(KeyKind::SuperAdmin).await;
    scene.backend.arm(Fault::LostReply).unwrap();
    let panel = panel_client(&scene.panels[0], KeyKind::SuperAdmin);
    let outcome = scene
        .billing
        .provision(&account(1, "ours"), Some(&panel))
        .await;
    let outcome = outcome.unwrap();
    assert!(
        matches!(outcome, ProvisionOutcome::OnPanel { .. }),
        "{outcome:?}"
    );
    assert_eq!(scene.panels[0].times_created("ours"), 1);
    let made = scene
        .backend
        .times_created(Resource::HostingAccounts, "ours");
    assert_eq!(made, 1);
}

#[tokio::test]
async fn every_kind_of_panel_key_the_backend_holds_is_told_apart() {
    for (kind, missing) in [
        (KeyKind::Admin, Missing::SuperAdminRights),
        (KeyKind::Billing, Missing::SuperAdminRights),
        (KeyKind::ReadOnly, Missing::SuperAdminRights),
        (KeyKind::Revoked, Missing::Revoked),
        (KeyKind::IpLocked, Missing::IpNotAllowed { address: None }),
    ] {
        let scene = scene(kind).await;
        let outcome = scene.billing.provision(&account(1, "ours"), None).await;
        let ProvisionOutcome::Refused {
            refusal: ProvisionRefusal::Denied(denial),
            ..
        } = outcome.unwrap()
        else {
            panic!("{kind:?}");
        };
        assert_eq!(denial.missing(), &missing, "{kind:?}");
        // The backend cannot change a stored key, and the remedy says what can be done.
        let steps = denial.remedy(&provisioning_core::permission::RemedyContext::new());
        let steps = provisioning_core::permission::numbered(&steps);
        assert!(steps.contains("under another name"), "{steps}");
    }
}

#[tokio::test]
async fn after_a_restart_one_reminder_is_enough() {
    let scene = scene(KeyKind::SuperAdmin).await;
    let ours = provisioned(&scene, 1, "ours").await;
    scene.backend.restart();
    let suspended = scene.billing.suspend_account(ours, "ours", "x").await;
    suspended.unwrap();
    assert_eq!(scene.backend.requests_for(&SERVERS_STATUS).len(), 1);
    assert_eq!(scene.backend.requests_for(&SUSPEND_HOSTING).len(), 1);
    assert!(!scene.panels[0].account("ours").unwrap().is_active);
}

#[tokio::test]
async fn twelve_orders_at_the_same_time_all_come_through() {
    let settings = BillingSettings::new("billing");
    let backend = nextpanel_billing::Billing::start(settings).await.unwrap();
    let billing = administrator(&backend);
    let me = billing.call(GetMe::new()).await.unwrap().id;
    let order = || {
        let one = Price::try_from(1.0).unwrap();
        NewOrder::new(&me, Vec::new(), one, Price::ZERO, one, "card")
    };
    let mut creates = Vec::new();
    for _ in 0..12 {
        let (billing, order) = (billing.clone(), order());
        creates.push(tokio::spawn(
            async move { billing.create_order(&order).await },
        ));
    }
    for create in creates {
        create.await.unwrap().unwrap();
    }
    assert_eq!(backend.requests_for(&CREATE_ORDER).len(), 12);
    assert_eq!(backend.times_created(Resource::Orders, me.as_str()), 12);

    // Clients that do not share their turns fail one another, and say that nothing was created.
    let clients = [administrator(&backend), administrator(&backend)];
    for client in &clients {
        client.call(GetMe::new()).await.unwrap();
    }
    let (first, second) = (order(), order());
    let (first, second) = tokio::join!(
        clients[0].create_order(&first),
        clients[1].create_order(&second)
    );
    let created = [&first, &second].iter().filter(|one| one.is_ok()).count();
    assert!(created >= 1);
    for failed in [first, second].into_iter().filter_map(Result::err) {
        assert_eq!(failed.kind(), Kind::Conflict);
    }
    let made = backend.times_created(Resource::Orders, me.as_str());
    assert_eq!(made, 12 + created);
}

#[tokio::test]
async fn a_token_that_ends_under_way_is_renewed_by_one_login_for_all() {
    let settings = BillingSettings::new("billing");
    let backend = nextpanel_billing::Billing::start(settings).await.unwrap();
    let billing = administrator(&backend);
    billing.call(GetMe::new()).await.unwrap();
    assert_eq!(backend.requests_for(&LOGIN).len(), 1);
    backend.let_time_pass(Duration::from_secs(15 * 60));
    let calls = (0..8).map(|_| {
        let billing = billing.clone();
        tokio::spawn(async move { billing.call(GetMe::new()).await })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    assert_eq!(backend.requests_for(&LOGIN).len(), 2, "one for all of them");
}

#[tokio::test]
async fn a_customer_whose_creation_was_lost_is_found_by_the_email_and_not_made_twice() {
    let settings = BillingSettings::new("billing").with_wire(WireSettings::new());
    let backend = nextpanel_billing::Billing::start(settings).await.unwrap();
    let billing = administrator(&backend);
    billing.call(GetMe::new()).await.unwrap();
    backend.arm(Fault::LostReply).unwrap();
    let password = NewPassword::new(SecretString::from("Gr0wing-Things")).unwrap();
    let create = CreateCustomer::new("flora@example.com", "Flora", password);
    let error = billing.call(create).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Indeterminate);
    let key = error.key().unwrap().to_owned();
    let found = billing
        .all(ListCustomers::new().set_search(key))
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        backend.times_created(Resource::Users, "flora@example.com"),
        1
    );
}
