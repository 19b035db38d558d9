//! Products and prices in the TypeScript dialect.

use serde_json::{Value, json};

use super::answer::{Answer, Handled, data, ok};
use super::exchange::Exchange;
use super::postgres;
use super::product::{Price, Product};
use super::timestamps::iso;

const DEFAULT_PAGE_SIZE: usize = 50;

impl Price {
    pub(super) fn data(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "slug": self.slug,
            "interval": self.interval,
            "amountCents": self.amount_cents,
            "currency": self.currency,
            "isPopular": false,
            "isActive": self.is_active,
            "limitsJson": self.limits,
            "stripeProductId": null,
            "stripePriceId": null,
            "createdAt": self.created_at.map(iso),
            "updatedAt": self.created_at.map(iso),
        })
    }
}

impl Product {
    fn data(&self, tenant_id: &str) -> Value {
        let prices: Vec<Value> = self.prices.iter().map(Price::data).collect();
        json!({
            "id": self.id,
            "tenantId": tenant_id,
            "code": self.code,
            "name": self.name,
            "slug": self.slug,
            "type": self.type_script_kind(),
            "description": self.description,
            "isActive": self.status == "active",
            "createdAt": self.created_at.map(iso),
            "updatedAt": self.updated_at.map(iso),
            "prices": prices,
        })
    }
}

pub(super) fn list(exchange: &mut Exchange<'_>) -> Handled {
    exchange.type_script_caller_from("BILLING")?;
    exchange.has_prisma_columns()?;
    page(exchange)
}

pub(super) fn list_public(exchange: &mut Exchange<'_>) -> Handled {
    exchange.has_prisma_columns()?;
    page(exchange)
}

fn page(exchange: &Exchange<'_>) -> Handled {
    let page = exchange.page(DEFAULT_PAGE_SIZE)?;
    let mut products: Vec<&Product> = exchange
        .state
        .products
        .iter()
        .filter(|product| !product.is_deleted)
        .collect();
    products.sort_by_key(|product| (product.type_script_kind(), product.name.clone()));
    let rows: Vec<Value> = products
        .into_iter()
        .map(|product| product.data(&exchange.state.tenant.id))
        .collect();
    let total = rows.len();
    ok(&json!({ "success": true, "data": page.of(rows), "meta": page.figures(total) }))
}

pub(super) fn get(exchange: &mut Exchange<'_>) -> Handled {
    exchange.type_script_caller_from("BILLING")?;
    let position = exchange.product_of_code()?;
    let product = exchange.state.products.get(position);
    data(&product.map(|product| product.data(&exchange.state.tenant.id)))
}

pub(super) fn pricing(exchange: &mut Exchange<'_>) -> Handled {
    let position = exchange.product_of_code()?;
    let product = exchange.state.products.get(position);
    data(&product.map(|product| {
        let prices: Vec<Value> = product
            .prices
            .iter()
            .map(|price| {
                json!({
                    "interval": price.interval,
                    "amountCents": price.amount_cents,
                    "currency": price.currency,
                    "slug": price.slug,
                    "isPopular": false,
                    "limits": price.limits,
                })
            })
            .collect();
        json!({
            "code": product.code,
            "name": product.name,
            "description": product.description,
            "type": product.type_script_kind(),
            "prices": prices,
        })
    }))
}

pub(super) fn create(exchange: &mut Exchange<'_>) -> Handled {
    exchange.type_script_caller_from("ADMIN")?;
    exchange.has_prisma_columns()?;
    if !exchange.are_given(&["code", "name", "type"]) {
        return Err(invalid("code, name and type are required"));
    }
    let text = |name: &str| exchange.text(name).unwrap_or_default();
    let (code, name, kind) = (text("code"), text("name"), text("type"));
    if exchange
        .state
        .products
        .iter()
        .any(|product| !product.is_deleted && product.code.as_deref() == Some(code.as_str()))
    {
        let message = format!("Product already exists: {code}");
        return Err(Answer::error_with(409, "Conflict", message));
    }
    let kind = match kind.as_str() {
        "SHARED_HOSTING" => "hosting".to_owned(),
        other => other.to_ascii_lowercase(),
    };
    let mut product = Product::new(&code, &name, &kind, 0);
    product.id = exchange.state.ids.next();
    product.slug = exchange.given_text("slug").or(product.slug);
    product.prices.clear();
    product.description = exchange.text("description");
    product.created_at = Some(exchange.now);
    product.updated_at = Some(exchange.now);
    let shown = product.data(&exchange.state.tenant.id);
    exchange.state.products.push(product);
    Ok(Answer::data(201, &shown))
}

pub(super) fn patch(exchange: &mut Exchange<'_>) -> Handled {
    exchange.type_script_caller_from("ADMIN")?;
    let position = exchange.product_of_code()?;
    let name = exchange.given_text("name");
    let description = exchange.given_text("description");
    let is_active = exchange.field("isActive").and_then(Value::as_bool);
    let now = exchange.now;
    if let Some(product) = exchange.state.products.get_mut(position) {
        product.name = name.unwrap_or_else(|| product.name.clone());
        product.description = description.or_else(|| product.description.clone());
        if let Some(is_active) = is_active {
            product.status = if is_active { "active" } else { "inactive" }.to_owned();
        }
        product.updated_at = Some(now);
    }
    let product = exchange.state.products.get(position);
    data(&product.map(|product| product.data(&exchange.state.tenant.id)))
}

