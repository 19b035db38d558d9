//! Faults between a client and the backend, and of the keys the backend keeps.

use panel_sandbox::nextpanel_billing::{Resource, operations};
use panel_sandbox::nextpanel_panel::KeyKind;
use panel_sandbox::{ArmError, Fault, Service};

use super::provision::{PROVISION, failure, wanted, with_panel};
use super::user::{User, address, billing_and_administrator, customer};
use crate::caller::got;

#[tokio::test]
async fn a_fault_on_the_wire_strikes_whatever_is_created_next() {
    for fault in [
        Fault::LostReply,
        Fault::Html502,
        Fault::Truncated,
        Fault::DropBeforeSend,
    ] {
        let (billing, administrator) = billing_and_administrator().await;
        billing.arm(fault).unwrap();
        administrator.get("/customers").await;
        let request = administrator.request(reqwest::Method::POST, "/customers");
        let got = got(request.json(&customer("ada"))).await;
        assert!(!got.is_ok_and(|got| got.status == 200), "{fault}");
        let made = usize::from(fault != Fault::DropBeforeSend);
        assert_eq!(
            billing.times_created(Resource::Users, &address("ada")),
            made,
            "{fault}"
        );
        assert_eq!(billing.times_struck(fault), 1, "{fault}");
        assert!(billing.armed().is_empty(), "{fault}");
    }
}

#[tokio::test]
async fn a_lost_provision_leaves_the_account_and_a_row() {
    let (billing, panel, nobody) = with_panel(KeyKind::SuperAdmin).await;
    billing.arm(Fault::LostReply).unwrap();
    let request = nobody.request(reqwest::Method::POST, PROVISION);
    got(request.json(&wanted("ada", 1))).await.unwrap_err();
    assert_eq!(panel.times_created("ada"), 1);
    assert_eq!(billing.rows(Resource::HostingAccounts).len(), 1);
}

#[tokio::test]
async fn a_late_customer_arrives_before_the_resend_of_the_same_one() {
    let (billing, administrator) = billing_and_administrator().await;
    billing.arm("late-arrival".parse().unwrap()).unwrap();
    let send = async || {
        let request = administrator.request(reqwest::Method::POST, "/customers");
        got(request.json(&customer("ada"))).await
    };
    send().await.unwrap_err();
    assert!(administrator.list("/customers").await.is_empty());
    let again = send().await.unwrap();
    assert_eq!(again.refusal(), (400, "Email already registered"));
    assert_eq!(billing.times_created(Resource::Users, &address("ada")), 1);
    assert_eq!(billing.settle().await, 0);
}

#[tokio::test]
async fn limits_that_a_proxy_has_and_errors_make_nothing() {
    for (fault, status) in [
        ("rate-limited", 429),
        ("error-500-once", 500),
        ("redirect-elsewhere", 307),
    ] {
        let (billing, administrator) = billing_and_administrator().await;
        billing.arm(fault.parse().unwrap()).unwrap();
        let got = administrator.post("/customers", &customer("ada")).await;
        assert_eq!(got.status, status, "{fault}");
        assert_eq!(
            billing.times_created(Resource::Users, &address("ada")),
            0,
            "{fault}"
        );
        assert_eq!(got.headers.contains_key("retry-after"), status == 429);
    }
}

#[tokio::test]
async fn faults_of_the_key_are_those_of_the_key_that_is_kept() {
    for (fault, expected) in [
        (
            Fault::UnderPrivilegedKey,
            "Authentication failed (403): The user doesn't have super admin privileges",
        ),
        (Fault::RevokedKey, "API key is revoked"),
        (Fault::IpRefused, "IP address not allowed"),
        (Fault::WrongSecret, "Invalid API key"),
    ] {
        let (billing, panel, nobody) = with_panel(KeyKind::SuperAdmin).await;
        nobody.make(PROVISION, &wanted("ada", 1), 200).await;
        billing.arm(fault).unwrap();
        for _ in 0..2 {
            let error = failure(&nobody, &wanted("bob", 1)).await;
            assert_eq!(error, format!("Failed to create account: {expected}"));
        }
        assert_eq!(
            nobody.delete("/nextpanel/accounts/1").await.status,
            500,
            "{fault}"
        );
        let stats = nobody.get("/nextpanel/accounts/1/stats").await;
        let reads = fault == Fault::UnderPrivilegedKey;
        assert_eq!(stats.status, if reads { 200 } else { 500 }, "{fault}");
        // The login has nothing to do with it.
        let administrator = User::administrator(&billing).await;
        assert_eq!(administrator.get("/customers").await.status, 200, "{fault}");
        assert!(panel.account("bob").is_none(), "{fault}");
        billing.heal();
        assert_eq!(
            nobody.delete("/nextpanel/accounts/1").await.status,
            200,
            "{fault}"
        );
    }
}

#[tokio::test]
async fn an_administrators_route_can_be_refused_for_want_of_rights() {
    let (billing, administrator) = billing_and_administrator().await;
    let fault = Fault::UnderPrivilegedKey;
    billing
        .arm_for(fault, operations::LIST_CUSTOMERS, 1)
        .unwrap();
    assert_eq!(
        administrator.get("/customers").await.refusal(),
        (403, "Admin access required")
    );
    assert_eq!(administrator.get("/customers").await.status, 200);
}

#[tokio::test]
async fn a_stranger_takes_the_wanted_username_on_the_panel() {
    let (billing, panel, nobody) = with_panel(KeyKind::SuperAdmin).await;
    billing.arm(Fault::UsernameTakenByOther).unwrap();
    let error = failure(&nobody, &wanted("ada", 1)).await;
    assert_eq!(error, "Failed to create account: Username already exists");
    let account = panel.account("ada").unwrap();
    assert_ne!(account.billing_id.as_deref(), Some("customer-of-ada"));
    assert!(!panel.password_is("ada", "Corr3ct-horse"));
    assert_eq!(
        nobody.make(PROVISION, &wanted("bob", 1), 200).await["success"],
        true
    );
}

#[tokio::test]
async fn what_cannot_be_armed_says_why() {
    let (billing, _) = billing_and_administrator().await;
    let error = billing.arm(Fault::WorkerDead).unwrap_err();
    assert!(matches!(
        error,
        ArmError::OtherService {
            service: Service::NextPanelBilling,
            ..
        }
    ));
    for fault in [Fault::ServerFull, Fault::ForgetsTokens] {
        let error = billing
            .arm_for(fault, operations::PROVISION, 1)
            .unwrap_err();
        assert!(matches!(error, ArmError::WholeService { .. }), "{fault}");
    }
    let error = billing
        .arm_for(Fault::ExpiredToken, operations::PROVISION, 1)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the fault `expired-token` can never strike the operation `provision`"
    );
    assert!(billing.armed().is_empty());
    let all = Fault::ALL
        .into_iter()
        .filter(|fault| fault.applies_to(Service::NextPanelBilling));
    for fault in all {
        billing.arm(fault).unwrap();
        billing.heal();
    }
    assert!(billing.armed().is_empty());
}
