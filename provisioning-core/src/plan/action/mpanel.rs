//! What a step does on mPanel, with every choice frozen.

mod subscription;

use std::fmt;
use std::time::Duration;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use subscription::{ChangeSubscription, SubscriptionChange};

use super::HostingDomain;
use crate::catalog::AttachPolicy;
use crate::domain::DomainName;
use crate::email::EmailAddress;
use crate::money::Money;
use crate::order::{BillingCycle, ProductCode, TenantId};
use crate::plan::id::{Mark, StepPath};
use crate::plan::mpanel::OrderEntry;
use crate::plan::retry::RetryPolicy;
use crate::plan::verb::VerbName;

/// What a step does on mPanel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mpanel", rename_all = "snake_case")]
#[non_exhaustive]
pub enum MpanelAction {
    /// Hands the purchase over to mPanel, which provides it.
    SubmitOrder(Box<SubmitOrder>),
    /// Watches what mPanel makes of it until it is settled.
    WatchOrder(WatchOrder),
    /// Creates the customer.
    CreateCustomer(Box<CreateMpanelCustomer>),
    /// Creates a subscription.
    CreateSubscription(Box<CreateMpanelSubscription>),
    /// Brings a subscription into a status.
    SetSubscriptionStatus(SetSubscriptionStatus),
    /// Creates a website row.
    CreateWebsite(Box<CreateMpanelWebsite>),
    /// Suspends, reactivates or cancels a subscription that exists.
    ChangeSubscription(Box<ChangeSubscription>),
}

impl MpanelAction {
    /// The verb an executor is asked for.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::SubmitOrder(submit) => submit.entry.verb(),
            Self::WatchOrder(_) => VerbName::MPANEL_WATCH_ORDER,
            Self::CreateCustomer(_) => VerbName::MPANEL_CREATE_CUSTOMER,
            Self::CreateSubscription(_) => VerbName::MPANEL_CREATE_SUBSCRIPTION,
            Self::SetSubscriptionStatus(_) => VerbName::MPANEL_SET_SUBSCRIPTION_STATUS,
            Self::CreateWebsite(_) => VerbName::MPANEL_CREATE_WEBSITE,
            Self::ChangeSubscription(change) => change.change.verb(),
        }
    }

    /// The hosting account it is about, where it is about a single one.
    #[must_use]
    pub const fn account(&self) -> Option<&StepPath> {
        match self {
            Self::CreateSubscription(create) => Some(&create.account),
            Self::SetSubscriptionStatus(set) => Some(&set.account),
            Self::CreateWebsite(create) => Some(&create.account),
            Self::SubmitOrder(_)
            | Self::WatchOrder(_)
            | Self::CreateCustomer(_)
            | Self::ChangeSubscription(_) => None,
        }
    }

    /// The change of a subscription that exists, if it is one.
    #[must_use]
    pub fn subscription_change(&self) -> Option<&ChangeSubscription> {
        match self {
            Self::ChangeSubscription(change) => Some(change),
            _ => None,
        }
    }

    /// What it does, in plain words.
    #[must_use]
    pub fn explain(&self) -> Vec<String> {
        match self {
            Self::SubmitOrder(submit) => submit.explain(),
            Self::WatchOrder(watch) => vec![format!(
                "read how far mPanel is with {}, at most {} times, until it is settled",
                watch.order, watch.policy.reads
            )],
            Self::CreateCustomer(create) => vec![if create.has_reference {
                "create the customer on mPanel; the order's reference stands in the company name, so that it is found \
                 again after a lost reply"
                    .to_owned()
            } else {
                "create the customer on mPanel; a lost reply asks a person, because nothing of ours reads back"
                    .to_owned()
            }],
            Self::CreateSubscription(create) => vec![
                format!(
                    "record {} on mPanel at {} ({})",
                    create.product, create.price, create.billing_cycle
                ),
                format!("mark {} proves the subscription is ours", create.mark),
            ],
            Self::SetSubscriptionStatus(set) => {
                vec![format!(
                    "set the subscription on mPanel to {}",
                    set.status.as_wire()
                )]
            }
            Self::CreateWebsite(create) => {
                vec![format!("record the website {} on mPanel", create.domain)]
            }
            Self::ChangeSubscription(change) => change.explain(),
        }
    }
}

