//! Reading a list to its end.

use std::collections::BTreeSet;

use panel_http::{
    Endpoint, Error, ListEndpoint, Listing, Operation, Paging, PathParameters, Query,
};
use serde::de::DeserializeOwned;

use super::admin::{ListAllLicences, ListUsers};
use super::client::Billing;
use super::customer::{Customer, ListCustomers};
use super::invoice::{Invoice, ListInvoices};
use super::licence::Licence;
use super::order::{ListOrders, Order};
use super::payment::{ListPayments, Payment};
use super::user::User;

/// Rows asked for at once: the most any list accepts (section 2).
const PAGE: u32 = 1_000;

/// No backend has this many pages; one that never ends its list is not believed.
const MOST_PAGES: u32 = 1_000;

/// A list the backend gives in parts, without saying how many there are.
pub trait PagedList: Endpoint<Reply = Vec<Self::Row>> + Clone + Send + Sync + 'static {
    /// What a row is read into.
    type Row: DeserializeOwned + Send + 'static;

    /// The names this list has for its paging.
    const PAGING: Paging;

    /// The same list, so many rows after the first so many.
    #[must_use]
    fn page(self, skip: u32, limit: u32) -> Self;

    /// A row's id.
    fn id(row: &Self::Row) -> &str;
}

macro_rules! paged {
    ($($list:ty => $row:ty, $skip:ident $name:literal;)+) => {$(
        impl PagedList for $list {
            type Row = $row;
            const PAGING: Paging = Paging::Offset {
                offset: $name,
                limit: "limit",
                size: PAGE,
            };

            fn page(self, skip: u32, limit: u32) -> Self {
                self.$skip(skip).set_limit(limit)
            }

            fn id(row: &$row) -> &str {
                row.id.as_str()
            }
        }
    )+};
}

paged! {
    ListCustomers => Customer, set_skip "skip";
    ListOrders => Order, set_skip "skip";
    ListInvoices => Invoice, set_offset "offset";
    ListPayments => Payment, set_offset "offset";
    ListUsers => User, set_offset "offset";
    ListAllLicences => Licence, set_offset "offset";
}

/// A list as a stream of rows or pages: see [`Billing::list`].
#[derive(Debug, Clone)]
pub struct Rows<L>(L);

impl<L: PagedList> ListEndpoint for Rows<L> {
    const OPERATION: &'static Operation = L::OPERATION;
    const PAGING: Paging = L::PAGING;
    type Item = L::Row;

    fn path(&self, path: &mut PathParameters) {
        self.0.path(path);
    }

    fn query(&self, query: &mut Query) {
        self.0.query(query);
    }
}

impl Billing {
    /// A list as streams of [items](Listing::items) or [pages](Listing::pages), which can be resumed at a cursor, go on
    /// after a row that cannot be read, or keep members of rows this version does not know. The request says what to
    /// list; how many, and after how many, is the stream's to say.
    ///
    /// Rows come as the backend sends them: of customers, pages may overlap, and with
    /// [`ListCustomers::set_has_licenses`] one comes once for each licence. [`all`](Self::all) drops what comes twice.
    ///
    /// ```no_run
    /// # async fn example(billing: nextpanel_client::billing::Billing) -> Result<(), panel_http::Error> {
    /// use nextpanel_client::billing::{InvoiceFilter, ListInvoices};
    ///
    /// let overdue = ListInvoices::new().set_status(InvoiceFilter::Overdue);
    /// let invoices = billing.list(overdue).collect().await?;
    /// # let _ = invoices;
    /// # Ok(())
    /// # }
    /// ```
    pub fn list<L: PagedList>(&self, list: L) -> Listing<Rows<L>> {
        self.client().list(Rows(list))
    }

    /// Reads a list to its end, 1,000 rows at a time, each row once.
    ///
    /// The backend gives neither totals nor links; a short page is the end. Customers come in no order, so a row that is
    /// added or changed meanwhile may be missed or come twice; what comes twice is dropped here (section 2).
    ///
    /// # Errors
    /// Those of the calls.
    pub async fn all<L: PagedList>(&self, list: L) -> Result<Vec<L::Row>, Error> {
        let mut seen = BTreeSet::new();
        let mut rows = Vec::new();
        let mut skip = 0_u32;
        for _ in 0..MOST_PAGES {
            let page = self.call(list.clone().page(skip, PAGE)).await?;
            let received = u32::try_from(page.len()).unwrap_or(u32::MAX);
            let before = rows.len();
            for row in page {
                if seen.insert(L::id(&row).to_owned()) {
                    rows.push(row);
                }
            }
            // A backend that ignores the paging sends the same rows for ever.
            if received < PAGE || rows.len() == before {
                break;
            }
            skip = skip.saturating_add(received);
        }
        Ok(rows)
    }
}
