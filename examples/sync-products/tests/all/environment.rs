//! What is wrong before anything is sent.

use panel_sandbox::mpanel::{Generation, UserKind};

use super::program::{CatalogFile, command, ended, for_user, run, started};

#[tokio::test]
async fn what_is_not_set_is_named_all_at_once() {
    let ended = ended(command()).await.exits(2);
    for name in ["MPANEL_URL", "MPANEL_EMAIL", "MPANEL_PASSWORD"] {
        assert!(ended.stderr.contains(name), "{ended:?}");
    }
}

#[tokio::test]
async fn a_variable_that_is_set_and_empty_is_not_one_that_was_left_out() {
    let panel = started(Generation::Legacy).await;
    for name in [
        "MPANEL_URL",
        "MPANEL_EMAIL",
        "MPANEL_PASSWORD",
        "MPANEL_TOKEN",
    ] {
        let mut command = for_user(&panel, UserKind::Admin);
        command.env(name, " ");
        ended(command)
            .await
            .exits(2)
            .says(&format!("{name} is set, and empty"));
    }
    assert!(panel.requests().is_empty());
}

#[tokio::test]
async fn every_mistake_of_a_catalog_is_told_with_its_line_and_nothing_is_sent() {
    let panel = started(Generation::Legacy).await;
    let catalog = CatalogFile::new(
        "[[product]]\ncode = \"a\"\ntakes = \"nothing\"\n\n[[product]]\ncode = \"b\"\ntakes = \"addon\"\nprice = { monthly = \"1.999\" }\n",
    );
    let ended = run(&panel, &catalog, "--yes").await.exits(2);
    for line in ["shop.toml:4", "shop.toml:9"] {
        assert!(ended.stderr.contains(line), "{ended:#?}");
    }
    let nowhere = CatalogFile::new("");
    std::fs::remove_file(&nowhere.path).unwrap();
    run(&panel, &nowhere, "").await.exits(2).says("shop.toml");
    assert!(panel.requests().is_empty());
}

#[tokio::test]
async fn a_refused_login_and_a_panel_that_is_not_there_are_told_apart() {
    let panel = started(Generation::Legacy).await;
    let mut command = for_user(&panel, UserKind::Admin);
    command.env("MPANEL_PASSWORD", "canary-password");
    let refused = ended(command).await.exits(3);
    assert!(!refused.stderr.contains("canary"), "{refused:?}");
    let mut command = for_user(&panel, UserKind::Admin);
    command
        .env("MPANEL_PASSWORD", "canary-password")
        .arg("--json");
    let refused = ended(command).await.exits(3);
    assert!(refused.json()["problems"][0].is_string(), "{refused:?}");
    let command = for_user(&panel, UserKind::Admin);
    drop(panel);
    ended(command).await.exits(4);
}

#[tokio::test]
async fn the_sandbox_needs_no_panel_and_takes_none_beside_it() {
    for generation in ["legacy", "typescript"] {
        let mut command = command();
        command.args(["--sandbox", generation, "--yes"]);
        ended(command).await.exits(0).says("created");
    }
    let panel = started(Generation::Legacy).await;
    let mut command = for_user(&panel, UserKind::Admin);
    command.args(["--sandbox", "legacy"]);
    ended(command).await.exits(2).says("do not mix");
    assert!(panel.requests().is_empty());
}
