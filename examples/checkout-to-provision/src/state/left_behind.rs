//! What becomes of passwords that nobody has confirmed, once this process has ended.

use jiff::Timestamp;

use provisioning_core::plan::action::Action;
use provisioning_core::plan::id::StepPath;
use provisioning_core::run::Run;
use provisioning_core::run::status::RunStatus;
use provisioning_core::run::step_state::Phase;

use super::State;

/// An account whose password nobody has confirmed.
enum Account<'a> {
    /// It exists.
    Known {
        username: &'a str,
        server: &'a str,
        id: &'a str,
    },
    /// An unknown call may have made it.
    MayExist {
        username: &'a str,
        server: &'a str,
        mark: String,
    },
}

impl State {
    /// What to know about the accounts of a run whose password nobody has confirmed, and about those that an unknown call
    /// may have made.
    pub(crate) fn left_behind(&self, run: &Run) -> Vec<String> {
        let plan = run.plan();
        plan.steps
            .iter()
            .filter(|step| {
                let credential = step.action.credential();
                credential.is_some_and(|credential| run.confirmed_by(credential).is_none())
            })
            .filter_map(|step| account(run, &step.path))
            .map(|account| self.words(&account))
            .chain(self.told_mpanel(run))
            .collect()
    }

    /// mPanel may have an order, and a process that does not know this run would give it the same order again.
    fn told_mpanel(&self, run: &Run) -> Option<String> {
        if self.is_file() || matches!(run.status(Timestamp::now()), RunStatus::Over(_)) {
            return None;
        }
        let begun = run.plan().steps.iter().find(|step| {
            let state = run.step(&step.path);
            matches!(step.action, Action::Mpanel(_)) && state.is_some_and(|state| state.attempt > 0)
        })?;
        Some(format!(
            "mPanel was told of this order ({}), and the run ends with this process: look there before this order is run \
             again",
            begun.path
        ))
    }

    fn words(&self, account: &Account<'_>) -> String {
        match (account, &self.file) {
            (
                Account::Known {
                    username,
                    server,
                    id,
                },
                None,
            ) => format!(
                "the run ends with this process, and with it the unconfirmed password of {username} on {server} \
                 (account {id}): set a new one in the panel"
            ),
            (
                Account::Known {
                    username,
                    server,
                    id,
                },
                Some(file),
            ) => format!(
                "nobody has confirmed the password of {username} on {server} (account {id}) yet; it is kept sealed in \
                 {}, and the same command shows it again: on a terminal, or with --confirm-saved",
                file.display()
            ),
            (
                Account::MayExist {
                    username,
                    server,
                    mark,
                },
                None,
            ) => format!(
                "an account {username} may exist on {server}: the run ends with this process, and with it the password; \
                 look for billing id {mark} in the panel before this order is run again"
            ),
            (
                Account::MayExist {
                    username,
                    server,
                    mark,
                },
                Some(file),
            ) => format!(
                "an account {username} may exist on {server} (billing id {mark}): its password is kept sealed in {}, \
                 and the same command looks for the account before it sends anything again",
                file.display()
            ),
        }
    }
}

fn account<'a>(run: &'a Run, step: &StepPath) -> Option<Account<'a>> {
    if let Some(account) = run.account(step) {
        return Some(Account::Known {
            username: &account.username,
            server: account.server.as_str(),
            id: &account.remote_id,
        });
    }
    let state = run.step(step)?;
    let Action::CreateHostingAccount(create) = &run.plan().step(step)?.action else {
        return None;
    };
    let may_exist = state.may_exist_here() || state.phase == Phase::InFlight;
    may_exist.then_some(())?;
    Some(Account::MayExist {
        username: create.usernames.get(state.candidate as usize)?.as_str(),
        server: run.server_of(step)?.as_str(),
        mark: create.mark.to_string(),
    })
}
