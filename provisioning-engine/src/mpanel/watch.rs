//! Reading how far the panel is with an order, with as few requests as can be.

use futures_util::TryStreamExt;

use mpanel_client::Mpanel;
use mpanel_client::customers::CustomerId;
use mpanel_client::jobs::JobId;
use mpanel_client::orders::OrderId;
use mpanel_client::subscriptions::{
    GetSubscription, ListSubscriptions, Subscription, SubscriptionId, SubscriptionStatus,
};
use mpanel_client::tasks::{ListTasks, Task};
use mpanel_client::{Generation, Session};
use panel_http::{Error, Kind};
use provisioning_core::plan::mpanel::OrderEntry;
use provisioning_core::plan::verb::Effect;
use provisioning_core::run::facts::Facts;
use provisioning_core::run::facts::mpanel::{MpanelFacts, MpanelOrder, OrderProgress, PieceOfWork};
use provisioning_core::run::outcome::Outcome;
use provisioning_core::status::ProvisioningState;

use super::MpanelExecutor;
use super::reply::outcome_of;

/// An order just placed has its tasks at the newest end of the list. More pages than this are never read at once:
/// every one counts against the limiter.
const MOST_PAGES: usize = 2;

/// The role for which the routes of jobs are.
const PLATFORM_ADMIN: &str = "PLATFORM_ADMIN";

pub(super) async fn watch(
    executor: &MpanelExecutor,
    entry: OrderEntry,
    order: &MpanelOrder,
) -> Outcome {
    match progress(&executor.mpanel, entry, order).await {
        Ok(progress) => Outcome::Ok {
            facts: Facts::Mpanel(MpanelFacts::Progress(progress)),
        },
        Err(error) => outcome_of(executor, &error, Effect::Read),
    }
}

async fn progress(
    mpanel: &Mpanel,
    entry: OrderEntry,
    order: &MpanelOrder,
) -> Result<OrderProgress, Error> {
    let session = mpanel.session().await?;
    match shown_by(&session, entry, order) {
        ShownBy::Tasks => tasks(mpanel, order).await,
        ShownBy::Jobs => jobs(mpanel, order).await,
        ShownBy::Subscriptions => subscriptions(mpanel, order).await,
    }
}

/// What tells this user of this server how far an order is.
#[derive(Debug, PartialEq, Eq)]
enum ShownBy {
    /// The worker's tasks: for the legacy role `admin`.
    Tasks,
    /// The jobs of the TypeScript generation: for platform administrators.
    Jobs,
    /// The subscription, which becomes active when the last of its work has succeeded, and shows no failure.
    Subscriptions,
}

/// On a TypeScript server the tasks want a TypeScript token in front and the role `admin` behind, which no TypeScript
/// token has (CONTRACT-mpanel sections 1 and 7).
fn shown_by(session: &Session, entry: OrderEntry, order: &MpanelOrder) -> ShownBy {
    if entry == OrderEntry::OrdersWebhook {
        let may_read_jobs = session.role() == Some(PLATFORM_ADMIN);
        return if may_read_jobs && !order.job_ids.is_empty() {
            ShownBy::Jobs
        } else {
            ShownBy::Subscriptions
        };
    }
    match session.generation() {
        Some(Generation::TypeScript) => ShownBy::Subscriptions,
        _ => ShownBy::Tasks,
    }
}

async fn tasks(mpanel: &Mpanel, order: &MpanelOrder) -> Result<OrderProgress, Error> {
    let wanted: Vec<SubscriptionId> = ids(order);
    let mut found: Vec<Task> = Vec::new();
    let mut pages = mpanel.list(ListTasks::new()).pages();
    for _ in 0..MOST_PAGES {
        let Some(page) = pages.try_next().await? else {
            break;
        };
        let is_last = page.next.is_none();
        found.extend(page.items.into_iter().filter(|task| {
            task.subscription_id
                .as_ref()
                .is_some_and(|id| wanted.contains(id))
        }));
        if is_last || has_all(&wanted, &found) {
            break;
        }
    }
    let whole = has_all(&wanted, &found);
    let work = found.iter().map(of_task).collect();
    Ok(OrderProgress { work, whole })
}

fn ids(order: &MpanelOrder) -> Vec<SubscriptionId> {
    order
        .subscription_ids
        .iter()
        .map(|id| SubscriptionId::text(id.as_str()))
        .collect()
}

fn has_all(wanted: &[SubscriptionId], found: &[Task]) -> bool {
    wanted.iter().all(|id| {
        found
            .iter()
            .any(|task| task.subscription_id.as_ref() == Some(id))
    })
}

