//! Subscribing to a plan without subscribing twice.

use std::collections::BTreeSet;

use http::StatusCode;
use panel_http::{Error, Kind, Preview};

use super::client::Billing;
use super::customer_belongings::BillingCycle;
use super::endpoint::endpoint;
use super::id::{LicenceId, ProductPlanId, SubscriptionId};
use super::subscription::{ListSubscriptions, Subscription};

endpoint! {
    /// Not public: a second one for the same plan is a 500, see [`Billing::subscribe`].
    struct PostSubscription: CREATE_SUBSCRIPTION -> Subscription {
        required { plan_id: ProductPlanId, billing_cycle: BillingCycle }
        optional {
            /// See [`NewSubscription`].
            set_license_id license_id: LicenceId,
        }
    }
}

/// A subscription to create.
#[derive(Debug, Clone)]
pub struct NewSubscription(PostSubscription);

impl NewSubscription {
    /// Of the user who is logged in, to this plan. It comes with a new licence.
    #[must_use]
    pub fn new(plan_id: impl Into<ProductPlanId>, billing_cycle: BillingCycle) -> Self {
        Self(PostSubscription::new(plan_id, billing_cycle))
    }

    /// For a licence there is already.
    #[must_use]
    pub fn set_license_id(self, license_id: impl Into<LicenceId>) -> Self {
        Self(self.0.set_license_id(license_id))
    }
}

/// What came of subscribing.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Subscribed {
    /// There is a new subscription.
    New(Subscription),
    /// There was one already, of this licence or made by this client for the same plan; nothing was sent.
    Existing(Subscription),
    /// The backend refuses a second one for the same plan and cycle; nothing was created. One of these is the first one:
    /// the backend does not show which plan a subscription is for.
    Refused {
        /// The user's subscriptions.
        existing: Vec<Subscription>,
    },
}

impl Billing {
    /// Subscribes the user who is logged in to a plan.
    ///
    /// The backend answers 500 to a second subscription for the same plan and cycle, and shows no plan in its rows
    /// (section 4.6). So the user's subscriptions are read first, and again after a 500: what is new among them was
    /// created, and if nothing is, the 500 was the refusal.
    ///
    /// # Errors
    /// Those of the calls. A lost answer is [`Kind::Indeterminate`] and is not looked up: read
    /// [`ListSubscriptions`] later, and compare.
    pub async fn subscribe(&self, new: &NewSubscription) -> Result<Subscribed, Error> {
        let mut made = self.subscriptions_made().await;
        let before = self.call(ListSubscriptions::new()).await?;
        let plan = (new.0.plan_id.clone(), new.0.billing_cycle.clone());
        let of_licence = |row: &&Subscription| {
            new.0.license_id.is_some() && row.license_id.as_ref() == new.0.license_id.as_ref()
        };
        let of_plan = |row: &&Subscription| made.get(&plan) == Some(&row.id);
        let known = before
            .iter()
            .find(of_licence)
            .or_else(|| before.iter().find(of_plan));
        if let Some(known) = known {
            return Ok(Subscribed::Existing(known.clone()));
        }
        let created = match self.call_guarded(&new.0).await {
            Ok(created) => created,
            Err(error) if error.status() == Some(StatusCode::INTERNAL_SERVER_ERROR) => {
                let known: BTreeSet<SubscriptionId> =
                    before.into_iter().map(|row| row.id).collect();
                let after = self
                    .call(ListSubscriptions::new())
                    .await
                    .map_err(|look_up| {
                        error
                            .with_kind(Kind::Indeterminate)
                            .with_note(format_args!("and looking it up failed: {look_up}"))
                    })?;
                let (mut fresh, existing): (Vec<_>, Vec<_>) =
                    after.into_iter().partition(|row| !known.contains(&row.id));
                match (fresh.pop(), fresh.is_empty()) {
                    (Some(only), true) => only,
                    (Some(_), false) => {
                        return Err(
                            Error::new(Kind::Indeterminate, "billing.create_subscription")
                                .with_note("several subscriptions appeared at the same time"),
                        );
                    }
                    (None, _) => return Ok(Subscribed::Refused { existing }),
                }
            }
            Err(error) => return Err(error),
        };
        made.insert(plan, created.id.clone());
        Ok(Subscribed::New(created))
    }

    /// The request of [`subscribe`](Self::subscribe), apart from its look-up. Nothing is sent.
    ///
    /// # Errors
    /// [`Kind::Encode`] if the request cannot be made from its arguments.
    pub fn preview_subscribe(&self, new: &NewSubscription) -> Result<Preview, Error> {
        self.preview(&new.0)
    }
}
