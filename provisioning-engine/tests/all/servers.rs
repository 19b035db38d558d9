//! The servers of a pool in a file: they survive a restart, and no key of theirs can be read in it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use nextpanel_client::panel::PanelCredentials;
use nextpanel_client::pool::{
    LockedBy, NewCredentials, PoolError, PoolServer, ServerPool, ServerStore as _, StoreError,
};
use panel_sandbox::nextpanel_panel::{KeyKind, Panel, PanelSettings};
use provisioning_core::fleet::{ServerConfig, ServerName, ServerState};
use provisioning_core::permission::{ApiKeyProfile, PermissionLevel};
use provisioning_engine::EngineError;
use provisioning_engine::seal::Sealer;
use provisioning_engine::servers::SqliteServers;
use provisioning_engine::store::{SqliteStore, Store as _, StoreError as RunStoreError};
use rusqlite::Connection;
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use tempfile::TempDir;

use crate::place::killed_amid_a_change;

const KEY: &str = "npk_canaryCanaryCanaryCanaryCanaryCanaryCanaryC";
const SECRET: &str = "nps_canaryCanaryCanaryCanaryCanaryCanaryCanaryCanaryCanaryCanaryCa";

fn name(text: &str) -> ServerName {
    ServerName::new(text).unwrap()
}

fn key(byte: u8) -> SecretSlice<u8> {
    SecretSlice::from(vec![byte; 32])
}

fn sealer() -> Sealer {
    Sealer::with_key("first", &key(1)).unwrap()
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("servers.sqlite3")
}

async fn open(folder: &TempDir, sealer: Sealer) -> SqliteServers {
    SqliteServers::open(file(folder), sealer).await.unwrap()
}

fn server_of(server: &str, secret: &str) -> PoolServer {
    let url = format!("https://{server}.panels.example.net:9000/base");
    let config = ServerConfig::new(name(server), url.parse().unwrap(), 80)
        .unwrap()
        .with_location("eu")
        .unwrap()
        .with_tags(["ssd"])
        .unwrap()
        .with_state(ServerState::Draining);
    let credentials = PanelCredentials::new(SecretString::from(KEY), SecretString::from(secret));
    let profile = ApiKeyProfile::new(PermissionLevel::SuperAdmin);
    PoolServer::new(config, credentials).with_profile(Some(profile))
}

/// The files of the store that hold this.
fn files_with(folder: &TempDir, needle: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path()).unwrap();
    let files = entries.map(|entry| entry.unwrap().path());
    let holds = |path: &PathBuf| {
        let bytes = std::fs::read(path).unwrap();
        memchr::memmem::find(&bytes, needle.as_bytes()).is_some()
    };
    files
        .filter(holds)
        .map(|path| path.display().to_string())
        .collect()
}

fn sql(file: &Path, statement: &str) -> Vec<(String, String)> {
    Connection::open(file)
        .unwrap()
        .prepare(statement)
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

const SEALED: &str = "SELECT name, sealed FROM servers ORDER BY name";

#[tokio::test]
async fn servers_survive_a_restart_with_a_key_that_was_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let panel = Panel::start(PanelSettings::new("np-1")).await.unwrap();
    let credentials = |kind| {
        let key = panel.key(kind);
        PanelCredentials::new(SecretString::from(key.id()), key.secret().clone())
    };
    let config = ServerConfig::new(name("np-1"), panel.url().parse().unwrap(), 50).unwrap();
    let configured = PoolServer::new(config, credentials(KeyKind::Revoked));
    let pool = async |configured: Option<PoolServer>| {
        let store = open(&folder, sealer()).await;
        let builder = ServerPool::builder().with_client(|client| client.no_proxy());
        let builder = match configured {
            Some(server) => builder.server(server),
            None => builder,
        };
        builder.store(store).build().await.unwrap()
    };
    let before = pool(Some(configured.clone())).await;
    before.put(server_of("np-2", SECRET)).await.unwrap();
    let new = NewCredentials::new(credentials(KeyKind::SuperAdmin))
        .with_profile(ApiKeyProfile::new(PermissionLevel::SuperAdmin));
    before
        .replace_credentials(&name("np-1"), new)
        .await
        .unwrap();
    drop(before);

    // Once from the file alone, once from a configuration that still names the old key.
    for configured in [None, Some(configured)] {
        let after = pool(configured).await;
        let servers = after.servers();
        let [one, other] = &servers[..] else {
            panic!("{servers:?}")
        };
        let good = panel.key(KeyKind::SuperAdmin);
        assert_eq!(one.credentials().key().expose_secret(), good.id());
        assert_eq!(one.profile().unwrap().level(), &PermissionLevel::SuperAdmin);
        let expected = server_of("np-2", SECRET);
        assert_eq!(other.config(), expected.config());
        assert_eq!(other.profile(), expected.profile());
        assert_eq!(other.credentials().secret().expose_secret(), SECRET);
        let status = after.server_status(&name("np-1")).await.unwrap();
        assert!(status.connection.is_proved(), "{status:?}");
    }
}

