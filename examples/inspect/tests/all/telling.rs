//! What people say is kept, and what does not follow is refused with its reason.

use panel_sandbox::Fault;

use crate::state::{HOSTING, ORDER, State};
use crate::test_database::{TestDatabase, on_both_stores};

on_both_stores!(
    "inspect":
    an_answer_lets_the_run_go_on,
    an_answer_to_a_question_nobody_asked_is_refused,
    a_cancelled_run_says_what_exists_and_can_be_forgotten,
    a_cancelled_run_goes_on_asking_what_may_exist,
    a_refused_key_is_tried_again_once_somebody_says_so,
);

async fn an_answer_lets_the_run_go_on(database: Option<TestDatabase>) {
    let state = State::on(database, Some(Fault::LostReply)).await;
    assert_eq!(state.accounts(), 1);
    let id = state.account_id();
    let said = state.inspect(&[
        "answer", ORDER, HOSTING, "exists", "--id", &id, "--by", "ana",
    ]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(
        said.out.contains(&format!("ana: it exists with id {id}")),
        "{said:?}"
    );
    state.go_on().await;
    let shown = state.inspect(&["show", ORDER]).out;
    assert!(
        shown.contains("hand-over: awaiting confirmation"),
        "{shown}"
    );
    assert_eq!(state.accounts(), 1);
}

async fn an_answer_to_a_question_nobody_asked_is_refused(database: Option<TestDatabase>) {
    let state = State::on(database, None).await;
    let said = state.inspect(&["answer", ORDER, HOSTING, "send-again", "--by", "ana"]);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(!said.err.trim().is_empty(), "{said:?}");
    let said = state.inspect(&["answer", ORDER, "hosting/none", "abandon", "--by", "ana"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains(HOSTING), "{said:?}");
}

async fn a_cancelled_run_says_what_exists_and_can_be_forgotten(database: Option<TestDatabase>) {
    let state = State::on(database, Some(Fault::UnderPrivilegedKey)).await;
    let early = state.inspect(&["forget", ORDER]);
    assert_eq!(early.code, 4, "{early:?}");
    let said = state.inspect(&["cancel", ORDER, "--reason", "ordered twice", "--by", "ana"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(
        said.out
            .contains("cancelled by ana: ordered twice; what exists: nothing"),
        "{said:?}"
    );
    let said = state.inspect(&["forget", ORDER]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("forgotten at"), "{said:?}");
    let shown = state.inspect(&["--json", "show", ORDER]);
    assert!(!format!("{shown:?}").contains("ordered twice"), "{shown:?}");
    // A database's own files are its server's.
    if let Ok(bytes) = std::fs::read(state.file()) {
        assert!(
            !bytes.windows(12).any(|window| window == b"ordered twic"),
            "the reason is erased with the rest"
        );
    }
}

async fn a_cancelled_run_goes_on_asking_what_may_exist(database: Option<TestDatabase>) {
    let state = State::on(database, Some(Fault::LostReply)).await;
    let said = state.inspect(&["cancel", ORDER, "--reason", "refunded", "--by", "ana"]);
    assert_eq!(said.code, 0, "{said:?}");
    for part in [
        "cancelled by ana: refunded; not over before this is cleared up",
        "may be ours",
    ] {
        assert!(said.out.contains(part), "no `{part}` in:\n{}", said.out);
    }
    assert_eq!(state.accounts(), 1, "nothing is deleted");
    let said = state.inspect(&["answer", ORDER, HOSTING, "abandon", "--by", "ana"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(state.inspect(&["forget", ORDER]).code, 0);
}

async fn a_refused_key_is_tried_again_once_somebody_says_so(database: Option<TestDatabase>) {
    let state = State::on(database, Some(Fault::UnderPrivilegedKey)).await;
    let shown = state.inspect(&["show", ORDER]).out;
    assert!(shown.contains("needs attention"), "{shown}");
    let said = state.inspect(&["resume", ORDER, "--by", "ana"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("ana: the way is open again"), "{said:?}");
}
