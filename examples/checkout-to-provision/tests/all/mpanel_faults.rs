//! The faults with mPanel beside NextPanel: what the tests expect of each is what README.md tells.

use std::fmt::Write as _;

use panel_sandbox::{Fault, Service};

use crate::fault_table::shows;
use crate::mpanel::{MOST_REQUESTS, sample};
use crate::program::program;

/// What exists after a run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Exists {
    Nothing,
    /// All of it, each once.
    All,
    /// What the entry made, and nothing of what comes after it.
    OrderAlone,
    /// What NextPanel and we make, and an order that mPanel has not settled.
    AllButSettled,
    /// The customer, whose reply was lost on a server that does not show whose it is.
    CustomerAlone,
}
use Exists::{All, AllButSettled, CustomerAlone, Nothing, OrderAlone};

/// How a confirmed run ends: its exit code, what exists then, and its exit code with `--heal`.
type Ends = (i32, Exists, i32);

struct Row {
    fault: &'static str,
    /// Directly, on the legacy and on the TypeScript server.
    direct: [Ends; 2],
    /// By `stripe-completed`, on the legacy and on the TypeScript server.
    delegate: [Ends; 2],
    what: &'static str,
}

const DONE: Ends = (0, All, 0);
const DENIED: Ends = (3, Nothing, 0);
const STOPPED: Ends = (4, Nothing, 0);
/// Nothing of ours reads back from `stripe-completed`, so a person has to look.
const ASKS: Ends = (4, OrderAlone, 4);
const ASKS_ABOUT_NOTHING: Ends = (4, Nothing, 4);

const fn row(
    fault: &'static str,
    direct: [Ends; 2],
    delegate: [Ends; 2],
    what: &'static str,
) -> Row {
    Row {
        fault,
        direct,
        delegate,
        what,
    }
}

const ROWS: [Row; 22] = [
    row(
        "under-privileged-key",
        [DONE, DONE],
        [(3, AllButSettled, 0), DONE],
        "the legacy server lets only the role `admin` read tasks; the remedy is printed",
    ),
    row("ip-refused", [DENIED; 2], [DENIED; 2], "NextPanel's"),
    row("revoked-key", [DENIED; 2], [DENIED; 2], "NextPanel's"),
    row(
        "wrong-secret",
        [DONE; 2],
        [DONE; 2],
        "only provisioning-stripe and orders-webhook want a shared secret",
    ),
    row(
        "expired-token",
        [DONE; 2],
        [DONE; 2],
        "logged in again, once",
    ),
    row(
        "lost-reply",
        [DONE; 2],
        [ASKS; 2],
        "directly: found by what reads back; the entry keeps nothing of ours, so a person is asked",
    ),
    row(
        "late-arrival",
        [DONE; 2],
        [ASKS; 2],
        "directly: found before it is resent; the entry is never sent an order twice",
    ),
    row(
        "late-arrival-after-resend",
        [DONE, (4, CustomerAlone, 4)],
        [ASKS; 2],
        "directly: waited for as long as it may take; a TypeScript login is not shown that a customer is absent",
    ),
    row(
        "drop-before-send",
        [DONE, (4, Nothing, 4)],
        [ASKS_ABOUT_NOTHING; 2],
        "directly: sent again once it can no longer arrive; a TypeScript login is not shown that a customer is absent",
    ),
    row("delay", [DONE; 2], [DONE; 2], "waited for"),
    row(
        "rate-limited",
        [DONE; 2],
        [DONE; 2],
        "the limiter names a time to come back; waited for",
    ),
    row("rate-limited-without-hint", [DONE; 2], [DONE; 2], "retried"),
    row(
        "error-500-once",
        [DONE, (4, Nothing, 4)],
        [ASKS_ABOUT_NOTHING; 2],
        "a 500 says nothing of what was done; as for drop-before-send",
    ),
    row(
        "html-502",
        [DONE; 2],
        [ASKS; 2],
        "a proxy answers; as for lost-reply",
    ),
    row("truncated", [DONE; 2], [ASKS; 2], "as for lost-reply"),
    row("huge-body", [DONE; 2], [ASKS; 2], "as for lost-reply"),
    row(
        "redirect-elsewhere",
        [STOPPED; 2],
        [STOPPED; 2],
        "a redirect is not followed, because the login would go with it",
    ),
    row(
        "server-full",
        [STOPPED; 2],
        [STOPPED; 2],
        "NextPanel's: nothing is recorded or handed over before there is room",
    ),
    row(
        "username-taken-by-other",
        [DONE; 2],
        [DONE; 2],
        "NextPanel's: the next username is taken",
    ),
    row(
        "worker-dead",
        [DONE; 2],
        [(4, AllButSettled, 0); 2],
        "not settled after 6 reads: a person is asked to see to the worker",
    ),
    row(
        "task-failed",
        [DONE; 2],
        [(4, AllButSettled, 4); 2],
        "told in the panel's words; a TypeScript server shows no failure, only that it is not settled",
    ),
    row(
        "forgets-tokens",
        [DONE; 2],
        [DONE; 2],
        "logged in again, once",
    ),
];

