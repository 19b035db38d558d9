//! The program is killed at every point of an order that goes over mPanel, and run again: each thing is made exactly
//! once, and the order is finished. Where nothing of ours reads back from mPanel, a person looks there and answers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use panel_sandbox::mpanel::{Generation, MPanel, MPanelSettings, WorkerPace};
use panel_sandbox::nextpanel_panel::PanelSettings;
use panel_sandbox::{ArrivalOrder, Fault};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::program::{Ended, Program};
use crate::real_panel::RealPanel;

/// How many programs run at once. Nearly all of their time they wait: for the lease of the one that was killed, and for
/// pauses of their own. Each costs a core a tenth of a second.
const AT_ONCE: usize = 64;

/// How often the program is run again at most, answers included.
const MOST_RUNS: usize = 40;

/// How long whoever runs it again waits where the program says that it would go on later.
const PAUSE: Duration = Duration::from_secs(10);

/// The program's first pause before it looks or asks again; it doubles each time until a person is asked.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// After this long a request has arrived or never will.
const LONGEST_REQUEST: Duration = Duration::from_millis(300);

/// How a client learns which generation a server is of.
const PROBE: (&str, &str) = ("GET", "/api/status");

const POINTS: [&str; 17] = [
    "before-submitted",
    "after-submitted",
    "before-planned",
    "after-planned",
    "between-steps",
    "before-sealed",
    "after-sealed",
    "before-intent",
    "after-intent",
    "before-outcome",
    "after-outcome",
    "before-looked-up",
    "after-looked-up",
    "before-confirmed",
    "after-confirmed",
    "before-erased",
    "after-erased",
];

/// What the wire does to the first request that makes something on mPanel.
const FAULTS: [Option<Fault>; 4] = [
    None,
    Some(Fault::LostReply),
    Some(Fault::LateArrival(ArrivalOrder::BeforeResend)),
    Some(Fault::LateArrival(ArrivalOrder::AfterResend)),
];

/// An order and how mPanel is used for it.
#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    order: &'static str,
    /// Its id, where the payload has none.
    order_id: &'static str,
    generation: Generation,
    mode: &'static str,
    fault: Option<Fault>,
}

const BUNDLED: (&str, &str, &str) = (
    "order-created",
    include_str!("../../samples/order-created.json"),
    "--order-id A-1",
);

const SAMPLES: [(&str, &str, &str); 4] = [
    BUNDLED,
    (
        "order-created-long",
        include_str!("../../samples/order-created-long.json"),
        "--order-id A-2",
    ),
    (
        "provisioning-stripe",
        include_str!("../../samples/provisioning-stripe.json"),
        "",
    ),
    (
        "stripe-checkout-completed",
        include_str!("../../samples/stripe-checkout-completed.json"),
        "",
    ),
];

impl Case {
    const fn new(
        (name, order, order_id): (&'static str, &'static str, &'static str),
        generation: Generation,
        mode: &'static str,
        fault: Option<Fault>,
    ) -> Self {
        Self {
            name,
            order,
            order_id,
            generation,
            mode,
            fault,
        }
    }

    fn order(&self) -> String {
        // Real panels take no test orders.
        self.order
            .replace("\"livemode\": false", "\"livemode\": true")
            .replace("cs_test_", "cs_live_")
    }

    /// Directly mPanel takes nothing that it hosts itself.
    fn is_possible(&self) -> bool {
        self.mode != "direct" || !self.order.contains("starter")
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, mode, generation) = (self.name, self.mode, self.generation);
        write!(f, "{name} {mode} {generation:?}")?;
        self.fault
            .map_or(Ok(()), |fault| write!(f, " under {fault}"))
    }
}

/// How many there are of each thing an order makes.
#[derive(Debug, PartialEq, Eq)]
struct Made {
    accounts: usize,
    customers: usize,
    orders: usize,
    subscriptions: usize,
    active: usize,
    websites: usize,
    work: usize,
}

struct Place {
    case: Case,
    real: RealPanel,
    folder: TempDir,
}

impl Place {
    async fn new(case: Case) -> Self {
        let mpanel = MPanelSettings::new("mp", case.generation)
            .with_worker_pace(WorkerPace::AfterPolls(0))
            .without_limiter();
        let real = RealPanel::beside(mpanel, PanelSettings::new("srv1")).await;
        if let Some(fault) = case.fault {
            real.mpanel().unwrap().arm(fault).unwrap();
        }
        Self {
            case,
            real,
            folder: TempDir::new().unwrap(),
        }
    }

