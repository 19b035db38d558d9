//! Handing the password over: shown, confirmed as saved, then erased.

use std::io::{self, BufRead, IsTerminal};

use provisioning_core::handover::Unconfirmed;
use provisioning_engine::RunView;

use super::Job;
use crate::answers::OPERATOR;
use crate::arguments::Arguments;
use crate::exit::Stop;
use crate::preflight::Input;
use crate::show::JsonResult;

/// Whether somebody can be asked: they see the password and the question, and their answer comes back.
pub(crate) fn can_ask(arguments: &Arguments) -> bool {
    !arguments.json && io::stdin().is_terminal() && io::stdout().is_terminal()
}

impl Job<'_> {
    /// Shows the passwords that nobody has confirmed, and confirms them once they are saved. In JSON mode this writes the
    /// result. The run as it stands afterwards, if a password was handed over.
    pub(super) async fn hand_over(
        &self,
        view: &RunView,
        input: &Input,
    ) -> Result<Option<RunView>, Stop> {
        let confirmed = self.arguments.confirm_saved;
        let shown = match view.run() {
            Some(_) => self.engine.unconfirmed(view.id).await?,
            None => Vec::new(),
        };
        if self.report.is_json() {
            let result = JsonResult::new(view, &self.panels, input, &shown, confirmed);
            let result = result.interrupted_by(self.interrupt.by(), view);
            let text = serde_json::to_string_pretty(&result).map_err(Stop::fault)?;
            // Written and flushed first: a password that did not get out is not saved.
            self.report
                .result(&text)
                .map_err(|error| self.not_written(view, &error))?;
            return if confirmed {
                self.confirm_all(view, shown)
                    .await
                    .map_err(Stop::past_result)
            } else {
                Ok(None)
            };
        }
        if shown.is_empty() || !(confirmed || can_ask(self.arguments)) {
            return Ok(None);
        }
        for credential in &shown {
            let line = format!(
                "\npassword of the {} `{}`: {}",
                credential.opens(),
                credential.username(),
                credential.expose_password()
            );
            self.report
                .try_say(&line)
                .map_err(|error| self.not_written(view, &error))?;
        }
        if !confirmed && !self.ask().await? {
            return Ok(None);
        }
        self.confirm_all(view, shown).await
    }

    async fn confirm_all(
        &self,
        view: &RunView,
        shown: Vec<Unconfirmed>,
    ) -> Result<Option<RunView>, Stop> {
        let mut after = None;
        for credential in shown {
            let confirmation = credential.confirm(OPERATOR);
            let confirmed = self.patiently(|| self.engine.confirm(view.id, &confirmation));
            after = Some(confirmed.await?);
        }
        Ok(after)
    }

    /// Whether somebody says yes. A signal is no yes.
    async fn ask(&self) -> Result<bool, Stop> {
        self.report
            .say("Have you saved the password? It cannot be shown again once you say yes. [y/N]");
        // Reading from a terminal cannot be called off, so it is left behind where a signal comes first.
        let answer = tokio::task::spawn_blocking(|| {
            let mut answer = String::new();
            io::stdin().lock().read_line(&mut answer).map(|_| answer)
        });
        let answer = tokio::select! {
            answer = answer => answer.map_err(Stop::fault)?.map_err(Stop::fault)?,
            () = self.interrupt.asked() => return Ok(false),
        };
        Ok(matches!(
            answer.trim().to_ascii_lowercase().as_str(),
            "y" | "yes"
        ))
    }

    fn not_written(&self, view: &RunView, error: &io::Error) -> Stop {
        let mut stop = Stop::not_finished(
            "not_written",
            format!(
                "awaiting confirmation: standard output takes nothing ({error}), so a password counts as not saved"
            ),
        )
        .past_result();
        stop.problems = view
            .run()
            .map(|run| self.state.left_behind(run))
            .unwrap_or_default();
        stop
    }
}
