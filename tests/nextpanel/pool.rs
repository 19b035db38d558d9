//! Pools of servers, on stand-ins.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nextpanel_client::panel::{
    AccountId, AccountSearch, ConnectionTest, GetHealth, PanelCredentials, Verdict,
};
use nextpanel_client::pool::{
    CircuitPolicy, CircuitState, CredentialsListener, ListenerError, MemoryServers, NewCredentials,
    PoolCallError, PoolError, PoolServer, ReplaceError, ServerPool, ServerStore, StoreError,
};
use panel_http::{BoxFuture, Kind, RetryPolicy};
use panel_sandbox::nextpanel_panel::operations::{CREATE_ACCOUNT, HEALTH, LIST_ACCOUNTS};
use panel_sandbox::nextpanel_panel::{KeyKind, Paging, Panel, PanelSettings};
use panel_sandbox::{Count, Fault, WireSettings};
use provisioning_core::fleet::{FleetConfig, Observation, ServerConfig, ServerName};
use provisioning_core::permission::{ApiKeyProfile, Missing, PermissionLevel};
use secrecy::{ExposeSecret, SecretString};

fn name(text: &str) -> ServerName {
    ServerName::new(text).unwrap()
}

fn credentials(panel: &Panel, kind: KeyKind) -> PanelCredentials {
    let key = panel.key(kind);
    PanelCredentials::new(SecretString::from(key.id()), key.secret().clone())
}

fn server(panel: &Panel, kind: KeyKind) -> PoolServer {
    let config = ServerConfig::new(name(panel.name()), panel.url().parse().unwrap(), 50).unwrap();
    PoolServer::new(config, credentials(panel, kind))
}

async fn panel(name: &str) -> Panel {
    Panel::start(PanelSettings::new(name)).await.unwrap()
}

async fn pool(servers: impl IntoIterator<Item = PoolServer>) -> ServerPool {
    servers
        .into_iter()
        .fold(ServerPool::builder(), |pool, server| pool.server(server))
        .with_client(|client| client.no_proxy().retry_policy(RetryPolicy::never()))
        .test(ConnectionTest::new().with_timeout(Duration::from_secs(2)))
        .build()
        .await
        .unwrap()
}

#[tokio::test]
async fn counts_come_from_the_panels_and_a_failed_count_is_no_zero() {
    let (good, revoked, cut) = (panel("good").await, panel("revoked").await, {
        let settings = PanelSettings::new("cut").with_paging(Paging::Ignored);
        Panel::start(settings).await.unwrap()
    });
    for number in 0..3 {
        good.add_stranger(&format!("s{number}")).unwrap();
    }
    for number in 0..1000 {
        cut.add_stranger(&format!("s{number}")).unwrap();
    }
    let pool = pool([
        server(&good, KeyKind::ReadOnly),
        server(&revoked, KeyKind::Revoked),
        server(&cut, KeyKind::ReadOnly),
    ])
    .await;
    let status = pool.status().await;
    let observation = |wanted: &str| {
        let found = status
            .iter()
            .find(|one| one.server.name().as_str() == wanted);
        found.unwrap().observation(&[])
    };
    assert!(matches!(
        observation("good"),
        Observation::Counted { accounts: 3, .. }
    ));
    assert!(matches!(
        observation("revoked"),
        Observation::KeyDenied { .. }
    ));
    assert!(matches!(
        observation("cut"),
        Observation::Incomplete { seen: 1000 }
    ));
}

