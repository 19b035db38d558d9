//! The same suite against the stand-in and, with `NEXTPANEL_CONTRACT_URL` (and `_KEY`, `_SECRET`) set, against a real
//! panel. On a real one nothing is written unless `NEXTPANEL_CONTRACT_WRITE=1`.

use jiff::Timestamp;
use nextpanel_client::AccountActionError;
use nextpanel_client::panel::{
    AccountId, AccountSearch, ConnectionTest, CreateAccount, CreateApiKey, ExpectedAccount,
    GetAccount, GetAccountStatistics, GetHealth, LogIn, Panel, PanelCredentials, ProbeVerdict,
    Verdict,
};
use panel_http::Kind;
use panel_sandbox::nextpanel_panel::{self, KeyKind, PanelSettings};
use provisioning_core::catalog::AccountType;
use provisioning_core::permission::PermissionLevel;
use provisioning_core::plan::id::{PlanId, StepPath};
use secrecy::SecretString;
use uuid::Uuid;

use super::exchange::is_of;
use super::panel_search::client;

#[tokio::test]
async fn the_stand_in_keeps_the_contract() {
    let panel = nextpanel_panel::Panel::start(PanelSettings::new("srv"))
        .await
        .unwrap();
    let client = client(&panel, KeyKind::SuperAdmin);
    reads(&client).await;
    writes(&client).await;
    keys(&panel).await;
    assert!(panel.accounts().is_empty());
    assert!(panel.unexpected_requests().is_empty());
    let asked = panel.requests();
    for operation in nextpanel_client::panel::OPERATIONS {
        let is_asked = asked.iter().any(|request| {
            request.method() == operation.method.as_str() && is_of(request.path(), operation.path)
        });
        assert!(is_asked, "never asked for {}", operation.name);
    }
}

#[tokio::test]
async fn a_real_panel_keeps_the_contract() {
    let variable = |name| std::env::var(format!("NEXTPANEL_CONTRACT_{name}")).ok();
    let Some(url) = variable("URL") else {
        return;
    };
    let secret = |name| {
        let value =
            variable(name).unwrap_or_else(|| panic!("NEXTPANEL_CONTRACT_{name} is not set"));
        SecretString::from(value)
    };
    let credentials = PanelCredentials::new(secret("KEY"), secret("SECRET"));
    let client = Panel::builder(&url, &credentials).build().unwrap();
    reads(&client).await;
    if variable("WRITE").as_deref() == Some("1") {
        writes(&client).await;
    }
}

/// Not on a real panel: no route takes a key back.
async fn keys(stand_in: &nextpanel_panel::Panel) {
    let admin = stand_in.admin();
    let panel = Panel::without_key(stand_in.url())
        .admin_login(admin.username(), admin.password().clone())
        .no_proxy()
        .build()
        .unwrap();
    let login = LogIn::new(admin.username(), admin.password().clone());
    panel.call(login).await.unwrap();
    let create = CreateApiKey::new("contract", PermissionLevel::ReadOnly);
    let created = panel.call(create).await.unwrap();
    let weak = Panel::builder(stand_in.url(), &created.credentials)
        .no_proxy()
        .build()
        .unwrap();
    reads(&weak).await;
    let probed = weak.probe_create().await;
    assert!(matches!(probed.verdict, ProbeVerdict::Denied(_)));
}

async fn reads(panel: &Panel) {
    panel.call(GetHealth).await.unwrap();
    let found = panel.test_connection(&ConnectionTest::new()).await;
    assert_eq!(found.authenticated, Verdict::Pass, "{:?}", found.failure);
    let list = panel.list_all().await.unwrap();
    if let Some(first) = list.accounts.first() {
        let read = panel.call(GetAccount(first.id)).await.unwrap();
        assert_eq!(read.username, first.username);
    }
    let absent = GetAccount(AccountId::new(999_999_999));
    let error = panel.call(absent).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
}

async fn writes(panel: &Panel) {
    let tail = Uuid::new_v4().simple().to_string();
    let username = format!("ct{}", tail.get(..10).unwrap());
    let mark = PlanId::from(Uuid::new_v4()).mark(&StepPath::from("contract"));
    let create = CreateAccount::new(
        &username,
        format!("{username}@example.com"),
        SecretString::from("Contract-Test-7!"),
        AccountType::Panel,
        mark,
        Timestamp::now(),
    );
    let created = panel.call(create.clone()).await.unwrap();
    let again = panel.call(create).await.unwrap_err();
    assert_eq!(again.kind(), Kind::Validation, "{again}");

    let search = AccountSearch::new()
        .with_username(&username)
        .with_mark(mark);
    let found = panel.find(&search).await.unwrap();
    assert_eq!(found.matches[0].account.id, created.id);

    let expected = ExpectedAccount::new(&username).with_billing_id(mark);
    let stranger = ExpectedAccount::new("somebodyelse");
    let refused = panel.delete(created.id, &stranger).await.unwrap_err();
    assert!(matches!(refused, AccountActionError::WrongAccount(_)));

    panel
        .suspend(created.id, &expected, "contract test")
        .await
        .unwrap();
    panel
        .suspend(created.id, &expected, "contract test")
        .await
        .unwrap();
    let suspended = panel.call(GetAccount(created.id)).await.unwrap();
    assert_ne!(*suspended.is_active, Some(true));
    panel.unsuspend(created.id, &expected).await.unwrap();
    let served = panel.call(GetAccount(created.id)).await.unwrap();
    assert_ne!(*served.is_active, Some(false));

    let statistics = panel.call(GetAccountStatistics(created.id)).await.unwrap();
    assert!(
        statistics
            .username
            .as_deref()
            .is_none_or(|name| name == username)
    );

    panel.delete(created.id, &expected).await.unwrap();
    let gone = panel.call(GetAccount(created.id)).await.unwrap_err();
    assert_eq!(gone.kind(), Kind::NotFound);
}
