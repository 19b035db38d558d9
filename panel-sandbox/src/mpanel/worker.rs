//! The worker inside the stand-in: it claims and completes tasks, jobs, and jobs of the queue.

use std::time::Instant;

use jiff::civil::DateTime;

use super::operations::{
    GET_BILLING_SUBSCRIPTION, GET_JOB, GET_ORDER, GET_SUBSCRIPTION, GET_TASK, GET_WORKER_TASK,
    LIST_BILLING_SUBSCRIPTIONS, LIST_JOBS, LIST_ORDERS, LIST_SUBSCRIPTIONS, LIST_TASKS,
};
use super::state::State;
use super::timestamps::epoch_milliseconds;
use super::{MPanelSettings, WorkerPace};
use crate::arming::Arming;
use crate::{Fault, Operation};

/// What a client asks to learn how far its order is.
const POLLS: [Operation; 11] = [
    LIST_TASKS,
    GET_TASK,
    GET_WORKER_TASK,
    GET_SUBSCRIPTION,
    LIST_SUBSCRIPTIONS,
    LIST_BILLING_SUBSCRIPTIONS,
    GET_BILLING_SUBSCRIPTION,
    LIST_ORDERS,
    GET_ORDER,
    LIST_JOBS,
    GET_JOB,
];

/// What a task of [`Fault::TaskFailed`] says.
const FAILURE: &str = "useradd: cannot create the account: no space left on device";

/// Does what is due before a request is answered.
pub(super) fn before_request(
    state: &mut State,
    settings: &MPanelSettings,
    arming: &Arming,
    operation: Option<&Operation>,
    now: DateTime,
) {
    catch_up(state, settings, arming, now);
    let WorkerPace::AfterPolls(unfinished) = settings.worker_pace else {
        return;
    };
    if !operation.is_some_and(|operation| POLLS.contains(operation)) {
        return;
    }
    for id in open(state) {
        let polls = match state.watched.get_mut(&id) {
            Some(watched) => {
                watched.polls = watched.polls.saturating_add(1);
                watched.polls
            }
            None => continue,
        };
        if polls > unfinished {
            complete(state, arming, &id, now);
        } else if polls > 1 && !arming.is_armed(Fault::WorkerDead) {
            set_claimed(state, &id, now);
        }
    }
}

/// Does what is due because of its age.
pub(super) fn catch_up(
    state: &mut State,
    settings: &MPanelSettings,
    arming: &Arming,
    now: DateTime,
) {
    let WorkerPace::After(age) = settings.worker_pace else {
        return;
    };
    let moment = Instant::now();
    for id in open(state) {
        let is_due = state
            .watched
            .get(&id)
            .is_some_and(|watched| moment.saturating_duration_since(watched.since) >= age);
        if is_due {
            complete(state, arming, &id, now);
        }
    }
}

/// Completes the oldest piece of work there is. Returns its id, or nothing if there is none or the worker is dead.
pub(super) fn work_once(state: &mut State, arming: &Arming, now: DateTime) -> Option<String> {
    let id = open(state).into_iter().next()?;
    complete(state, arming, &id, now).then_some(id)
}

/// The ids of all open work that the worker is to do, oldest first. A task that was put into the queue again is done by
/// way of its job there.
fn open(state: &State) -> Vec<String> {
    let queued: Vec<&String> = state
        .queue
        .iter()
        .filter(|job| job.is_open())
        .filter_map(|job| job.task_id.as_ref())
        .collect();
    let tasks = state
        .tasks
        .iter()
        .filter(|task| task.is_open() && !queued.contains(&&task.id))
        .map(|task| (task.created_at, &task.id));
    let jobs = state.jobs.iter().filter(|job| job.is_open());
    let jobs = jobs.map(|job| (job.created_at, &job.id));
    let mut dated: Vec<_> = tasks.chain(jobs).collect();
    dated.sort_by_key(|(created, _)| *created);
    let queue = state.queue.iter().filter(|job| job.is_open());
    dated
        .into_iter()
        .map(|(_, id)| id.clone())
        .chain(queue.map(|job| job.id.clone()))
        .collect()
}