#[tokio::test]
async fn neither_keys_nor_addresses_are_in_a_file_and_what_is_replaced_or_removed_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let servers = open(&folder, sealer()).await;
    for number in 0..40 {
        servers
            .put(server_of(&format!("np-{number}"), SECRET))
            .await
            .unwrap();
    }
    let before = sql(&file(&folder), SEALED);
    for plain in [KEY, SECRET, "panels.example.net", "canary"] {
        assert_eq!(files_with(&folder, plain), [""; 0], "{plain}");
    }
    assert_eq!(before.len(), 40);
    for (number, (server, sealed)) in before.iter().enumerate() {
        assert!(
            !files_with(&folder, sealed).is_empty(),
            "the search finds what is there"
        );
        if number % 2 == 0 {
            servers.remove(&name(server)).await.unwrap();
            // Forgotten twice is forgotten.
            servers.remove(&name(server)).await.unwrap();
        } else {
            let renewed = server_of(server, "nps_another");
            servers.put(renewed).await.unwrap();
        }
        assert_eq!(files_with(&folder, sealed), [""; 0], "{server}");
    }
    let left = servers.load().await.unwrap();
    assert_eq!(left.len(), 20);
    assert_eq!(
        left[0].credentials().secret().expose_secret(),
        "nps_another"
    );
    let shown = format!("{servers:?} {left:?}");
    assert!(!shown.contains("canary") && !shown.contains("nps_another"));
}

#[tokio::test]
async fn another_sealing_key_opens_nothing_changes_nothing_and_is_told_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    {
        let servers = open(&folder, sealer()).await;
        for server in ["np-1", "np-2"] {
            servers.put(server_of(server, SECRET)).await.unwrap();
        }
    }
    let before = sql(&file(&folder), SEALED);
    let other = Sealer::with_key("second", &key(2)).unwrap();
    let store = open(&folder, other).await;
    let added = server_of("np-1", "nps_from-configuration");
    let build = ServerPool::builder().server(added).store(store.clone());
    let Err(PoolError::Store(error)) = build.build().await else {
        panic!("it opened");
    };
    assert_eq!(
        error.to_string(),
        "np-1 does not open: it was sealed with the key `first`, and at hand are `second`; \
         np-2 does not open: it was sealed with the key `first`, and at hand are `second`; \
         nothing was changed: start with the sealing key they were stored with, or remove them from the store and add \
         them again"
    );
    let StoreError::Locked(locked) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(locked[0].server(), &name("np-1"));
    assert!(matches!(locked[0].why(), LockedBy::OtherKey { .. }));
    let rotated = store.rotate().await.unwrap();
    assert_eq!((rotated.resealed, rotated.left.len()), (0, 2));
    assert_eq!(sql(&file(&folder), SEALED), before, "nothing changed");

    // The same name with another key.
    let same_name = open(&folder, Sealer::with_key("first", &key(2)).unwrap()).await;
    let StoreError::Locked(locked) = same_name.load().await.unwrap_err() else {
        panic!("it opened");
    };
    assert_eq!(locked[0].why(), &LockedBy::NotAuthentic);

    // What the error says to do works: removed and added again.
    for server in ["np-1", "np-2"] {
        store.remove(&name(server)).await.unwrap();
    }
    store.put(server_of("np-1", SECRET)).await.unwrap();
    assert_eq!(store.load().await.unwrap().len(), 1);
}

#[tokio::test]
async fn one_servers_key_cannot_be_given_to_another() {
    let folder = tempfile::tempdir().unwrap();
    let servers = open(&folder, sealer()).await;
    for server in ["np-1", "np-2"] {
        servers.put(server_of(server, SECRET)).await.unwrap();
    }
    sql(
        &file(&folder),
        "UPDATE servers SET sealed = (SELECT sealed FROM servers WHERE name = 'np-2') \
         WHERE name = 'np-1' RETURNING name, sealed",
    );
    let StoreError::Locked(locked) = servers.load().await.unwrap_err() else {
        panic!("it opened");
    };
    assert_eq!(locked.len(), 1);
    assert_eq!(locked[0].server(), &name("np-1"));
    assert_eq!(locked[0].why(), &LockedBy::NotAuthentic);
}

