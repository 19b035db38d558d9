//! `GET /api/admin/customers`, `/{id}`.

use panel_http::{Decimal, Error, ListEndpoint, Operation, Paging, Query, Timestamp};

use super::{CUSTOMER, CUSTOMERS};
use crate::{
    client::Mpanel,
    customers::CustomerId,
    dialect::{Dialect, Resource},
    endpoints::{BY_PAGE, endpoints, lists},
    products::ProductId,
    reply,
    row::row,
    subscriptions::{SubscriptionId, SubscriptionStatus},
};

row! {
    /// A customer with its subscriptions (legacy), or a tenant with its numbers (TypeScript).
    pub struct AdminCustomer {
        /// The customer, or the tenant.
        id("tenantId"): CustomerId,
        ;
        /// The customer's own e-mail address: this list joins no user over it.
        email: String,
        /// Name.
        full_name("fullName"): String,
        /// Company.
        company_name("companyName"): String,
        /// Phone number.
        phone: String,
        /// Country.
        country: String,
        /// Name of the tenant, TypeScript.
        name: String,
        /// Short name of the tenant, TypeScript.
        slug: String,
        /// Status.
        status: String,
        /// Subscriptions, legacy.
        subscriptions: Vec<NestedSubscription>,
        /// Number of subscriptions, TypeScript.
        #[serde(deserialize_with = "panel_http::lenient")]
        subscriptions_count("subscriptionsCount"): u64,
        /// Revenue in cents, TypeScript. It may have a fraction.
        total_revenue_cents("totalRevenueCents"): Decimal,
        /// Revenue of a month in cents, TypeScript. It may have a fraction.
        mrr_cents("mrrCents"): Decimal,
        /// When it was made.
        created_at("createdAt"): Timestamp,
        /// When it was changed.
        updated_at("updatedAt"): Timestamp,
    }
    shows id, slug, status, subscriptions_count
}

row! {
    /// A subscription inside of a customer: numbers are numbers here, and times have no zone.
    pub struct NestedSubscription {
        /// Id.
        id: SubscriptionId,
        ;
        /// Status.
        status: SubscriptionStatus,
        /// Billing cycle.
        billing_cycle("billingCycle"): String,
        /// Price, in units of its currency.
        price: Decimal,
        /// When it is billed next.
        next_billing_date("nextBillingDate"): Timestamp,
        /// Whether it renews by itself.
        #[serde(deserialize_with = "panel_http::lenient")]
        auto_renew("autoRenew"): bool,
        /// When it was made.
        created_at("createdAt"): Timestamp,
        /// What it is of.
        product: NestedProduct,
    }
    shows id, status, price, product
}

row! {
    /// A product inside of a subscription.
    pub struct NestedProduct {
        /// Id.
        id: ProductId,
        ;
        /// Name.
        name: String,
        /// Code.
        code: String,
        /// Type.
        #[serde(rename = "type")]
        kind: String,
    }
    shows id, code
}

/// Lists tenants with their numbers, by page. TypeScript only: [`Mpanel::admin_customers`] works on both.
#[derive(Debug, Clone, Default)]
pub struct ListPlatformCustomers {
    search: Option<String>,
}

impl ListPlatformCustomers {
    /// All of them.
    #[must_use]
    pub const fn new() -> Self {
        Self { search: None }
    }

    /// Only those that match.
    #[must_use]
    pub fn with_search(mut self, text: impl Into<String>) -> Self {
        self.search = Some(text.into());
        self
    }
}

impl ListEndpoint for ListPlatformCustomers {
    const OPERATION: &'static Operation = &CUSTOMERS;
    const PAGING: Paging = BY_PAGE;
    type Item = AdminCustomer;

    fn query(&self, query: &mut Query) {
        query.set_some("search", self.search.as_ref());
    }
}

lists! {
    /// Lists customers with their subscriptions, all in one reply. Legacy only.
    ListAdminCustomers -> AdminCustomer = CUSTOMERS, Paging::Whole;
}

impl Mpanel {
    /// The customers with their subscriptions (legacy), or the tenants with their numbers (TypeScript).
    ///
    /// # Errors
    /// Those of the list.
    pub async fn admin_customers(&self) -> Result<Vec<AdminCustomer>, Error> {
        match self.dialect(Resource::AdminCustomers).await? {
            Dialect::Legacy => self.list(ListAdminCustomers).collect().await,
            Dialect::TypeScript => self.list(ListPlatformCustomers::new()).collect().await,
        }
    }
}

endpoints! {
    /// Reads a customer with its subscriptions; on the TypeScript server, a tenant.
    GetAdminCustomer(id: CustomerId) -> AdminCustomer = CUSTOMER, |answer| reply::row(answer, &["customer"]);
}
