//! Reading a list to its end.

use std::collections::BTreeSet;

use panel_http::{Endpoint, Error};

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
pub trait PagedList: Endpoint<Reply = Vec<Self::Row>> + Clone + Send {
    /// What a row is read into.
    type Row: Send;

    /// The same list, so many rows after the first so many.
    #[must_use]
    fn page(self, skip: u32, limit: u32) -> Self;

    /// A row's id.
    fn id(row: &Self::Row) -> &str;
}

macro_rules! paged {
    ($($list:ty => $row:ty, $skip:ident;)+) => {$(
        impl PagedList for $list {
            type Row = $row;

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
    ListCustomers => Customer, set_skip;
    ListOrders => Order, set_skip;
    ListInvoices => Invoice, set_offset;
    ListPayments => Payment, set_offset;
    ListUsers => User, set_offset;
    ListAllLicences => Licence, set_offset;
}

impl Billing {
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