#[tokio::test]
async fn changing_the_sealing_key_seals_every_server_anew_and_the_old_key_is_not_needed_any_more() {
    let folder = tempfile::tempdir().unwrap();
    {
        let servers = open(&folder, sealer()).await;
        for server in ["np-1", "np-2", "np-3"] {
            servers.put(server_of(server, SECRET)).await.unwrap();
        }
    }
    let before = sql(&file(&folder), SEALED);
    let both = Sealer::with_key("second", &key(2))
        .unwrap()
        .with_older("first", &key(1))
        .unwrap();
    {
        let servers = open(&folder, both).await;
        assert_eq!(servers.load().await.unwrap().len(), 3);
        let rotated = servers.rotate().await.unwrap();
        assert_eq!((rotated.resealed, rotated.left.len()), (3, 0));
        assert_eq!(servers.rotate().await.unwrap().resealed, 0);
    }
    for (_, sealed) in before {
        assert_eq!(files_with(&folder, &sealed), [""; 0]);
    }
    let servers = open(&folder, Sealer::with_key("second", &key(2)).unwrap()).await;
    let loaded = servers.load().await.unwrap();
    assert_eq!(loaded.len(), 3);
    assert_eq!(loaded[2].credentials().secret().expose_secret(), SECRET);
    let old = open(&folder, sealer()).await;
    assert!(matches!(old.load().await, Err(StoreError::Locked(_))));
}

#[tokio::test]
async fn without_a_key_that_outlives_the_process_nothing_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let refused = SqliteServers::open(file(&folder), Sealer::for_this_process()).await;
    assert!(matches!(refused, Err(EngineError::NoSealingKey)));
    assert!(!file(&folder).exists());
}

#[tokio::test]
async fn a_file_of_runs_is_no_file_of_servers_nor_the_other_way_round() {
    let folder = tempfile::tempdir().unwrap();
    let runs = folder.path().join("runs.sqlite3");
    SqliteStore::open(&runs).await.unwrap().close().await;
    let before = std::fs::read(&runs).unwrap();
    let Err(EngineError::Store(refused)) = SqliteServers::open(&runs, sealer()).await else {
        panic!("it opened");
    };
    assert!(
        matches!(refused, RunStoreError::NotOurs { .. }),
        "{refused}"
    );
    assert_eq!(std::fs::read(&runs).unwrap(), before);

    drop(open(&folder, sealer()).await);
    let refused = SqliteStore::open(file(&folder)).await.unwrap_err();
    assert!(
        matches!(refused, RunStoreError::NotOurs { .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn servers_that_are_stored_at_the_same_time_are_all_there() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (open(&folder, sealer()).await, open(&folder, sealer()).await);
    let puts = (0..40).map(|number| {
        let store = if number % 2 == 0 { &one } else { &other };
        store.put(server_of(&format!("np-{number}"), SECRET))
    });
    for put in futures_util::future::join_all(puts).await {
        put.unwrap();
    }
    assert_eq!(one.load().await.unwrap().len(), 40);
}

#[tokio::test]
async fn servers_are_there_after_their_last_writer_was_killed_amid_a_change() {
    let folder = TempDir::new().unwrap();
    let servers = open(&folder, sealer()).await;
    servers.put(server_of("np-1", SECRET)).await.unwrap();
    drop(servers);
    let half_done = folder.path().join("half-done.sqlite3");
    killed_amid_a_change(&file(&folder), &half_done);
    let servers = SqliteServers::open(half_done, sealer()).await.unwrap();
    assert_eq!(servers.load().await.unwrap().len(), 1);
}

/// Somebody who gives up while another process has the file must not come back later and undo what was done since.
#[tokio::test]
async fn who_gives_up_before_its_turn_changes_nothing_and_the_others_keep_their_order() {
    let folder = TempDir::new().unwrap();
    let servers = open(&folder, sealer()).await;
    servers.put(server_of("np-0", SECRET)).await.unwrap();
    let holder = Connection::open(file(&folder)).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let first = tokio::spawn({
        let servers = servers.clone();
        async move { servers.put(server_of("np-1", SECRET)).await }
    });
    tokio::task::yield_now().await;
    let given_up = servers.put(server_of("np-2", SECRET));
    let given_up = tokio::time::timeout(Duration::from_millis(50), given_up).await;
    assert!(given_up.is_err());
    let last = tokio::spawn({
        let servers = servers.clone();
        async move { servers.remove(&name("np-1")).await }
    });
    tokio::task::yield_now().await;
    holder.execute_batch("ROLLBACK").unwrap();
    first.await.unwrap().unwrap();
    last.await.unwrap().unwrap();
    let left: Vec<_> = sql(&file(&folder), SEALED)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(left, ["np-0"]);
}
