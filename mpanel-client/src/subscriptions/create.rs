//! `POST /api/subscriptions`.

use std::borrow::Cow;

use jiff::civil::Date;
use panel_http::{Answer, DecodeError, EncodeError, Endpoint, Operation, RequestBody};
use provisioning_core::{money::Money, plan::id::Mark};
use serde_json::{Map, Value};

use super::{CREATE, Subscription, SubscriptionId, subscription::MARK};
use crate::{customers::CustomerId, major_units, products::ProductId, reply, tenant::TenantId};

/// Creates a subscription. The server makes it `active` at once; set it to `pending_provisioning` with
/// [`UpdateSubscription`](super::UpdateSubscription) before anything else.
///
/// The server checks nothing: a field left out becomes null in a row that exists. Hence everything it needs is asked for
/// here.
///
/// # Errors
/// Of the call: `Indeterminate` where no whole answer came, with the mark to look for; `Validation` where customer or
/// product do not exist.
#[derive(Debug, Clone)]
pub struct CreateSubscription {
    customer: CustomerId,
    product: ProductId,
    billing_cycle: String,
    price: Money,
    next_billing_date: Option<Date>,
    auto_renew: bool,
    tenant: Option<TenantId>,
    metadata: Map<String, Value>,
    mark: Option<Mark>,
}

impl CreateSubscription {
    /// A subscription of this customer to this product. The billing cycle is one of the server's words: `monthly`,
    /// `quarterly`, `annually`.
    #[must_use]
    pub fn new(
        customer: CustomerId,
        product: ProductId,
        billing_cycle: impl Into<String>,
        price: Money,
    ) -> Self {
        Self {
            customer,
            product,
            billing_cycle: billing_cycle.into(),
            price,
            next_billing_date: None,
            auto_renew: true,
            tenant: None,
            metadata: Map::new(),
            mark: None,
        }
    }

    /// Sets when it is billed next.
    #[must_use]
    pub const fn set_next_billing_date(mut self, date: Date) -> Self {
        self.next_billing_date = Some(date);
        self
    }

    /// Sets whether it renews by itself (it does by default).
    #[must_use]
    pub const fn set_auto_renew(mut self, auto_renew: bool) -> Self {
        self.auto_renew = auto_renew;
        self
    }

    /// Sets the tenant, which overrides the one of the token. Needed with a TypeScript login, whose token the legacy
    /// handler reads no tenant from; [`Mpanel::create_subscription`](crate::Mpanel::create_subscription) sees to it.
    #[must_use]
    pub fn set_tenant_id(mut self, tenant: TenantId) -> Self {
        self.tenant = Some(tenant);
        self
    }

    /// Sets one entry of the metadata.
    #[must_use]
    pub fn set_metadata(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }

    /// Writes our mark into the metadata, where it reads back and proves the row ours.
    #[must_use]
    pub const fn set_mark(mut self, mark: Mark) -> Self {
        self.mark = Some(mark);
        self
    }

    pub(super) const fn has_tenant(&self) -> bool {
        self.tenant.is_some()
    }
}

impl Endpoint for CreateSubscription {
    const OPERATION: &'static Operation = &CREATE;
    type Reply = Subscription;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        let mut metadata = self.metadata.clone();
        if let Some(mark) = self.mark {
            metadata.insert(MARK.to_owned(), mark.to_string().into());
        }
        RequestBody::object(|body| {
            body.field("customerId", &self.customer)?;
            body.field("productId", &self.product)?;
            body.field("billingCycle", &self.billing_cycle)?;
            body.field("price", &major_units::number(self.price)?)?;
            body.optional("nextBillingDate", self.next_billing_date.as_ref())?;
            body.field("autoRenew", &self.auto_renew)?;
            body.optional("tenantId", self.tenant.as_ref())?;
            body.field("metadata", &metadata)
        })
    }

    fn key(&self) -> Option<Cow<'_, str>> {
        self.mark.map(|mark| mark.to_string().into())
    }

    fn decode(&self, answer: &Answer) -> Result<Subscription, DecodeError> {
        // A row without customer is one of nulls; its id would be taken for ours.
        let row: Subscription = reply::row(answer, &["subscription"])?;
        match &row.customer_id {
            Some(shown) if *shown != self.customer => Err(DecodeError::unreadable(
                "customer_id",
                "is another one than was asked for",
            )),
            _ => Ok(row),
        }
    }
}

impl crate::Mpanel {
    /// Creates a subscription, naming the session's tenant where the server would not read it from the token.
    ///
    /// # Errors
    /// As [`CreateSubscription`].
    pub async fn create_subscription(
        &self,
        create: CreateSubscription,
    ) -> Result<Subscription, panel_http::Error> {
        let session = self.session().await?;
        let is_typescript = session.generation() == Some(crate::Generation::TypeScript);
        let create = match session.tenant_id() {
            Some(tenant) if is_typescript && !create.has_tenant() => {
                create.set_tenant_id(tenant.clone())
            }
            _ => create,
        };
        self.call(create).await
    }
}

impl From<Subscription> for SubscriptionId {
    fn from(row: Subscription) -> Self {
        row.id
    }
}
