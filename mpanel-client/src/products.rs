//! Products and prices. Legacy and TypeScript have them under the same path in different dialects (contract section 7).

mod create;
mod delete;
mod list;
mod price;
mod product;
mod update;

use panel_http::{HttpMethod, Operation, Safety};
use provisioning_core::permission::Verb;

pub use self::{
    create::{CreateLegacyProduct, CreateProduct, NewProduct},
    delete::DeleteProduct,
    list::{ListLegacyProducts, ListProducts, ListPublicProducts},
    price::{
        CreatePrice, DeletePrice, GetPrice, Interval, ListPrices, Price, PriceId, UpdatePrice,
    },
    product::{GetPricing, GetProduct, GetProductByCode, Product, ProductId, ProductKind},
    update::{UpdateLegacyProduct, UpdateProduct},
};
use crate::{
    endpoints::{change, read, read_openly, read_openly_behind_the_gate, repeatable},
    route::Route,
};

pub(crate) const LIST: Operation = read("mpanel.list_products", "/api/products");
pub(crate) const GET: Operation = read("mpanel.get_product", "/api/products/{id}");
pub(crate) const GET_BY_CODE: Operation =
    read("mpanel.get_product_by_code", "/api/products/{code}");
pub(crate) const LIST_PUBLIC: Operation =
    read_openly("mpanel.list_public_products", "/api/products/public");
pub(crate) const PRICING: Operation =
    read_openly_behind_the_gate("mpanel.get_pricing", "/api/products/pricing/{code}");
pub(crate) const CREATE_LEGACY: Operation = change(
    "mpanel.create_legacy_product",
    HttpMethod::Post,
    "/api/products",
    Safety::Unsafe,
);
/// The server refuses a second one of the same code.
pub(crate) const CREATE: Operation = change(
    "mpanel.create_product",
    HttpMethod::Post,
    "/api/products",
    Safety::NaturalKey,
);
pub(crate) const UPDATE_LEGACY: Operation = repeatable(
    "mpanel.update_legacy_product",
    HttpMethod::Put,
    "/api/products/{id}",
);
pub(crate) const UPDATE: Operation = repeatable(
    "mpanel.update_product",
    HttpMethod::Patch,
    "/api/products/{code}",
);
pub(crate) const DELETE: Operation = repeatable(
    "mpanel.delete_product",
    HttpMethod::Delete,
    "/api/products/{id}",
);
pub(crate) const PRICES: Operation = read("mpanel.list_prices", "/api/products/{code}/prices");
/// The server refuses a second one of the same short name.
pub(crate) const CREATE_PRICE: Operation = change(
    "mpanel.create_price",
    HttpMethod::Post,
    "/api/products/{code}/prices",
    Safety::NaturalKey,
);
pub(crate) const PRICE: Operation = read("mpanel.get_price", "/api/products/prices/{id}");
pub(crate) const UPDATE_PRICE: Operation = repeatable(
    "mpanel.update_price",
    HttpMethod::Patch,
    "/api/products/prices/{id}",
);
pub(crate) const DELETE_PRICE: Operation = repeatable(
    "mpanel.delete_price",
    HttpMethod::Delete,
    "/api/products/prices/{id}",
);

pub(crate) const ROUTES: &[Route] = &[
    Route::both(&LIST).asks(Verb::MpanelReadProducts),
    Route::both(&GET).asks(Verb::MpanelReadProducts),
    Route::typescript(&GET_BY_CODE).asks(Verb::MpanelReadProducts),
    Route::typescript(&LIST_PUBLIC).asks(Verb::MpanelReadProducts),
    Route::typescript(&PRICING).asks(Verb::MpanelReadProducts),
    Route::legacy(&CREATE_LEGACY).asks(Verb::MpanelWriteProduct),
    Route::typescript(&CREATE).asks(Verb::MpanelWriteProduct),
    Route::legacy(&UPDATE_LEGACY).asks(Verb::MpanelWriteProduct),
    Route::typescript(&UPDATE).asks(Verb::MpanelWriteProduct),
    Route::both(&DELETE).asks(Verb::MpanelDeleteProduct),
    Route::typescript(&PRICES).asks(Verb::MpanelReadProducts),
    Route::typescript(&CREATE_PRICE).asks(Verb::MpanelWriteProduct),
    Route::typescript(&PRICE).asks(Verb::MpanelReadProducts),
    Route::typescript(&UPDATE_PRICE).asks(Verb::MpanelWriteProduct),
    Route::typescript(&DELETE_PRICE).asks(Verb::MpanelWriteProduct),
];