fn of_task(task: &Task) -> PieceOfWork {
    let step = task.step.as_deref().unwrap_or("no step named");
    PieceOfWork {
        what: format!("task {} ({step})", task.id),
        status: task
            .status
            .as_ref()
            .map_or("no status", |status| status.as_str())
            .to_owned(),
        state: task.state(),
        error: task.error_message.clone(),
    }
}

async fn jobs(mpanel: &Mpanel, order: &MpanelOrder) -> Result<OrderProgress, Error> {
    let expected: Vec<JobId> = order
        .job_ids
        .iter()
        .map(|id| JobId::text(id.as_str()))
        .collect();
    let order_id = OrderId::text(order.order_id.as_deref().unwrap_or_default());
    let found = mpanel.jobs_of_order(&order_id, &expected).await?;
    let whole = expected
        .iter()
        .all(|id| found.iter().any(|job| job.id == *id));
    let work = found
        .iter()
        .map(|job| {
            let kind = job
                .kind
                .as_ref()
                .map_or("no type named", |kind| kind.as_str());
            PieceOfWork {
                what: format!("job {} ({kind})", job.id),
                status: job
                    .status
                    .as_ref()
                    .map_or("no status", |status| status.as_str())
                    .to_owned(),
                state: job.state(),
                error: job.last_error.clone(),
            }
        })
        .collect();
    Ok(OrderProgress { work, whole })
}

/// One list where the customer is known, else each by its id.
async fn subscriptions(mpanel: &Mpanel, order: &MpanelOrder) -> Result<OrderProgress, Error> {
    let wanted = ids(order);
    let mut found: Vec<Subscription> = Vec::new();
    if let Some(customer) = &order.customer_id {
        let customer = CustomerId::text(customer.as_str());
        found = mpanel
            .list(ListSubscriptions::of(customer))
            .collect()
            .await?;
        found.retain(|row| wanted.contains(&row.id));
    } else {
        for id in &wanted {
            match mpanel.call(GetSubscription(id.clone())).await {
                Ok(row) => found.push(row),
                // What one entry makes lies in a table that no route shows: the rest need not be asked for.
                Err(error) if error.kind() == Kind::NotFound => break,
                Err(error) => return Err(error),
            }
        }
    }
    let whole = wanted
        .iter()
        .all(|id| found.iter().any(|row| row.id == *id));
    let work = found.iter().map(of_subscription).collect();
    Ok(OrderProgress { work, whole })
}

fn of_subscription(row: &Subscription) -> PieceOfWork {
    PieceOfWork {
        what: format!("subscription {}", row.id),
        status: row
            .status
            .as_ref()
            .map_or("no status", |status| status.as_str())
            .to_owned(),
        state: row
            .status
            .as_ref()
            .map_or(ProvisioningState::Unknown, provided),
        error: None,
    }
}

/// How far a subscription is provided. Entries make it pending or inactive, and only a success of the worker makes it
/// active.
fn provided(status: &SubscriptionStatus) -> ProvisioningState {
    match status {
        SubscriptionStatus::Active | SubscriptionStatus::Trialing => ProvisioningState::Done,
        SubscriptionStatus::Failed
        | SubscriptionStatus::Cancelled
        | SubscriptionStatus::Expired => ProvisioningState::Failed,
        SubscriptionStatus::Unknown(_) => ProvisioningState::Unknown,
        _ => ProvisioningState::Pending,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use provisioning_core::run::facts::Proof;

    #[test]
    fn each_server_is_asked_where_it_answers() {
        let legacy = Session::new()
            .with_generation(Generation::Legacy)
            .with_role("admin");
        let owner = Session::new()
            .with_generation(Generation::TypeScript)
            .with_role("OWNER");
        let platform = owner.clone().with_role(PLATFORM_ADMIN);
        let order = MpanelOrder {
            job_ids: vec!["j".to_owned()],
            ..MpanelOrder::new(Proof::Created)
        };
        for (session, entry, expected) in [
            (&legacy, OrderEntry::StripeCompleted, ShownBy::Tasks),
            (&owner, OrderEntry::StripeCompleted, ShownBy::Subscriptions),
            (&legacy, OrderEntry::OrdersWebhook, ShownBy::Subscriptions),
            (&owner, OrderEntry::OrdersWebhook, ShownBy::Subscriptions),
            (&platform, OrderEntry::OrdersWebhook, ShownBy::Jobs),
        ] {
            assert_eq!(shown_by(session, entry, &order), expected, "{entry}");
        }
    }
}
