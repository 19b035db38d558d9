//! SIGKILL while an account is suspended, unsuspended, moved to another package or removed, at every point and on the
//! wire; then another process, under the same name or another one, that is asked the same: each effect comes once.

use std::collections::BTreeMap;

use panel_sandbox::nextpanel_panel::operations::{
    DELETE_ACCOUNT, GET_ACCOUNT, SUSPEND_ACCOUNT, UNSUSPEND_ACCOUNT,
};
use panel_sandbox::{ArrivalOrder, Count, Fault, Operation as Route, RetryHint};
use provisioning_core::plan::id::Operation;
use provisioning_core::run::status::{Conclusion, RunStatus};
use provisioning_engine::store::{Standing, Wanted};
use provisioning_engine::{KILL_POINTS, PAYMENT_KILL_POINTS};

use super::job::{Asked, Happens, Job};
use super::scene::{Purchase, Scene};
use super::worker::{Ended, work};
use crate::place::{StoreKind, on_every_lasting_store};
use crate::shop::status;

/// Nothing that is asked comes to a point more often.
const MOST_OFTEN: usize = 40;

/// How often the client sends what changes nothing the second time, before it says that it does not know.
const SENT_BY_THE_CLIENT: u32 = 4;

/// How often what was asked came to pass, in the words of the panel and of the store.
#[derive(Debug, PartialEq, Eq)]
struct Effects {
    there: bool,
    active: bool,
    suspended: usize,
    unsuspended: usize,
    deleted: usize,
    runs: Vec<Operation>,
}

/// What is asked and killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Verb(Asked);

impl Verb {
    /// What has happened before, undisturbed.
    fn before(self) -> Vec<Asked> {
        match self.0 {
            Asked::Unsuspend => vec![Asked::Suspend],
            _ => Vec::new(),
        }
    }

    /// An account is removed only once it was suspended for want of payment.
    fn events_before(self) -> Vec<Happens> {
        let refund = r#"{"id":"r-1","event":"refunded","orderId":"K-1","occurredAt":"2026-01-15T09:30:00Z"}"#;
        match self.0 {
            Asked::Terminate => vec![Happens {
                payload: refund.to_owned(),
                before_work: false,
            }],
            _ => Vec::new(),
        }
    }

    /// The request that changes something; a change of package is a person's work here.
    const fn route(self) -> Option<Route> {
        match self.0 {
            Asked::Suspend => Some(SUSPEND_ACCOUNT),
            Asked::Unsuspend => Some(UNSUSPEND_ACCOUNT),
            Asked::Terminate => Some(DELETE_ACCOUNT),
            Asked::ChangePackage | Asked::Forget => None,
        }
    }

    fn effects(self) -> Effects {
        let [suspend, unsuspend] = [Operation::Suspend, Operation::Unsuspend];
        let effects = |runs: &[Operation]| Effects {
            there: true,
            active: true,
            suspended: 0,
            unsuspended: 0,
            deleted: 0,
            runs: [&[Operation::Provision], runs].concat(),
        };
        match self.0 {
            Asked::Suspend => Effects {
                active: false,
                suspended: 1,
                ..effects(&[suspend])
            },
            Asked::Unsuspend => Effects {
                suspended: 1,
                unsuspended: 1,
                ..effects(&[suspend, unsuspend])
            },
            Asked::ChangePackage => effects(&[Operation::ChangePackage]),
            Asked::Terminate => Effects {
                there: false,
                active: false,
                suspended: 1,
                deleted: 1,
                ..effects(&[suspend, Operation::Terminate])
            },
            Asked::Forget => panic!("it has proofs of its own"),
        }
    }
}

/// What happens on the wire to the request that changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wire {
    Quiet,
    /// This, so often.
    Times(Fault, u32),
    /// Its reply is late until the process is dead, so that it is killed amid the call.
    SlowCalls,
    /// Its replies are lost, and whatever is read is late until the process is dead.
    SlowLookUps,
}

impl Wire {
    fn arm(self, scene: &Scene, verb: Verb) {
        let Some(route) = verb.route() else { return };
        let panel = &scene.panels.nextpanel_panels()[0];
        let arm = |fault, route, count| panel.arm_for(fault, route, count).unwrap();
        match self {
            Self::Quiet => {}
            Self::Times(fault, times) => arm(fault, route, Count::Times(times)),
            Self::SlowCalls => arm(Fault::Delay, route, Count::UntilHealed),
            Self::SlowLookUps => {
                arm(Fault::LostReply, route, Count::Times(SENT_BY_THE_CLIENT));
                arm(Fault::Delay, GET_ACCOUNT, Count::UntilHealed);
            }
        }
    }
}

