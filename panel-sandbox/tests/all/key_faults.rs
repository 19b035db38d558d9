//! Faults of the panel itself: its keys, its accounts.

use panel_sandbox::nextpanel_panel::{KeyKind, Panel, PanelSettings, operations};
use panel_sandbox::{ArmError, Count, Fault, Service};

use crate::caller::{ACCOUNTS, Caller, panel_and_caller, struck_by, wanted};

#[tokio::test]
async fn faults_of_the_key_last_until_healed() {
    for (fault, read, write, detail) in [
        (
            Fault::UnderPrivilegedKey,
            200,
            403,
            "Authentication failed (403): The user doesn't have super admin privileges",
        ),
        (Fault::IpRefused, 403, 403, "IP address not allowed"),
        (Fault::RevokedKey, 401, 401, "API key is revoked"),
        (Fault::WrongSecret, 401, 401, "Invalid API key"),
    ] {
        let (panel, caller) = struck_by(fault).await;
        for _ in 0..2 {
            assert_eq!(caller.get(ACCOUNTS).await.status, read, "{fault}");
            let got = caller.create(&wanted("ada")).await.unwrap();
            assert_eq!((got.status, got.detail()), (write, detail), "{fault}");
        }
        assert_eq!(caller.get("/api/health").await.status, 200, "{fault}");
        assert_eq!(panel.armed(), [fault]);
        let struck = if read == 200 { 2 } else { 4 };
        assert_eq!(panel.times_struck(fault), struck, "{fault}");
        assert!(panel.accounts().is_empty(), "{fault}");

        panel.heal();
        assert_eq!(caller.create(&wanted("ada")).await.unwrap().status, 201);
        assert_eq!(panel.times_struck(fault), struck, "{fault}");
    }
}

#[tokio::test]
async fn a_fault_of_the_key_can_be_armed_for_some_requests() {
    let (panel, caller) = panel_and_caller().await;
    panel
        .arm_for(Fault::IpRefused, operations::LIST_ACCOUNTS, 1)
        .unwrap();
    assert_eq!(caller.create(&wanted("ada")).await.unwrap().status, 201);
    assert_eq!(caller.get(ACCOUNTS).await.status, 403);
    assert_eq!(caller.get(ACCOUNTS).await.status, 200);
}

#[tokio::test]
async fn a_full_server_is_full_of_strangers_until_healed() {
    let settings = PanelSettings::new("srv1").with_capacity(7);
    let panel = Panel::start(settings).await.unwrap();
    let caller = Caller::with_key(&panel, KeyKind::SuperAdmin);
    caller.create(&wanted("ada")).await.unwrap();
    panel.add_stranger("theo").unwrap();
    panel.arm(Fault::ServerFull).unwrap();
    assert_eq!(panel.times_struck(Fault::ServerFull), 1);
    assert_eq!(caller.list().await.len(), 7);
    assert_eq!(panel.strangers().len(), 6);
    assert_eq!(panel.created_by_clients(), 1);

    panel.heal();
    let rows = caller.list().await;
    let left: Vec<_> = rows
        .iter()
        .map(|row| row["username"].as_str().unwrap())
        .collect();
    assert_eq!(left, ["ada", "theo"]);
}

#[tokio::test]
async fn a_stranger_takes_exactly_the_wanted_username() {
    let (panel, caller) = struck_by(Fault::UsernameTakenByOther).await;
    let refused = caller.create(&wanted("ada")).await.unwrap();
    assert_eq!(
        (refused.status, refused.detail()),
        (400, "Username already exists")
    );
    let stranger = panel.account("ada").unwrap();
    assert!(stranger.is_stranger);
    assert_ne!(stranger.email, "ada@customers.example");
    assert_ne!(stranger.billing_id.as_deref(), Some("mark-of-ada"));
    assert!(!panel.password_is("ada", "Corr3ct-horse"));
    assert_eq!(caller.login("ada", "Corr3ct-horse").await.status, 401);
    assert_eq!(panel.times_created_for("mark-of-ada"), 0);

    // Once: the next username is free.
    assert_eq!(caller.create(&wanted("ada2")).await.unwrap().status, 201);
    assert_eq!(panel.created_by_clients(), 1);
}

#[tokio::test]
async fn a_username_is_not_taken_by_a_request_that_is_refused_anyway() {
    let (panel, _) = struck_by(Fault::UsernameTakenByOther).await;
    let weak = Caller::with_key(&panel, KeyKind::Billing);
    assert_eq!(weak.create(&wanted("ada")).await.unwrap().status, 403);
    assert!(panel.accounts().is_empty());
    assert_eq!(panel.armed(), [Fault::UsernameTakenByOther]);
}

#[tokio::test]
async fn faults_of_other_services_are_refused_by_name() {
    let (panel, _) = panel_and_caller().await;
    for fault in Fault::ALL {
        match panel.arm(fault) {
            Ok(()) => assert!(fault.applies_to(Service::NextPanelPanel), "{fault}"),
            Err(error) => {
                assert!(!fault.applies_to(Service::NextPanelPanel), "{fault}");
                let expected = ArmError::OtherService {
                    fault,
                    service: Service::NextPanelPanel,
                };
                assert_eq!(error, expected);
            }
        }
    }
    assert_eq!(panel.armed().len(), Fault::ALL.len() - 4);
    let error = panel
        .arm_for(Fault::ForgetsTokens, operations::LOGIN, Count::UntilHealed)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the fault `forgets-tokens` does not apply to the NextPanel panel; \
         it is for the NextPanel billing backend and mPanel"
    );
}
