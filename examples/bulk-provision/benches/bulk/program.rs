//! The program on a file of orders: how long it takes, and what it holds in memory.

use std::fmt::Write as _;
use std::fs::File;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::IN_FLIGHT;
use crate::disk::folder;
use crate::panels::Panels;

/// How often the memory is looked at: the kernel keeps the peak, and forgets it with the process.
const LOOK: Duration = Duration::from_millis(10);

/// Clock ticks of the kernel a second, which Linux fixes for programs.
const TICKS: f64 = 100.0;

/// How the program ended.
pub(crate) struct Ended {
    pub(crate) seconds: f64,
    pub(crate) peak_kib: u64,
    pub(crate) processor_seconds: f64,
}

/// Runs it on so many orders, from nothing to the file of credentials.
pub(crate) fn run(panels: &Panels, orders: usize) -> Ended {
    let folder = folder();
    let mut csv = String::from("order_id,email,product,domain\n");
    for number in 1..=orders {
        writeln!(
            csv,
            "O-{number},buyer{number}@mail.example,wp_growth,shop{number}.example"
        )
        .unwrap();
    }
    std::fs::write(folder.path().join("orders.csv"), csv).unwrap();
    std::fs::write(folder.path().join("fleet.toml"), panels.fleet()).unwrap();
    let said = File::create(folder.path().join("said")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_bulk-provision"));
    command
        .current_dir(folder.path())
        .args(["orders.csv", "--fleet", "fleet.toml", "--vouched-by", "ana"])
        .args([
            "--credentials-out",
            "credentials.csv",
            "--results",
            "results.csv",
        ])
        .args(["--concurrency", &IN_FLIGHT.to_string()])
        .env_remove("NEXTPANEL_URL")
        .env_remove("MPANEL_URL")
        .env_remove("PROVISIONING_SEALING_KEY")
        .env_remove("PROVISIONING_DATABASE_URL")
        .stdin(Stdio::null())
        .stderr(said.try_clone().unwrap())
        .stdout(said);
    for (number, panel) in panels.all.iter().enumerate() {
        command
            .env(format!("KEY_{number}"), &panel.key)
            .env(format!("SECRET_{number}"), &panel.secret);
    }
    let begun = Instant::now();
    let mut child = command.spawn().unwrap();
    let (mut peak_kib, mut seconds_of_processor) = (0, 0.0);
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        peak_kib = kib(child.id()).unwrap_or(peak_kib);
        seconds_of_processor = processor_seconds(child.id()).unwrap_or(seconds_of_processor);
        std::thread::sleep(LOOK);
    };
    let seconds = begun.elapsed().as_secs_f64();
    let said = std::fs::read_to_string(folder.path().join("said")).unwrap();
    assert!(status.success(), "{status}: {said}");
    let lines = |name: &str| {
        let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
        text.lines().count()
    };
    assert_eq!(lines("credentials.csv"), orders + 1);
    assert_eq!(lines("results.csv"), orders + 1);
    Ended {
        seconds,
        peak_kib,
        processor_seconds: seconds_of_processor,
    }
}

/// The peak of a process's memory; none once it has ended.
fn kib(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// What a process has had of the processors.
pub(crate) fn processor_seconds(process: u32) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name before it may hold spaces.
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / TICKS)
}
