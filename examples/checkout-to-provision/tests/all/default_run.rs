//! `cargo run`, with nothing configured.

use crate::password::{is_password, passwords_in};
use crate::program::run;

#[test]
fn without_terminal_and_confirmation_the_order_awaits_confirmation() {
    let ended = run("")
        .exits(4)
        .says("\nawaiting confirmation: ")
        .says("the sandbox holds 1 account made for customers: client on np-fra-1");
    assert_eq!(ended.stderr, "");
    assert_eq!(
        ended.lines_with("password of the hosting account `"),
        0,
        "{ended:#?}"
    );
    assert!(passwords_in(&ended.all()).is_empty(), "{ended:#?}");
}

#[test]
fn a_confirmed_order_is_done_and_its_password_stands_on_one_line() {
    let ended = run("--confirm-saved").exits(0);
    assert_eq!(ended.stderr, "");
    assert_eq!(
        ended.lines_with("password of the hosting account `client`: "),
        1
    );
    let password = ended.password();
    assert!(is_password(&password), "{password}");
    assert_eq!(ended.all().matches(&password).count(), 1, "{ended:#?}");
    assert_eq!(passwords_in(&ended.all()).len(), 1, "{ended:#?}");
}

#[test]
fn every_run_makes_another_password() {
    assert_ne!(
        run("--confirm-saved").password(),
        run("--confirm-saved").password()
    );
}

#[test]
fn the_output_says_that_it_is_the_sandbox_and_what_was_assumed() {
    run("")
        .says("sandbox: no panel is configured")
        .says("assumed   the order's id is sample-1001")
        .says("assumed   the operator vouches for the payment");
}

#[test]
fn an_id_that_was_given_is_not_assumed() {
    run("--order-id A-7 --paid-by operator")
        .says("order default/migrahosting.com/live/A-7 ")
        .never_says("assumed");
}

#[test]
fn the_run_shows_order_plan_progress_and_result_in_this_order() {
    let stdout = run("--confirm-saved").exits(0).stdout;
    let shown = [
        "order default/migrahosting.com/live/sample-1001 from the bundled sample",
        "item      wp_growth (WordPress Growth)",
        "item      daily_backups_30d (Daily backups, kept for 30 days)",
        "counted  np-ams-1: 12 accounts",
        "counted  np-fra-1: 7 accounts",
        "\u{251c}\u{2500} hosting/wp_growth (required)",
        "on np-fra-1: least accounts: 7 of 50 used, 43 free",
        "else np-ams-1: least accounts: 12 of 40 used, 28 free",
        "np-nyc-1: draining: takes no new accounts",
        "call     hosting/wp_growth on np-fra-1",
        "\nresult\n",
        "server    np-fra-1",
        "username  client (account ",
        "panel     http://127.0.0.1:",
        "domain    client.preview.sandbox.example",
        "ours      the panel answered our create request with it",
        "verified  the mark we wrote reads back",
        "verified  the password logs in",
        "password of the hosting account `client`",
        "by hand",
        "addon daily_backups_30d: set up Daily backups, kept for 30 days for the account client on np-fra-1",
        "done except 2 manual steps: attach/hosting/wp_growth, addon/daily_backups_30d",
        "the sandbox holds 1 account made for customers: client on np-fra-1",
    ];
    let mut rest = stdout.as_str();
    for text in shown {
        let at = rest
            .find(text)
            .unwrap_or_else(|| panic!("{text:?} is missing, or too early, in: {stdout}"));
        rest = &rest[at..];
    }
}

#[test]
fn the_same_order_gets_the_same_plan() {
    let plan = |ended: &str| -> Vec<String> {
        ended
            .lines()
            .filter(|line| {
                line.starts_with(['\u{251c}', '\u{2502}', '\u{2514}'])
                    || line.starts_with("provision ")
            })
            .map(str::to_owned)
            .collect()
    };
    let first = plan(&run("").stdout);
    assert!(first.len() > 10, "{first:#?}");
    assert_eq!(first, plan(&run("--confirm-saved").stdout));
}
