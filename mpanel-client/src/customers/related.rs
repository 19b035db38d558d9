//! `GET /api/customers/{id}/subscriptions`, `/websites`, `/invoices`: documented, and served nowhere that was seen.

use panel_http::{Error, Paging};

use super::{CustomerId, INVOICES, SUBSCRIPTIONS, WEBSITES};
use crate::{
    client::Mpanel,
    endpoints::lists,
    invoices::{Invoice, ListInvoices},
    served::Served,
    subscriptions::{ListSubscriptions, Subscription},
    websites::{ListWebsites, Website},
};

lists! {
    /// The documented path; [`Mpanel::customer_subscriptions`] works on every server.
    ListCustomerSubscriptions(id: CustomerId) -> Subscription = SUBSCRIPTIONS, Paging::Whole;
    /// The documented path; [`Mpanel::customer_websites`] works on every server.
    ListCustomerWebsites(id: CustomerId) -> Website = WEBSITES, Paging::Whole;
    /// The documented path; [`Mpanel::customer_invoices`] works on every server.
    ListCustomerInvoices(id: CustomerId) -> Invoice = INVOICES, Paging::Whole;
}

impl Mpanel {
    /// A customer's subscriptions: by the documented path where the server has it, else by the filtered list.
    ///
    /// # Errors
    /// Those of the call that answered.
    pub async fn customer_subscriptions(
        &self,
        id: &CustomerId,
    ) -> Result<Served<Vec<Subscription>>, Error> {
        self.listed_or(
            ListCustomerSubscriptions(id.clone()),
            "GET /api/subscriptions?customerId=",
            async || self.list(ListSubscriptions::of(id.clone())).collect().await,
        )
        .await
    }

    /// A customer's websites: by the documented path where the server has it, else by the filtered list.
    ///
    /// # Errors
    /// Those of the call that answered.
    pub async fn customer_websites(&self, id: &CustomerId) -> Result<Served<Vec<Website>>, Error> {
        self.listed_or(
            ListCustomerWebsites(id.clone()),
            "GET /api/websites?customerId=",
            async || self.list(ListWebsites::of(id.clone())).collect().await,
        )
        .await
    }

    /// A customer's invoices: by the documented path where the server has it, else by the filtered list.
    ///
    /// # Errors
    /// Those of the call that answered.
    pub async fn customer_invoices(&self, id: &CustomerId) -> Result<Served<Vec<Invoice>>, Error> {
        self.listed_or(
            ListCustomerInvoices(id.clone()),
            "GET /api/invoices?customerId=",
            async || self.list(ListInvoices::of(id.clone())).collect().await,
        )
        .await
    }
}
