//! What is made with `--write`, and removed again.

use panel_sandbox::{
    Fault,
    mpanel::{Generation, MPanelSettings, UserKind, operations},
};
use serde_json::Value;

use super::program::{ended, for_user, roomy, row, run, start, verdict};

const UNDOABLE: [&str; 11] = [
    "mpanel.create_customer",
    "mpanel.update_customer",
    "mpanel.delete_customer",
    "mpanel.create_role",
    "mpanel.update_role",
    "mpanel.delete_role",
    "mpanel.create_api_key",
    "mpanel.revoke_api_key",
    "mpanel.create_webhook",
    "mpanel.update_webhook",
    "mpanel.delete_webhook",
];

async fn written(panel: &panel_sandbox::mpanel::MPanel, kind: UserKind) -> Value {
    let mut command = for_user(panel, kind);
    command.args(["--budget=400", "--format=json", "--write"]);
    ended(command).await.exits(0).json()
}

#[tokio::test]
async fn what_is_made_is_removed_on_either_generation() {
    for generation in super::program::GENERATIONS {
        let panel = roomy(generation).await;
        let json = written(&panel, UserKind::Admin).await;
        for operation in UNDOABLE {
            let expected = match operation {
                "mpanel.create_role" => "forbidden",
                "mpanel.update_role" | "mpanel.delete_role" => "not_probed",
                _ => "working",
            };
            assert_eq!(
                verdict(&json, operation),
                expected,
                "{generation:?} {}",
                row(&json, operation)
            );
        }
        assert!(panel.customers().is_empty());
        assert!(json.get("leftovers").is_none(), "{json}");
    }
    // Only a legacy super administrator may change roles.
    let panel = roomy(Generation::Legacy).await;
    let json = written(&panel, UserKind::SuperAdmin).await;
    assert_eq!(verdict(&json, "mpanel.delete_role"), "working");
}

#[tokio::test]
async fn a_lost_reply_is_looked_up_and_what_it_made_is_removed() {
    for operation in [
        operations::CREATE_CUSTOMER,
        operations::CREATE_API_KEY,
        operations::CREATE_WEBHOOK,
    ] {
        let panel = roomy(Generation::Legacy).await;
        panel.arm_for(Fault::LostReply, operation, 1).unwrap();
        let json = written(&panel, UserKind::Admin).await;
        assert!(json.get("leftovers").is_none(), "{operation}: {json}");
        assert_eq!(panel.requests_for(&operation).len(), 1, "{operation}");
        for removal in [
            operations::DELETE_CUSTOMER,
            operations::REVOKE_API_KEY,
            operations::DELETE_WEBHOOK,
        ] {
            assert_eq!(
                panel.requests_for(&removal).len(),
                1,
                "{operation} {removal}"
            );
        }
    }
}

#[tokio::test]
async fn what_cannot_be_removed_is_told() {
    let panel = roomy(Generation::Legacy).await;
    for _ in 0..2 {
        panel
            .arm_for(Fault::Error500Once, operations::DELETE_WEBHOOK, 1)
            .unwrap();
    }
    let mut command = for_user(&panel, UserKind::Admin);
    command.args(["--budget=400", "--write"]);
    ended(command)
        .await
        .exits(0)
        .says("left behind on the panel: webhook 1 (https://status.invalid/api-status-");
}

#[tokio::test]
async fn nothing_is_made_that_the_budget_could_not_remove() {
    let panel = start(MPanelSettings::new("main", Generation::Legacy)).await;
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.json");
    let arguments = format!("--write --continue {}", state.display());
    for _ in 0..20 {
        let ended = run(&panel, &arguments).await;
        panel.reset_limiters();
        assert!(panel.customers().is_empty());
        if ended.exit == 0 {
            let kept: Value = serde_json::from_slice(&std::fs::read(&state).unwrap()).unwrap();
            assert_eq!(verdict(&kept, "mpanel.delete_webhook"), "working");
            return;
        }
        assert_eq!(ended.exit, 4, "{ended:?}");
    }
    panic!("it never ends");
}
