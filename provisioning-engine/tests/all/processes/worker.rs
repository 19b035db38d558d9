//! The worker process: takes its orders in, works, delivers passwords, and ends when every run is over.

use std::io::{Read as _, Write as _};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use provisioning_core::order::{Intake, ProductCode, TenantId, read_payment_event};
use provisioning_core::payment::AllowedBy;
use provisioning_engine::store::{ListedRun, Standing, StoreError, Wanted};
use provisioning_engine::{Engine, EngineError, WorkOptions};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

use super::job::{Asked, Job};
use crate::shop::order_of;

/// Says that this process is a worker.
const IS_WORKER: &str = "PROVISIONING_TEST_WORKER";

/// How a worker says that a run waits for a human.
const ASKS: i32 = 4;

/// How a worker process ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// By SIGKILL.
    Killed,
    /// Every run is over, or it was asked to stop.
    Done,
    /// A run waits for a human.
    Asks,
}

/// Starts a worker process.
pub(super) async fn start(job: &Job, kill_at: Option<&str>) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["processes::worker::a_worker_process", "--exact"])
        .args(["--ignored", "--nocapture"])
        .env(IS_WORKER, "1")
        .env_remove("PROVISIONING_KILL_AT")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if let Some(point) = kill_at {
        command.env("PROVISIONING_KILL_AT", point);
    }
    let mut child = command.spawn().unwrap();
    let job = serde_json::to_vec(job).unwrap();
    // A process that is killed at once reads nothing.
    let _ = child.stdin.take().unwrap().write_all(&job).await;
    child
}

/// Waits for its end. Anything but an orderly one or SIGKILL fails the test, with what the worker said.
pub(super) async fn ended(child: Child) -> Ended {
    let output = child.wait_with_output().await.unwrap();
    how(output.status).unwrap_or_else(|| {
        let said = String::from_utf8_lossy(&output.stderr);
        panic!("{}: {said}", output.status)
    })
}

fn how(status: ExitStatus) -> Option<Ended> {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.signal(), status.code()) {
        (Some(9), _) => Some(Ended::Killed),
        (_, Some(0)) => Some(Ended::Done),
        (_, Some(ASKS)) => Some(Ended::Asks),
        _ => None,
    }
}

pub(super) async fn work(job: &Job, kill_at: Option<&str>) -> Ended {
    ended(start(job, kill_at).await).await
}

#[tokio::test]
#[ignore = "a process that the other tests start, not a test"]
async fn a_worker_process() {
    if std::env::var_os(IS_WORKER).is_none() {
        return;
    }
    let mut job = String::new();
    std::io::stdin().read_to_string(&mut job).unwrap();
    let job: Job = serde_json::from_str(&job).unwrap();
    let mut terminated = signal(SignalKind::terminate()).unwrap();
    let engine = job.engine(None).await;
    for (id, email, items) in &job.orders {
        engine.submit(&order_of(id, email, items)).await.unwrap();
    }
    take_in(&engine, &job, true).await;
    let mut asks = false;
    let until = async {
        tokio::select! {
            found = everything(&engine, &job) => asks = found,
            _ = terminated.recv() => {}
            () = tokio::time::sleep(job.longest) => {
                let runs = engine.list(Wanted::default()).await.unwrap();
                let open = runs.into_iter().find(|run| !matches!(run.standing, Standing::Over | Standing::Forgotten));
                let view = match &open {
                    Some(run) => Some(engine.inspect(run.id).await.unwrap()),
                    None => None,
                };
                panic!("not over after {:?}: {open:#?} {view:#?}", job.longest);
            }
        }
    };
    let options = WorkOptions::default()
        .with_concurrency(job.concurrency)
        .with_idle(Duration::from_millis(25));
    let worked = engine.work(options, until).await;
    assert_eq!(worked.panicked, 0, "{worked:?}");
    engine.close().await;
    if asks {
        std::process::exit(ASKS);
    }
}

/// Waits until every run is over, takes in what happens then, and waits again.
async fn everything(engine: &Engine, job: &Job) -> bool {
    let mut asks = all_over(engine, job).await;
    if !asks && job.events.iter().any(|happens| !happens.before_work) {
        take_in(engine, job, false).await;
        asks = all_over(engine, job).await;
    }
    for asked in &job.asked {
        if asks {
            break;
        }
        ask(engine, *asked).await;
        asks = all_over(engine, job).await;
    }
    asks
}

