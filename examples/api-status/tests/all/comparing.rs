//! Comparing with an earlier run.

use panel_sandbox::{
    Fault,
    mpanel::{Generation, UserKind, operations},
};

use super::program::{ended, for_user, roomy, run};

#[tokio::test]
async fn what_no_longer_works_is_marked_and_has_an_exit_code_of_its_own() {
    let panel = roomy(Generation::Legacy).await;
    let folder = tempfile::tempdir().unwrap();
    let before = folder.path().join("before.json");
    let first = run(&panel, "--budget 400 --format json").await.exits(0);
    std::fs::write(&before, first.stdout).unwrap();
    let diff = format!("--budget 400 --diff {}", before.display());

    run(&panel, &diff).await.exits(0).says("Nothing changed");

    panel
        .arm_for(Fault::Error500Once, operations::LIST_SERVERS, 1)
        .unwrap();
    let worse = run(&panel, &diff).await.exits(5);
    let worse = worse.says("1 changed, 1 for the worse");
    let line = worse
        .stdout
        .lines()
        .find(|line| line.starts_with("! "))
        .unwrap();
    assert_eq!(
        line.split_whitespace().collect::<Vec<_>>(),
        ["!", "mpanel.list_servers", "working", "->", "error"]
    );

    panel
        .arm_for(Fault::Error500Once, operations::LIST_SERVERS, 1)
        .unwrap();
    let json = run(&panel, &format!("{diff} --format json")).await.exits(5);
    assert_eq!(
        json.json()["changes"],
        serde_json::json!([{"operation": "mpanel.list_servers", "was": "working", "is": "error"}])
    );

    // What another role may not do has changed, too.
    let mut command = for_user(&panel, UserKind::Manager);
    command
        .args(diff.split_whitespace())
        .arg("--format=markdown");
    ended(command)
        .await
        .exits(5)
        .says("| `mpanel.list_tasks` | working | forbidden | worse |");
}
