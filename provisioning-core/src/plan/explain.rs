//! A step in plain words.

use super::Plan;
use super::action::{Action, CreateHostingAccount};
use super::id::StepPath;
use crate::permission::{Requirement, Rule};

impl Plan {
    /// What the step at `path` will do and why, in plain words, one thought per line; `None` if there is no such step.
    #[must_use]
    pub fn explain(&self, path: &StepPath) -> Option<String> {
        let step = self.step(path)?;
        let mut lines = vec![format!("{} is {}.", step.path, step.criticality)];
        lines.extend(self.explain_action(&step.action));
        if let Some(verb) = &step.verb
            && let Some(needs) = &verb.needs
        {
            lines.push(needed(&Requirement::of(*needs)));
        }
        Some(lines.join("\n"))
    }

    pub(super) fn explain_action(&self, action: &Action) -> Vec<String> {
        match action {
            Action::CreateHostingAccount(create) => explain_create(create),
            Action::VerifyHostingAccount(verify) => {
                vec![format!("read the account of {} back by id, check name and active flag, try its login", verify.account)]
            }
            Action::Mpanel(action) => action.explain(),
            Action::Provide(provide) => vec![
                format!("provide {} by `{}`", provide.what, provide.verb),
                format!("mark {} proves it is ours", provide.mark),
            ],
            Action::Manual(manual) => vec![
                format!("by hand: {} ({})", manual.what, manual.why),
                format!("to do: {}", manual.instructions),
            ],
            Action::HandOver(hand_over) => hand_over
                .credentials
                .iter()
                .map(|id| match self.credential(id) {
                    Some(spec) => {
                        format!("show the password of the {} ({id}) until it is confirmed as saved, then erase it", spec.opens)
                    }
                    None => format!("show the credential {id}"),
                })
                .collect(),
            _ => explain_lifecycle(action),
        }
    }
}

fn explain_lifecycle(action: &Action) -> Vec<String> {
    let mut lines = match action {
        Action::SuspendAccount(suspend) => vec![format!(
            "suspend {}: {}; its data is kept",
            suspend.account, suspend.reason
        )],
        Action::UnsuspendAccount(unsuspend) => vec![format!("unsuspend {}", unsuspend.account)],
        Action::ChangePackage(change) => vec![format!(
            "move {} from {} to {}",
            change.account, change.from, change.to
        )],
        Action::TerminateAccount(terminate) => {
            let mut lines = vec![format!(
                "terminate {}: its data is destroyed for good",
                terminate.account
            )];
            lines.extend(terminate.grounds.describe());
            lines.push(
                "a lost reply is looked up by id before anything is sent again; gone counts as done"
                    .to_owned(),
            );
            lines
        }
        Action::CheckAccount(check) => {
            vec![format!(
                "read {} back by id: it should be {}",
                check.account, check.expected
            )]
        }
        _ => Vec::new(),
    };
    if action.brings_about().is_some()
        && let Some(known) = action.known_account()
    {
        lines.push(format!(
            "nothing is sent unless id {} is `{}` and carries no other mark than {}",
            known.account.remote_id, known.account.username, known.mark
        ));
    }
    lines
}

fn needed(requirement: &Requirement) -> String {
    let what = match requirement.rule() {
        Rule::ApiKey { level, .. } => format!("an API key of level {level}"),
        Rule::Role(roles) => format!("a user whose role is exactly {}", roles.join(" or ")),
        _ => format!("{}", requirement.credential()),
    };
    let assumed = if requirement.is_assumed() {
        " (assumed: no real panel was seen to say so)"
    } else {
        ""
    };
    format!("needs {what} to {}{assumed}", requirement.verb().words())
}

fn explain_create(create: &CreateHostingAccount) -> Vec<String> {
    let mut lines = Vec::new();
    let package = create.package_id.map_or_else(
        || "the panel's default package".to_owned(),
        |id| format!("package {id}"),
    );
    lines.push(format!(
        "create a {} account for {} ({}, {})",
        create.account_type.as_wire(),
        create.product,
        package,
        create.domain
    ));
    for (place, server) in create.servers.iter().enumerate() {
        let word = if place == 0 { "on" } else { "else" };
        lines.push(format!("{word} {}: {}", server.name, server.why));
        if place == 2 && create.servers.len() > 3 {
            lines.push(format!("else {} more, ranked", create.servers.len() - 3));
            break;
        }
    }
    let names: Vec<&str> = create
        .usernames
        .iter()
        .take(3)
        .map(crate::username::Username::as_str)
        .collect();
    let more = create.usernames.len().saturating_sub(3);
    let more = if more == 0 {
        String::new()
    } else {
        format!(" and {more} more")
    };
    lines.push(format!("username {}{more}", names.join(", else ")));
    lines.push(format!("mark {} proves the account is ours", create.mark));
    lines
}
