//! What is wrong before anything is sent.

use panel_sandbox::mpanel::{Generation, UserKind};

use super::program::{command, ended, for_user, roomy, run};

#[tokio::test]
async fn what_is_not_set_is_named_all_at_once() {
    let ended = ended(command()).await.exits(2);
    for name in ["MPANEL_URL", "MPANEL_EMAIL", "MPANEL_PASSWORD"] {
        assert!(ended.stderr.contains(name), "{ended:?}");
    }
    assert!(ended.stdout.is_empty());
}

#[tokio::test]
async fn a_variable_that_is_set_and_empty_is_not_one_that_was_left_out() {
    let panel = roomy(Generation::Legacy).await;
    for name in [
        "MPANEL_URL",
        "MPANEL_EMAIL",
        "MPANEL_PASSWORD",
        "MPANEL_TOKEN",
        "MPANEL_MARKETING_KEY",
    ] {
        let mut command = for_user(&panel, UserKind::Admin);
        command.env(name, "");
        ended(command)
            .await
            .exits(2)
            .says(&format!("{name} is set, and empty"));
    }
    assert!(panel.requests().is_empty());
}

#[tokio::test]
async fn bad_urls_and_files_stop_it_before_anything_is_sent() {
    let panel = roomy(Generation::Legacy).await;
    for (url, words) in [
        ("panel.example", "MPANEL_URL"),
        ("http://panel.example.com", "MPANEL_URL"),
        ("ftp://127.0.0.1", "ftp"),
    ] {
        let mut command = for_user(&panel, UserKind::Admin);
        command.env("MPANEL_URL", url);
        ended(command).await.exits(2).says(words);
    }
    run(&panel, "--diff /nowhere/earlier.json")
        .await
        .exits(2)
        .says("/nowhere/earlier.json");
    run(&panel, "--continue /nowhere/state.json")
        .await
        .exits(2)
        .says("/nowhere/state.json");
    run(&panel, "--budget 0").await.exits(2);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    for (text, words) in [
        ("{", "no result of api-status"),
        (r#"{"some":"object"}"#, "no result of api-status"),
        (
            r#"{"format":7,"panel":"x","is_complete":false,"endpoints":[]}"#,
            "format 7",
        ),
        (
            r#"{"format":1,"panel":"https://other.example/api","is_complete":false,"endpoints":[]}"#,
            "name another file",
        ),
    ] {
        std::fs::write(&file, text).unwrap();
        run(&panel, &format!("--continue {}", file.display()))
            .await
            .exits(2)
            .says(words);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    }
    assert!(panel.requests().is_empty());
}

#[tokio::test]
async fn nothing_it_says_holds_a_secret() {
    let panel = roomy(Generation::Legacy).await;
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.json");
    let mut command = for_user(&panel, UserKind::Admin);
    command
        .env("MPANEL_PASSWORD", "canary-password")
        .env("MPANEL_TOKEN", "canary-token")
        .env("MPANEL_MARKETING_KEY", "canary-key")
        .arg("--continue")
        .arg(&state)
        .arg("--budget=400");
    let ended = ended(command).await.exits(3);
    let kept = std::fs::read_to_string(state).unwrap();
    for text in [&ended.stdout, &ended.stderr, &kept] {
        assert!(!text.contains("canary"), "{text}");
    }
}

#[tokio::test]
async fn the_sandbox_needs_no_panel_and_takes_none_beside_it() {
    for generation in ["legacy", "typescript"] {
        let mut command = command();
        command.args(["--sandbox", generation]);
        let shown = ended(command).await.exits(0);
        assert!(
            shown
                .stdout
                .to_lowercase()
                .contains(&format!("generation: {generation}")),
            "{shown:?}"
        );
        assert!(!shown.stdout.contains("not asked yet"), "{shown:?}");
    }
    let panel = roomy(Generation::Legacy).await;
    let mut command = for_user(&panel, UserKind::Admin);
    command.args(["--sandbox", "legacy"]);
    ended(command).await.exits(2).says("do not mix");
    assert!(panel.requests().is_empty());
}

#[tokio::test]
async fn a_file_is_not_gone_on_with_as_another_role() {
    let panel = roomy(Generation::Legacy).await;
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.json");
    run(
        &panel,
        &format!("--budget 7 --continue {}", state.display()),
    )
    .await
    .exits(4);
    let kept = std::fs::read(&state).unwrap();
    let mut command = for_user(&panel, UserKind::Manager);
    command.arg("--continue").arg(&state);
    ended(command)
        .await
        .exits(2)
        .says("the role admin, and this one has the role manager");
    assert_eq!(std::fs::read(&state).unwrap(), kept);
}