#[tokio::test]
async fn a_server_that_hangs_costs_its_own_limit_only() {
    let limit = Duration::from_millis(400);
    let mut panels = Vec::new();
    for number in 0..12 {
        let wire = WireSettings::new().with_delay(Duration::from_secs(30));
        let settings = PanelSettings::new(format!("s{number}")).with_wire(wire);
        panels.push(Panel::start(settings).await.unwrap());
    }
    panels[3]
        .arm_for(Fault::Delay, HEALTH, Count::Times(9))
        .unwrap();
    panels[7]
        .arm_for(Fault::Delay, LIST_ACCOUNTS, Count::Times(9))
        .unwrap();
    let pool = panels
        .iter()
        .map(|panel| server(panel, KeyKind::ReadOnly))
        .fold(ServerPool::builder(), |pool, server| pool.server(server))
        .with_client(|client| client.no_proxy())
        .test(ConnectionTest::new().with_timeout(limit))
        .build()
        .await
        .unwrap();
    let begun = Instant::now();
    let status = pool.status().await;
    assert!(begun.elapsed() < limit * 3 / 2, "{:?}", begun.elapsed());
    let counted = status.iter().filter(|one| one.accounts.is_some()).count();
    assert_eq!(counted, 10);
    let hung: Vec<_> = status
        .iter()
        .filter(|one| one.accounts.is_none())
        .map(|one| (one.server.name().as_str(), one.connection.reachable))
        .collect();
    assert_eq!(hung, [("s3", Verdict::Fail), ("s7", Verdict::Pass)]);
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_left_alone_and_comes_back() {
    let panel = panel("srv").await;
    let pool = ServerPool::builder()
        .server(server(&panel, KeyKind::ReadOnly))
        .with_client(|client| client.no_proxy().retry_policy(RetryPolicy::never()))
        .circuit(
            CircuitPolicy::default()
                .with_failures(2)
                .with_rest(Duration::from_secs(600), Duration::from_secs(600)),
        )
        .build()
        .await
        .unwrap();
    let srv = name("srv");
    let health = || pool.call(&srv, |panel| async move { panel.call(GetHealth).await });
    panel
        .arm_for(Fault::DropBeforeSend, HEALTH, Count::Times(2))
        .unwrap();
    for _ in 0..2 {
        assert!(matches!(health().await, Err(PoolCallError::Call(_))));
    }
    let before = panel.requests().len();
    let Err(PoolCallError::CircuitOpen { failures, .. }) = health().await else {
        panic!("the circuit is closed");
    };
    assert_eq!(
        (failures, panel.requests().len()),
        (2, before),
        "nothing was sent"
    );
    // Asking for its status finds that it answers again.
    assert!(matches!(
        pool.circuit(&srv),
        Some(CircuitState::Open { .. })
    ));
    let status = pool.server_status(&srv).await.unwrap();
    assert_eq!(status.circuit, CircuitState::Closed);
    health().await.unwrap();
}

#[tokio::test]
async fn one_servers_circuit_is_not_anothers() {
    let (dead, alive) = (panel("dead").await, panel("alive").await);
    let pool = pool([
        server(&dead, KeyKind::ReadOnly),
        server(&alive, KeyKind::ReadOnly),
    ])
    .await;
    dead.arm_for(Fault::DropBeforeSend, HEALTH, Count::Times(99))
        .unwrap();
    for _ in 0..4 {
        let _ = pool.status().await;
    }
    assert!(matches!(
        pool.circuit(&name("dead")),
        Some(CircuitState::Open { .. })
    ));
    assert_eq!(pool.circuit(&name("alive")), Some(CircuitState::Closed));
}

#[tokio::test]
async fn a_call_to_a_server_nobody_knows_sends_nothing() {
    let pool = pool([]).await;
    let ghost = name("ghost");
    let call = pool.call(&ghost, |panel| async move {
        let account = nextpanel_client::panel::GetAccount(AccountId::new(1));
        panel.call(account).await
    });
    assert!(matches!(call.await, Err(PoolCallError::UnknownServer(_))));
}

#[derive(Clone, Default)]
struct Listener(Arc<Mutex<Vec<String>>>);

impl CredentialsListener for Listener {
    fn credentials_replaced<'a>(
        &'a self,
        server: &'a ServerName,
    ) -> BoxFuture<'a, Result<usize, ListenerError>> {
        self.0.lock().unwrap().push(server.to_string());
        Box::pin(std::future::ready(Ok(7)))
    }
}

