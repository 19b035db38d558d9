//! The program is killed, as a power cut would, at every point of an order's way, and run again: each thing is made exactly
//! once, and the order is finished.

use std::sync::Arc;
use std::time::Duration;

use panel_sandbox::nextpanel_panel::{PanelSettings, operations};
use panel_sandbox::{ArrivalOrder, Count, Fault, WireSettings};
use rustix::process::Signal;
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::kept::{KEPT, in_folder};
use crate::program::{Ended, Program};
use crate::real_panel::RealPanel;
use crate::running::{Running, until};

/// The bundled order.
const SAMPLE: &str = include_str!("../../samples/order-created.json");

/// Where the program can be killed, and under which fault it gets there.
const POINTS: [(&str, Option<Fault>); 24] = [
    ("before-submitted", None),
    ("after-submitted", None),
    ("before-planned", None),
    ("after-planned", None),
    ("between-steps", None),
    ("before-sealed", None),
    ("after-sealed", None),
    ("before-intent", None),
    ("after-intent", None),
    ("before-outcome", None),
    ("after-outcome", None),
    // The password is on standard output, and nobody has said that it is saved.
    ("before-confirmed", None),
    ("after-confirmed", None),
    ("before-erased", None),
    ("after-erased", None),
    // The reply is lost, and the look-up finds the account.
    ("before-outcome", Some(Fault::LostReply)),
    ("after-outcome", Some(Fault::LostReply)),
    ("before-looked-up", Some(Fault::LostReply)),
    ("after-looked-up", Some(Fault::LostReply)),
    // The request was sent and is still on its way when the program dies.
    (
        "before-outcome",
        Some(Fault::LateArrival(ArrivalOrder::BeforeResend)),
    ),
    (
        "after-outcome",
        Some(Fault::LateArrival(ArrivalOrder::BeforeResend)),
    ),
    (
        "after-looked-up",
        Some(Fault::LateArrival(ArrivalOrder::AfterResend)),
    ),
    // It never arrives.
    ("before-outcome", Some(Fault::DropBeforeSend)),
    // Somebody else has the name.
    ("after-outcome", Some(Fault::UsernameTakenByOther)),
];

struct Place {
    real: RealPanel,
    folder: TempDir,
}

impl Place {
    async fn new(fault: Option<Fault>) -> Self {
        let wire = WireSettings::new().with_delay(Duration::from_secs(600));
        let real = RealPanel::with(PanelSettings::new("srv1").with_wire(wire)).await;
        if let Some(fault) = fault {
            real.panel().arm(fault).unwrap();
        }
        Self {
            real,
            folder: TempDir::new().unwrap(),
        }
    }

    fn program(&self, worker: &str) -> Program {
        in_folder(&self.real, &self.folder)
            .stdin(SAMPLE)
            .env("NEXTPANEL_PREVIEW_DOMAIN", "preview.example.net")
            .env("PROVISIONING_WORKER", worker)
    }

    /// Runs it until that point. What it had said by then, if it got there.
    fn killed_at(&self, point: &str, worker: &str) -> Option<Ended> {
        let program = self.program(worker).env("PROVISIONING_KILL_AT", point);
        match self.real.run_or_die(program) {
            Err(killed) => Some(killed),
            Ok(ended) => {
                ended.exits(0);
                None
            }
        }
    }

    /// What has to hold in the end.
    async fn is_finished(&self, what: &str, killed: &Ended, ended: &Ended) {
        assert_eq!(ended.exit, 0, "{what}: {ended:#?}");
        self.real.settle().await;
        let panel = self.real.panel();
        let ours: Vec<_> = panel
            .accounts()
            .into_iter()
            .filter(|account| !account.is_stranger)
            .collect();
        assert_eq!(ours.len(), 1, "{what}: {ended:#?}");
        assert_eq!(panel.created_by_clients(), 1, "{what}: {ended:#?}");
        assert!(
            panel.unexpected_requests().is_empty(),
            "{what}: {:#?}",
            panel.unexpected_requests()
        );
        // Shown before it died, or afterwards; the same both times if nobody had confirmed it by then.
        let shown: Vec<String> = [killed, ended]
            .into_iter()
            .filter(|ended| ended.lines_with("password of the hosting account `") > 0)
            .map(Ended::password)
            .collect();
        assert!(!shown.is_empty(), "{what}: {ended:#?}");
        for password in shown {
            assert!(
                panel.password_is(&ours[0].username, &password),
                "{what}: {ended:#?}"
            );
        }
        let again = self.real.run_it(self.program("later"));
        assert_eq!(again.exit, 0, "{what}: {again:#?}");
        assert_eq!(
            again.lines_with("password of the hosting account `"),
            0,
            "{what}: {again:#?}"
        );
        assert_eq!(panel.created_by_clients(), 1, "{what}");
    }
}