/// Asks it of the first order, as a host does that does not know whether it has asked before.
async fn ask(engine: &Engine, asked: Asked) {
    let run = engine.list(Wanted::default()).await.unwrap().remove(0).id;
    loop {
        let done = match asked {
            Asked::Suspend => engine.suspend(run, "sends spam").await.map(|_| ()),
            Asked::Unsuspend => engine.unsuspend(run).await.map(|_| ()),
            Asked::ChangePackage => {
                let to = ProductCode::new("wp_growth").unwrap();
                engine.change_package(run, &to).await.map(|_| ())
            }
            Asked::Terminate => {
                let name = "jo".to_owned();
                let allowed_by = AllowedBy::Human { name };
                engine.terminate(run, allowed_by).await.map(|_| ())
            }
            Asked::Forget => match engine.forget(run).await {
                Err(EngineError::Forgotten(_)) => Ok(()),
                forgotten => forgotten,
            },
        };
        match done {
            Ok(()) => return,
            // This worker has it in hand, or one that died has a lease that is not over.
            Err(EngineError::Store(StoreError::Claimed { .. })) => {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Err(error) => panic!("{asked:?}: {error}"),
        }
    }
}

async fn take_in(engine: &Engine, job: &Job, before_work: bool) {
    let intake = Intake::new(TenantId::new("shop").unwrap());
    for happens in &job.events {
        if happens.before_work == before_work {
            let event = read_payment_event(happens.payload.as_bytes(), &intake).unwrap();
            engine.payment_event(&event).await.unwrap();
        }
    }
}

/// Waits until every run is over, and delivers passwords meanwhile. Whether some run waits for a human instead.
async fn all_over(engine: &Engine, job: &Job) -> bool {
    loop {
        for run in stand(engine, Standing::AwaitingConfirmation, 20).await {
            hand_over(engine, job, &run).await;
        }
        let mut open = 0;
        for standing in [
            Standing::Submitted,
            Standing::Ready,
            Standing::Waiting,
            Standing::Rejected,
            Standing::AwaitingConfirmation,
        ] {
            open += stand(engine, standing, 1).await.len();
        }
        // A run that changes its standing may be missed between two lists, never by one.
        if open == 0
            && let Some(asks) = all_stand_still(engine).await
        {
            return asks;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// If every run is over or waits for a human: whether one waits.
async fn all_stand_still(engine: &Engine) -> Option<bool> {
    let wanted = Wanted {
        most: 10_000,
        ..Wanted::default()
    };
    let runs = engine.list(wanted).await.unwrap();
    let waits = |run: &ListedRun| run.standing == Standing::NeedsAttention;
    let stands_still = |run: &ListedRun| {
        matches!(run.standing, Standing::Over | Standing::Forgotten) || waits(run)
    };
    runs.iter()
        .all(|run| stands_still(run) && !run.payment.is_unsettled())
        .then(|| runs.iter().any(waits))
}

async fn stand(engine: &Engine, standing: Standing, most: u32) -> Vec<ListedRun> {
    let wanted = Wanted {
        standing: Some(standing),
        most,
        ..Wanted::default()
    };
    engine.list(wanted).await.unwrap()
}

/// Delivers what can be handed over: first into the customer's inbox, then confirmed. A process that is killed between
/// delivers twice, never not at all.
async fn hand_over(engine: &Engine, job: &Job, run: &ListedRun) {
    let shown = match engine.unconfirmed(run.id).await {
        Ok(shown) => shown,
        Err(error) if error.is_about_one_run() => return,
        Err(error) => panic!("{error}"),
    };
    for credential in shown {
        let mut inbox = std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(&job.inbox)
            .unwrap();
        let (username, password) = (credential.username(), credential.expose_password());
        let line = format!("{username}\t{password}\n");
        inbox.write_all(line.as_bytes()).unwrap();
        match engine
            .confirm(run.id, &credential.confirm("the inbox"))
            .await
        {
            // Another worker holds the run, or has confirmed it meanwhile; or it ended three workers in a row, and is left
            // alone until somebody has looked. Or the other processes kept the file for too long, and nothing was recorded.
            // Whoever comes next sees.
            Ok(_)
            | Err(
                EngineError::NotAllowed(_)
                | EngineError::Store(
                    StoreError::Claimed { .. }
                    | StoreError::FencedOut(_)
                    | StoreError::Poisoned { .. }
                    | StoreError::Unavailable { .. },
                ),
            ) => {}
            Err(error) => panic!("{error}"),
        }
    }
}
