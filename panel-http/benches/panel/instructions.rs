//! Instructions of a small GET, counted by valgrind.

use std::process::Command;

use crate::{
    Effort,
    clients::{Small, ours, raw, raw_get},
    rows::StrictCustomer,
};

const FEW: usize = 100;
const MANY: usize = 600;

pub(crate) fn run(base: &str, _effort: Effort) {
    let per_call = |side: &str| -> Option<f64> {
        let (few, many) = (counted(side, FEW, base)?, counted(side, MANY, base)?);
        Some((many - few) / (MANY - FEW) as f64)
    };
    match (per_call("raw"), per_call("ours"), per_call("raw")) {
        (Some(raw), Some(ours), Some(control)) => println!(
            "small GET, instructions: ours {ours:.0}, raw {raw:.0}, control {:.3}, interval none (counted) ratio={:.3}",
            control / raw,
            ours / raw
        ),
        _ => println!("small GET, instructions: valgrind is not there, nothing counted"),
    }
}

/// Instructions of a process that makes this many calls.
fn counted(side: &str, calls: usize, base: &str) -> Option<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().ok()?)
        .args(["--calls", side, &calls.to_string(), base])
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = said.lines().find(|line| line.contains("Collected"))?;
    line.rsplit(' ').next()?.parse().ok()
}

pub(crate) fn child(arguments: &[String]) {
    let (side, calls, base) = (
        &*arguments[0],
        arguments[1].parse().unwrap(),
        &*arguments[2],
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let url = format!("{base}/small");
        let (client, reqwest) = (ours(base), raw());
        for _ in 0..calls {
            let rows = match side {
                "ours" => client.call(&Small).await.unwrap(),
                _ => raw_get::<Vec<StrictCustomer>>(&reqwest, &url).await,
            };
            assert_eq!(rows.len(), 2);
        }
    });
}
