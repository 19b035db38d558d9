//! Runs that are kept in a file: the same command again goes on where the last one ended.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use panel_sandbox::Fault;
use panel_sandbox::nextpanel_panel::{KeyKind, operations};
use secrecy::ExposeSecret as _;
use tempfile::TempDir;

use crate::program::{Ended, Program, program, run};
use crate::real_panel::RealPanel;
use crate::silent_server::SilentServer;

/// What is said where the state is a file. Nothing is said of the file: that is the default.
pub(crate) const KEPT: &str = "- --order-id A-1 --paid-by operator --confirm-saved";

pub(crate) fn in_folder(real: &RealPanel, folder: &TempDir) -> Program {
    real.program(KEPT).dir(folder.path())
}

fn go(real: &RealPanel, folder: &TempDir) -> Ended {
    real.run_it(in_folder(real, folder))
}

fn file(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("provisioning.sqlite3")
}

fn key(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("provisioning.sqlite3.key")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_provisioned_once_however_often_the_command_is_run() {
    let (real, folder) = (RealPanel::start().await, TempDir::new().unwrap());
    let first = go(&real, &folder)
        .exits(0)
        .says("state: provisioning.sqlite3, sealed with key ");
    let password = first.password();
    for _ in 0..2 {
        // It was taken as saved, so it is shown never again.
        go(&real, &folder).exits(0).never_says(&password);
    }
    assert_eq!(real.panel().created_by_clients(), 1);
    assert_eq!(
        real.panel().requests_for(&operations::CREATE_ACCOUNT).len(),
        1
    );
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_nobody_has_confirmed_is_shown_again_by_the_next_run() {
    let (real, folder) = (RealPanel::start().await, TempDir::new().unwrap());
    let killed = in_folder(&real, &folder).env("PROVISIONING_KILL_AT", "before-confirmed");
    let killed = real.run_or_die(killed).unwrap_err();
    let ended = go(&real, &folder).exits(0);
    assert_eq!(ended.password(), killed.password());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_mended_lets_the_same_command_go_on() {
    let (real, folder) = (RealPanel::start().await, TempDir::new().unwrap());
    real.panel().arm(Fault::UnderPrivilegedKey).unwrap();
    for _ in 0..2 {
        go(&real, &folder).exits(3).says("SUPER_ADMIN");
    }
    real.heal();
    let ended = go(&real, &folder).exits(0);
    let account = real.panel().accounts().remove(0);
    assert!(
        real.panel()
            .password_is(&account.username, &ended.password())
    );
    assert_eq!(real.panel().created_by_clients(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_in_the_environment_is_used_for_what_stands_already() {
    let (real, folder) = (RealPanel::start().await, TempDir::new().unwrap());
    let weak = real.panel().key(KeyKind::Admin);
    let program = in_folder(&real, &folder)
        .env("NEXTPANEL_API_KEY", weak.id())
        .env("NEXTPANEL_API_SECRET", weak.secret().expose_secret());
    real.run_it(program).exits(3);
    go(&real, &folder).exits(0);
    assert_eq!(real.panel().created_by_clients(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_was_lost_makes_no_second_account() {
    let real = RealPanel::start().await;
    let (first, second) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    go(&real, &first).exits(0);
    for _ in 0..2 {
        go(&real, &second)
            .exits(4)
            .says("this order has an account already")
            .says("adashop on 127.0.0.1, account 1");
    }
    assert_eq!(real.panel().created_by_clients(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_comes_again_with_another_order_is_a_conflict() {
    let (real, folder) = (RealPanel::start().await, TempDir::new().unwrap());
    go(&real, &folder).exits(0);
    let other = crate::real_panel::ORDER.replace("ada-shop.example", "other-shop.example");
    let ended = real.run_it(in_folder(&real, &folder).stdin(other));
    ended
        .exits(4)
        .says("is known with other content")
        .says("nothing was done")
        .says("an id of its own");
    assert_eq!(real.panel().created_by_clients(), 1);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_key_lies_beside_the_state_and_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (real, folder) = (RealPanel::start().await, TempDir::new().unwrap());
    go(&real, &folder).exits(0);
    let mode = std::fs::metadata(key(&folder))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let made = std::fs::read_to_string(key(&folder)).unwrap();
    assert_eq!(STANDARD.decode(made.trim()).unwrap().len(), 32);
    let names: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains(".key"))
        .collect();
    assert_eq!(names, ["provisioning.sqlite3.key"]);

    std::fs::set_permissions(key(&folder), PermissionsExt::from_mode(0o644)).unwrap();
    go(&real, &folder)
        .exits(2)
        .says("can be read by others (mode 644)");
}

/// Everything that is wrong with the state is found before anything is sent.
#[test]
fn a_state_that_cannot_be_used_is_refused_and_nothing_is_sent() {
    let server = SilentServer::start();
    let at = |folder: &TempDir| {
        program(KEPT.split(' '))
            .dir(folder.path())
            .stdin(crate::real_panel::ORDER)
            .env("NEXTPANEL_URL", server.url())
            .env("NEXTPANEL_API_KEY", "npk_canary")
            .env("NEXTPANEL_API_SECRET", "nps_canary")
            .env("NEXTPANEL_CAPACITY", "10")
    };
    let text = "x".repeat(5_000);
    type Prepare<'a> = &'a dyn Fn(&Path, &Path);
    let cases: [(Prepare<'_>, &str); 5] = [
        (
            &|file, key| {
                std::fs::write(file, &text).unwrap();
                write_key(key, "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=");
            },
            "is a database of another program; nothing in it was changed",
        ),
        (
            // Its key is not asked for: there is none.
            &|file, _| std::fs::write(file, &text).unwrap(),
            "is a database of another program; nothing in it was changed",
        ),
        (
            &|file, _| std::fs::create_dir(file).unwrap(),
            "provisioning.sqlite3 is a folder: name a file in it",
        ),
        (
            &|_, key| write_key(key, "not base64!"),
            "provisioning.sqlite3.key: it is no base64 text",
        ),
        (
            &|_, key| write_key(key, "c2hvcnQ="),
            "it has 5 bytes and should have 32",
        ),
    ];
    for (prepare, expected) in cases {
        let folder = TempDir::new().unwrap();
        prepare(&file(&folder), &key(&folder));
        at(&folder).run().exits(2).has_no_result().says(expected);
    }
    let folder = TempDir::new().unwrap();
    at(&folder)
        .env("PROVISIONING_SEALING_KEY", "c2hvcnQ=")
        .run()
        .exits(2)
        .says("PROVISIONING_SEALING_KEY: it has 5 bytes and should have 32")
        .never_says("c2hvcnQ=");
    assert!(!file(&folder).exists());
    server.was_left_alone();
}

#[test]
fn a_file_that_cannot_be_there_is_told_why() {
    for (file, why) in [
        ("", "--state: it is empty: name a file, or say memory"),
        (
            "no/such/folder/runs.db",
            "--state: there is no folder no/such/folder: make it, or name another file",
        ),
    ] {
        program(["--state", file])
            .run()
            .exits(2)
            .has_no_result()
            .says(why);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_gone_is_asked_for_and_no_other_is_made() {
    let (real, folder) = (RealPanel::start().await, TempDir::new().unwrap());
    go(&real, &folder).exits(0);
    std::fs::remove_file(key(&folder)).unwrap();
    go(&real, &folder)
        .exits(2)
        .says("provisioning.sqlite3.key is missing, and provisioning.sqlite3 was sealed with it");
    assert!(!key(&folder).exists());
}

/// The sandbox is new each time, and its accounts must not be taken for those of an earlier one.
#[test]
fn one_order_after_the_other_runs_on_the_sandbox_with_one_file() {
    let folder = TempDir::new().unwrap();
    for order in ["S-1", "S-2", "S-3"] {
        program(["--state", "runs.db", "--confirm-saved", "--order-id", order])
            .dir(folder.path())
            .run()
            .exits(0)
            .says("the sandbox is new each time")
            .says("the sandbox holds 1 account made for customers");
    }
}

fn write_key(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o600)).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_the_environment_is_used_and_changed_and_the_wrong_one_is_named() {
    let (real, folder) = (RealPanel::start().await, TempDir::new().unwrap());
    let [first, second] = [[1_u8; 32], [2; 32]].map(|key| STANDARD.encode(key));
    // Parked, so that there is something sealed that is needed again.
    real.panel().arm(Fault::UnderPrivilegedKey).unwrap();
    let with = |key: &str| in_folder(&real, &folder).env("PROVISIONING_SEALING_KEY", key);
    real.run_it(with(&first)).exits(3);
    assert!(!key(&folder).exists());
    real.heal();
    real.run_it(with(&second))
        .exits(4)
        .says("state: orders sealed with another key than ")
        .says("this engine has")
        .says("configure that key; nothing was changed");
    real.run_it(with(&second).env("PROVISIONING_SEALING_KEY_OLDER", &first))
        .exits(0)
        .says("state: orders sealed anew with the present key: 1; still with another: 0");
    real.run_it(with(&second)).exits(0);
    assert_eq!(real.panel().created_by_clients(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_holds_neither_keys_nor_passwords() {
    let (real, folder) = (RealPanel::start().await, TempDir::new().unwrap());
    let ended = go(&real, &folder).exits(0);
    let bytes = std::fs::read(file(&folder)).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    for secret in [
        real.key().id(),
        real.key().secret().expose_secret(),
        &ended.password(),
    ] {
        assert!(!text.contains(secret));
    }
    assert!(!folder.path().join("provisioning.sqlite3-wal").exists());
}

#[test]
fn the_sandbox_leaves_nothing_behind_unless_a_file_is_named() {
    let folder = TempDir::new().unwrap();
    program(["--confirm-saved"])
        .dir(folder.path())
        .run()
        .exits(0);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    program(["--confirm-saved", "--state", "runs.db"])
        .dir(folder.path())
        .run()
        .exits(0)
        .says("state: runs.db, sealed with key ");
    assert!(folder.path().join("runs.db").exists());
    assert!(folder.path().join("runs.db.key").exists());
    run("--confirm-saved --state memory").exits(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_makes_no_state() {
    let (real, folder) = (RealPanel::start().await, TempDir::new().unwrap());
    let program = real
        .program(&format!("{KEPT} --dry-run"))
        .dir(folder.path());
    real.run_it(program).exits(0).never_says("state:");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