#[tokio::test]
async fn a_new_key_is_tested_put_in_place_stored_and_told_of() {
    let panel = panel("srv").await;
    let (store, listener) = (Shared::default(), Listener::default());
    let build = |server: PoolServer| {
        ServerPool::builder()
            .server(server)
            .store(store.clone())
            .listener(listener.clone())
            .with_client(|client| client.no_proxy())
            .build()
    };
    let pool = build(server(&panel, KeyKind::Revoked)).await.unwrap();
    let srv = name("srv");
    let found = pool.server_status(&srv).await.unwrap().connection;
    assert_eq!(found.missing().next(), Some(&Missing::Revoked));

    for bad in [KeyKind::IpLocked, KeyKind::Revoked] {
        let refused = pool
            .replace_credentials(&srv, NewCredentials::new(credentials(&panel, bad)))
            .await;
        let Err(ReplaceError::Refused { remedy, .. }) = refused else {
            panic!("{refused:?}");
        };
        assert!(remedy.starts_with("1. "), "{remedy}");
    }
    let weak = ApiKeyProfile::new(PermissionLevel::Billing);
    let billing = NewCredentials::new(credentials(&panel, KeyKind::Billing));
    for weak in [billing.clone().with_profile(weak), billing.with_probe()] {
        let Err(ReplaceError::Refused { remedy, .. }) = pool.replace_credentials(&srv, weak).await
        else {
            panic!("a key without the right was put in place");
        };
        assert!(remedy.contains("SUPER_ADMIN"), "{remedy}");
    }
    assert!(
        listener.0.lock().unwrap().is_empty(),
        "nothing was replaced"
    );

    let strong = NewCredentials::new(credentials(&panel, KeyKind::SuperAdmin)).with_probe();
    let replaced = pool.replace_credentials(&srv, strong).await.unwrap();
    assert!(replaced.connection.is_proved());
    assert_eq!((replaced.resumed, replaced.unresumed.len()), (7, 0));
    assert!(panel.accounts().is_empty(), "the trial was removed");
    assert_eq!(*listener.0.lock().unwrap(), ["srv"]);
    let found = pool.server_status(&srv).await.unwrap().connection;
    assert_eq!(found.authenticated, Verdict::Pass);

    // After a restart the configuration still names the old key, and the store has the new one.
    let pool = build(server(&panel, KeyKind::Revoked)).await.unwrap();
    let found = pool.server_status(&srv).await.unwrap().connection;
    assert_eq!(found.authenticated, Verdict::Pass);
}

#[tokio::test]
async fn a_key_that_cannot_be_stored_is_not_used() {
    let panel = panel("srv").await;
    let store = Shared::default();
    let pool = ServerPool::builder()
        .server(server(&panel, KeyKind::Revoked))
        .store(store.clone())
        .with_client(|client| client.no_proxy())
        .build()
        .await
        .unwrap();
    *store.fails.lock().unwrap() = true;
    let srv = name("srv");
    let strong = NewCredentials::new(credentials(&panel, KeyKind::SuperAdmin));
    let failed = pool.replace_credentials(&srv, strong).await;
    assert!(matches!(failed, Err(ReplaceError::Store(_))));
    let found = pool.server_status(&srv).await.unwrap().connection;
    assert_eq!(found.authenticated, Verdict::Fail, "still the old key");
}

/// A store that outlives its pool, and can fail.
#[derive(Clone, Default)]
struct Shared {
    servers: Arc<MemoryServers>,
    fails: Arc<Mutex<bool>>,
}

impl ServerStore for Shared {
    fn load(&self) -> BoxFuture<'_, Result<Vec<PoolServer>, StoreError>> {
        self.servers.load()
    }

    fn put(&self, server: PoolServer) -> BoxFuture<'_, Result<(), StoreError>> {
        if *self.fails.lock().unwrap() {
            return Box::pin(std::future::ready(Err(StoreError::new("the disk is full"))));
        }
        self.servers.put(server)
    }

    fn remove<'a>(&'a self, server: &'a ServerName) -> BoxFuture<'a, Result<(), StoreError>> {
        self.servers.remove(server)
    }
}

#[tokio::test]
async fn servers_are_added_and_removed_and_survive_in_the_store() {
    let (one, two) = (panel("one").await, panel("two").await);
    let store = Shared::default();
    let build = || ServerPool::builder().store(store.clone()).build();
    let pool = build().await.unwrap();
    pool.put(server(&one, KeyKind::ReadOnly)).await.unwrap();
    pool.put(server(&two, KeyKind::ReadOnly)).await.unwrap();
    assert!(pool.remove(&name("one")).await.unwrap());
    assert!(!pool.remove(&name("one")).await.unwrap());
    let again = build().await.unwrap();
    let names: Vec<_> = again
        .servers()
        .iter()
        .map(|server| server.name().to_string())
        .collect();
    assert_eq!(names, ["two"]);
    let key = again.servers()[0]
        .credentials()
        .key()
        .expose_secret()
        .to_owned();
    assert_eq!(key, two.key(KeyKind::ReadOnly).id());
    assert!(!format!("{again:?} {:?}", again.servers()).contains(&key));
}

