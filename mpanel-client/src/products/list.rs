//! `GET /api/products`, `/api/products/public`.

use panel_http::{Error, ListEndpoint, Operation, Paging, Query};

use super::{LIST, LIST_PUBLIC, Product};
use crate::{
    client::Mpanel,
    dialect::{Dialect, Resource},
    endpoints::{BY_PAGE, lists},
};

/// Lists products of the user's tenant, all in one reply. Legacy only: of a TypeScript server this reads the first page.
/// A user without tenant sees none.
#[derive(Debug, Clone, Default)]
pub struct ListLegacyProducts {
    kind: Option<String>,
}

impl ListLegacyProducts {
    /// All of them.
    #[must_use]
    pub const fn new() -> Self {
        Self { kind: None }
    }

    /// Only those of this type, in the server's own word.
    #[must_use]
    pub fn with_type(mut self, kind: impl Into<String>) -> Self {
        self.kind = Some(kind.into());
        self
    }
}

impl ListEndpoint for ListLegacyProducts {
    const OPERATION: &'static Operation = &LIST;
    const PAGING: Paging = Paging::Whole;
    type Item = Product;

    fn query(&self, query: &mut Query) {
        query.set_some("type", self.kind.as_ref());
    }
}

lists! {
    /// Lists products of the user's tenant, by page. TypeScript only: [`Mpanel::products`] works on both.
    ListProducts -> Product = LIST, BY_PAGE;

    /// Lists the products that are offered, without credential. TypeScript only.
    ListPublicProducts -> Product = LIST_PUBLIC, BY_PAGE;
}

impl Mpanel {
    /// The products of the user's tenant, as the dialect of the server lists them.
    ///
    /// # Errors
    /// Those of the list. A server whose TypeScript modules are broken answers 500.
    pub async fn products(&self) -> Result<Vec<Product>, Error> {
        match self.dialect(Resource::Products).await? {
            Dialect::Legacy => self.list(ListLegacyProducts::new()).collect().await,
            Dialect::TypeScript => self.list(ListProducts).collect().await,
        }
    }
}
