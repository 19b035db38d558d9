//! Peak memory of 100,000 customers, which the panel sends twice in one reply: `{success, data, customers}`.

use std::{fs, process::Command, time::Instant};

use futures_util::TryStreamExt;
use mpanel_client::{customers::ListCustomers, servers::ListServers};

const PERMITTED_KIB: u64 = 8 * 1024;

pub(crate) fn run(base: &str) -> Vec<f64> {
    // A process of its own: the peak of a process cannot be begun anew.
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--customers", base])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let numbers: Vec<u64> = said
        .split_whitespace()
        .map(|number| number.parse().unwrap())
        .collect();
    assert_eq!(numbers.len(), 3, "the measuring process said {said:?}");
    let (rows, used, milliseconds) = (numbers[0], numbers[1], numbers[2]);
    assert_eq!(rows, 100_000);
    let ratio = used as f64 / PERMITTED_KIB as f64;
    println!(
        "{rows} customers that come twice: {used} KiB above the rows at the peak, of which permitted {PERMITTED_KIB}, {milliseconds} ms ratio={ratio:.3}"
    );
    vec![ratio]
}

pub(crate) fn child(base: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mpanel = super::client(base).build().unwrap();
        // What the login and the first list set up is not this list's.
        mpanel.session().await.unwrap();
        mpanel.list(ListServers).collect().await.unwrap();
        let before = kib("VmRSS:");
        let started = Instant::now();
        let mut customers = mpanel.list(ListCustomers).items();
        let mut rows = 0;
        // Each row is dropped as it comes, so all that is left is what the list itself needs.
        while let Some(customer) = customers.try_next().await.unwrap() {
            assert!(customer.company_name.is_some());
            rows += 1;
        }
        println!(
            "{rows} {} {}",
            kib("VmHWM:").saturating_sub(before),
            started.elapsed().as_millis()
        );
    });
}

fn kib(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