#[tokio::test]
async fn a_fleets_configuration_names_variables_and_all_that_are_missing_are_told() {
    let server = |text: &str| {
        let url = format!("https://{text}.example.net").parse().unwrap();
        ServerConfig::new(name(text), url, 10).unwrap()
    };
    let fleet = FleetConfig::new([
        server("a")
            .with_credentials_from("NP_A_KEY", "NP_A_SECRET")
            .unwrap(),
        server("b")
            .with_credentials_from("NP_B_KEY", "NP_B_SECRET")
            .unwrap(),
        server("c"),
    ])
    .unwrap();
    let build = |set: &'static [&'static str]| {
        ServerPool::builder()
            .fleet(&fleet, |variable| {
                set.contains(&variable).then(|| SecretString::from("x-y-z"))
            })
            .build()
    };
    let Err(PoolError::Servers(problems)) = build(&["NP_A_KEY"]).await else {
        panic!("it builds");
    };
    let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "a: the environment variable NP_A_SECRET is not set",
            "b: the environment variable NP_B_KEY is not set",
            "b: the environment variable NP_B_SECRET is not set",
            "c: the configuration names no environment variables for its API key and secret",
        ]
    );
}

#[tokio::test]
async fn a_trial_that_decides_nothing_replaces_nothing() {
    let panel = panel("srv").await;
    let pool = pool([server(&panel, KeyKind::Revoked)]).await;
    let srv = name("srv");
    panel
        .arm_for(
            "rate-limited".parse().unwrap(),
            CREATE_ACCOUNT,
            Count::Times(9),
        )
        .unwrap();
    let new = NewCredentials::new(credentials(&panel, KeyKind::SuperAdmin)).with_probe();
    let refused = pool.replace_credentials(&srv, new).await.unwrap_err();
    let told = refused.to_string();
    assert!(
        told.contains("no account could be created on trial"),
        "{told}"
    );
    let found = pool.server_status(&srv).await.unwrap().connection;
    assert_eq!(found.authenticated, Verdict::Fail, "still the old key");
}

#[tokio::test]
async fn an_account_is_found_on_whatever_server_it_is() {
    let limit = Duration::from_millis(400);
    let (one, two) = (panel("one").await, panel("two").await);
    let hanging = {
        let wire = WireSettings::new().with_delay(Duration::from_secs(30));
        Panel::start(PanelSettings::new("hanging").with_wire(wire))
            .await
            .unwrap()
    };
    hanging
        .arm_for(Fault::Delay, LIST_ACCOUNTS, Count::Times(9))
        .unwrap();
    one.add_stranger("acme").unwrap();
    let wanted = two.add_stranger("wanted").unwrap();
    let pool = [&one, &two, &hanging]
        .iter()
        .map(|panel| server(panel, KeyKind::ReadOnly))
        .fold(ServerPool::builder(), |pool, server| pool.server(server))
        .with_client(|client| client.no_proxy())
        .test(ConnectionTest::new().with_timeout(limit))
        .build()
        .await
        .unwrap();
    // As a run keeps it: the id as text.
    let id: AccountId = wanted.id.to_string().parse().unwrap();
    let search = AccountSearch::new().with_id(id).with_username("wanted");
    let begun = Instant::now();
    let found = pool.find(&search).await;
    assert!(begun.elapsed() < limit * 2, "{:?}", begun.elapsed());
    let mut on = Vec::new();
    for (server, result) in &found {
        match result {
            Ok(result) => {
                assert!(result.is_whole);
                for found in &result.matches {
                    on.push((server.as_str(), found.by_id, found.by_username));
                }
            }
            Err(error) => assert_eq!((server.as_str(), kind(error)), ("hanging", Kind::Timeout)),
        }
    }
    // Ids are each panel's own: only the name tells them apart.
    assert!(on.contains(&("two", true, true)), "{on:?}");
    assert!(
        on.iter()
            .all(|(server, _, by_name)| *server == "two" || !by_name)
    );
    assert_eq!(found.len(), 3);
}

fn kind(error: &PoolCallError) -> Kind {
    match error {
        PoolCallError::Call(error) => error.kind(),
        other => panic!("{other}"),
    }
}
