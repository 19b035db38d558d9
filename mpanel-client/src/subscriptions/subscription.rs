//! Subscriptions as the server shows them.

use panel_http::{Decimal, Timestamp};
use provisioning_core::{
    plan::id::Mark,
    status::{ProvisioningState, StatusOf, WireStatus},
};
use serde_json::{Map, Value};

use crate::{customers::CustomerId, products::ProductId, row::row, tenant::TenantId};

/// Where our mark stands in a row's metadata.
pub(super) const MARK: &str = "provisioning_mark";

panel_http::opaque_id! {
    /// Id of a subscription.
    pub struct SubscriptionId;
}

panel_http::open_enum! {
    /// Status of a subscription (contract section 9).
    pub enum SubscriptionStatus {
        /// In service.
        Active = "active",
        /// Stopped for now.
        Suspended = "suspended",
        /// Ended.
        Cancelled = "cancelled" | "canceled",
        /// Run out.
        Expired = "expired",
        /// Not paid yet.
        PendingPayment = "pending_payment",
        /// Paid, and not provided yet.
        PendingProvisioning = "pending_provisioning",
        /// Not begun.
        Pending = "pending" | "pending_activation",
        /// Could not be provided.
        Failed = "failed",
        /// Not in service.
        Inactive = "inactive",
        /// Not completed at the checkout.
        Incomplete = "incomplete",
        /// On trial.
        Trialing = "trialing",
        /// A payment is late.
        PastDue = "past_due",
    }
}

impl SubscriptionStatus {
    /// What it comes to.
    #[must_use]
    pub fn state(&self) -> ProvisioningState {
        WireStatus::new(StatusOf::Subscription, self.as_str()).state()
    }
}

row! {
    /// A subscription.
    pub struct Subscription {
        /// Id.
        id: SubscriptionId,
        ;
        /// Tenant.
        tenant_id("tenantId"): TenantId,
        /// Customer.
        customer_id("customerId"): CustomerId,
        /// Product.
        product_id("productId"): ProductId,
        /// Name of the product, in lists and single reads.
        product_name("productName"): String,
        /// Type of the product, in lists and single reads.
        product_type("productType"): String,
        /// Status.
        status: SubscriptionStatus,
        /// Billing cycle, such as `monthly`.
        billing_cycle("billingCycle"): String,
        /// Price, in units of its currency.
        price: Decimal,
        /// When it is billed next. The server turns the date into midnight of its own zone.
        next_billing_date("nextBillingDate" | "renewsAt"): Timestamp,
        /// Whether it renews by itself.
        #[serde(deserialize_with = "panel_http::lenient")]
        auto_renew("autoRenew"): bool,
        /// What was written beside it.
        metadata: Map<String, Value>,
        /// Domain.
        domain: String,
        /// Notes.
        notes: String,
        /// Subscription id at Stripe.
        stripe_subscription_id("stripeSubscriptionId"): String,
        /// Payment intent at Stripe.
        stripe_payment_intent("stripePaymentIntent"): String,
        /// When it was made.
        created_at("createdAt"): Timestamp,
        /// When it was changed.
        updated_at("updatedAt"): Timestamp,
    }
    shows id, customer_id, product_id, status, billing_cycle, price
}

impl Subscription {
    /// The mark that stands in its metadata, as text.
    #[must_use]
    pub fn mark(&self) -> Option<&str> {
        self.metadata.as_ref()?.get(MARK)?.as_str()
    }

    /// Whether it carries this mark: then it is ours.
    #[must_use]
    pub fn carries(&self, mark: Mark) -> bool {
        self.mark().is_some_and(|shown| mark.is(shown))
    }
}
