//! Plans and checkout for everybody, without credential (contract section 7).

use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, HttpMethod, Operation, Paging, RequestBody, Safety,
};
use serde::Deserialize;
use url::Url;

use crate::{
    endpoints::{change, lists, read_openly},
    route::Route,
    row::row,
    subscriptions::PlanId,
};

pub(crate) const PLANS: Operation = read_openly("mpanel.list_public_plans", "/api/public/plans");
/// Sent twice, it begins two checkouts; neither takes money by itself.
pub(crate) const CHECKOUT: Operation = change(
    "mpanel.begin_checkout",
    HttpMethod::Post,
    "/api/public/checkout",
    Safety::Unsafe,
)
.credentials(&[]);

pub(crate) const ROUTES: &[Route] = &[Route::both(&PLANS), Route::both(&CHECKOUT)];

row! {
    /// A plan for everybody to see.
    pub struct PublicPlan {
        /// Id.
        id: PlanId,
        ;
        /// Name.
        name: String,
        /// What it is.
        description: String,
        /// The terms it can be paid in.
        billing: Vec<PlanTerm>,
    }
    shows id, name
}

/// A term a plan can be paid in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct PlanTerm {
    /// `monthly`, `annually`, and so on.
    pub term: String,
    /// Its title.
    #[serde(default)]
    pub label: Option<String>,
    /// How many months it has.
    #[serde(default, deserialize_with = "panel_http::lenient")]
    pub months: Option<u32>,
    /// Price at Stripe.
    #[serde(rename = "priceId", alias = "price_id", default)]
    pub price_id: Option<String>,
}

lists! {
    /// Lists the plans that are offered.
    ListPublicPlans -> PublicPlan = PLANS, Paging::Whole;
}

/// Begins a checkout of a plan.
#[derive(Clone)]
pub struct BeginCheckout {
    plan: PlanId,
    term: String,
    email: Option<String>,
    return_urls: Option<(Url, Url)>,
}

impl BeginCheckout {
    /// Of this plan, paid by the month.
    #[must_use]
    pub fn new(plan: PlanId) -> Self {
        Self {
            plan,
            term: "monthly".to_owned(),
            email: None,
            return_urls: None,
        }
    }

    /// Sets the term: `monthly`, `annually`.
    #[must_use]
    pub fn set_term(mut self, term: impl Into<String>) -> Self {
        self.term = term.into();
        self
    }

    /// Sets the e-mail address.
    #[must_use]
    pub fn set_email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Sets where the customer returns to, paid or not.
    #[must_use]
    pub fn set_return_urls(mut self, paid: Url, cancelled: Url) -> Self {
        self.return_urls = Some((paid, cancelled));
        self
    }
}

impl std::fmt::Debug for BeginCheckout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BeginCheckout")
            .field("plan", &self.plan)
            .field("term", &self.term)
            .finish_non_exhaustive()
    }
}

impl Endpoint for BeginCheckout {
    const OPERATION: &'static Operation = &CHECKOUT;
    type Reply = Checkout;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.field("planId", &self.plan)?;
            body.field("term", &self.term)?;
            body.optional("email", self.email.as_ref())?;
            if let Some((paid, cancelled)) = &self.return_urls {
                body.field("successUrl", paid)?;
                body.field("cancelUrl", cancelled)?;
            }
            Ok(())
        })
    }

    fn decode(&self, answer: &Answer) -> Result<Checkout, DecodeError> {
        answer.json()
    }
}

/// A checkout that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Checkout {
    /// Where the customer pays.
    pub url: Url,
    /// Its id.
    #[serde(default)]
    pub id: Option<String>,
}
