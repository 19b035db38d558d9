//! Secrets and personal data: where they must not be.

use panel_sandbox::{Fault, Service};

use crate::password::passwords_in;
use crate::program::{Ended, run};

/// The customer of the bundled sample.
const EMAIL: &str = "client@example.com";

fn every_run() -> Vec<(String, Ended)> {
    let faults = Fault::ALL
        .into_iter()
        .filter(|fault| fault.applies_to(Service::NextPanelPanel))
        .map(|fault| format!("--fault {fault}"));
    let mut runs = Vec::new();
    for what in faults.chain([String::new(), "--dry-run --format mermaid".to_owned()]) {
        let ended = run(&format!("{what} --confirm-saved"));
        runs.push((what, ended));
    }
    runs
}

/// Whether a text holds a key (`npk_`) or a secret (`nps_`) and not only its prefix, as remedies do.
fn shows_key(text: &str) -> bool {
    ["npk_", "nps_"].into_iter().any(|prefix| {
        text.split(prefix)
            .skip(1)
            .any(|rest| rest.starts_with(|next: char| next.is_ascii_alphanumeric()))
    })
}

#[test]
fn no_run_shows_a_key_or_more_than_one_password() {
    for (what, ended) in every_run() {
        assert!(!shows_key(&ended.all()), "{what}: {ended:#?}");
        let handed_over = usize::from(ended.exit == 0 && !what.contains("--dry-run"));
        assert_eq!(
            passwords_in(&ended.all()).len(),
            handed_over,
            "{what}: {ended:#?}"
        );
        assert_eq!(
            ended.lines_with("password of the hosting account `"),
            handed_over,
            "{what}: {ended:#?}"
        );
    }
}

#[test]
fn the_customers_address_stands_where_the_order_is_shown_and_nowhere_else() {
    for (what, ended) in every_run() {
        assert_eq!(ended.lines_with(EMAIL), 1, "{what}: {ended:#?}");
        assert_eq!(
            ended.lines_with(&format!("  customer  {EMAIL}")),
            1,
            "{what}: {ended:#?}"
        );
    }
}

#[test]
fn the_json_result_has_no_personal_data() {
    for fault in [
        "",
        "--fault lost-reply",
        "--fault ip-refused",
        "--fault redirect-elsewhere",
    ] {
        let ended = run(&format!("--json --confirm-saved {fault}"));
        assert!(!ended.stdout.contains(EMAIL), "{fault}: {ended:#?}");
        assert!(!ended.stdout.contains("cus_123"), "{fault}: {ended:#?}");
    }
}

#[test]
fn a_key_is_told_from_its_prefix() {
    assert!(shows_key("x-api-key: npk_a1"));
    assert!(!shows_key("Compare key (npk_...) and secret (nps_...)"));
}
