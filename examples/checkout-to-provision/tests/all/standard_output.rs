//! Standard output that takes nothing: a password that did not get out is not saved.

use std::process::{Output, Stdio};

use panel_sandbox::nextpanel_panel::operations;
use secrecy::ExposeSecret;

use crate::password::passwords_in;
use crate::program::command;
use crate::real_panel::{RealPanel, SAID};

fn run_into(stdout: Stdio, arguments: &str) -> Output {
    command()
        .args(arguments.split_whitespace())
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap()
}

/// A pipe that nobody reads.
fn broken_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[track_caller]
fn is_not_saved(output: &Output) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{stderr}");
    assert!(
        stderr.contains("awaiting confirmation: standard output takes nothing"),
        "{stderr}"
    );
    assert!(stderr.contains("counts as not saved"), "{stderr}");
    assert!(passwords_in(&stderr).is_empty(), "{stderr}");
}

#[test]
fn a_password_into_a_broken_pipe_is_not_saved() {
    is_not_saved(&run_into(broken_pipe(), "--confirm-saved"));
    is_not_saved(&run_into(broken_pipe(), "--confirm-saved --json"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_password_onto_a_full_disk_is_not_saved() {
    let full = || {
        std::fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap()
    };
    is_not_saved(&run_into(full().into(), "--confirm-saved"));
    is_not_saved(&run_into(full().into(), "--confirm-saved --json"));
}

#[test]
fn words_into_a_broken_pipe_do_not_stop_the_order() {
    let output = run_into(broken_pipe(), "");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{stderr}");
    assert_eq!(stderr, "");
}

#[test]
fn a_dry_run_into_a_broken_pipe_is_no_fault_of_the_program() {
    let output = run_into(broken_pipe(), "--dry-run --json");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{stderr}");
    assert!(stderr.contains("no write was sent"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_real_panel_the_account_is_made_all_the_same() {
    let real = RealPanel::start().await;
    let key = real.key();
    let mut command = command();
    command
        .args(
            SAID.split(' ')
                .map(|word| if word == "-" { "order.json" } else { word }),
        )
        .env("NEXTPANEL_URL", real.panel().url())
        .env("NEXTPANEL_API_KEY", key.id())
        .env("NEXTPANEL_API_SECRET", key.secret().expose_secret())
        .env("NEXTPANEL_CAPACITY", "10")
        .stdout(broken_pipe())
        .stderr(Stdio::piped());
    let dir = tempfile::TempDir::new().unwrap();
    std::fs::write(dir.path().join("order.json"), crate::real_panel::ORDER).unwrap();
    command.current_dir(dir.path());
    let output = tokio::task::block_in_place(|| command.output().unwrap());
    is_not_saved(&output);
    assert_eq!(
        real.panel().requests_for(&operations::CREATE_ACCOUNT).len(),
        1
    );
    let stderr = String::from_utf8_lossy(&output.stderr);
    let username = &real.panel().accounts()[0].username;
    assert!(
        stderr.contains(username.as_str()),
        "whose password is it? {stderr}"
    );
}