pub(super) fn delete(exchange: &mut Exchange<'_>) -> Handled {
    exchange.type_script_caller_from("ADMIN")?;
    let position = exchange.product_of_code()?;
    if let Some(product) = exchange.state.products.get_mut(position) {
        product.is_deleted = true;
    }
    ok(&json!({ "success": true, "message": "Product deleted successfully" }))
}

pub(super) fn list_prices(exchange: &mut Exchange<'_>) -> Handled {
    exchange.type_script_caller_from("BILLING")?;
    let position = exchange.product_of_code()?;
    let product = exchange.state.products.get(position);
    let prices = product.into_iter().flat_map(|product| &product.prices);
    data(&prices.map(Price::data).collect::<Vec<_>>())
}

pub(super) fn create_price(exchange: &mut Exchange<'_>) -> Handled {
    exchange.type_script_caller_from("ADMIN")?;
    let position = exchange.product_of_code()?;
    if !exchange.are_given(&["name", "slug", "interval"]) {
        return Err(invalid("name, slug and interval are required"));
    }
    let amount_cents = exchange
        .field("amountCents")
        .and_then(Value::as_i64)
        .ok_or_else(|| invalid("amountCents must be an integer"))?;
    let text = |name: &str| exchange.text(name).unwrap_or_default();
    let (name, slug, interval) = (text("name"), text("slug"), text("interval"));
    if exchange.state.price(&slug).is_some() {
        let message = format!("Price already exists: {slug}");
        return Err(Answer::error_with(409, "Conflict", message));
    }
    let price = Price {
        id: exchange.state.ids.next(),
        name,
        slug,
        interval,
        amount_cents,
        currency: exchange
            .given_text("currency")
            .unwrap_or_else(|| "usd".to_owned()),
        is_active: true,
        limits: exchange.field("limitsJson").cloned().unwrap_or_default(),
        created_at: Some(exchange.now),
    };
    let shown = price.data();
    if let Some(product) = exchange.state.products.get_mut(position) {
        product.prices.push(price);
    }
    Ok(Answer::data(201, &shown))
}

pub(super) fn get_price(exchange: &mut Exchange<'_>) -> Handled {
    exchange.type_script_caller_from("BILLING")?;
    exchange.has_prisma_columns()?;
    let id = exchange.price_id()?;
    let products = exchange.state.products.iter();
    let mut prices = products.flat_map(|product| &product.prices);
    let price = prices
        .find(|price| price.id == id)
        .ok_or_else(|| no_price(&id))?;
    data(&price.data())
}

pub(super) fn patch_price(exchange: &mut Exchange<'_>) -> Handled {
    exchange.type_script_caller_from("ADMIN")?;
    let id = exchange.price_id()?;
    let amount_cents = exchange.field("amountCents").and_then(Value::as_i64);
    let is_active = exchange.field("isActive").and_then(Value::as_bool);
    let products = exchange.state.products.iter_mut();
    let mut prices = products.flat_map(|product| &mut product.prices);
    let price = prices
        .find(|price| price.id == id)
        .ok_or_else(|| no_price(&id))?;
    price.amount_cents = amount_cents.unwrap_or(price.amount_cents);
    price.is_active = is_active.unwrap_or(price.is_active);
    data(&price.data())
}

pub(super) fn delete_price(exchange: &mut Exchange<'_>) -> Handled {
    exchange.type_script_caller_from("ADMIN")?;
    let id = exchange.price_id()?;
    let mut products = exchange.state.products.iter_mut();
    let owner = products.find(|product| product.prices.iter().any(|price| price.id == id));
    let owner = owner.ok_or_else(|| no_price(&id))?;
    owner.prices.retain(|price| price.id != id);
    ok(&json!({ "success": true, "message": "Price deleted successfully" }))
}

fn no_price(id: &str) -> Answer {
    Answer::error_with(404, "Not found", format!("Price not found: {id}"))
}

fn invalid(message: &str) -> Answer {
    Answer::error_with(400, "Validation error", message)
}

impl super::state::State {
    /// The price of this slug, with its product.
    pub(super) fn price(&self, slug: &str) -> Option<(&Product, &Price)> {
        self.products
            .iter()
            .filter(|product| !product.is_deleted)
            .flat_map(|product| product.prices.iter().map(move |price| (product, price)))
            .find(|(_, price)| price.slug == slug)
    }
}

impl Exchange<'_> {
    /// The columns Prisma asks for are not all there in the base schema.
    pub(super) fn has_prisma_columns(&self) -> Result<(), Answer> {
        match self.settings.columns {
            super::Columns::Superset => Ok(()),
            super::Columns::Base => Err(self.thrown(500, "PrismaClientKnownRequestError")),
        }
    }

    /// Where the product is whose code the path names.
    fn product_of_code(&self) -> Result<usize, Answer> {
        self.has_prisma_columns()?;
        let code = self.parameter();
        self.state
            .products
            .iter()
            .position(|product| !product.is_deleted && product.code.as_deref() == Some(&code))
            .ok_or_else(|| {
                Answer::error_with(404, "Not found", format!("Product not found: {code}"))
            })
    }
}

impl Exchange<'_> {
    /// The id of the path; what is none is an internal error.
    fn price_id(&self) -> Result<String, Answer> {
        let id = self.parameter();
        match postgres::check_uuid(&id) {
            Ok(()) => Ok(id),
            Err(_) => Err(self.thrown(500, "PrismaClientKnownRequestError")),
        }
    }
}
