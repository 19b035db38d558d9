//! Panels that refuse, fail, or are not there.

use panel_sandbox::{
    Fault,
    mpanel::{Generation, UserKind, operations},
};

use super::program::{ended, for_user, roomy, roomy_settings, row, run, start, verdict};

#[tokio::test]
async fn a_refused_login_leaves_the_open_routes() {
    for generation in super::program::GENERATIONS {
        let panel = roomy(generation).await;
        let mut command = for_user(&panel, UserKind::Admin);
        command
            .env("MPANEL_PASSWORD", "wrong")
            .args(["--budget=400", "--format=json"]);
        let ended = ended(command).await.exits(3).says("no login:");
        let json = ended.json();
        assert_eq!(verdict(&json, "mpanel.log_in"), "forbidden");
        assert_eq!(verdict(&json, "mpanel.health"), "working");
        assert_eq!(verdict(&json, "mpanel.list_customers"), "not_probed");
        assert_eq!(panel.requests_for(&operations::LOGIN).len(), 1);
    }
}

#[tokio::test]
async fn a_panel_that_is_not_there_is_asked_once() {
    let panel = roomy(Generation::Legacy).await;
    let mut command = for_user(&panel, UserKind::Admin);
    drop(panel);
    command.arg("--format=json");
    let ended = ended(command).await.exits(4);
    let ended = ended.says("not finished: the panel cannot be reached");
    let json = ended.json();
    let rows = json["endpoints"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["verdict"] == "not_probed"));
}

#[tokio::test]
async fn a_broken_panel_is_told_in_its_own_words() {
    let panel = roomy(Generation::Legacy).await;
    panel
        .arm_for(Fault::Html502, operations::LIST_SERVERS, 1)
        .unwrap();
    panel.arm_for(Fault::Truncated, operations::ME, 1).unwrap();
    let json = run(&panel, "--budget 400 --format json")
        .await
        .exits(0)
        .json();
    let servers = row(&json, "mpanel.list_servers");
    assert_eq!(servers["verdict"], "error");
    assert!(
        servers["note"].as_str().unwrap().starts_with("502"),
        "{servers}"
    );
    assert_eq!(verdict(&json, "mpanel.get_me"), "error");
}

#[tokio::test]
async fn a_login_check_that_is_broken_is_no_refusal() {
    let settings = roomy_settings(Generation::TypeScript).with_broken_type_script_auth(true);
    let panel = start(settings).await;
    let ended = run(&panel, "--budget 400 --format json").await.exits(3);
    let json = ended.json();
    assert_eq!(verdict(&json, "mpanel.log_in"), "error");
    assert_eq!(verdict(&json, "mpanel.list_public_products"), "working");
}

#[tokio::test]
async fn what_another_role_may_not_do_says_which_role_may() {
    let panel = roomy(Generation::Legacy).await;
    let mut command = for_user(&panel, UserKind::SuperAdmin);
    command.args(["--budget=400", "--format=json"]);
    let json = ended(command).await.exits(0).json();
    let tasks = row(&json, "mpanel.list_tasks");
    assert_eq!(tasks["verdict"], "forbidden");
    let note = tasks["note"].as_str().unwrap();
    assert!(
        note.contains("super_admin") && note.contains("exactly `admin`"),
        "{note}"
    );
}
