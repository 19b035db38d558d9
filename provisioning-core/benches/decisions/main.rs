//! How long single decisions take. Lines end with `per_second=` or a time, and say which bound they are held against.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods
)]

use std::hint::black_box;
use std::time::Duration;

use provisioning_core::fleet::{
    Fleet, FleetConfig, Observation, ServerConfig, ServerName, ServerState,
};
use provisioning_core::password::{PasswordPolicy, generate};
use provisioning_core::placement::{PlacementRequest, PlacementRule, rank};
use provisioning_core::username::{UsernameProfile, candidates};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

/// Rounds per measurement; the median one is reported.
const ROUNDS: usize = 15;

/// Least time of a round.
const ROUND: Duration = Duration::from_millis(60);

mod orders;

/// Runs every family, or those whose names begin like the arguments: `cargo bench -p provisioning-core -- plans`.
fn main() {
    let families: [(&str, fn()); 8] = [
        ("plans", orders::plans),
        ("growth", orders::growth),
        ("runs", orders::runs),
        ("passwords", passwords),
        ("usernames", usernames),
        ("fleet-file", || fleet_file(10_000)),
        ("placements-100", || placements(100)),
        ("placements-10000", || placements(10_000)),
    ];
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    for (name, family) in families {
        if wanted.is_empty()
            || wanted
                .iter()
                .any(|wanted| name.starts_with(wanted.as_str()))
        {
            family();
        }
    }
}

/// How long this thread has had a core to itself. What other processes take from it is not ours to report.
#[cfg(unix)]
fn core_time() -> Duration {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(spent).unwrap()
}

/// Time since the start of the program, where the operating system tells no more.
#[cfg(not(unix))]
fn core_time() -> Duration {
    static STARTED: std::sync::LazyLock<std::time::Instant> =
        std::sync::LazyLock::new(std::time::Instant::now);
    STARTED.elapsed()
}

/// Measures a call and says how long it takes.
fn measure(name: &str, bound: Option<Duration>, mut call: impl FnMut()) {
    report(name, median(&mut call), bound);
}

/// Time of one call: the median over rounds of as many calls as fill a round.
fn median(call: &mut dyn FnMut()) -> Duration {
    let started = core_time();
    let mut calls: u32 = 0;
    while core_time() - started < ROUND {
        call();
        calls += 1;
    }
    let mut rounds: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let started = core_time();
            for _ in 0..calls {
                call();
            }
            (core_time() - started) / calls
        })
        .collect();
    rounds.sort_unstable();
    rounds.get(ROUNDS / 2).copied().unwrap_or_default()
}

fn report(name: &str, time: Duration, bound: Option<Duration>) {
    let per_second = 1.0 / time.as_secs_f64();
    let held = match bound {
        Some(bound) if time < bound => format!(" (bound {bound:?}: held)"),
        Some(bound) => format!(" (bound {bound:?}: MISSED)"),
        None => String::new(),
    };
    println!("{name}: {time:?}{held} per_second={per_second:.0}");
}

fn passwords() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let bound = Some(Duration::from_micros(3));
    let policy = PasswordPolicy::default();
    measure("password, 16 characters", bound, || {
        let _ = black_box(generate(black_box(&policy), &mut rng));
    });
    let policy = PasswordPolicy::default()
        .without_look_alikes()
        .with_banned_words(["example", "janesmith", "migrahosting"])
        .unwrap();
    measure("password, no look-alikes, 3 banned words", bound, || {
        let _ = black_box(generate(black_box(&policy), &mut rng));
    });
}

fn usernames() {
    let profile = UsernameProfile::nextpanel();
    measure("username candidates, 8", None, || {
        black_box(candidates(
            black_box("green-valley-bakery"),
            &profile,
            b"plan id",
            8,
        ));
    });
}

fn fleet_file(servers: usize) {
    let mut text = String::from("rule = \"least-full\"\n");
    for at in 0..servers {
        text.push_str(&format!(
            "[[server]]\nname = \"np-{at}\"\nurl = \"https://np-{at}.example.net\"\ncapacity = 200\ntags = [\"ssd\"]\n"
        ));
    }
    measure(&format!("fleet file of {servers} servers"), None, || {
        let _ = black_box(FleetConfig::from_toml("fleet.toml", black_box(&text)));
    });
}

/// Servers in 4 locations, half of them with the tag asked for, with accounts and reservations of all sizes.
fn fleet(servers: usize, accounts: impl Fn(usize) -> u32) -> Fleet {
    let config = FleetConfig::new((0..servers).map(|at| {
        let name = ServerName::new(format!("np-{at:05}")).unwrap();
        let url = format!("https://np-{at:05}.example.net").parse().unwrap();
        let tags = if at % 2 == 0 {
            vec!["ssd", "php83"]
        } else {
            vec!["php83"]
        };
        let state = if at % 50 == 49 {
            ServerState::Draining
        } else {
            ServerState::Open
        };
        ServerConfig::new(name, url, 200)
            .unwrap()
            .with_location(["eu", "us", "asia", "africa"][at / 2 % 4])
            .unwrap()
            .with_tags(tags)
            .unwrap()
            .with_weight(1 + at as u32 % 3)
            .unwrap()
            .with_state(state)
    }))
    .unwrap();
    let names: Vec<ServerName> = config
        .servers()
        .iter()
        .map(|server| server.name().clone())
        .collect();
    let mut fleet = Fleet::new(config);
    for (at, name) in names.iter().enumerate() {
        let observation = Observation::Counted {
            accounts: accounts(at),
            reserved_uncounted: at as u32 % 5,
        };
        fleet.observe(name, observation);
    }
    fleet
}

/// Accounts in no order, as if every server had been filled by chance.
fn scattered(at: usize) -> u32 {
    (at as u32).wrapping_mul(2_654_435_761) % 201
}

fn placements(servers: usize) {
    let scattered = fleet(servers, scattered);
    let bound = (servers == 10_000).then(|| Duration::from_micros(100));
    let filtered = PlacementRequest::new()
        .with_location("eu")
        .with_tags(["ssd", "php83"])
        .with_excluded([ServerName::new("np-00008").unwrap()])
        .with_taken(ServerName::new("np-00016").unwrap(), 2);
    for rule in [
        PlacementRule::LeastAccounts,
        PlacementRule::LeastFull,
        PlacementRule::FillFirst,
    ] {
        let request = filtered.clone().with_rule(rule.clone());
        measure(
            &format!("choice among {servers}, {rule}, filters and reservations"),
            bound,
            || {
                let _ = black_box(rank(black_box(&scattered), &request));
            },
        );
    }
    for rule in [
        PlacementRule::LeastAccounts,
        PlacementRule::LeastFull,
        PlacementRule::FillFirst,
    ] {
        let request = PlacementRequest::new().with_rule(rule.clone());
        measure(
            &format!("choice among {servers}, {rule}, all eligible, reservations"),
            bound,
            || {
                let _ = black_box(rank(black_box(&scattered), &request));
            },
        );
    }
    // Each server better than all before it: the most work for a list that is kept sorted.
    let newest_emptiest = fleet(servers, |at| 195 - (195 * at / servers) as u32);
    let request = PlacementRequest::new();
    measure(
        &format!("choice among {servers}, least accounts, newest emptiest"),
        bound,
        || {
            let _ = black_box(rank(black_box(&newest_emptiest), &request));
        },
    );
}
