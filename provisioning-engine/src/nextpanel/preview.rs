//! The exact requests of a step, before anything is sent.

use secrecy::SecretString;

use nextpanel_client::panel::{AccountId, GetAccount, ListAccounts, LogIn, Panel};
use panel_http::Endpoint;
use provisioning_core::plan::Plan;
use provisioning_core::plan::account::KnownAccount;
use provisioning_core::plan::action::{Action, CreateHostingAccount};
use provisioning_core::plan::id::StepPath;

use super::NextPanelExecutor;
use super::create::request;
use crate::executor::PreviewedRequest;

/// Rows that a look-up or count asks for at once.
const PAGE: u32 = 1_000;

/// Stands in for the id until the panel has given one; no account has it.
const UNKNOWN_ID: AccountId = AccountId::new(0);

pub(super) fn preview(
    executor: &NextPanelExecutor,
    plan: &Plan,
    path: &StepPath,
) -> Vec<PreviewedRequest> {
    let Some(step) = plan.step(path) else {
        return Vec::new();
    };
    match &step.action {
        Action::CreateHostingAccount(create) => {
            let Some(panel) = first_panel(executor, create) else {
                return Vec::new();
            };
            let Some(username) = create.usernames.first() else {
                return Vec::new();
            };
            // The password does not exist yet; the preview masks its place in any case.
            let endpoint = request(
                create,
                username.as_str(),
                SecretString::from("not made yet"),
                plan.planned_at,
            );
            render(&panel, &endpoint, Some(path), true)
                .into_iter()
                .collect()
        }
        Action::VerifyHostingAccount(verify) => {
            let Some(Action::CreateHostingAccount(create)) =
                plan.step(&verify.account).map(|step| &step.action)
            else {
                return Vec::new();
            };
            let Some(panel) = first_panel(executor, create) else {
                return Vec::new();
            };
            let unknown = format!("{{{}.id}}", verify.account);
            let get = render(&panel, &GetAccount(UNKNOWN_ID), Some(path), false).map(|mut get| {
                if let Some(base) = get.url.strip_suffix('0') {
                    get.url = format!("{base}{unknown}");
                }
                get
            });
            let username = create
                .usernames
                .first()
                .map(|name| name.as_str().to_owned())
                .unwrap_or_default();
            let log_in = render(
                &panel,
                &LogIn::new(username, SecretString::from("not made yet")),
                Some(path),
                false,
            );
            get.into_iter().chain(log_in).collect()
        }
        action => action
            .known_account()
            .map(|known| about_known(executor, path, action, known))
            .unwrap_or_default(),
    }
}

/// The read that comes before everything that is done to a known account, and what is done to it.
fn about_known(
    executor: &NextPanelExecutor,
    path: &StepPath,
    action: &Action,
    known: &KnownAccount,
) -> Vec<PreviewedRequest> {
    let (Some((_, panel)), Ok(id)) = (
        executor.panel(Some(&known.account.server)),
        known.account.remote_id.parse().map(AccountId::new),
    ) else {
        return Vec::new();
    };
    let requests = match action {
        Action::SuspendAccount(suspend) => panel.preview_suspend(id, &suspend.reason.to_string()),
        Action::UnsuspendAccount(_) => panel.preview_unsuspend(id),
        Action::TerminateAccount(_) => panel.preview_delete(id),
        Action::CheckAccount(_) => {
            return render(&panel, &GetAccount(id), Some(path), false)
                .into_iter()
                .collect();
        }
        _ => return Vec::new(),
    };
    let Ok([read, act]) = requests else {
        return Vec::new();
    };
    vec![
        PreviewedRequest::of(&read, Some(path), false),
        PreviewedRequest::of(&act, Some(path), true),
    ]
}

/// The reads that counting a server sends.
pub(super) fn observe(panel: &Panel) -> Vec<PreviewedRequest> {
    let first = render(panel, &ListAccounts::new(0, PAGE), None, false);
    let following = render(panel, &ListAccounts::new(0, PAGE), None, false).map(|mut next| {
        next.url = next.url.replace("skip=0", "skip={rows so far}");
        next.when = Some("until a page brings nothing new".to_owned());
        next
    });
    first.into_iter().chain(following).collect()
}

fn first_panel(executor: &NextPanelExecutor, create: &CreateHostingAccount) -> Option<Panel> {
    executor
        .panel(create.servers.first().map(|server| &server.name))
        .map(|(_, panel)| panel)
}

fn render<E: Endpoint>(
    panel: &Panel,
    endpoint: &E,
    step: Option<&StepPath>,
    writes: bool,
) -> Option<PreviewedRequest> {
    let preview = panel.preview(endpoint).ok()?;
    Some(PreviewedRequest::of(&preview, step, writes))
}