const GENERATIONS: [&str; 2] = ["legacy", "typescript"];

/// Customers, orders, subscriptions, active ones, websites; and accounts on NextPanel.
fn counts(exists: Exists, is_direct: bool) -> [u64; 6] {
    match (exists, is_direct) {
        (Nothing, _) => [0; 6],
        (All, true) => [1, 0, 1, 1, 1, 1],
        (All, false) => [1, 1, 4, 4, 1, 1],
        (OrderAlone, _) => [1, 1, 3, 0, 0, 0],
        (AllButSettled, _) => [1, 1, 4, 1, 1, 1],
        (CustomerAlone, _) => [1, 0, 0, 0, 0, 0],
    }
}

fn ends(row: &Row, is_direct: bool, generation: usize) {
    let (exit, exists, healed) = if is_direct {
        row.direct[generation]
    } else {
        row.delegate[generation]
    };
    let order = if is_direct {
        String::new()
    } else {
        format!("{} --order-id S-2", sample("order-created-long.json"))
    };
    let heals = if exit == 0 {
        vec![""]
    } else {
        vec!["", "--heal"]
    };
    for heal in heals {
        let arguments = format!(
            "{order} --sandbox {} --json --confirm-saved --fault {} {heal}",
            GENERATIONS[generation], row.fault
        );
        let mut program = program(arguments.split_whitespace());
        if is_direct {
            program = program.env("MPANEL_MODE", "direct");
        }
        let expected = if heal.is_empty() { exit } else { healed };
        let result = program.run().exits(expected).json();
        let sandbox = &result["sandbox"];
        let held = |name: &str| sandbox["mpanel"][name].as_u64().unwrap();
        let accounts = sandbox["accounts"].as_array().unwrap().len() as u64;
        let counted = [
            held("customers"),
            held("orders"),
            held("subscriptions"),
            held("active"),
            held("websites"),
            accounts,
        ];
        let exists = if expected == 0 { All } else { exists };
        assert_eq!(
            counted,
            counts(exists, is_direct),
            "{arguments}: {result:#}"
        );
        // Who takes a run up again may ask anew.
        if heal.is_empty() {
            assert!(held("requests") <= MOST_REQUESTS, "{arguments}: {result:#}");
        }
    }
}

#[test]
fn the_table_has_every_fault_in_order() {
    let names: Vec<&str> = ROWS.iter().map(|row| row.fault).collect();
    let faults: Vec<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();
    assert_eq!(names, faults);
    for (row, fault) in ROWS.iter().zip(Fault::ALL) {
        let is_nextpanels = row.what.starts_with("NextPanel's");
        assert_eq!(is_nextpanels, !fault.applies_to(Service::MPanel), "{fault}");
    }
}

#[test]
fn every_fault_ends_as_the_table_says_directly_on_legacy() {
    ROWS.iter().for_each(|row| ends(row, true, 0));
}

#[test]
fn every_fault_ends_as_the_table_says_directly_on_typescript() {
    ROWS.iter().for_each(|row| ends(row, true, 1));
}

#[test]
fn every_fault_ends_as_the_table_says_delegated_on_legacy() {
    ROWS.iter().for_each(|row| ends(row, false, 0));
}

#[test]
fn every_fault_ends_as_the_table_says_delegated_on_typescript() {
    ROWS.iter().for_each(|row| ends(row, false, 1));
}

#[test]
fn readme_shows_the_table() {
    shows("faults with mPanel", &table());
}

fn table() -> String {
    let mut table =
        String::from("| `--fault` | direct | delegate | what happens |\n|---|---|---|---|\n");
    for row in &ROWS {
        writeln!(
            table,
            "| `{}` | {} | {} | {} |",
            row.fault,
            both(row.direct),
            both(row.delegate),
            row.what
        )
        .unwrap();
    }
    table
}

fn both([legacy, typescript]: [Ends; 2]) -> String {
    if legacy == typescript {
        return one(legacy);
    }
    format!("legacy {}; TypeScript {}", one(legacy), one(typescript))
}

fn one((exit, exists, healed): Ends) -> String {
    let exists = match exists {
        Nothing => "nothing",
        All => "everything once",
        OrderAlone => "the order on mPanel alone",
        AllButSettled => "everything, mPanel's part not settled",
        CustomerAlone => "the customer alone",
    };
    if exit == healed {
        format!("{exit}: {exists}")
    } else {
        format!("{exit}: {exists}; {healed} with `--heal`")
    }
}
