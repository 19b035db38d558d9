//! Looking changes nothing and finds what it is asked for.

use panel_sandbox::Fault;
use serde_json::Value;

use crate::state::{HOSTING, ORDER, State, inspect};
use crate::test_database::{TestDatabase, on_both_stores};

on_both_stores!(
    "inspect":
    a_run_is_found_by_its_id_the_beginning_of_it_and_the_id_of_its_order,
    a_run_is_shown_with_its_steps_its_journal_and_what_it_waits_for,
    a_program_reads_the_same_as_json,
    the_course_is_a_sequence_diagram,
);

async fn a_run_is_found_by_its_id_the_beginning_of_it_and_the_id_of_its_order(
    database: Option<TestDatabase>,
) {
    let state = State::on(database, None).await;
    let id = state.run.to_string();
    for name in [id.as_str(), &id[..8], ORDER] {
        let said = state.inspect(&["show", name]);
        assert_eq!(said.code, 0, "{said:?}");
        assert!(said.out.contains(&id), "{said:?}");
    }
    let said = state.inspect(&["show", "A-2002"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(
        said.err.contains("A-2002") && said.err.contains("inspect list"),
        "{said:?}"
    );
}

async fn a_run_is_shown_with_its_steps_its_journal_and_what_it_waits_for(
    database: Option<TestDatabase>,
) {
    let state = State::on(database, None).await;
    let said = state.inspect(&["show", ORDER]);
    for part in [
        &format!("{HOSTING}: done"),
        "nobody has confirmed yet that these passwords are saved",
        "next wake  none",
        "hand-over: awaiting confirmation",
        &format!("{HOSTING}: call 1 to np-1 as `shop`"),
    ] {
        assert!(said.out.contains(part), "no `{part}` in:\n{}", said.out);
    }
    let list = state.inspect(&["list"]);
    assert!(list.out.contains("awaiting_confirmation"), "{list:?}");
    let none = state.inspect(&["list", "--standing", "over"]);
    assert_eq!((none.code, none.out.trim()), (0, "no runs"));
}

async fn a_program_reads_the_same_as_json(database: Option<TestDatabase>) {
    let state = State::on(database, Some(Fault::LostReply)).await;
    let shown: Value =
        serde_json::from_str(&state.inspect(&["--json", "show", ORDER]).out).unwrap();
    assert_eq!(shown["status"]["status"], "needs_attention", "{shown:#}");
    assert_eq!(shown["run"], state.run.to_string());
    let journal = shown["journal"].as_array().unwrap();
    assert!(
        journal
            .iter()
            .any(|line| line["step"] == HOSTING
                && line["what"].as_str().unwrap().starts_with("unknown")),
        "{shown:#}"
    );
    let listed: Value = serde_json::from_str(&state.inspect(&["list", "--json"]).out).unwrap();
    assert_eq!(
        listed["runs"][0]["standing"], "needs_attention",
        "{listed:#}"
    );
}

async fn the_course_is_a_sequence_diagram(database: Option<TestDatabase>) {
    let state = State::on(database, Some(Fault::LostReply)).await;
    let said = state.inspect(&["timeline", ORDER]);
    assert!(said.out.starts_with("sequenceDiagram\n"), "{said:?}");
    for part in ["participant p0 as np-1", "run->>p0: ", "p0--xrun: "] {
        assert!(said.out.contains(part), "no `{part}` in:\n{}", said.out);
    }
}

#[tokio::test]
async fn nothing_sealed_is_shown() {
    let state = State::with(None).await;
    let engine_words = state.inspect(&["--json", "show", ORDER]).out;
    assert!(!engine_words.contains("key_id"), "{engine_words}");
    assert!(!engine_words.contains("sealed\":"), "{engine_words}");
}

#[test]
fn a_file_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("no.sqlite3");
    let said = inspect(&file, &["list"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("there is no such file"), "{said:?}");
    assert!(!file.exists());
}

#[test]
fn a_database_of_somebody_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other.sqlite3");
    std::fs::write(&file, "not a database at all, but somebody's notes").unwrap();
    let said = inspect(&file, &["list"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        "not a database at all, but somebody's notes"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_may_be_named_after_the_command() {
    let state = State::with(None).await;
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_inspect"))
        .args(["show", ORDER, "--state"])
        .arg(state.file())
        .env_remove("PROVISIONING_DATABASE_URL")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_has_seen_enough_is_no_fault() {
    let state = State::with(None).await;
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_inspect"))
        .args(["show", ORDER, "--state"])
        .arg(state.file())
        .env_remove("PROVISIONING_DATABASE_URL")
        .stdout(writer)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}
