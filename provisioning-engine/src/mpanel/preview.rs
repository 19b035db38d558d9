//! The exact requests of a step on mPanel, before anything is sent.

use panel_http::Endpoint;
use provisioning_core::plan::action::mpanel::{
    ChangeSubscription, MpanelAction, SubmitOrder, SubscriptionChange,
};
use provisioning_core::plan::id::StepPath;
use provisioning_core::plan::mpanel::OrderEntry;

use mpanel_client::products::ProductId;
use mpanel_client::subscriptions::{
    CancelSubscription, GetSubscription, ReactivateSubscription, SubscriptionId,
    SuspendSubscription,
};
use mpanel_client::tasks::{GetTask, TaskId};

use super::MpanelExecutor;
use super::record::{customer_request, status_request, subscription_request, website_request};
use super::submit::{order_created, order_webhook, stripe_completed, stripe_payment};
use crate::executor::PreviewedRequest;

/// The place of what a step tells once it is done.
fn id_of(step: &StepPath) -> String {
    format!("{{{step}.id}}")
}

pub(super) fn preview(
    executor: &MpanelExecutor,
    step: &StepPath,
    action: &MpanelAction,
) -> Vec<PreviewedRequest> {
    let one = |request: Option<PreviewedRequest>| request.into_iter().collect();
    match action {
        MpanelAction::SubmitOrder(order) => one(submit(executor, step, order)),
        MpanelAction::WatchOrder(watch) => one(reading(executor, step, watch.policy.reads)),
        MpanelAction::CreateCustomer(create) => {
            one(render(executor, step, &customer_request(create)))
        }
        MpanelAction::CreateSubscription(create) => {
            let product = create
                .panel_product_id
                .clone()
                .unwrap_or_else(|| format!("{{id of {}}}", create.product));
            let product = ProductId::text(product);
            let request = subscription_request(create, &id_of(&create.customer), product);
            one(render(executor, step, &request))
        }
        MpanelAction::SetSubscriptionStatus(set) => {
            // A step path is no id that a URL takes, so it is put where the id will be.
            const ROW: &str = "{subscription}";
            let request = render(executor, step, &status_request(ROW, set.status));
            one(request.map(|mut request| {
                request.url = request.url.replace(ROW, &id_of(&set.subscription));
                request
            }))
        }
        MpanelAction::CreateWebsite(create) => {
            let domain = create.domain.to_string();
            let request = website_request(
                create,
                &id_of(&create.customer),
                &id_of(&create.subscription),
                &domain,
            );
            one(render(executor, step, &request))
        }
        MpanelAction::ChangeSubscription(change) => changing(executor, step, change),
        _ => Vec::new(),
    }
}

/// The read with which every change begins, and the change.
fn changing(
    executor: &MpanelExecutor,
    step: &StepPath,
    change: &ChangeSubscription,
) -> Vec<PreviewedRequest> {
    let id = || SubscriptionId::text(change.subscription.remote_id.as_str());
    let read = render(executor, step, &GetSubscription(id())).map(|mut read| {
        read.writes = false;
        read
    });
    let write = match &change.change {
        SubscriptionChange::Suspend { .. } => render(executor, step, &SuspendSubscription(id())),
        SubscriptionChange::Reactivate => render(executor, step, &ReactivateSubscription(id())),
        SubscriptionChange::Cancel { .. } => render(executor, step, &CancelSubscription(id())),
        _ => None,
    };
    let write = write.map(|mut write| {
        write.when = Some("if it is the one that is meant, and not so already".to_owned());
        write
    });
    [read, write].into_iter().flatten().collect()
}

/// Lists are read, and a list has no preview: it is where its rows are.
fn reading(executor: &MpanelExecutor, step: &StepPath, reads: u32) -> Option<PreviewedRequest> {
    const ROW: &str = "{task}";
    let mut list = render(executor, step, &GetTask(TaskId::text(ROW)))?;
    let row = format!("/{ROW}");
    list.url = list.url.strip_suffix(&row)?.to_owned();
    list.writes = false;
    list.when = Some(format!(
        "at most {reads} times, until it is settled; a TypeScript server is asked for the subscriptions instead"
    ));
    Some(list)
}

fn submit(
    executor: &MpanelExecutor,
    step: &StepPath,
    order: &SubmitOrder,
) -> Option<PreviewedRequest> {
    match order.entry {
        OrderEntry::ProvisioningStripe => render(executor, step, &stripe_payment(order).ok()?),
        OrderEntry::StripeCompleted => render(executor, step, &stripe_completed(order)),
        OrderEntry::OrdersWebhook => render(
            executor,
            step,
            &order_webhook(order, executor.tenant_slug.as_deref()).ok()?,
        ),
        OrderEntry::OrderCreated => render(executor, step, &order_created(order)),
    }
}

fn render<E: Endpoint>(
    executor: &MpanelExecutor,
    step: &StepPath,
    endpoint: &E,
) -> Option<PreviewedRequest> {
    let preview = executor.mpanel.preview(endpoint).ok()?;
    Some(PreviewedRequest::of(&preview, Some(step), true))
}
