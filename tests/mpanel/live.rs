//! The same suite against the stand-in in both generations and, with `MPANEL_CONTRACT_URL` (and `_EMAIL`, `_PASSWORD`)
//! set, against a real server, where only reads are sent and no more than a few: its limiter allows 100 requests in 15
//! minutes.

use mpanel_client::{
    Generation, Mpanel, Session,
    customers::{CustomerId, GetCustomer, ListCustomers},
    dashboard::GetDashboardStats,
    health::{GetHealth, GetLive, GetReady},
    servers::{GetServer, ListServers},
    websites::ListWebsites,
};
use panel_http::{Kind, Login};
use panel_sandbox::mpanel::{self, MPanel, MPanelSettings, UserKind};

pub(crate) const GENERATIONS: [(mpanel::Generation, Generation); 2] = [
    (mpanel::Generation::Legacy, Generation::Legacy),
    (mpanel::Generation::TypeScript, Generation::TypeScript),
];

pub(crate) async fn started(settings: MPanelSettings) -> MPanel {
    MPanel::start(settings).await.unwrap()
}

pub(crate) fn client(server: &MPanel, kind: UserKind) -> Mpanel {
    let user = server.user(kind);
    Mpanel::builder(server.url())
        .login(Login::new(user.email(), user.password().clone()))
        .provisioning_token(server.provisioning_token().unwrap())
        .internal_key(server.internal_key().unwrap())
        .no_proxy()
        .build()
        .unwrap()
}

async fn reads(mpanel: &Mpanel) -> Session {
    assert!(mpanel.call(GetHealth).await.unwrap().version.is_some());
    mpanel.call(GetReady).await.unwrap();
    mpanel.call(GetLive).await.unwrap();
    let session = mpanel.session().await.unwrap();
    assert_eq!(
        Some(mpanel.generation().await.unwrap()),
        session.generation()
    );
    assert!(session.role().is_some());
    let customers = mpanel.list(ListCustomers).collect().await.unwrap();
    if let Some(first) = customers.first() {
        let read = mpanel.call(GetCustomer(first.id.clone())).await.unwrap();
        assert_eq!(read.id, first.id);
        let served = mpanel.customer_subscriptions(&first.id).await.unwrap();
        assert!(
            served
                .value
                .iter()
                .all(|row| row.customer_id.as_ref() == Some(&first.id))
        );
    }
    let nobody = CustomerId::text("00000000-0000-4000-8000-00000000dead");
    let error = mpanel.call(GetCustomer(nobody)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound, "{error}");
    let error = mpanel
        .call(GetCustomer(CustomerId::text("no-uuid")))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Validation, "{error}");
    let servers = mpanel.list(ListServers).collect().await.unwrap();
    if let Some(first) = servers.first() {
        assert_eq!(
            mpanel.call(GetServer(first.id.clone())).await.unwrap().id,
            first.id
        );
    }
    mpanel.list(ListWebsites::all()).collect().await.unwrap();
    mpanel.call(GetDashboardStats).await.unwrap();
    mpanel.products().await.unwrap();
    session
}

#[tokio::test]
async fn the_stand_in_keeps_the_contract() {
    for (sandbox, generation) in GENERATIONS {
        let server = started(MPanelSettings::new("main", sandbox)).await;
        let session = reads(&client(&server, UserKind::Admin)).await;
        assert_eq!(session.generation(), Some(generation));
        assert!(server.unexpected_requests().is_empty());
    }
}

#[tokio::test]
async fn a_real_server_keeps_the_contract() {
    let variable = |name| std::env::var(format!("MPANEL_CONTRACT_{name}")).ok();
    let Some(url) = variable("URL") else {
        return;
    };
    let given =
        |name| variable(name).unwrap_or_else(|| panic!("MPANEL_CONTRACT_{name} is not set"));
    let mpanel = Mpanel::builder(&url)
        .login(Login::new(given("EMAIL"), given("PASSWORD").into()))
        .with_client(panel_http::ClientBuilder::learn_rate_limit)
        .build()
        .unwrap();
    reads(&mpanel).await;
}
