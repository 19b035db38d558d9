//! Driving one run: plan it, show the plan, do it as far as it goes without somebody outside.

use provisioning_core::plan::Plan;
use provisioning_core::plan::id::PlanId;
use provisioning_core::run::Run;
use provisioning_core::run::event::Event;
use provisioning_engine::store::Wanted;
use provisioning_engine::{RunOptions, RunView};

use super::Job;
use crate::answers::OPERATOR;
use crate::ending::is_parked;
use crate::exit::Stop;
use crate::progress::Watcher;
use crate::show;

impl Job<'_> {
    /// Plans the run, shows the plan, and drives it as far as it goes without somebody outside.
    pub(super) async fn drive(&self, run: PlanId) -> Result<RunView, Stop> {
        let Self { engine, report, .. } = self;
        let before = engine.inspect(run).await?;
        let had_plan = before.run().is_some();
        if is_parked(&before) {
            // Whoever runs this again has seen what was wrong.
            self.patiently(|| engine.resume(run, OPERATOR)).await?;
        }
        let watcher = Watcher::start(engine, *report);
        let planned = self
            .patiently(|| engine.plan_run_until(run, self.interrupt.asked()))
            .await;
        watcher.finish().await;
        let view = planned?;
        let Some(planned) = view.run() else {
            return Ok(view);
        };
        if !had_plan {
            show::plan(planned.plan(), *report);
        }
        if self.panels.sandbox.is_none() && !has_begun(planned) {
            self.refuse_second_account(planned.plan()).await?;
        }
        let watcher = Watcher::start(engine, *report);
        let options = RunOptions {
            longest_wait: self.arguments.wait(),
        };
        let driven = self.patiently(|| engine.run_until(run, options, self.interrupt.asked()));
        let driven = tokio::select! {
            driven = driven => Some(driven),
            () = self.interrupt.insisted() => None,
        };
        watcher.finish().await;
        match driven {
            Some(driven) => driven,
            // As safe as a crash: the call that was under way is unknown, and looked up by whoever goes on.
            None => Ok(engine.inspect(run).await?),
        }
    }

    /// Nothing was sent for this run yet, and the order may not be new to the panels: it may have had a run that was kept
    /// in memory, or in a file that is lost.
    async fn refuse_second_account(&self, plan: &Plan) -> Result<(), Stop> {
        let earlier = tokio::select! {
            earlier = self.panels.marked_accounts() => earlier,
            () = self.interrupt.asked() => return Err(Stop::interrupted()),
        };
        let accounts = earlier.of(plan);
        if !accounts.is_empty() {
            let mut stop = Stop::not_finished(
                "exists",
                "this order has an account already, from an earlier process that took the password with it; nothing \
                 was made. Set a new password in the panel:"
                    .to_owned(),
            );
            stop.problems = accounts;
            return Err(stop);
        }
        if earlier.not_searched.is_empty() {
            return Ok(());
        }
        if self.knows_other_runs().await? {
            // A file that knows other orders is not a new one that took the place of one that was lost.
            for server in &earlier.not_searched {
                self.report
                    .say(&format!("  not searched for an earlier account: {server}"));
            }
            return Ok(());
        }
        let mut stop = Stop::not_finished(
            "not_searched",
            "an earlier process may have made this order's account, and not every server can be asked; nothing was made. \
             Run this again once they answer. Not searched:"
                .to_owned(),
        );
        stop.problems = earlier.not_searched;
        Err(stop)
    }

    async fn knows_other_runs(&self) -> Result<bool, Stop> {
        let wanted = Wanted {
            most: 2,
            ..Wanted::default()
        };
        Ok(self.engine.list(wanted).await?.len() > 1)
    }

    /// Lifts the fault and takes the same run up where it stands.
    pub(super) async fn heal(&self, view: RunView) -> Result<RunView, Stop> {
        let Some(sandbox) = &self.panels.sandbox else {
            return Ok(view);
        };
        show::attention(&view, &self.panels, &self.state, self.report);
        sandbox.heal();
        let fault = sandbox
            .fault()
            .map(|fault| fault.to_string())
            .unwrap_or_default();
        self.report.say(&format!(
            "\nhealed: the fault {fault} is lifted; the same run goes on where it stands"
        ));
        self.engine.resume(view.id, OPERATOR).await?;
        // What refused our key is fit again, so new orders may go there too.
        for denied in self.engine.denied_servers().await? {
            self.engine.resume_denied(&denied.server, OPERATOR).await?;
        }
        self.drive(view.id).await
    }
}

/// Whether anything was ever sent for a run.
fn has_begun(run: &Run) -> bool {
    let entries = &run.journal().entries;
    entries
        .iter()
        .any(|entry| matches!(entry.event, Event::Intent(_)))
}