/// Inputs of [`MpanelAction::SubmitOrder`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmitOrder {
    /// The door it goes through.
    pub entry: OrderEntry,
    /// Whose customer it is.
    pub tenant: TenantId,
    /// Where the order comes from.
    pub source: String,
    /// The order's id at its source.
    pub reference: String,
    /// What the payment is called: the Stripe payment intent, else the order's best other id. Entries that deduplicate
    /// do it by this.
    pub payment: String,
    /// The checkout session at Stripe.
    pub checkout_session: Option<String>,
    /// The customer's id at Stripe.
    pub stripe_customer_id: Option<String>,
    /// The subscription's id at Stripe.
    pub stripe_subscription_id: Option<String>,
    /// What was paid, as far as known.
    pub amount: Option<Money>,
    /// The customer's e-mail address.
    pub email: EmailAddress,
    /// The customer's name.
    pub full_name: Option<String>,
    /// The customer's phone number.
    pub phone: Option<String>,
    /// What is handed over.
    pub items: Vec<SubmittedItem>,
    /// Whether later steps need to know the panel's customer.
    pub needs_customer: bool,
    /// Our mark, where the entry keeps metadata.
    pub mark: Mark,
}

impl SubmitOrder {
    fn explain(&self) -> Vec<String> {
        let items: Vec<String> = self.items.iter().map(ToString::to_string).collect();
        let again = if self.entry.keeps_all_items() {
            format!("{} is its key: sent twice it is one order", self.payment)
        } else {
            "sent twice it is two orders, so a lost reply is never answered by sending again unseen"
                .to_owned()
        };
        vec![
            format!("hand {} over to mPanel by {}", items.join(", "), self.entry),
            again,
        ]
    }
}

/// Names and addresses of customers are not for logs.
impl fmt::Debug for SubmitOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubmitOrder")
            .field("entry", &self.entry)
            .field("reference", &self.reference)
            .field("payment", &self.payment)
            .field("amount", &self.amount)
            .field("items", &self.items)
            .field("mark", &self.mark)
            .finish_non_exhaustive()
    }
}

/// One item of a purchase that is handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmittedItem {
    /// The product, in the catalog's spelling: mPanel compares it letter by letter.
    pub product: ProductCode,
    /// The product's id or price on the panel, where the catalog names one.
    pub panel_product_id: Option<String>,
    /// Its name for people.
    pub name: String,
    /// What it is: `hosting`, `addon`, `domain`, `dns`, `mailbox`, `ssl` or `manual`.
    pub kind: String,
    /// Its domain.
    pub domain: Option<DomainName>,
    /// How many.
    pub quantity: u32,
    /// How often it is billed.
    pub cycle: BillingCycle,
    /// The price of one, as far as known.
    pub price: Option<Money>,
}

impl fmt::Display for SubmittedItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.quantity > 1 {
            write!(f, "{} x ", self.quantity)?;
        }
        write!(f, "{}", self.product)?;
        match &self.domain {
            Some(domain) => write!(f, " for {domain}"),
            None => Ok(()),
        }
    }
}

/// Inputs of [`MpanelAction::WatchOrder`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchOrder {
    /// The step that handed the purchase over.
    pub order: StepPath,
    /// How often and how fast it is read.
    pub policy: WatchPolicy,
}

/// How often and how fast something is read until it is settled. mPanel lets 100 requests through in 15 minutes, so
/// reads are few and their pauses double.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchPolicy {
    /// After so many reads without an end a person is asked.
    pub reads: u32,
    /// The pause after the first read, in milliseconds; each next one is twice as long.
    pub initial_ms: u64,
    /// No pause is longer than this, in milliseconds.
    pub cap_ms: u64,
}

impl WatchPolicy {
    /// The reads of one order: with a login, the order itself and an account that is recorded beside it, within the 14
    /// requests it may cost.
    const READS: u32 = 6;

