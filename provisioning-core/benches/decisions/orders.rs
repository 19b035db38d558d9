//! How long plans and runs take.

use std::hint::black_box;
use std::time::Duration;

use jiff::Timestamp;
use provisioning_core::catalog::Catalog;
use provisioning_core::order::{Customer, OrderItem, PaidOrder, PaymentEvidence, ProductCode};
use provisioning_core::plan::Plan;
use provisioning_core::plan::verb::Capabilities;
use provisioning_core::planner::{Inputs, plan};
use provisioning_core::run::Run;
use provisioning_core::run::directive::{Call, Directive, Request};
use provisioning_core::run::event::{CredentialSealed, Entry, Event, Intent};
use provisioning_core::run::facts::{
    Facts, HostingAccount, LoginReading, MarkReading, Proof, Verified,
};
use provisioning_core::run::outcome::Outcome;

use super::{core_time, fleet, measure, scattered};

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn inputs() -> Inputs {
    Inputs::new(Capabilities::nextpanel(Duration::from_secs(60)))
}

fn order(number: usize, items: &[(&str, &str)]) -> PaidOrder {
    let items = items
        .iter()
        .enumerate()
        .map(|(index, (code, domain))| {
            OrderItem::new(format!("items[{index}]"), ProductCode::new(code).unwrap())
                .with_domain(domain.parse().unwrap())
        })
        .collect();
    let key = format!("migrahosting/shop/live/A-{number}")
        .parse()
        .unwrap();
    let customer = Customer::new("jane.smith@example.org".parse().unwrap());
    let evidence = PaymentEvidence::LookedUpAtProvider {
        provider: "stripe".to_owned(),
        reference: format!("pi_{number}"),
    };
    PaidOrder::new(key, customer, items, evidence).unwrap()
}

/// Hosting and two things that go with it.
const HOSTING_AND_ADD_ONS: [(&str, &str); 3] = [
    ("wp_growth", "green-valley.example"),
    ("daily_backups_30d", "green-valley.example"),
    ("firewall", "green-valley.example"),
];

/// Three accounts: the most that three items can ask of a planner.
const THREE_ACCOUNTS: [(&str, &str); 3] = [
    ("wp_growth", "green-valley.example"),
    ("wp_growth", "blue-lake.example"),
    ("wp_growth", "red-hill.example"),
];

/// One core, one order after another: every plan is dropped before the next one.
pub(super) fn plans() {
    let (catalog, inputs) = (Catalog::migrahosting(), inputs());
    let bound = Some(Duration::from_micros(20));
    let roomy = fleet(100, |at| scattered(at) % 190);
    let full = fleet(100, scattered);
    for (name, fleet, items, bound) in [
        ("hosting and 2 add-ons", &roomy, HOSTING_AND_ADD_ONS, bound),
        ("3 accounts", &roomy, THREE_ACCOUNTS, bound),
        (
            "hosting and 2 add-ons, full servers among them",
            &full,
            HOSTING_AND_ADD_ONS,
            bound,
        ),
    ] {
        let order = order(1, &items);
        assert!(plan(&order, &catalog, fleet, &inputs, now()).is_ok());
        measure(
            &format!("plan, 3 items, 100 servers, {name}"),
            bound,
            || {
                let _ = black_box(plan(black_box(&order), &catalog, fleet, &inputs, now()));
            },
        );
    }
}

/// The cost of an order at 100,000 orders against that at 1,000: each is planned and its run carried out to the end.
pub(super) fn growth() {
    let (catalog, inputs) = (Catalog::migrahosting(), inputs());
    let fleet = fleet(100, |at| scattered(at) % 190);
    let cost = |orders: usize| {
        let started = core_time();
        for number in 0..orders {
            let order = order(number, &HOSTING_AND_ADD_ONS);
            let plan = plan(&order, &catalog, &fleet, &inputs, now()).unwrap();
            black_box(carry_out(plan));
        }
        (core_time() - started).as_secs_f64() / orders as f64
    };
    cost(1_000);
    let mut small: Vec<f64> = (0..9).map(|_| cost(1_000)).collect();
    let mut large: Vec<f64> = (0..3).map(|_| cost(100_000)).collect();
    small.sort_by(f64::total_cmp);
    large.sort_by(f64::total_cmp);
    let (small, large) = (small[small.len() / 2], large[large.len() / 2]);
    let ratio = large / small;
    let held = if ratio <= 1.2 { "held" } else { "MISSED" };
    println!(
        "order planned and carried out, at 100000 orders {:.1}µs, at 1000 {:.1}µs (bound 1.2: {held}) ratio={ratio:.3}",
        large * 1e6,
        small * 1e6
    );
}

