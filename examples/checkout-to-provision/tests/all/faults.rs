//! Each fault of the sandbox: how the program ends, and what exists afterwards.

use serde_json::Value;

use crate::program::{Ended, run};

/// The result of a confirmed run under a fault.
fn under(fault: &str) -> (Ended, Value) {
    let ended = run(&format!("--json --confirm-saved --fault {fault}"));
    let result = ended.json();
    (ended, result)
}

/// The usernames of the customers' accounts that exist, counted on the stand-ins.
fn accounts(result: &Value) -> Vec<&str> {
    let accounts = result["sandbox"]["accounts"].as_array().unwrap();
    accounts
        .iter()
        .map(|account| account["username"].as_str().unwrap())
        .collect()
}

#[track_caller]
fn denied(fault: &str, what: &str, remedy: &[&str]) {
    let ended = run(&format!("--confirm-saved --fault {fault}"))
        .exits(3)
        .says("the sandbox holds 0 accounts made for customers");
    assert_eq!(
        ended.lines_with("denied: not permitted to "),
        1,
        "{ended:#?}"
    );
    let stdout = &ended.stdout;
    let line = stdout
        .lines()
        .find(|line| line.starts_with("denied: "))
        .unwrap();
    assert!(line.contains(what), "{what:?} is missing: {line}");
    let numbered: Vec<&str> = stdout
        .lines()
        .skip_while(|line| !line.starts_with("denied: "))
        .skip(1)
        .take_while(|line| {
            line.trim_start()
                .starts_with(|first: char| first.is_ascii_digit())
        })
        .collect();
    for (number, step) in (1..).zip(&numbered) {
        assert!(step.starts_with(&format!("  {number}. ")), "{numbered:#?}");
    }
    for part in remedy {
        assert!(
            numbered.iter().any(|step| step.contains(part)),
            "{part:?} is missing: {numbered:#?}"
        );
    }
    assert!(stdout.contains("\ndenied: nothing more happens until the permission is there\n"));
}

#[test]
fn an_under_privileged_key_is_told_what_it_lacks_and_how_to_get_it() {
    denied(
        "under-privileged-key",
        "SUPER_ADMIN",
        &[
            "np-fra-1 (http://127.0.0.1:",
            "permission level to SUPER_ADMIN",
            "Account Management, User Management, Billing Operations",
            "127.0.0.1, this machine's address",
        ],
    );
}

#[test]
fn a_refused_address_is_named_with_every_server_that_refuses_it() {
    denied(
        "ip-refused",
        "this machine's address is not among the allowed IPs",
        &[
            "Add 127.0.0.1, this machine's address",
            "np-ams-1",
            "the same on np-fra-1",
        ],
    );
}

#[test]
fn a_revoked_key_has_to_be_replaced() {
    denied(
        "revoked-key",
        "the NextPanel API key is revoked",
        &[
            "Create a new key",
            "Replace key and secret here; the secret is shown only once",
            "on the sandbox, --heal with the same command mends it",
        ],
    );
}

#[test]
fn a_wrong_secret_has_to_be_compared() {
    denied(
        "wrong-secret",
        "its secret is wrong",
        &["Compare key (npk_...) and secret (nps_...)"],
    );
}

#[test]
fn full_servers_are_named_with_the_number_that_fails() {
    run("--confirm-saved --fault server-full")
        .exits(4)
        .says("np-ams-1: full: 40 of 40 used (0 reserved), needs 1")
        .says("np-fra-1: full: 50 of 50 used (0 reserved), needs 1")
        .says("np-nyc-1: draining: takes no new accounts")
        .says("nothing was made for this order")
        .says("the sandbox holds 0 accounts made for customers");
}

#[test]
fn an_account_whose_reply_was_lost_is_adopted_by_proof_and_not_made_again() {
    for fault in ["lost-reply", "html-502", "truncated", "huge-body"] {
        let (ended, result) = under(fault);
        let ended = ended.exits(0).says("unknown, looking instead of guessing");
        assert_eq!(accounts(&result), ["client"], "{fault}");
        assert_eq!(
            result["hosting"][0]["ours"], "found by look-up: the mark we wrote reads back",
            "{fault}"
        );
        assert_eq!(
            ended.lines_with("call     hosting/wp_growth"),
            1,
            "{fault}: {ended:#?}"
        );
    }
}

