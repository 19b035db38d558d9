//! What the command line says about steps that stand still: answers, and manual work that is done.

use panel_sandbox::Fault;
use panel_sandbox::nextpanel_panel::PanelSettings;
use tempfile::TempDir;

use crate::kept::in_folder;
use crate::program::{Ended, run};
use crate::real_panel::RealPanel;

const STEP: &str = "hosting/wp_growth/ada-shop.example";

/// A panel on which nothing proves that the account is ours, and an order whose reply was lost there.
async fn unprovable() -> (RealPanel, TempDir) {
    let settings = PanelSettings::new("srv1")
        .with_billing_id_in_rows(false)
        .with_accounts_may_log_in(false);
    let (real, folder) = (RealPanel::with(settings).await, TempDir::new().unwrap());
    real.panel().arm(Fault::LostReply).unwrap();
    go(&real, &folder, &[])
        .exits(4)
        .says(&format!("needs attention: {STEP}"))
        .says(&format!("it exists with id X: --answer '{STEP}=exists:X'"))
        .says("it does not exist, send again: --answer")
        .says("an account adashop may exist on 127.0.0.1")
        .says("its password is kept sealed in provisioning.sqlite3");
    (real, folder)
}

fn go(real: &RealPanel, folder: &TempDir, more: &[&str]) -> Ended {
    let program = more
        .iter()
        .fold(in_folder(real, folder), |program, word| program.arg(word));
    real.run_it(program)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_finishes_the_order_with_the_account_it_names() {
    let (real, folder) = unprovable().await;
    let account = real.panel().accounts().remove(0);
    let answer = format!("{STEP}=exists:{}", account.id);
    let ended = go(&real, &folder, &["--answer", &answer])
        .exits(0)
        .says("answered hosting/wp_growth/ada-shop.example")
        .says("ours      operator said that it is ours");
    assert!(
        real.panel()
            .password_is(&account.username, &ended.password())
    );
    assert_eq!(real.panel().created_by_clients(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_is_given_up_ends_the_order_and_deletes_nothing() {
    let (real, folder) = unprovable().await;
    go(&real, &folder, &["--answer", &format!("{STEP}=abandon")])
        .exits(4)
        .says("abandoned; nothing was deleted");
    assert_eq!(real.panel().accounts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_answers_none_is_recorded_if_one_does_not_fit() {
    let (real, folder) = unprovable().await;
    let (right, wrong) = (format!("{STEP}=abandon"), "hosting/other=abandon");
    go(
        &real,
        &folder,
        &[
            "--answer",
            &right,
            "--answer",
            wrong,
            "--confirm-manual",
            STEP,
        ],
    )
    .exits(4)
    .says("nothing was recorded and nothing was sent")
    .says("--answer: ")
    .says("hosting/other")
    .says("--confirm-manual: ");
    // It still asks.
    go(&real, &folder, &[])
        .exits(4)
        .says(&format!("needs attention: {STEP}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_order_has_nothing_to_be_answered_and_is_not_stored() {
    let (real, folder) = (RealPanel::start().await, TempDir::new().unwrap());
    let answer = format!("{STEP}=send-again");
    for _ in 0..2 {
        go(&real, &folder, &["--answer", &answer])
            .exits(2)
            .says("the state has no run of default/shop.example/live/A-1");
    }
    assert!(real.panel().requests().is_empty());
}

#[test]
fn a_state_that_is_not_kept_has_nothing_to_be_told() {
    for option in [
        "--resume",
        "--answer hosting/wp_growth=abandon",
        "--confirm-manual attach/hosting/wp_growth",
    ] {
        run(&format!("--confirm-saved {option}"))
            .exits(2)
            .has_no_result()
            .says("nothing is kept of one here: name its file with --state FILE");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn manual_work_that_is_done_is_recorded_once() {
    let (real, folder) = (RealPanel::start().await, TempDir::new().unwrap());
    let step = format!("attach/{STEP}");
    go(&real, &folder, &[])
        .exits(0)
        .says(&format!("done except 1 manual step: {step}"))
        .says(&format!("then: --confirm-manual '{step}'"));
    go(&real, &folder, &["--confirm-manual", &step])
        .exits(0)
        .says("by hand, says the operator")
        .says("\ndone\n");
    go(&real, &folder, &["--confirm-manual", &step])
        .exits(4)
        .says("is no open manual step");
    go(&real, &folder, &[])
        .exits(0)
        .says("done, says operator")
        .says("\ndone\n");
}