    fn mpanel(&self) -> &MPanel {
        self.real.mpanel().unwrap()
    }

    fn program(&self, worker: &str) -> Program {
        let arguments = format!(
            "- {} --paid-by operator --confirm-saved --json",
            self.case.order_id
        );
        self.real
            .program(&arguments)
            .dir(self.folder.path())
            .stdin(self.case.order())
            .env("NEXTPANEL_PREVIEW_DOMAIN", "preview.example.net")
            .env("MPANEL_MODE", self.case.mode)
            .env(
                "PROVISIONING_LONGEST_REQUEST",
                LONGEST_REQUEST.as_secs_f64().to_string(),
            )
            .env(
                "PROVISIONING_FIRST_PAUSE",
                FIRST_PAUSE.as_secs_f64().to_string(),
            )
            .env("PROVISIONING_WORKER", worker)
    }

    /// Runs it again, with answers where it asks, until the order is finished. The passwords that were shown.
    async fn finish(&self, worker: &str, what: &str) -> Vec<String> {
        let mut shown = Vec::new();
        let mut answers = Vec::new();
        let mut last = None;
        for _ in 0..MOST_RUNS {
            let program = answers
                .iter()
                .fold(self.program(worker), |program, answer: &String| {
                    program.arg("--answer").arg(answer)
                });
            let ended = self.real.run_it(program);
            assert!([0, 4].contains(&ended.exit), "{what}: {ended:#?}");
            let result = ended.json();
            if result["status"] == "not_answered" {
                // What was sent may still arrive, says the program: whoever answers waits, and looks again.
                tokio::time::sleep(LONGEST_REQUEST).await;
                last = Some(ended);
                continue;
            }
            answers.clear();
            if result["status"] == "waiting" {
                // Until it can be shown that nothing is there, or a person is asked, the pauses grow.
                tokio::time::sleep(PAUSE).await;
            }
            shown.extend(passwords(&result));
            if ended.exit == 0 {
                return shown;
            }
            // Whoever answers has seen what arrived in the meantime.
            self.real.settle().await;
            let asked = result["attention"].as_array().into_iter().flatten();
            answers.extend(asked.filter_map(|item| self.answer(item)));
            last = Some(ended);
        }
        panic!("{what}: it is not finished: {last:#?}");
    }

    /// What a person says who has looked at mPanel. Nothing where trying again is an answer.
    fn answer(&self, item: &Value) -> Option<String> {
        let step = item["step"].as_str().unwrap();
        let can_be = |answer: &str| {
            let answers = item["answers"].as_array().unwrap();
            answers.iter().any(|known| known.as_str() == Some(answer))
        };
        if !can_be("it exists with id X") {
            return None;
        }
        let mpanel = self.mpanel();
        let found = if step == "mpanel/order" {
            mpanel.public_orders().pop().map(|order| {
                let subscriptions = order.subscription_ids.join(",");
                format!("customer:{},{subscriptions}", order.customer_id)
            })
        } else if step == "mpanel/customer" {
            mpanel.customers().pop().map(|customer| customer.id)
        } else if step.starts_with("mpanel/subscription/") {
            let mut rows = mpanel.subscriptions();
            rows.pop().map(|subscription| subscription.id)
        } else if step.starts_with("mpanel/website/") {
            mpanel.websites().pop().map(|website| website.id)
        } else {
            panic!("{}: {step} asks what nobody can see: {item:#}", self.case);
        };
        Some(match found {
            Some(id) => format!("{step}=exists:{id}"),
            None => format!("{step}=send-again"),
        })
    }

    fn made(&self) -> Made {
        let mpanel = self.mpanel();
        let subscriptions = mpanel.subscriptions();
        Made {
            accounts: self.real.panel().created_by_clients(),
            customers: mpanel.customers().len(),
            orders: mpanel.public_orders().len(),
            active: subscriptions
                .iter()
                .filter(|subscription| subscription.status == "active")
                .count(),
            subscriptions: subscriptions.len(),
            websites: mpanel.websites().len(),
            work: mpanel.tasks().len() + mpanel.jobs().len(),
        }
    }

