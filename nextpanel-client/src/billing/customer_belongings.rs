//! What belongs to a customer, as administrators see and change it.

use serde::Deserialize;

use super::amount::Amount;
use super::endpoint::{Done, endpoint, private_debug};
use super::id::{CustomerId, LicenceId, PaymentId, ProductPlanId, SubscriptionId};
use super::licence::{Licence, LicenceStatus};
use super::payment::PaymentStatus;
use super::subscription::{Subscription, SubscriptionStatus};
use crate::{Field, Timestamp};

panel_http::open_enum! {
    /// How often is paid. The backend takes any text and treats all but "yearly" as 30 days.
    pub enum BillingCycle {
        /// Every 30 days.
        Monthly = "monthly",
        /// Every 365 days.
        Yearly = "yearly",
    }
}

endpoint! {
    /// Lists a customer's licences. An unknown customer has none: no error (section 4.3).
    pub struct ListCustomerLicences: LIST_CUSTOMER_LICENCES -> Vec<Licence> {
        path { customer_id: CustomerId }
    }
}

endpoint! {
    /// Gives a customer a licence for a plan, and a subscription with it. Inactive plans work too.
    pub struct AddCustomerLicence: ADD_CUSTOMER_LICENCE -> AddedLicence {
        path { customer_id: CustomerId }
        required { plan_id: ProductPlanId, billing_cycle: BillingCycle }
        optional {
            /// Whether a subscription comes with it; true unless set.
            set_create_subscription create_subscription: bool,
        }
    }
}

/// A licence that was added.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct AddedLicence {
    /// Its id.
    pub license_id: LicenceId,
    /// `NP-XXXX-XXXX-XXXX-XXXX`.
    #[serde(default)]
    pub license_key: Field<String>,
}

private_debug!(AddedLicence: license_id);

/// A licence that was changed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct ChangedLicence {
    /// As it is now.
    pub license: Licence,
}

endpoint! {
    /// Changes a customer's licence. What is not set stays.
    pub struct UpdateCustomerLicence: UPDATE_CUSTOMER_LICENCE -> ChangedLicence {
        path { customer_id: CustomerId, license_id: LicenceId }
        optional {
            /// Plan.
            set_plan_id plan_id: ProductPlanId,
            /// When it runs out.
            set_expiry_date set_expiry_date: Timestamp,
            /// State.
            set_status status: LicenceStatus,
            /// Most accounts.
            set_max_accounts max_accounts: u32,
            /// Most domains.
            set_max_domains max_domains: u32,
            /// Most databases.
            set_max_databases max_databases: u32,
            /// Most mailboxes.
            set_max_emails max_emails: u32,
            /// Whether it renews itself.
            set_auto_renew auto_renew: bool,
        }
    }
}

endpoint! {
    /// Adds days to a customer's licence. Twice adds twice, so it is never sent again by itself; to set a date, use
    /// [`UpdateCustomerLicence::set_expiry_date`].
    pub struct ExtendCustomerLicence: EXTEND_CUSTOMER_LICENCE -> ChangedLicence {
        path { customer_id: CustomerId, license_id: LicenceId }
        required { extend_days: u32 }
    }
}

endpoint! {
    /// Cancels a customer's licence, and its subscription with it.
    pub struct CancelCustomerLicence: CANCEL_CUSTOMER_LICENCE -> Done {
        path { customer_id: CustomerId, license_id: LicenceId }
    }
}

endpoint! {
    /// Lists a customer's subscriptions. An unknown customer has none: no error.
    pub struct ListCustomerSubscriptions: LIST_CUSTOMER_SUBSCRIPTIONS -> Vec<Subscription> {
        path { customer_id: CustomerId }
    }
}

/// A subscription that was changed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct ChangedSubscription {
    /// As it is now.
    pub subscription: Subscription,
}

endpoint! {
    /// Changes the state of a customer's subscription.
    pub struct UpdateCustomerSubscription: UPDATE_CUSTOMER_SUBSCRIPTION -> ChangedSubscription {
        path { customer_id: CustomerId, subscription_id: SubscriptionId }
        required { status: SubscriptionStatus }
    }
}

endpoint! {
    /// Cancels a customer's subscription **at once**. On this route "cancel at period end" also sets an active one to
    /// cancelled immediately (section 4.3); there is no way for an administrator to let a period run out. The customer's
    /// own [`CancelAtPeriodEnd`](super::CancelAtPeriodEnd) does.
    pub struct CancelCustomerSubscriptionNow: UPDATE_CUSTOMER_SUBSCRIPTION -> ChangedSubscription {
        path { customer_id: CustomerId, subscription_id: SubscriptionId }
        fixed { cancel_at_period_end = true }
    }
}

endpoint! {
    /// Adds days to the period of a customer's subscription. Twice adds twice, so it is never sent again by itself.
    pub struct ExtendCustomerSubscription: EXTEND_CUSTOMER_SUBSCRIPTION -> ChangedSubscription {
        path { customer_id: CustomerId, subscription_id: SubscriptionId }
        required { extend_period_days: u32 }
    }
}

/// A domain of a customer.
#[derive(Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct CustomerDomain {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub domain_name: Field<String>,
    /// Registrar.
    #[serde(default)]
    pub registrar: Field<String>,
    /// When it was registered.
    #[serde(default)]
    pub registration_date: Field<Timestamp>,
    /// When it runs out.
    #[serde(default)]
    pub expiry_date: Field<Timestamp>,
    /// Whether it renews itself.
    #[serde(default)]
    pub auto_renew: Field<bool>,
    /// Name servers.
    #[serde(default)]
    pub nameservers: Field<Vec<String>>,
    /// State, in the backend's words.
    #[serde(default)]
    pub status: Field<String>,
    /// When it was created.
    #[serde(default)]
    pub created_at: Field<Timestamp>,
}

private_debug!(CustomerDomain: id, status);

endpoint! {
    /// Lists a customer's domains. An unknown customer has none: no error.
    pub struct ListCustomerDomains: LIST_CUSTOMER_DOMAINS -> Vec<CustomerDomain> {
        path { customer_id: CustomerId }
    }
}

/// A payment in a customer's list, which shows less than the list of payments.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct CustomerPayment {
    /// Its id.
    pub id: PaymentId,
    /// Amount; below zero for refunds.
    pub amount: Amount,
    /// Currency, three letters.
    #[serde(default)]
    pub currency: Field<String>,
    /// State.
    pub status: PaymentStatus,
    /// What for.
    #[serde(default)]
    pub description: Field<String>,
    /// When.
    #[serde(default)]
    pub created_at: Field<Timestamp>,
}

endpoint! {
    /// Lists a customer's payments. An unknown customer has none: no error.
    pub struct ListCustomerPayments: LIST_CUSTOMER_PAYMENTS -> Vec<CustomerPayment> {
        path { customer_id: CustomerId }
    }
}