fn set_claimed(state: &mut State, id: &str, now: DateTime) {
    if let Some(task) = state.task_mut(id) {
        if task.status == "pending" {
            task.set_status("in_progress", now);
        }
    } else if let Some(job) = state.jobs.iter_mut().find(|job| job.id == id) {
        if job.status == "PENDING" {
            job.status = "RUNNING".to_owned();
            job.started_at = Some(now);
            job.updated_at = now;
        }
    } else if let Some(job) = state.queue.iter_mut().find(|job| job.id == id) {
        job.status = "processing".to_owned();
    }
}

/// Completes a piece of work, as the faults allow. Returns whether anything was done.
fn complete(state: &mut State, arming: &Arming, id: &str, now: DateTime) -> bool {
    if arming.is_armed(Fault::WorkerDead) {
        arming.count_strike(Fault::WorkerDead);
        return false;
    }
    set_claimed(state, id, now);
    let failure = arming.is_armed(Fault::TaskFailed).then_some(FAILURE);
    if failure.is_some() {
        arming.count_strike(Fault::TaskFailed);
    }
    if state.tasks.iter().any(|task| task.id == id) {
        let status = if failure.is_some() {
            "failed"
        } else {
            "success"
        };
        end_task(state, id, status, failure, now);
    } else if state.jobs.iter().any(|job| job.id == id) {
        end_job(state, id, failure, now);
    } else {
        end_queue_job(state, id, failure, now);
    }
    state.watched.remove(id);
    true
}

/// Sets the final status of a task. A success makes its subscription active, and no later failure undoes that.
pub(super) fn end_task(
    state: &mut State,
    id: &str,
    status: &str,
    error: Option<&str>,
    now: DateTime,
) {
    let Some(task) = state.task_mut(id) else {
        return;
    };
    task.set_status(status, now);
    task.error_message = error.map(str::to_owned);
    let subscription = task.subscription_id.clone();
    let is_success = matches!(status, "success" | "completed");
    if let Some(subscription) = subscription {
        settle_subscription(state, &subscription, is_success, now);
    }
    state.watched.remove(id);
}

fn settle_subscription(state: &mut State, id: &str, is_success: bool, now: DateTime) {
    if let Some(subscription) = state.subscription_mut(id) {
        if is_success {
            subscription.set_status("active", now);
        }
        return;
    }
    let ordered = state
        .stripe_orders
        .iter_mut()
        .flat_map(|order| &mut order.subscriptions)
        .find(|subscription| subscription.id == id);
    if let Some(subscription) = ordered {
        let status = if is_success { "completed" } else { "failed" };
        status.clone_into(&mut subscription.provisioning_status);
    }
}

/// Ends a job. The last success of an order makes its subscription active.
fn end_job(state: &mut State, id: &str, failure: Option<&str>, now: DateTime) {
    let Some(job) = state.jobs.iter_mut().find(|job| job.id == id) else {
        return;
    };
    let status = if failure.is_some() {
        "FAILED"
    } else {
        "SUCCESS"
    };
    status.clone_into(&mut job.status);
    job.attempts += 1;
    job.last_error = failure.map(str::to_owned);
    job.completed_at = Some(now);
    job.updated_at = now;
    let (order, subscription) = (job.order_id.clone(), job.subscription_id.clone());
    let mut of_order = state.jobs.iter().filter(|job| job.order_id == order);
    if of_order.all(|job| job.status == "SUCCESS") {
        settle_subscription(state, &subscription, true, now);
    }
}

fn end_queue_job(state: &mut State, id: &str, failure: Option<&str>, now: DateTime) {
    let Some(job) = state.queue.iter_mut().find(|job| job.id == id) else {
        return;
    };
    let status = if failure.is_some() {
        "failed"
    } else {
        "completed"
    };
    status.clone_into(&mut job.status);
    job.attempts += 1;
    job.last_error = failure.map(str::to_owned);
    job.ended_at = Some(epoch_milliseconds(now));
    let Some(task) = job.task_id.clone() else {
        return;
    };
    end_task(state, &task, status, failure, now);
    if let Some(task) = state.task_mut(&task).filter(|_| failure.is_none()) {
        task.completed_at = Some(now);
    }
}
