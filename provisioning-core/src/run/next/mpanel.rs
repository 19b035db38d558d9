//! The requests of steps on mPanel, from what earlier steps have established.

use crate::plan::action::Action;
use crate::plan::action::mpanel::MpanelAction;
use crate::plan::id::StepPath;
use crate::run::Run;
use crate::run::directive::mpanel::MpanelRequest;
use crate::run::facts::Facts;
use crate::run::facts::mpanel::{MpanelFacts, MpanelOrder};
use crate::run::step_state::Phase;

impl Run {
    /// What a step has established on mPanel.
    #[must_use]
    pub fn on_mpanel(&self, path: &StepPath) -> Option<&MpanelFacts> {
        match self.step(path).map(|state| &state.phase) {
            Some(Phase::Done(Facts::Mpanel(facts))) => Some(facts),
            _ => None,
        }
    }

    fn mpanel_order(&self, path: &StepPath) -> Option<&MpanelOrder> {
        match self.on_mpanel(path) {
            Some(MpanelFacts::Order(order)) => Some(order),
            _ => None,
        }
    }

    /// The row that a step created.
    fn mpanel_record(&self, path: &StepPath) -> Option<String> {
        match self.on_mpanel(path) {
            Some(MpanelFacts::Record(record)) => Some(record.remote_id.clone()),
            _ => None,
        }
    }

    /// The panel's customer, as the step that created it or handed the order over tells it.
    pub(crate) fn mpanel_customer(&self, path: &StepPath) -> Option<String> {
        match self.on_mpanel(path)? {
            MpanelFacts::Record(record) => Some(record.remote_id.clone()),
            MpanelFacts::Order(order) => order.customer_id.clone(),
            MpanelFacts::Progress(_) | MpanelFacts::Subscription(_) => None,
        }
    }
}

pub(super) fn request(run: &Run, action: &MpanelAction) -> Option<MpanelRequest> {
    Some(match action {
        MpanelAction::SubmitOrder(submit) => MpanelRequest::SubmitOrder(submit.clone()),
        MpanelAction::WatchOrder(watch) => {
            let Action::Mpanel(MpanelAction::SubmitOrder(submit)) =
                &run.plan().step(&watch.order)?.action
            else {
                return None;
            };
            MpanelRequest::WatchOrder {
                entry: submit.entry,
                order: run.mpanel_order(&watch.order)?.clone(),
            }
        }
        MpanelAction::CreateCustomer(create) => MpanelRequest::CreateCustomer(create.clone()),
        MpanelAction::ChangeSubscription(change) => {
            MpanelRequest::ChangeSubscription(change.clone())
        }
        MpanelAction::CreateSubscription(create) => MpanelRequest::CreateSubscription {
            customer_id: run.mpanel_customer(&create.customer)?,
            create: create.clone(),
        },
        MpanelAction::SetSubscriptionStatus(set) => MpanelRequest::SetSubscriptionStatus {
            subscription_id: run.mpanel_record(&set.subscription)?,
            status: set.status,
        },
        MpanelAction::CreateWebsite(create) => {
            let username = run
                .account(&create.account)
                .map_or("<username>", |account| account.username.as_str());
            MpanelRequest::CreateWebsite {
                customer_id: run.mpanel_customer(&create.customer)?,
                subscription_id: run.mpanel_record(&create.subscription)?,
                domain: create.domain.for_username(username),
                create: create.clone(),
            }
        }
    })
}
