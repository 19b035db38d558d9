//! The program is ended in the middle, and the same command goes on.
#![cfg(unix)]

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::program::{Hall, Said};
use crate::test_database::{TestDatabase, on_both_stores};

on_both_stores!(
    "bulk":
    killed_twice_it_ends_with_the_right_accounts_and_all_credentials,
    ctrl_c_brings_every_call_to_its_end_and_says_how_to_go_on,
);

const ALL: &str =
    "orders.csv --vouched-by ana --credentials-out out.csv --results results.csv --concurrency 8";

/// No test waits longer for the program to get on.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until so many accounts exist, or the program has ended.
async fn accounts_exist(hall: &Hall, program: &mut Child, wanted: usize) {
    let began = Instant::now();
    while hall.accounts() < wanted && program.try_wait().unwrap().is_none() {
        assert!(began.elapsed() < PATIENCE, "the program does not get on");
        // The panels tell nobody, and the test wants to come between two calls: asked often.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn killed_twice_it_ends_with_the_right_accounts_and_all_credentials(
    database: Option<TestDatabase>,
) {
    let hall = Hall::with(database, 40, Duration::from_millis(10)).await;
    hall.write_orders(60);
    for wanted in [9, 31] {
        let mut program = hall.spawn(ALL);
        accounts_exist(&hall, &mut program, wanted).await;
        program.kill().unwrap();
        program.wait().unwrap();
    }
    // What a kill leaves at the end of the file is no whole row.
    let mut torn = hall.read("out.csv");
    torn.push_str("O-77,some run,hosting/wp_growth,hosting acc");
    hall.write("out.csv", &torn);
    let said = hall.run(&format!("{ALL} --wait 120"));
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(hall.accounts(), 60);
    hall.assert_nothing_twice();
    hall.assert_credentials_open("out.csv", 60);
}

async fn ctrl_c_brings_every_call_to_its_end_and_says_how_to_go_on(database: Option<TestDatabase>) {
    let hall = Hall::with(database, 40, Duration::from_millis(10)).await;
    hall.write_orders(60);
    let mut program = hall.spawn(ALL);
    accounts_exist(&hall, &mut program, 5).await;
    let pid = program.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let said = Said::of(&tokio::task::block_in_place(|| program.wait_with_output()).unwrap());
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(
        said.out.contains("the same command goes on"),
        "{}",
        said.out
    );
    let before = hall.accounts();
    assert!(before < 60, "it was stopped in the middle");
    let said = hall.run(ALL);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(hall.accounts(), 60);
    hall.assert_nothing_twice();
    hall.assert_credentials_open("out.csv", 60);
}