/// One `next` and one `apply`, averaged over a run of 12 steps from its start to its end.
pub(super) fn runs() {
    let order = order(
        1,
        &[
            ("wp_growth", "green-valley.example"),
            ("wp_growth", "blue-lake.example"),
            ("wp_growth", "red-hill.example"),
            ("daily_backups_30d", "green-valley.example"),
            ("firewall", "green-valley.example"),
        ],
    );
    let fleet = fleet(100, |at| scattered(at) % 190);
    let plan = plan(&order, &Catalog::migrahosting(), &fleet, &inputs(), now()).unwrap();
    assert_eq!(plan.steps.len(), 12);
    let run = carry_out(plan);
    let journal = run.journal().clone();
    let entries = journal.entries.clone();
    let starts: Vec<Run> = (0..=entries.len())
        .map(|length| {
            let mut journal = journal.clone();
            journal.entries.truncate(length);
            Run::replay(journal).unwrap()
        })
        .collect();
    let pairs = u32::try_from(entries.len()).unwrap();
    let bound = Some(Duration::from_micros(20));
    // Each `apply` needs a run of its own; what cloning it takes is measured apart and taken off.
    let cloning = time(|| {
        for run in &starts {
            black_box(run.clone());
        }
    });
    let all = time(|| {
        for (run, entry) in starts.iter().zip(&entries) {
            let mut run = run.clone();
            black_box(run.next(now()));
            run.apply(entry.clone()).unwrap();
            black_box(&run);
        }
    });
    super::report(
        "next and apply, mean over a run of 12 steps",
        all.saturating_sub(cloning) / pairs,
        bound,
    );
}

fn time(mut call: impl FnMut()) -> Duration {
    super::median(&mut call)
}

/// Carries a plan out, each call at its first try.
fn carry_out(plan: Plan) -> Run {
    let mut run = Run::start(plan);
    let record = |run: &mut Run, event| {
        let at = now();
        run.apply(Entry { at, event }).unwrap();
    };
    loop {
        match run.next(now()).into_iter().next() {
            Some(Directive::Seal(spec)) => {
                let sealed = Event::CredentialSealed(CredentialSealed {
                    credential: spec.id,
                    key_id: "key-1".to_owned(),
                    sealed: "c2VhbGVk".repeat(10),
                });
                record(&mut run, sealed);
            }
            Some(Directive::Call(call)) => {
                let intent = Event::Intent(Intent {
                    step: call.step.clone(),
                    attempt: call.attempt,
                    candidate: call.candidate,
                    server: call.server.clone(),
                    key: call.key,
                });
                record(&mut run, intent);
                let outcome = Event::Outcome {
                    step: call.step.clone(),
                    attempt: call.attempt,
                    outcome: Outcome::Ok {
                        facts: answer(call),
                    },
                };
                record(&mut run, outcome);
            }
            Some(Directive::Confirm(credential)) => {
                let by = "jane".to_owned();
                record(&mut run, Event::CredentialConfirmed { credential, by });
            }
            Some(Directive::Erase(credential)) => {
                record(&mut run, Event::CredentialErased { credential });
            }
            _ => return run,
        }
    }
}

fn answer(call: Call) -> Facts {
    match call.request {
        Request::CreateHostingAccount { username, .. } => Facts::HostingAccount(HostingAccount {
            remote_id: "41".to_owned(),
            username: username.as_str().to_owned(),
            server: call.server.unwrap(),
            proof: Proof::Created,
        }),
        Request::VerifyHostingAccount { account, .. } => Facts::Verified(Verified {
            remote_id: account.remote_id,
            username: account.username,
            active: true,
            mark: MarkReading::Ours,
            login: LoginReading::Proved,
            logins_work_here: true,
        }),
        _ => Facts::Nothing,
    }
}
