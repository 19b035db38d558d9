//! Testing a connection: what each kind of key, and each fault, is found to be.

use std::time::Duration;

use nextpanel_client::panel::{ConnectionTest, Panel, PanelCredentials, RightsFrom, Verdict};
use panel_sandbox::nextpanel_panel::operations::{
    CREATE_ACCOUNT, DELETE_ACCOUNT, HEALTH, LIST_ACCOUNTS,
};
use panel_sandbox::nextpanel_panel::{self, KeyKind, PanelSettings};
use panel_sandbox::{Count, Fault};
use provisioning_core::permission::{ApiKeyProfile, Missing, PermissionLevel};
use secrecy::SecretString;

use super::panel_search::client;

async fn start() -> nextpanel_panel::Panel {
    nextpanel_panel::Panel::start(PanelSettings::new("srv"))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_key_that_reads_passes_authentication_and_nothing_more() {
    let panel = start().await;
    for kind in [
        KeyKind::SuperAdmin,
        KeyKind::Admin,
        KeyKind::Billing,
        KeyKind::ReadOnly,
    ] {
        let found = client(&panel, kind)
            .test_connection(&ConnectionTest::new())
            .await;
        assert_eq!(found.reachable, Verdict::Pass);
        assert_eq!(found.authenticated, Verdict::Pass, "{kind:?}");
        assert_eq!(found.rights, Verdict::Unknown, "{kind:?}: never a pass");
        assert_eq!(found.rights_from, RightsFrom::Nothing);
        assert_eq!(found.version.as_deref(), Some("1.0.0"));
        assert_eq!(found.database.as_deref(), Some("connected"));
        assert!(found.latency.is_some() && !found.is_proved());
    }
    assert_eq!(panel.created_by_clients(), 0);
    assert!(
        panel
            .requests()
            .iter()
            .all(|request| request.method() == "GET")
    );
}

#[tokio::test]
async fn a_refused_key_fails_with_its_reason_and_has_no_rights_to_judge() {
    let panel = start().await;
    type IsExpected = fn(&Missing) -> bool;
    let table: [(KeyKind, IsExpected); 2] = [
        (KeyKind::Revoked, |missing| *missing == Missing::Revoked),
        (KeyKind::IpLocked, |missing| {
            matches!(missing, Missing::IpNotAllowed { .. })
        }),
    ];
    for (kind, is_expected) in table {
        let found = client(&panel, kind)
            .test_connection(&ConnectionTest::new())
            .await;
        assert_eq!(found.reachable, Verdict::Pass);
        assert_eq!(found.authenticated, Verdict::Fail, "{kind:?}");
        assert_eq!(found.rights, Verdict::Unknown);
        assert!(found.missing().all(is_expected), "{kind:?}");
        assert_eq!(found.missing().count(), 1);
    }
    let wrong = PanelCredentials::new(
        SecretString::from(panel.key(KeyKind::SuperAdmin).id()),
        SecretString::from("nps_wrong"),
    );
    let wrong = Panel::builder(panel.url(), &wrong)
        .no_proxy()
        .build()
        .unwrap();
    let found = wrong.test_connection(&ConnectionTest::new()).await;
    assert_eq!(found.authenticated, Verdict::Fail);
    assert_eq!(found.missing().next(), Some(&Missing::WrongKeyOrSecret));
}

#[tokio::test]
async fn rights_come_from_the_hosts_profile() {
    let panel = start().await;
    let client = client(&panel, KeyKind::Billing);
    let low = ConnectionTest::new().with_profile(ApiKeyProfile::new(PermissionLevel::Billing));
    let found = client.test_connection(&low).await;
    assert_eq!(
        (found.rights, found.rights_from),
        (Verdict::Fail, RightsFrom::Profile)
    );
    assert!(matches!(
        found.missing().next(),
        Some(Missing::Level { .. })
    ));
    // The profile may be wrong; the verdict says where it comes from.
    let high = ConnectionTest::new().with_profile(ApiKeyProfile::new(PermissionLevel::SuperAdmin));
    let found = client.test_connection(&high).await;
    assert_eq!(
        (found.rights, found.rights_from),
        (Verdict::Pass, RightsFrom::Profile)
    );
    let far = ConnectionTest::new()
        .with_profile(
            ApiKeyProfile::new(PermissionLevel::SuperAdmin)
                .with_allowed_addresses(["192.0.2.0/24"]),
        )
        .with_caller_ip("203.0.113.9".parse().unwrap());
    let found = client.test_connection(&far).await;
    assert!(matches!(
        found.missing().next(),
        Some(Missing::IpNotAllowed { .. })
    ));
}

#[tokio::test]
async fn a_panel_that_hangs_costs_its_own_timeout_only() {
    let panel = start().await;
    panel
        .arm_for(Fault::Delay, HEALTH, Count::Times(9))
        .unwrap();
    let test = ConnectionTest::new().with_timeout(Duration::from_millis(60));
    let found = client(&panel, KeyKind::SuperAdmin)
        .test_connection(&test)
        .await;
    assert_eq!(found.reachable, Verdict::Fail);
    assert_eq!(found.authenticated, Verdict::Unknown);
    assert!(found.latency.is_none() && found.failure.is_some());
    assert_eq!(panel.times_struck(Fault::Delay), 1, "asked once");
}

#[tokio::test]
async fn a_proxys_page_is_not_the_panel() {
    let panel = start().await;
    let fault = Fault::Html502;
    panel.arm_for(fault, HEALTH, Count::Times(9)).unwrap();
    let test = ConnectionTest::new().with_timeout(Duration::from_millis(400));
    let found = client(&panel, KeyKind::SuperAdmin)
        .test_connection(&test)
        .await;
    assert_eq!(found.reachable, Verdict::Fail);
}

#[tokio::test]
async fn a_probe_proves_rights_and_leaves_nothing_behind() {
    let panel = start().await;
    let strong = client(&panel, KeyKind::SuperAdmin);
    let probe = strong.probe_create().await;
    assert!(probe.leftover.is_none(), "{probe:?}");
    let found = strong
        .test_connection(&ConnectionTest::new())
        .await
        .with_probe(&probe);
    assert!(found.is_proved());
    assert_eq!(found.rights_from, RightsFrom::Probe);
    assert_eq!(panel.created_by_clients(), 1);
    assert!(panel.accounts().is_empty());
    for kind in [KeyKind::Admin, KeyKind::Billing, KeyKind::ReadOnly] {
        let weak = client(&panel, kind);
        let probe = weak.probe_create().await;
        let found = weak
            .test_connection(&ConnectionTest::new())
            .await
            .with_probe(&probe);
        assert_eq!(found.authenticated, Verdict::Pass, "{kind:?}");
        assert_eq!(found.rights, Verdict::Fail, "{kind:?}");
        assert_eq!(found.missing().next(), Some(&Missing::SuperAdminRights));
    }
    assert_eq!(panel.created_by_clients(), 1);
}

#[tokio::test]
async fn a_probe_whose_reply_is_lost_finds_its_account_and_removes_it() {
    let panel = start().await;
    panel.arm(Fault::LostReply).unwrap();
    let probe = client(&panel, KeyKind::SuperAdmin).probe_create().await;
    assert!(probe.leftover.is_none(), "{probe:?}");
    assert_eq!(panel.times_created(&probe.username), 1);
    assert!(panel.accounts().is_empty());
}

#[tokio::test]
async fn a_probe_that_cannot_remove_its_account_names_it() {
    let panel = start().await;
    panel
        .arm_for(Fault::UnderPrivilegedKey, DELETE_ACCOUNT, Count::Times(9))
        .unwrap();
    let probe = client(&panel, KeyKind::SuperAdmin).probe_create().await;
    let left = probe.leftover.expect("something is left");
    let account = panel.account(&probe.username).unwrap();
    assert_eq!(left.id.map(|id| id.get()), i64::try_from(account.id).ok());
    let how = left.to_string();
    assert!(
        how.contains(&format!(
            "DELETE {}/api/v1/billing/accounts/{}",
            panel.url(),
            account.id
        )),
        "{how}"
    );
    assert!(how.contains("super admin"), "{how}");
}

#[tokio::test]
async fn a_probe_that_may_arrive_late_is_named_by_its_username() {
    let panel = start().await;
    panel.arm(Fault::LostReply).unwrap();
    panel
        .arm_for(
            Fault::RateLimited(panel_sandbox::RetryHint::Missing),
            LIST_ACCOUNTS,
            Count::Times(9),
        )
        .unwrap();
    let probe = client(&panel, KeyKind::SuperAdmin).probe_create().await;
    let left = probe.leftover.expect("something may be left");
    assert_eq!((left.id, left.username == probe.username), (None, true));
    assert_eq!(
        panel.requests_for(&CREATE_ACCOUNT).len(),
        1,
        "never sent twice"
    );
}
