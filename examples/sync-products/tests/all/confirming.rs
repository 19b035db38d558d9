//! Nothing is created before somebody says so.

use panel_sandbox::mpanel::Generation;

use super::program::{CatalogFile, run, started, writes};

#[tokio::test]
async fn without_a_terminal_it_only_shows() {
    let panel = started(Generation::Legacy).await;
    let shop = CatalogFile::shop();
    for arguments in ["", "--json"] {
        run(&panel, &shop, arguments)
            .await
            .exits(5)
            .says("give --yes");
    }
    assert_eq!(writes(&panel), 0);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn on_a_terminal_it_asks_and_takes_only_yes_for_yes() {
    use rexpect::session::spawn_command;

    use super::program::for_user;

    for (answer, exit, expected) in [("n", 5, 0), ("", 5, 0), ("y", 5, 4)] {
        let panel = started(Generation::Legacy).await;
        let shop = CatalogFile::shop();
        let mut command = for_user(&panel, panel_sandbox::mpanel::UserKind::Admin);
        command.arg("--catalog").arg(&shop.path);
        let status = tokio::task::spawn_blocking(move || {
            let mut session = spawn_command(command, Some(20_000)).unwrap();
            session.exp_string("Create 2 products? [y/N] ").unwrap();
            session.send_line(answer).unwrap();
            session.exp_eof().unwrap();
            // The crate does not name the type of this status, which reads `Exited(Pid(7), 0)`.
            format!("{:?}", session.process().wait().unwrap())
        })
        .await
        .unwrap();
        assert!(
            status.starts_with("Exited(") && status.ends_with(&format!(" {exit})")),
            "{answer:?}: {status}"
        );
        assert_eq!(writes(&panel), expected, "{answer:?}");
    }
}
