//! `--json`: standard output for programs, standard error for people.

use crate::password::{is_password, passwords_in};
use crate::program::run;

#[test]
fn the_result_is_one_object_with_the_password_once_it_counts_as_saved() {
    let ended = run("--json --confirm-saved").exits(0);
    let result = ended.json();
    assert_eq!(result["status"], "done_except_manual");
    assert_eq!(result["exit"], 0);
    assert_eq!(result["order"], "default/migrahosting.com/live/sample-1001");
    assert_eq!(result["hosting"][0]["server"], "np-fra-1");
    assert_eq!(result["hosting"][0]["username"], "client");
    assert_eq!(
        result["hosting"][0]["domain"],
        "client.preview.sandbox.example"
    );
    assert_eq!(
        result["hosting"][0]["account_id"],
        result["sandbox"]["accounts"][0]["account_id"]
    );
    assert_eq!(
        result["hosting"][0]["verified"].as_array().map(Vec::len),
        Some(3)
    );
    assert_eq!(result["manual"].as_array().map(Vec::len), Some(2));
    assert_eq!(result["assumed"].as_array().map(Vec::len), Some(2));
    let password = result["credentials"][0]["password"].as_str().unwrap();
    assert!(is_password(password), "{password}");
    assert_eq!(ended.stdout.matches(password).count(), 1);
    assert!(passwords_in(&ended.stderr).is_empty(), "{ended:#?}");
}

#[test]
fn without_confirmation_the_result_has_no_password_and_awaits_it() {
    let ended = run("--json").exits(4);
    let result = ended.json();
    assert_eq!(result["status"], "awaiting_confirmation");
    assert_eq!(result["exit"], 4);
    assert_eq!(result["credentials"][0]["username"], "client");
    assert!(result["credentials"][0].get("password").is_none());
    assert!(passwords_in(&ended.all()).is_empty(), "{ended:#?}");
}

#[test]
fn the_words_go_to_standard_error() {
    let ended = run("--json").exits(4);
    for words in [
        "sandbox: no panel",
        "provision ",
        "awaiting confirmation",
        "the sandbox holds 1 account",
    ] {
        assert!(
            ended.stderr.contains(words),
            "{words:?} is missing: {ended:#?}"
        );
    }
}

#[test]
fn a_denied_order_has_its_remedy_in_the_result() {
    let result = run("--json --confirm-saved --fault under-privileged-key")
        .exits(3)
        .json();
    assert_eq!(result["status"], "denied");
    assert_eq!(result["exit"], 3);
    let attention = &result["attention"][0];
    assert_eq!(attention["step"], "hosting/wp_growth");
    assert!(attention["why"].as_str().unwrap().contains("SUPER_ADMIN"));
    assert!(attention["remedy"].as_array().unwrap().len() >= 5);
    assert_eq!(result["sandbox"]["accounts"], serde_json::json!([]));
}

#[test]
fn an_order_that_cannot_be_placed_says_why_in_the_result() {
    let result = run("--json --confirm-saved --fault server-full")
        .exits(4)
        .json();
    assert_eq!(result["status"], "rejected");
    let why = result["rejected"][0].as_str().unwrap();
    assert!(why.contains("np-fra-1: full: 50 of 50 used"), "{why}");
    assert!(result.get("credentials").is_none());
}

#[test]
fn bad_input_is_an_object_too_with_every_problem() {
    let ended = run("--json --fault nonsense --catalog missing.toml missing.json").exits(2);
    let result = ended.json();
    assert_eq!(result["status"], "bad_input");
    assert_eq!(result["exit"], 2);
    assert_eq!(
        result["problems"].as_array().map(Vec::len),
        Some(3),
        "{result:#}"
    );
    assert!(ended.stderr.contains("missing.toml: "), "{ended:#?}");
}
