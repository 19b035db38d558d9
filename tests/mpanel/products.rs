//! `/api/products`, in both dialects

use mpanel_client::{
    Dialect, Generation, Resource,
    products::{
        CreateLegacyProduct, CreatePrice, CreateProduct, DeletePrice, DeleteProduct, GetPrice,
        GetPricing, GetProduct, GetProductByCode, Interval, ListLegacyProducts, ListPrices,
        ListProducts, ListPublicProducts, NewProduct, PriceId, ProductId, ProductKind,
        UpdateLegacyProduct, UpdatePrice, UpdateProduct,
    },
};
use panel_http::Kind;
use provisioning_core::money::{Currency, Money};
use serde_json::json;

use super::{
    case::{PRICE, PRODUCT, call, list},
    script::{asked, json as reply, script, with_login},
};

fn id() -> ProductId {
    ProductId::text(PRODUCT)
}

fn usd(cents: u64) -> Money {
    Money::from_minor(cents, Currency::USD)
}

fn new() -> NewProduct {
    NewProduct::new(
        "wp_growth",
        "WP Growth",
        ProductKind::Hosting,
        usd(4999),
        Interval::Monthly,
    )
}

#[tokio::test]
async fn a_price_is_the_same_amount_in_either_dialect() {
    let legacy = list(
        "products/list_legacy",
        ListLegacyProducts::new().with_type("hosting"),
    )
    .await
    .unwrap();
    let typescript = list("products/list_typescript", ListProducts)
        .await
        .unwrap();
    for product in [&legacy[0], &typescript[0]] {
        assert_eq!(product.id, id());
        assert_eq!(product.code.as_deref(), Some("wp_growth"));
        assert_eq!(product.kind, Some(ProductKind::Hosting));
        assert_eq!(product.price_for(&Interval::Monthly), Some(usd(4999)));
        assert_eq!(product.price_for(&Interval::Yearly), None);
    }
    let documented = list("products/list_as_documented", ListProducts)
        .await
        .unwrap();
    assert_eq!(documented[0].code.as_deref(), Some("wp_growth"));
    assert_eq!(documented[0].kind, Some(ProductKind::CloudPod));
}

#[tokio::test]
async fn a_broken_login_check_is_told_and_leads_to_no_login() {
    let error = list("products/list_broken", ListProducts)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Api);
    assert!(
        error.to_string().contains("logging in again does not help"),
        "{error}"
    );
}

#[tokio::test]
async fn products_are_read_by_id_or_code() {
    assert_eq!(
        call("products/get_legacy", GetProduct(id()))
            .await
            .unwrap()
            .id,
        id()
    );
    assert_eq!(
        call("products/get_typescript", GetProduct(id()))
            .await
            .unwrap()
            .id,
        id()
    );
    let code = GetProduct(ProductId::text("wp_growth"));
    let error = call("products/get_code_on_legacy", code).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Validation);
    let product = call("products/get_by_code", GetProductByCode("wp_growth".into()))
        .await
        .unwrap();
    assert_eq!(product.prices.unwrap()[0].amount(), Some(usd(4999)));
    assert_eq!(
        list("products/list_public", ListPublicProducts)
            .await
            .unwrap()
            .len(),
        1
    );
    let pricing = call("products/pricing", GetPricing("wp_growth".into()))
        .await
        .unwrap();
    assert_eq!(pricing.prices.unwrap()[0].amount_cents, Some(4999));
}

#[tokio::test]
async fn products_are_created_in_the_dialect_of_the_server() {
    let made = call("products/create_legacy", CreateLegacyProduct(new()))
        .await
        .unwrap();
    assert_eq!(made.id, id());
    call("products/create_typescript", CreateProduct(new()))
        .await
        .unwrap();
    let error = call("products/create_again", CreateProduct(new()))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.key()),
        (Kind::Conflict, Some("wp_growth"))
    );

    let product = json!({"id": PRODUCT, "code": "wp_growth"});
    let transport = script(Generation::Legacy, vec![reply(201, &product)]);
    let client = with_login(&transport).build().unwrap();
    client.session().await.unwrap();
    client.create_product(new()).await.unwrap();
    assert_eq!(
        asked(&transport),
        ["POST /api/auth/login", "POST /api/products"]
    );
    assert_eq!(transport.requests()[1].json()["price"], json!(49.99));

    let wrapped = json!({"success": true, "data": product});
    let price = json!({"success": true, "data": {"id": PRICE, "interval": "MONTHLY", "amountCents": 4999, "currency": "usd"}});
    let transport = script(
        Generation::TypeScript,
        vec![reply(201, &wrapped), reply(201, &price)],
    );
    let client = with_login(&transport)
        .dialect(Resource::Products, Dialect::TypeScript)
        .build()
        .unwrap();
    let made = client.create_product(new()).await.unwrap();
    assert_eq!(made.price_for(&Interval::Monthly), Some(usd(4999)));
    assert_eq!(asked(&transport)[2], "POST /api/products/wp_growth/prices");
    assert_eq!(transport.requests()[2].json()["slug"], "wp-growth-monthly");
}

#[tokio::test]
async fn products_are_changed() {
    let update = UpdateLegacyProduct::new(id()).set_column("price", 59);
    let product = call("products/update_legacy", update).await.unwrap();
    assert_eq!(product.price.unwrap().as_str(), "59.00");
    let update = UpdateProduct::new("wp_growth")
        .set_name("WP Growth 2")
        .set_description("d")
        .set_active(false);
    let product = call("products/update_typescript", update).await.unwrap();
    assert_eq!(product.is_active, Some(false));
}

#[tokio::test]
async fn a_deletion_of_nothing_is_a_200_so_a_read_comes_first() {
    call("products/delete", DeleteProduct(id())).await.unwrap();
    let transport = script(
        Generation::Legacy,
        vec![reply(404, &json!({"error": "Product not found"}))],
    );
    let client = with_login(&transport).build().unwrap();
    let error = client.delete_product(&id()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.operation()),
        (Kind::NotFound, "mpanel.get_product")
    );
    assert_eq!(asked(&transport).len(), 2);
}

#[tokio::test]
async fn prices_are_kept() {
    assert_eq!(
        list("products/prices", ListPrices("wp_growth".into()))
            .await
            .unwrap()
            .len(),
        1
    );
    let create = CreatePrice::new("wp_growth", "WP Growth", Interval::Yearly, usd(49990))
        .set_limit("emails", 5);
    let price = call("products/create_price", create).await.unwrap();
    assert_eq!(price.amount(), Some(usd(49990)));
    let id = || PriceId::text(PRICE);
    let price = call("products/get_price", GetPrice(id())).await.unwrap();
    assert_eq!(price.limits_json.unwrap()["sites"], 3);
    let update = UpdatePrice::new(id())
        .set_amount_cents(5999)
        .set_active(false);
    assert_eq!(
        call("products/update_price", update)
            .await
            .unwrap()
            .amount(),
        Some(usd(5999))
    );
    call("products/delete_price", DeletePrice(id()))
        .await
        .unwrap();
}