fn job(scene: &Scene, worker: &str, asked: Vec<Asked>, events: Vec<Happens>) -> Job {
    Job {
        asked,
        events,
        grace: Some(std::time::Duration::ZERO),
        ..scene.job(worker)
    }
}

/// Kills a worker at one point, that many times it comes there, and asks the next one the same. How often it came there.
async fn at_point(
    kind: StoreKind,
    verb: Verb,
    wire: Wire,
    point: &str,
    restarted_as: &str,
    most: usize,
) -> usize {
    for time in 1..=most {
        let what = format!("{verb:?}, {wire:?}, killed at {point} the {time}. time");
        let scene = Scene::start(kind, Purchase::Account).await;
        let before = job(&scene, "worker-0", verb.before(), verb.events_before());
        assert_eq!(work(&before, None).await, Ended::Done, "{what}");
        wire.arm(&scene, verb);
        let killed = job(&scene, "worker-1", vec![verb.0], Vec::new());
        let ended = work(&killed, Some(&format!("{point}:{time}"))).await;
        if matches!(wire, Wire::SlowCalls | Wire::SlowLookUps) {
            scene.panels.heal();
        }
        if ended == Ended::Killed {
            let next = job(&scene, restarted_as, vec![verb.0], Vec::new());
            assert_eq!(work(&next, None).await, Ended::Done, "{what}");
        } else {
            assert_eq!(ended, Ended::Done, "{what}");
        }
        scene.panels.settle().await;
        came_once(&scene, verb, &what).await;
        if ended != Ended::Killed {
            return time - 1;
        }
    }
    most
}

/// That everything is over, and what was asked has come to pass once.
async fn came_once(scene: &Scene, verb: Verb, what: &str) {
    let engine = scene.job("the test").engine(None).await;
    let runs = engine.list(Wanted::default()).await.unwrap();
    for listed in &runs {
        assert_eq!(listed.standing, Standing::Over, "{what}: {listed:#?}");
        assert!(!listed.payment.is_unsettled(), "{what}: {listed:#?}");
    }
    let last = engine.inspect(runs[runs.len() - 1].id).await.unwrap();
    engine.close().await;
    let is_done = match status(&last) {
        RunStatus::Over(Conclusion::Done) => verb.route().is_some(),
        RunStatus::Over(Conclusion::DoneExceptManual { steps }) => {
            verb.route().is_none() && steps.len() == 1
        }
        _ => false,
    };
    assert!(is_done, "{what}: {:?}", status(&last));

    let panel = &scene.panels.nextpanel_panels()[0];
    assert_eq!(panel.created_by_clients(), 1, "{what}");
    let inbox = std::fs::read_to_string(scene.inbox()).unwrap();
    let (username, _) = inbox.split_once('\t').unwrap();
    let account = panel.account(username);
    let effects = Effects {
        there: account.is_some(),
        active: account.is_some_and(|account| account.is_active),
        suspended: panel.times_suspended(username),
        unsuspended: panel.times_unsuspended(username),
        deleted: panel.times_deleted(username),
        runs: runs.iter().map(|run| run.operation).collect(),
    };
    assert_eq!(effects, verb.effects(), "{what}");
    let unexpected = panel.unexpected_requests();
    assert!(unexpected.is_empty(), "{what}: {unexpected:#?}");
}

/// Every point, as often as it is come to but `most` times at most. How often each was come to.
async fn at_every_point(
    kind: StoreKind,
    verb: Verb,
    wire: Wire,
    restarted_as: &str,
    most: usize,
) -> BTreeMap<&'static str, usize> {
    let mut times = BTreeMap::new();
    for point in KILL_POINTS.iter().chain(PAYMENT_KILL_POINTS) {
        // Nothing is amid a call for long unless replies are slow.
        if !point.starts_with("amid-") {
            let often = at_point(kind, verb, wire, point, restarted_as, most).await;
            times.insert(*point, often);
        }
    }
    times
}

/// The points that every verb with a request comes to.
fn came_to_all(times: &BTreeMap<&str, usize>) {
    for point in [
        "before-added",
        "after-added",
        "after-claimed",
        "between-steps",
        "before-intent",
        "after-intent",
        "after-call",
        "before-outcome",
        "after-outcome",
        "before-release",
        "after-release",
    ] {
        assert!(times[point] >= 1, "{point}: {times:?}");
    }
}

