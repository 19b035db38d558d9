//! `DELETE /api/products/{id}`.

use panel_http::Error;

use super::{DELETE, GetProduct, ProductId};
use crate::{
    client::Mpanel,
    endpoints::endpoints,
    reply::{self, Done},
};

endpoints! {
    /// Deletes a product, by id on the legacy server and by code on the other. The legacy server says so even of one it
    /// does not have: [`Mpanel::delete_product`] tells them apart.
    DeleteProduct(id: ProductId) -> Done = DELETE, reply::done;
}

impl Mpanel {
    /// Deletes a product, after a read of it.
    ///
    /// # Errors
    /// `NotFound` where the read says that there is none; nothing is then deleted. Asked of the read, because the legacy
    /// server answers 200 to the deletion of what it does not have.
    pub async fn delete_product(&self, id: &ProductId) -> Result<Done, Error> {
        self.call(GetProduct(id.clone())).await?;
        self.call(DeleteProduct(id.clone())).await
    }
}