#[test]
fn a_request_that_arrives_late_never_makes_a_second_account() {
    let (ended, result) = under("late-arrival");
    let ended = ended.exits(0);
    assert_eq!(accounts(&result), ["client"]);
    assert_eq!(
        result["hosting"][0]["ours"],
        "found by look-up: the mark we wrote reads back"
    );
    // Not the next username: the panel's "exists" may be about our own late request.
    assert_eq!(
        ended.lines_with("look up  hosting/wp_growth"),
        2,
        "{ended:#?}"
    );
}

#[test]
fn a_request_that_arrives_after_it_was_resent_never_makes_a_second_account() {
    let (ended, result) = under("late-arrival-after-resend");
    ended.exits(0);
    assert_eq!(accounts(&result), ["client"]);
}

#[test]
fn a_strangers_account_is_never_adopted_and_the_next_username_is_taken() {
    let (ended, result) = under("username-taken-by-other");
    let ended = ended.exits(0);
    let [username] = accounts(&result)[..] else {
        panic!("{result:#}");
    };
    assert!(
        username.starts_with("client") && username != "client",
        "{username}"
    );
    assert_eq!(result["hosting"][0]["username"], username);
    assert_eq!(
        result["hosting"][0]["ours"],
        "the panel answered our create request with it"
    );
    assert_eq!(result["credentials"][0]["username"], username);
    assert_eq!(
        ended.lines_with("refused: Username already exists"),
        1,
        "{ended:#?}"
    );
}

#[test]
fn a_request_that_never_arrived_is_looked_up_before_it_is_resent() {
    for fault in ["drop-before-send", "error-500-once"] {
        let (ended, result) = under(fault);
        let ended = ended.exits(0);
        assert_eq!(accounts(&result), ["client"], "{fault}");
        let at = |text: &str| {
            ended
                .stderr
                .find(text)
                .unwrap_or_else(|| panic!("{text}: {ended:#?}"))
        };
        assert!(
            at("look up  hosting/wp_growth") < at("hosting/wp_growth on np-fra-1 (call 2)"),
            "{fault}"
        );
    }
}

#[test]
fn a_slow_or_busy_panel_is_waited_for() {
    for fault in ["delay", "rate-limited", "rate-limited-without-hint"] {
        let (ended, result) = under(fault);
        let ended = ended.exits(0);
        assert_eq!(accounts(&result), ["client"], "{fault}");
        assert_eq!(ended.lines_with("look up "), 0, "{fault}: {ended:#?}");
    }
}

#[test]
fn a_redirect_is_not_followed_and_says_where_it_points() {
    run("--confirm-saved --fault redirect-elsewhere")
        .exits(4)
        .says("needs attention: hosting/wp_growth: ")
        .says("it points to http://localhost:")
        .says("nothing was sent there")
        .says("the sandbox holds 0 accounts made for customers");
}

#[test]
fn a_fault_of_other_services_is_refused_with_their_names() {
    for (fault, services) in [
        ("expired-token", "the NextPanel billing backend and mPanel"),
        ("forgets-tokens", "the NextPanel billing backend and mPanel"),
        ("worker-dead", "mPanel"),
        ("task-failed", "mPanel"),
    ] {
        run(&format!("--fault {fault}"))
            .exits(2)
            .has_no_result()
            .says(&format!(
                "`{fault}` does not apply to the NextPanel panel; it is for {services}"
            ));
    }
}

#[test]
fn an_unknown_fault_is_refused_with_the_names_of_all() {
    let ended = run("--fault nonsense").exits(2).has_no_result();
    for fault in panel_sandbox::Fault::ALL {
        assert!(
            ended.stderr.contains(fault.name()),
            "{fault} is missing: {ended:#?}"
        );
    }
}

#[test]
fn what_cannot_be_done_by_hand_yet_is_not_asked_for() {
    run("--fault under-privileged-key")
        .exits(3)
        .never_says("by hand\n");
}
