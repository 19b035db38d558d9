//! The panel's products, as far as it tells them.

use mpanel_client::{
    Dialect, Mpanel, Resource,
    products::{GetProduct, Product, ProductId},
};
use panel_http::{Error, Kind};
use provisioning_core::{catalog, catalog::Catalog, order::ProductCode};

use crate::exit::Stop;

/// The panel's products.
pub(crate) struct Listed {
    pub(crate) dialect: Dialect,
    pub(crate) products: Vec<Product>,
    /// Why the list cannot be believed; the catalog's own product ids are then used.
    pub(crate) broken: Option<String>,
    /// What is at each id the catalog names, where the list cannot be believed.
    pub(crate) pinned: Vec<(ProductCode, Pinned)>,
}

/// What reading a pinned id brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pinned {
    /// It is there.
    There,
    /// The panel says that it is not.
    Absent,
    /// The panel does not tell, and why.
    Untold(String),
}

impl Listed {
    /// Reads the list. A list that fails, or is empty on a panel nobody has called empty, is a broken one.
    pub(crate) async fn read(
        panel: &Mpanel,
        catalog: &Catalog,
        panel_is_empty: bool,
    ) -> Result<Self, Stop> {
        let stop = |error: Error| Stop::of(&error, panel);
        let session = panel.session().await.map_err(stop)?;
        let dialect = panel.dialect(Resource::Products).await.map_err(stop)?;
        let (products, broken) = match panel.products().await {
            Ok(products) if products.is_empty() && !panel_is_empty => {
                let mut why = "the panel lists no products at all".to_owned();
                if session.tenant_id().is_none() {
                    why.push_str("; this user has no tenant, and is shown those of none");
                }
                (products, Some(why))
            }
            Ok(products) => (products, None),
            Err(error) if is_broken(&error) => (Vec::new(), Some(error.to_string())),
            Err(error) => return Err(stop(error)),
        };
        let mut pinned = Vec::new();
        if broken.is_some() {
            for product in catalog.products() {
                if let Some(found) = look_at_pinned(panel, product).await? {
                    pinned.push((product.code.clone(), found));
                }
            }
        }
        Ok(Self {
            dialect,
            products,
            broken,
            pinned,
        })
    }
}

/// Whether the list fails as it does on deployments whose product module is broken: an answer of the server's, or of
/// something before it, that no other user and no later try would change.
fn is_broken(error: &Error) -> bool {
    let is_server_error = error.status().is_some_and(|status| status.as_u16() >= 500);
    is_server_error || matches!(error.kind(), Kind::Decode | Kind::NotImplemented)
}

/// Reads the product at an id that the catalog names. The TypeScript server reads products by code only, and answers
/// 404 to an id.
async fn look_at_pinned(
    panel: &Mpanel,
    product: &catalog::Product,
) -> Result<Option<Pinned>, Stop> {
    let Some(id) = &product.panel_product_id else {
        return Ok(None);
    };
    let is_by_id = panel
        .dialect(Resource::Products)
        .await
        .is_ok_and(|dialect| dialect == Dialect::Legacy);
    let asked = if is_by_id { id } else { product.code.as_str() };
    let found = match panel.call(GetProduct(ProductId::text(asked))).await {
        Ok(_) => Pinned::There,
        Err(error) if error.kind() == Kind::NotFound => Pinned::Absent,
        Err(error) if matches!(error.kind(), Kind::Denied | Kind::Auth | Kind::RateLimited) => {
            return Err(Stop::of(&error, panel));
        }
        Err(error) => Pinned::Untold(error.to_string()),
    };
    Ok(Some(found))
}
