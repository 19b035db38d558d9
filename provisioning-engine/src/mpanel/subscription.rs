//! What is done to subscriptions that exist: suspend, reactivate, cancel.
//!
//! mPanel changes any subscription for any caller (CONTRACT-mpanel section 7). So each is read first, and nothing is sent
//! about one that is not what the journal knows, or that is as it should be. That read is also what clears up an earlier
//! request of which nobody knows what became.

use mpanel_client::subscriptions::{GetSubscription, Subscription, SubscriptionId};
use panel_http::Kind;
use provisioning_core::plan::action::mpanel::{ChangeSubscription, SubscriptionChange};
use provisioning_core::plan::id::Mark;
use provisioning_core::plan::verb::Effect;
use provisioning_core::run::facts::mpanel::{CameToStatus, MpanelFacts, SubscriptionState};
use provisioning_core::run::facts::{Facts, MarkReading};
use provisioning_core::run::outcome::{Because, Outcome};
use provisioning_core::run::subscription_reading::{NextForSubscription, SubscriptionReading};

use super::MpanelExecutor;
use super::record::read_failed;
use super::reply::outcome_of;

pub(super) async fn change(executor: &MpanelExecutor, change: &ChangeSubscription) -> Outcome {
    let mpanel = &executor.mpanel;
    let known = &change.subscription;
    let id = SubscriptionId::text(known.remote_id.as_str());
    let row = match mpanel.call(GetSubscription(id.clone())).await {
        Ok(row) => row,
        Err(error) if error.kind() == Kind::NotFound => return not_shown(change),
        Err(error) => return read_failed(executor, &error),
    };
    let shown = reading(&row, known.mark);
    let status = shown.status.clone().unwrap_or_default();
    match change.after_reading(&shown) {
        NextForSubscription::Send => {}
        NextForSubscription::Nothing => return came(change, status, CameToStatus::HadIt),
        NextForSubscription::NotYet => return came(change, status, CameToStatus::NotYet),
        NextForSubscription::OtherOne(differences) => {
            return Outcome::Rejected {
                because: Because::OtherAccount,
                text: by_hand(change, &differences.join("; ")),
            };
        }
        NextForSubscription::StandsOtherwise(text) => {
            return Outcome::Rejected {
                because: Because::StandsOtherwise,
                text: by_hand(change, &text),
            };
        }
    }
    let sent = match &change.change {
        SubscriptionChange::Suspend { .. } => mpanel.suspend_subscription(&id).await,
        SubscriptionChange::Reactivate => mpanel.reactivate_subscription(&id).await,
        SubscriptionChange::Cancel { .. } => mpanel.cancel_subscription(&id).await,
        _ => {
            return Outcome::NotSent {
                text: "this executor does not do that".to_owned(),
                retryable: false,
                not_before: None,
            };
        }
    };
    match sent {
        Ok(row) => {
            let shown = reading(&row, known.mark).status;
            if change.change.is_shown_by(shown.as_deref()) {
                let from = CameToStatus::Changed { from: status };
                came(change, shown.unwrap_or_default(), from)
            } else {
                Outcome::Unknown {
                    text: format!(
                        "the reply shows subscription {} as {}",
                        known.remote_id,
                        shown.as_deref().unwrap_or("without a status")
                    ),
                }
            }
        }
        Err(error) if error.kind() == Kind::NotFound => not_shown(change),
        Err(error) => outcome_of(executor, &error, Effect::Change),
    }
}

fn reading(row: &Subscription, mark: Option<Mark>) -> SubscriptionReading {
    let read = match (row.mark(), mark) {
        (Some(shown), Some(mark)) if mark.is(shown) => MarkReading::Ours,
        (Some(_), Some(_)) => MarkReading::Other,
        _ => MarkReading::Nothing,
    };
    SubscriptionReading {
        remote_id: row.id.to_string(),
        customer_id: row.customer_id.as_ref().map(ToString::to_string),
        product_id: row.product_id.as_ref().map(ToString::to_string),
        mark: read,
        status: row.status.as_ref().map(|status| status.as_str().to_owned()),
    }
}

fn came(change: &ChangeSubscription, status: String, came: CameToStatus) -> Outcome {
    Outcome::Ok {
        facts: Facts::Mpanel(MpanelFacts::Subscription(SubscriptionState {
            remote_id: change.subscription.remote_id.clone(),
            status,
            came,
        })),
    }
}

/// What an entry made may lie in a table that no route shows.
fn not_shown(change: &ChangeSubscription) -> Outcome {
    let id = &change.subscription.remote_id;
    Outcome::Rejected {
        because: Because::StandsOtherwise,
        text: by_hand(change, &format!("mPanel shows no subscription {id}")),
    }
}

fn by_hand(change: &ChangeSubscription, why: &str) -> String {
    format!(
        "{why}; see on mPanel what stands for this order, and {} that by hand",
        change.change.word()
    )
}
