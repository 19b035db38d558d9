//! On a terminal somebody is asked.

use std::process::Command;
use std::time::Duration;

use rexpect::session::{Options, PtySession, spawn_with_options};
use secrecy::ExposeSecret;

use crate::password::is_password;
use crate::program::command;
use crate::real_panel::{ORDER, RealPanel, SAID};

const LONGEST_WAIT: Duration = Duration::from_secs(30);

fn on_terminal(arguments: &str) -> PtySession {
    let mut command = command();
    command.args(arguments.split_whitespace());
    spawn(command)
}

fn spawn(mut command: Command) -> PtySession {
    command.env("TERM", "xterm");
    let milliseconds = u64::try_from(LONGEST_WAIT.as_millis()).unwrap();
    let options = Options::new()
        .timeout_ms(Some(milliseconds))
        .strip_ansi_escape_codes(true);
    spawn_with_options(command, options).unwrap()
}

/// Reads on until the question; the password that was shown before it.
fn asked(terminal: &mut PtySession) -> String {
    terminal
        .exp_string("password of the hosting account `client`: ")
        .unwrap();
    let password = terminal.read_line().unwrap().trim().to_owned();
    assert!(is_password(&password), "{password}");
    terminal.exp_string("Have you saved the password?").unwrap();
    terminal.exp_string("[y/N]").unwrap();
    password
}

#[track_caller]
fn ends(terminal: &mut PtySession, exit: i32) -> String {
    let rest = terminal.exp_eof().unwrap();
    // The crate does not name the type of this status, which reads `Exited(Pid(7), 0)`.
    let status = format!("{:?}", terminal.process().wait().unwrap());
    assert!(
        status.starts_with("Exited(") && status.ends_with(&format!(" {exit})")),
        "{status}: {rest}"
    );
    rest
}

#[test]
fn who_has_saved_the_password_is_done() {
    for answer in ["y", "Y", "yes"] {
        let mut terminal = on_terminal("");
        let password = asked(&mut terminal);
        terminal.send_line(answer).unwrap();
        let rest = ends(&mut terminal, 0);
        assert!(rest.contains("done except 2 manual steps"), "{rest}");
        assert!(!rest.contains(&password), "{rest}");
    }
}

#[test]
fn whoever_has_not_leaves_the_order_awaiting_confirmation() {
    for answer in ["n", "", "maybe"] {
        let mut terminal = on_terminal("");
        asked(&mut terminal);
        terminal.send_line(answer).unwrap();
        let rest = ends(&mut terminal, 4);
        assert!(rest.contains("awaiting confirmation"), "{rest}");
    }
}

#[test]
fn the_end_of_input_is_no_yes() {
    let mut terminal = on_terminal("");
    asked(&mut terminal);
    terminal.send_control('d').unwrap();
    ends(&mut terminal, 4);
}

#[test]
fn a_signal_while_it_asks_is_no_yes() {
    let mut terminal = on_terminal("");
    asked(&mut terminal);
    terminal.send_control('c').unwrap();
    let rest = ends(&mut terminal, 4);
    assert!(rest.contains("awaiting confirmation"), "{rest}");
}

#[test]
fn who_confirmed_on_the_command_line_is_not_asked() {
    let mut terminal = on_terminal("--confirm-saved");
    terminal
        .exp_string("password of the hosting account `client`: ")
        .unwrap();
    let rest = ends(&mut terminal, 0);
    assert!(!rest.contains("[y/N]"), "{rest}");
}

#[test]
fn json_is_for_programs_and_asks_nobody() {
    let mut terminal = on_terminal("--json");
    let all = ends(&mut terminal, 4);
    assert!(
        all.contains("\"status\": \"awaiting_confirmation\""),
        "{all}"
    );
    assert!(!all.contains("[y/N]"), "{all}");
}

#[test]
fn a_denied_order_asks_nothing() {
    let mut terminal = on_terminal("--fault under-privileged-key");
    let all = ends(&mut terminal, 3);
    assert!(
        all.contains("SUPER_ADMIN") && !all.contains("[y/N]"),
        "{all}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_real_panel_whoever_has_not_saved_the_password_is_told_what_to_do() {
    let real = RealPanel::start().await;
    let dir = tempfile::TempDir::new().unwrap();
    let order = dir.path().join("order.json");
    std::fs::write(&order, ORDER).unwrap();
    let key = real.key();
    let mut command = command();
    command
        .arg(&order)
        .args(
            SAID.split(' ')
                .filter(|word| !["-", "--confirm-saved"].contains(word)),
        )
        .env("NEXTPANEL_URL", real.panel().url())
        .env("NEXTPANEL_API_KEY", key.id())
        .env("NEXTPANEL_API_SECRET", key.secret().expose_secret())
        .env("NEXTPANEL_CAPACITY", "10");
    let rest = tokio::task::block_in_place(|| {
        let mut terminal = spawn(command);
        terminal.exp_string("[y/N]").unwrap();
        terminal.send_line("n").unwrap();
        ends(&mut terminal, 4)
    });
    assert!(rest.contains("awaiting confirmation"), "{rest}");
    assert!(rest.contains("set a new one in the panel"), "{rest}");
    assert_eq!(real.panel().created_by_clients(), 1);
}