    /// The policy beside a retry policy: 6 reads, the first pause three times that after a failure.
    #[must_use]
    pub const fn beside(retry: &RetryPolicy) -> Self {
        Self {
            reads: Self::READS,
            initial_ms: retry.initial_ms.saturating_mul(3),
            cap_ms: retry.cap_ms,
        }
    }

    /// The pause after read number `read`, counted from 1.
    #[must_use]
    pub fn pause(&self, read: u32) -> Duration {
        let exponent = read.saturating_sub(1).min(32);
        let pause = self.initial_ms.saturating_mul(1 << exponent);
        // Some time always passes, so that no policy makes a run spin.
        Duration::from_millis(pause.min(self.cap_ms).max(1))
    }
}

/// Inputs of [`MpanelAction::CreateCustomer`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateMpanelCustomer {
    /// Whose customer it is.
    pub tenant: TenantId,
    /// What happens if an earlier order of the same e-mail address made one.
    pub attach: AttachPolicy,
    /// What stands as company name: the only free field that reads back.
    pub company_name: String,
    /// Whether the order's reference is in it.
    pub has_reference: bool,
    /// The customer's e-mail address.
    pub email: EmailAddress,
    /// The customer's phone number.
    pub phone: Option<String>,
    /// The customer's country, two letters.
    pub country: Option<String>,
    /// The customer's id at Stripe, by which a later order finds the same customer.
    pub stripe_customer_id: Option<String>,
}

impl fmt::Debug for CreateMpanelCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateMpanelCustomer")
            .field("has_reference", &self.has_reference)
            .field("stripe_customer_id", &self.stripe_customer_id)
            .finish_non_exhaustive()
    }
}

/// Inputs of [`MpanelAction::CreateSubscription`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateMpanelSubscription {
    /// The step that tells the customer.
    pub customer: StepPath,
    /// The hosting account it records.
    pub account: StepPath,
    /// The product, in the catalog's spelling.
    pub product: ProductCode,
    /// The product's id on the panel; none is found by the code.
    pub panel_product_id: Option<String>,
    /// Billing cycle in mPanel's words.
    pub billing_cycle: String,
    /// The price of one.
    pub price: Money,
    /// When it is billed next.
    pub next_billing: Option<Date>,
    /// The domain.
    pub domain: HostingDomain,
    /// What proves that it is ours.
    pub mark: Mark,
}

/// Inputs of [`MpanelAction::SetSubscriptionStatus`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetSubscriptionStatus {
    /// The step that created the subscription.
    pub subscription: StepPath,
    /// The hosting account it records.
    pub account: StepPath,
    /// The status.
    pub status: RecordedStatus,
}

/// The status of a subscription that records an account made elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordedStatus {
    /// Paid, and not provided yet. mPanel makes every new subscription active, so this is said at once.
    PendingProvisioning,
    /// In service.
    Active,
}

impl RecordedStatus {
    /// mPanel's word.
    #[must_use]
    pub const fn as_wire(self) -> &'static str {
        match self {
            Self::PendingProvisioning => "pending_provisioning",
            Self::Active => "active",
        }
    }
}

/// Inputs of [`MpanelAction::CreateWebsite`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateMpanelWebsite {
    /// The step that tells the customer.
    pub customer: StepPath,
    /// The step that created the subscription.
    pub subscription: StepPath,
    /// The hosting account it records.
    pub account: StepPath,
    /// Its name for people.
    pub name: String,
    /// Where it lives.
    pub domain: HostingDomain,
    /// What proves that it is ours.
    pub mark: Mark,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_their_cap_and_are_never_nothing() {
        let policy = WatchPolicy::beside(&RetryPolicy::default());
        let pauses: Vec<u64> = (1..=9).map(|read| policy.pause(read).as_secs()).collect();
        assert_eq!(pauses, [3, 6, 12, 24, 48, 96, 192, 300, 300]);
        let idle = WatchPolicy {
            reads: 1,
            initial_ms: 0,
            cap_ms: 0,
        };
        assert_eq!(idle.pause(1), Duration::from_millis(1));
    }
}