    async fn is_finished(&self, what: &str, shown: &[String], expected: &Made) {
        self.real.settle().await;
        assert_eq!(self.made(), *expected, "{what}");
        let (panel, mpanel) = (self.real.panel(), self.mpanel());
        // A look-up asks which generation the server is of, and a legacy one knows no such route.
        let mut unexpected = mpanel.unexpected_requests();
        unexpected.retain(|request| (request.method(), request.path()) != PROBE);
        unexpected.extend(panel.unexpected_requests());
        assert!(unexpected.is_empty(), "{what}: {unexpected:#?}");
        for account in panel.accounts() {
            assert!(!shown.is_empty(), "{what}: no password was shown");
            for password in shown {
                assert!(panel.password_is(&account.username, password), "{what}");
            }
        }
    }
}

fn passwords(result: &Value) -> Vec<String> {
    let credentials = result["credentials"].as_array().into_iter().flatten();
    credentials
        .filter_map(|credential| credential["password"].as_str().map(str::to_owned))
        .collect()
}

/// What the program had shown when it died, if the result got out.
fn shown_by(killed: &Ended) -> Vec<String> {
    serde_json::from_str(&killed.stdout).map_or_else(|_| Vec::new(), |result| passwords(&result))
}

/// What the order makes where nothing goes wrong.
async fn undisturbed(case: Case) -> Made {
    let place = Place::new(Case {
        fault: None,
        ..case
    })
    .await;
    let what = format!("{case}, undisturbed");
    let shown = place.finish("one", &what).await;
    let made = place.made();
    place.is_finished(&what, &shown, &made).await;
    assert_eq!(made.customers, 1, "{what}: {made:?}");
    assert_eq!(made.active, made.subscriptions, "{what}: {made:?}");
    made
}

/// Kills it at one point, each time it gets there: how often that was.
async fn killed_at(case: Case, point: &str, expected: &Made) -> u32 {
    for time in 1..100 {
        let place = Place::new(case).await;
        let at = format!("{point}:{time}");
        let what = format!("{case}, killed at {at}");
        let program = place.program("one").env("PROVISIONING_KILL_AT", &at);
        let Err(killed) = place.real.run_or_die(program) else {
            return time - 1;
        };
        // Under the same name and under another; a name gives no right to a lease.
        let worker = if time % 2 == 0 { "other" } else { "one" };
        let mut shown = shown_by(&killed);
        shown.extend(place.finish(worker, &what).await);
        place.is_finished(&what, &shown, expected).await;
    }
    panic!("{case}: {point} has no end");
}

/// Kills each case at each of these points. How often, in all.
async fn killed(cases: impl IntoIterator<Item = Case>, points: &'static [&'static str]) -> u32 {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = JoinSet::new();
    for case in cases {
        let expected = Arc::new(undisturbed(case).await);
        for point in points {
            let (turns, expected) = (Arc::clone(&turns), Arc::clone(&expected));
            tasks.spawn(async move {
                let _turn = turns.acquire().await.unwrap();
                killed_at(case, point, &expected).await
            });
        }
    }
    let mut times = 0;
    while let Some(done) = tasks.join_next().await {
        times += done.unwrap();
    }
    times
}

/// What mPanel has done is not in the journal yet, by every step of the bundled order.
#[tokio::test(flavor = "multi_thread", worker_threads = 10)]
async fn killed_before_an_outcome_it_finishes_the_order_on_either_generation_in_both_modes() {
    let cases = [Generation::Legacy, Generation::TypeScript]
        .into_iter()
        .flat_map(|generation| {
            ["direct", "stripe-completed"].map(|mode| Case::new(BUNDLED, generation, mode, None))
        });
    let times = killed(cases, &["before-outcome"]).await;
    assert!(times >= 20, "{times}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 10)]
#[ignore = "takes many minutes: .ci/full kills"]
async fn killed_at_any_point_of_any_sample_it_finishes_the_order() {
    let mut cases = Vec::new();
    for generation in [Generation::Legacy, Generation::TypeScript] {
        for mode in ["direct", "stripe-completed"] {
            for sample in SAMPLES {
                cases.extend(FAULTS.map(|fault| Case::new(sample, generation, mode, fault)));
            }
        }
    }
    cases.retain(Case::is_possible);
    let times = killed(cases, &POINTS).await;
    println!("killed {times} times");
    assert!(times > 1_000, "{times}");
}
