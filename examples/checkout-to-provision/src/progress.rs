//! Progress, as it happens: a spinner on a terminal, plain lines elsewhere.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use provisioning_engine::Engine;
use provisioning_engine::progress::{Happened, Progress};

use crate::report::Report;

/// Says what the engine does until it is told to finish.
pub(crate) struct Watcher {
    end: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Watcher {
    pub(crate) fn start(engine: &Engine, report: Report) -> Self {
        let (end, mut ended) = oneshot::channel();
        let mut events = engine.progress();
        let task = tokio::spawn(async move {
            let mut screen = Screen::new(report);
            loop {
                tokio::select! {
                    biased;
                    event = events.recv() => match event {
                        Ok(event) => screen.show(&event),
                        Err(_) => break,
                    },
                    _ = &mut ended => break,
                }
            }
            screen.show_rest(&mut events);
        });
        Self { end, task }
    }

    /// Says what is left to say. The engine has stopped.
    pub(crate) async fn finish(self) {
        // Both fail only if the task is gone, and then it has said everything.
        let _ = self.end.send(());
        let _ = self.task.await;
    }
}

struct Screen {
    report: Report,
    spinner: Option<ProgressBar>,
}

impl Screen {
    fn new(report: Report) -> Self {
        let spinner = report.is_watched().then(|| {
            let bar = ProgressBar::new_spinner();
            // A template that does not parse would be a mistake of ours; the default spinner does as well.
            bar.set_style(
                ProgressStyle::with_template("{spinner} {wide_msg}")
                    .unwrap_or_else(|_| ProgressStyle::default_spinner()),
            );
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Self { report, spinner }
    }

    fn show_rest(&mut self, events: &mut Receiver<Progress>) {
        loop {
            match events.try_recv() {
                Ok(event) => self.show(&event),
                Err(TryRecvError::Lagged(_)) => {}
                Err(_) => break,
            }
        }
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }

    fn show(&mut self, event: &Progress) {
        let Some((line, is_under_way)) = words(&event.what) else {
            return;
        };
        match &self.spinner {
            Some(spinner) if is_under_way => spinner.set_message(line),
            Some(spinner) => {
                let report = self.report;
                spinner.suspend(|| report.say(&line));
            }
            None => self.report.say(&line),
        }
    }
}

/// The words for an event, and whether it is something under way rather than something done.
fn words(what: &Happened) -> Option<(String, bool)> {
    Some(match what {
        Happened::Observed {
            server,
            observation,
        } => (format!("  counted  {server}: {observation}"), false),
        Happened::Planned { steps } => (format!("  planned  {} steps", steps.len()), false),
        Happened::Rejected { .. } => return None,
        Happened::Sealed { credential } => {
            (format!("  sealed   a new password for {credential}"), false)
        }
        Happened::Calling {
            step,
            attempt,
            server,
        } => {
            let on = server
                .as_ref()
                .map(|server| format!(" on {server}"))
                .unwrap_or_default();
            let again = if *attempt > 1 {
                format!(" (call {attempt})")
            } else {
                String::new()
            };
            (format!("  call     {step}{on}{again}"), true)
        }
        Happened::Came {
            step,
            done,
            outcome,
        } => (
            format!(
                "  {}     {step}: {outcome}",
                if *done { "done" } else { "came" }
            ),
            false,
        ),
        Happened::LookingUp { step, server } => {
            let on = server
                .as_ref()
                .map(|server| format!(" on {server}"))
                .unwrap_or_default();
            (format!("  look up  {step}{on}"), true)
        }
        Happened::LookedUp { step, done, found } => (
            format!(
                "  {}    {step}: {found}",
                if *done { "found" } else { "saw  " }
            ),
            false,
        ),
        Happened::Waiting { step, until, why } => {
            (format!("  waiting  {step} until {until:.0}: {why}"), false)
        }
        Happened::NeedsAttention { .. } | Happened::Over(_) => return None,
        Happened::Erased { credential } => {
            (format!("  erased   the sealed copy of {credential}"), false)
        }
        _ => return None,
    })
}