/// The points between which something becomes known of a request, where a removal is killed before each change.
const DECISIVE: [&str; 6] = [
    "before-added",
    "after-added",
    "after-intent",
    "after-call",
    "before-outcome",
    "after-outcome",
];

async fn killed_at_what_decides_a_verb_comes_to_pass_once(kind: StoreKind) {
    for asked in [Asked::Suspend, Asked::Unsuspend, Asked::Terminate] {
        for point in DECISIVE {
            let verb = Verb(asked);
            let came = at_point(kind, verb, Wire::Quiet, point, "worker-2", 1).await;
            assert_eq!(came, 1, "{verb:?}: {point}");
        }
    }
    let package = Verb(Asked::ChangePackage);
    for point in ["before-added", "after-added"] {
        let came = at_point(kind, package, Wire::Quiet, point, "worker-1", 1).await;
        assert_eq!(came, 1, "{point}");
    }
}

async fn a_lost_removal_whose_worker_is_killed_comes_to_pass_once(kind: StoreKind) {
    let verb = Verb(Asked::Terminate);
    let lost = Wire::Times(Fault::LostReply, SENT_BY_THE_CLIENT);
    for point in ["before-outcome", "before-looked-up", "after-looked-up"] {
        let came = at_point(kind, verb, lost, point, "worker-1", 1).await;
        assert_eq!(came, 1, "{point}");
    }
    let came = at_point(kind, verb, Wire::SlowCalls, "amid-call", "worker-2", 1).await;
    assert_eq!(came, 1);
}

on_every_lasting_store!(minutes:
    killed_at_what_decides_a_verb_comes_to_pass_once,
    a_lost_removal_whose_worker_is_killed_comes_to_pass_once,
);

/// Every point each time it is come to, under both names, and beside every fault of the wire.
mod at_length {
    use super::*;

    async fn every_point_of(kind: StoreKind, asked: Asked) {
        let verb = Verb(asked);
        for restarted_as in ["worker-1", "worker-2"] {
            let times = at_every_point(kind, verb, Wire::Quiet, restarted_as, MOST_OFTEN).await;
            if verb.route().is_some() {
                came_to_all(&times);
            } else {
                assert!(times["after-added"] >= 1, "{times:?}");
            }
        }
    }

    async fn every_fault_of(kind: StoreKind, asked: Asked) {
        let verb = Verb(asked);
        let lost = Wire::Times(Fault::LostReply, SENT_BY_THE_CLIENT);
        let times = at_every_point(kind, verb, lost, "worker-1", MOST_OFTEN).await;
        came_to_all(&times);
        for fault in [
            Fault::LateArrival(ArrivalOrder::BeforeResend),
            Fault::LateArrival(ArrivalOrder::AfterResend),
            Fault::DropBeforeSend,
            Fault::RateLimited(RetryHint::Given),
            Fault::Error500Once,
            Fault::Html502,
            Fault::Truncated,
        ] {
            let wire = Wire::Times(fault, 1);
            let times = at_every_point(kind, verb, wire, "worker-2", 1).await;
            came_to_all(&times);
        }
        for restarted_as in ["worker-1", "worker-2"] {
            let (slow, most) = (Wire::SlowCalls, MOST_OFTEN);
            let often = at_point(kind, verb, slow, "amid-call", restarted_as, most).await;
            assert!(often >= 1, "amid {often} calls");
            let slow = Wire::SlowLookUps;
            at_point(kind, verb, slow, "amid-look-up", restarted_as, most).await;
        }
    }

    macro_rules! at_length {
        ($module:ident, $kind:expr, $($name:ident: $every:ident($asked:expr)),+ $(,)?) => {
            mod $module {
                use super::*;

                $(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                    #[ignore = "takes minutes: .ci/full kills, .ci/full postgres"]
                    async fn $name() {
                        if $kind.is_here() {
                            $every($kind, $asked).await;
                        }
                    }
                )+
            }
        };
    }

    macro_rules! on {
        ($module:ident, $kind:expr) => {
            at_length!(
                $module,
                $kind,
                a_suspension: every_point_of(Asked::Suspend),
                an_unsuspension: every_point_of(Asked::Unsuspend),
                a_change_of_package: every_point_of(Asked::ChangePackage),
                a_removal: every_point_of(Asked::Terminate),
                a_suspension_beside_every_fault: every_fault_of(Asked::Suspend),
                an_unsuspension_beside_every_fault: every_fault_of(Asked::Unsuspend),
                a_removal_beside_every_fault: every_fault_of(Asked::Terminate),
            );
        };
    }

    on!(on_sqlite, StoreKind::Sqlite);
    on!(on_postgres, StoreKind::Postgres);
}
