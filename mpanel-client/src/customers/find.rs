//! Finding the customer that a lost reply may have created.

use futures_util::TryStreamExt;
use panel_http::Error;

use super::{CreateCustomer, Customer, ListCustomers};
use crate::{
    client::Mpanel, dialect::Generation, session::Session, tenant::TenantId, users::UserId,
};

/// What a created customer is recognised by. Not by its e-mail address: rows show the joined user's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WantedCustomer {
    /// The tenant the row was made in; none asks for nothing.
    pub tenant_id: Option<TenantId>,
    /// The user the row was made by; none asks for nothing.
    pub user_id: Option<UserId>,
    /// What was sent.
    pub sent: CreateCustomer,
}

impl WantedCustomer {
    /// The customer that this request makes when this session sends it.
    #[must_use]
    pub fn new(sent: CreateCustomer, session: &Session) -> Self {
        Self {
            tenant_id: session.tenant_id().cloned(),
            user_id: session.user_id().cloned(),
            sent,
        }
    }

    /// Whether a row is it. The row's empty fields equal fields that were not sent.
    #[must_use]
    pub fn matches(&self, row: &Customer) -> bool {
        let sent = &self.sent;
        agrees(self.tenant_id.as_ref(), row.tenant_id.as_ref())
            && agrees(self.user_id.as_ref(), row.user_id.as_ref())
            && row.company_name.as_deref() == Some(sent.company_name.as_str())
            && same(row.phone.as_deref(), sent.phone.as_deref())
            && same(row.city.as_deref(), sent.city.as_deref())
            && same(row.country.as_deref(), sent.country.as_deref())
    }
}

/// What is known must be there; a row that lacks it may still be ours, where the server writes no user or tenant.
fn agrees<T: PartialEq>(known: Option<&T>, shown: Option<&T>) -> bool {
    match (known, shown) {
        (Some(known), Some(shown)) => known == shown,
        _ => true,
    }
}

fn same(shown: Option<&str>, sent: Option<&str>) -> bool {
    shown.unwrap_or_default().trim() == sent.unwrap_or_default().trim()
}

/// What a search for a created customer brought.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FoundCustomers {
    /// Every row that matches.
    pub customers: Vec<Customer>,
    /// Whether the list that was searched is shown to hold the caller's own rows: if not, finding nothing proves
    /// nothing.
    pub proves_absence: bool,
}

impl Mpanel {
    /// Searches the customers for one that was created, by tenant, user, company name, phone, city and country: a
    /// created customer cannot be found by its e-mail address (contract section 7). One list is read, logging in first
    /// if need be.
    ///
    /// # Errors
    /// Those of the list.
    pub async fn find_created_customer(
        &self,
        sent: &CreateCustomer,
    ) -> Result<FoundCustomers, Error> {
        let session = self.session().await?;
        let wanted = WantedCustomer::new(sent.clone(), &session);
        // With a legacy token a row carries the caller's user id, by which anybody sees his own. Whether the legacy
        // handlers of a TypeScript server find the user in its tokens differs: a row of his own shows that they do.
        let mut sees_own = session.generation() == Some(Generation::Legacy);
        let mut customers = Vec::new();
        let mut rows = self.list(ListCustomers).items();
        while let Some(row) = rows.try_next().await? {
            sees_own |= row.user_id.is_some() && row.user_id.as_ref() == session.user_id();
            if wanted.matches(&row) {
                customers.push(row);
            }
        }
        Ok(FoundCustomers {
            customers,
            proves_absence: sees_own || session.sees_every_customer(),
        })
    }
}