/// Kills it at one point, each time it gets there: how often that was.
async fn killed_at(point: &str, fault: Option<Fault>) -> u32 {
    for time in 1..100 {
        let place = Place::new(fault).await;
        let at = format!("{point}:{time}");
        let Some(killed) = place.killed_at(&at, "one") else {
            return time - 1;
        };
        let what = format!("{at} {fault:?}");
        // Under the same name and under another; a name gives no right to a lease.
        let worker = if time % 2 == 0 { "other" } else { "one" };
        let ended = place.real.run_it(place.program(worker));
        place.is_finished(&what, &killed, &ended).await;
    }
    panic!("{point} has no end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 12)]
async fn killed_at_any_point_it_finishes_the_order_when_it_is_run_again() {
    let mut killed = JoinSet::new();
    for (point, fault) in POINTS {
        killed.spawn(async move { (point, fault, killed_at(point, fault).await) });
    }
    let mut times = 0;
    while let Some(done) = killed.join_next().await {
        let (point, fault, reached) = done.unwrap();
        assert!(reached > 0, "{point} was never reached with {fault:?}");
        times += reached;
    }
    // Sealing, two calls, and handing over: each has several points.
    assert!(times >= 35, "{times}");
}

/// The reply to a call is on its way for ever, and what was asked for is done.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_amid_a_call_it_finishes_the_order_when_it_is_run_again() {
    for slow in [operations::CREATE_ACCOUNT, operations::GET_ACCOUNT] {
        let place = Place::new(None).await;
        let panel = place.real.panel();
        panel.arm_for(Fault::Delay, slow, Count::Times(1)).unwrap();
        let mut environment = place.real.environment();
        environment.push(("NEXTPANEL_PREVIEW_DOMAIN", "preview.example.net".to_owned()));
        let running = Running::start_with(&environment, &place.folder, SAMPLE, "");
        until(|| panel.created_by_clients() == 1 && !panel.requests_for(&slow).is_empty()).await;
        running.signal(Signal::KILL);
        let killed = tokio::task::block_in_place(|| running.ends());
        assert_eq!(killed.exit, -1, "{slow}: {killed:#?}");
        let ended = place.real.run_it(place.program("other"));
        place.is_finished(&slow.to_string(), &killed, &ended).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_again_and_again_it_still_finishes_the_order() {
    let place = Place::new(Some(Fault::LostReply)).await;
    // Never three times in a row without an outcome between: then the run would be left alone.
    let mut killed = None;
    for point in [
        "after-outcome",
        "before-looked-up",
        "after-outcome",
        "before-confirmed",
    ] {
        killed = place.killed_at(point, "one");
        assert!(killed.is_some(), "{point}");
    }
    let ended = place.real.run_it(place.program("one"));
    let killed = killed.unwrap();
    place.is_finished("again and again", &killed, &ended).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_order_that_kills_the_program_three_times_in_a_row_is_left_alone_until_somebody_says_so()
{
    let place = Place::new(None).await;
    for _ in 0..3 {
        assert!(place.killed_at("after-intent", "one").is_some());
    }
    let left_alone = place.real.run_it(place.program("one"));
    let left_alone = left_alone
        .exits(4)
        .says("this order ended 3 processes in a row and is left alone")
        .says("run the same command with --resume")
        .says("  unknown   hosting/wp_growth\n  not begun verify/hosting/wp_growth\n");
    let program = place
        .real
        .program(&format!("{KEPT} --resume"))
        .dir(place.folder.path())
        .stdin(SAMPLE)
        .env("NEXTPANEL_PREVIEW_DOMAIN", "preview.example.net");
    let ended = place.real.run_it(program);
    place.is_finished("--resume", &left_alone, &ended).await;
}

/// Two of them at once: one has the order in hand, the other waits and finds it done.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_programs_at_once_make_one_account() {
    let place = Arc::new(Place::new(None).await);
    let mut both = JoinSet::new();
    for worker in ["one", "other"] {
        let place = Arc::clone(&place);
        both.spawn(async move { place.real.run_it(place.program(worker)) });
    }
    let mut shown = 0;
    while let Some(ended) = both.join_next().await {
        let ended = ended.unwrap();
        shown += ended.lines_with("password of the hosting account `");
        assert!([0, 4].contains(&ended.exit), "{ended:#?}");
    }
    assert!(shown >= 1);
    assert_eq!(place.real.panel().created_by_clients(), 1);
}
