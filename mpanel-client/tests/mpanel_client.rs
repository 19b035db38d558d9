//! The README is what the code says.

use std::{env, fs, path::Path};

use mpanel_client::{FAMILIES, OPERATIONS, endpoint_table};
use panel_http::{KeyPlace, Safety, TimeoutClass};

const BEGIN: &str = "<!-- endpoints -->\n";
const END: &str = "<!-- end of endpoints -->";

#[test]
fn the_table_in_the_readme_is_generated() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&file).unwrap();
    let (before, rest) = readme.split_once(BEGIN).unwrap();
    let (table, after) = rest.split_once(END).unwrap();
    let current = format!("\n{}\n", endpoint_table());
    if env::var_os("UPDATE_README").is_some() {
        fs::write(&file, format!("{before}{BEGIN}{current}{END}{after}")).unwrap();
        return;
    }
    assert!(
        table == current,
        "the README is out of date: UPDATE_README=1 cargo test -p mpanel-client"
    );
}

#[test]
fn every_operation_is_a_row() {
    let table = endpoint_table();
    for operation in OPERATIONS {
        assert!(
            table.contains(&format!("| `{}` |", operation.name)),
            "{}",
            operation.name
        );
    }
    let rows = table.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, OPERATIONS.len());
    assert!(FAMILIES.iter().all(|family| !family.routes.is_empty()));
}

/// Those that the contract measured at half a minute and more (section 7), and no others.
#[test]
fn the_slow_routes_have_time_limits_of_their_own() {
    let slow: Vec<&str> = OPERATIONS
        .iter()
        .filter(|operation| operation.timeout == TimeoutClass::Queue)
        .map(|operation| operation.name)
        .collect();
    assert_eq!(
        slow,
        [
            "mpanel.get_queue_job",
            "mpanel.retry_task",
            "mpanel.retry_task_documented",
            "mpanel.get_queue_stats",
            "mpanel.list_failed_jobs",
            "mpanel.clear_failed_jobs",
            "mpanel.provision",
            "mpanel.provision_now",
            "mpanel.create_marketing_account",
            "mpanel.provision_marketing_service",
        ]
    );
}

/// The server deduplicates by one field of one route (contract section 10); nothing else may pretend to.
#[test]
fn one_operation_has_a_key_and_what_makes_things_is_never_sent_twice() {
    let keyed: Vec<(&str, Safety)> = OPERATIONS
        .iter()
        .filter(|operation| matches!(operation.safety, Safety::Keyed(_)))
        .map(|operation| (operation.name, operation.safety))
        .collect();
    let field = KeyPlace::BodyField("stripePaymentIntentId");
    assert_eq!(
        keyed,
        [("mpanel.submit_stripe_payment", Safety::Keyed(field))]
    );
    for operation in OPERATIONS {
        let makes = [
            "create_",
            "claim_",
            "begin_",
            "invite_",
            "register_marketing",
        ]
        .iter()
        .any(|verb| operation.name.starts_with(&format!("mpanel.{verb}")));
        assert!(
            !makes || !operation.safety.may_be_resent(),
            "{}",
            operation.name
        );
    }
}
