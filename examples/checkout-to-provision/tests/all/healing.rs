//! `--heal`: the fault is lifted, and the same run goes on where it stands.

use crate::program::run;

#[test]
fn a_run_that_was_denied_finishes_without_repeating_what_was_done() {
    let ended = run("--confirm-saved --fault under-privileged-key --heal")
        .exits(0)
        .says("healed: the fault under-privileged-key is lifted")
        .says("the sandbox holds 1 account made for customers: client on np-fra-1");
    assert_eq!(ended.lines_with("sealed   a new password"), 1, "{ended:#?}");
    assert_eq!(ended.lines_with("planned  "), 1, "{ended:#?}");
    assert_eq!(ended.lines_with("counted  np-fra-1"), 1, "{ended:#?}");
    assert_eq!(ended.lines_with("denied: not permitted"), 1, "{ended:#?}");
    assert_eq!(
        ended.lines_with("call     hosting/wp_growth"),
        2,
        "{ended:#?}"
    );
}

#[test]
fn a_run_that_could_not_be_planned_is_planned_and_finishes() {
    for fault in ["ip-refused", "revoked-key", "wrong-secret", "server-full"] {
        let ended = run(&format!("--confirm-saved --fault {fault} --heal"))
            .exits(0)
            .says(&format!("healed: the fault {fault} is lifted"))
            .says("the sandbox holds 1 account made for customers: client on np-fra-1");
        assert_eq!(ended.lines_with("planned  "), 1, "{fault}: {ended:#?}");
        assert_eq!(
            ended.lines_with("sealed   a new password"),
            1,
            "{fault}: {ended:#?}"
        );
        assert_eq!(
            ended.lines_with("call     hosting/wp_growth"),
            1,
            "{fault}: {ended:#?}"
        );
    }
}

#[test]
fn a_redirected_run_finishes_once_the_redirect_is_gone() {
    run("--confirm-saved --fault redirect-elsewhere --heal")
        .exits(0)
        .says("the sandbox holds 1 account made for customers");
}

#[test]
fn a_run_that_is_done_has_nothing_to_heal() {
    run("--confirm-saved --fault lost-reply --heal")
        .exits(0)
        .never_says("healed");
}

#[test]
fn a_healed_run_without_confirmation_still_awaits_it() {
    run("--fault under-privileged-key --heal")
        .exits(4)
        .says("awaiting confirmation")
        .never_says("password of the hosting account `");
}
