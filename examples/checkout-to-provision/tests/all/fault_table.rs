//! The table of faults: what the tests expect of each is what README.md tells.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use panel_sandbox::{Fault, Service};

use crate::program::run;

/// How a confirmed run under a fault ends.
struct Row {
    fault: &'static str,
    /// What goes wrong, and what the program makes of it.
    what: &'static str,
    exit: i32,
    /// Customers' accounts that exist afterwards.
    accounts: usize,
    /// How the same run ends with `--heal`.
    healed: i32,
}

const fn row(
    fault: &'static str,
    exit: i32,
    accounts: usize,
    healed: i32,
    what: &'static str,
) -> Row {
    Row {
        fault,
        what,
        exit,
        accounts,
        healed,
    }
}

const ROWS: [Row; 22] = [
    row(
        "under-privileged-key",
        3,
        0,
        0,
        "the key may read and not create; the remedy is printed",
    ),
    row(
        "ip-refused",
        3,
        0,
        0,
        "the panel refuses this machine's address; the remedy names it",
    ),
    row(
        "revoked-key",
        3,
        0,
        0,
        "the key is revoked; the remedy makes a new one",
    ),
    row(
        "wrong-secret",
        3,
        0,
        0,
        "key or secret is wrong; the remedy compares them first",
    ),
    row(
        "expired-token",
        2,
        0,
        2,
        "for the NextPanel billing backend and mPanel",
    ),
    row(
        "lost-reply",
        0,
        1,
        0,
        "the account is made, the reply is lost; it is found and adopted by proof",
    ),
    row(
        "late-arrival",
        0,
        1,
        0,
        "the request is given up and arrives before it is resent; adopted by proof",
    ),
    row(
        "late-arrival-after-resend",
        0,
        1,
        0,
        "the request is given up and arrives after it was resent; the panel refuses the second",
    ),
    row(
        "drop-before-send",
        0,
        1,
        0,
        "the request never arrives; looked up, then sent again",
    ),
    row("delay", 0, 1, 0, "the reply comes late; waited for"),
    row(
        "rate-limited",
        0,
        1,
        0,
        "refused for coming too fast, with a time to come back; waited for",
    ),
    row(
        "rate-limited-without-hint",
        0,
        1,
        0,
        "refused for coming too fast, without a time; retried",
    ),
    row(
        "error-500-once",
        0,
        1,
        0,
        "a 500 says nothing about the account; looked up, then sent again",
    ),
    row(
        "html-502",
        0,
        1,
        0,
        "the account is made, a proxy answers 502; found and adopted by proof",
    ),
    row(
        "truncated",
        0,
        1,
        0,
        "the account is made, the reply is cut off; found and adopted by proof",
    ),
    row(
        "huge-body",
        0,
        1,
        0,
        "the account is made, the reply is too large to read; found and adopted by proof",
    ),
    row(
        "redirect-elsewhere",
        4,
        0,
        0,
        "a redirect is not followed, because the key would go with it",
    ),
    row(
        "server-full",
        4,
        0,
        0,
        "no server has room; each is named with its numbers; nothing is made",
    ),
    row(
        "username-taken-by-other",
        0,
        1,
        0,
        "a stranger has the username; the next one is taken, the stranger's account is not touched",
    ),
    row("worker-dead", 2, 0, 2, "for mPanel"),
    row("task-failed", 2, 0, 2, "for mPanel"),
    row(
        "forgets-tokens",
        2,
        0,
        2,
        "for the NextPanel billing backend and mPanel",
    ),
];

#[test]
fn the_table_has_every_fault_in_order() {
    let names: Vec<&str> = ROWS.iter().map(|row| row.fault).collect();
    let faults: Vec<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();
    assert_eq!(names, faults);
    for (row, fault) in ROWS.iter().zip(Fault::ALL) {
        let applies = fault.applies_to(Service::NextPanelPanel);
        assert_eq!(row.exit == 2, !applies, "{fault}");
    }
}

#[test]
fn every_fault_ends_as_the_table_says() {
    for row in &ROWS {
        for (heal, exit) in [("", row.exit), ("--heal", row.healed)] {
            let ended = run(&format!(
                "--json --confirm-saved --fault {} {heal}",
                row.fault
            ))
            .exits(exit);
            let result = ended.json();
            assert_eq!(result["exit"], exit, "{}", row.fault);
            let accounts = result["sandbox"]["accounts"].as_array().map_or(0, Vec::len);
            let expected = if exit == 0 { 1 } else { row.accounts };
            assert_eq!(accounts, expected, "{} {heal}: {result:#}", row.fault);
        }
    }
}

#[test]
fn readme_shows_the_table() {
    shows("faults", &table());
}

/// Compares a table of README.md with what the tests expect, or writes it there if asked to.
#[track_caller]
pub(crate) fn shows(name: &str, table: &str) {
    // Two tables are in one file, and tests run at once.
    static WRITING: Mutex<()> = Mutex::new(());
    let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let (start, end) = (
        format!("<!-- {name}: written by the tests -->\n"),
        format!("<!-- end of {name} -->"),
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(&start).unwrap();
    let (shown, after) = rest.split_once(&end).unwrap();
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(&path, format!("{before}{start}{table}{end}{after}")).unwrap();
        return;
    }
    assert_eq!(
        shown, table,
        "run this test with UPDATE_README=1 to write the table"
    );
}

fn table() -> String {
    let mut table = String::from(
        "| `--fault` | exit | exists afterwards | with `--heal` | what happens |\n|---|---|---|---|---|\n",
    );
    for row in &ROWS {
        let exists = match row.accounts {
            0 => "nothing".to_owned(),
            1 => "1 account".to_owned(),
            more => format!("{more} accounts"),
        };
        writeln!(
            table,
            "| `{}` | {} | {exists} | {} | {} |",
            row.fault, row.exit, row.healed, row.what
        )
        .unwrap();
    }
    table
}
