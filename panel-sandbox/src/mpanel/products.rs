//! The products' endpoints in the legacy dialect.

use serde_json::{Value, json};

use super::answer::{Answer, Handled, not_found, ok};
use super::customer::add;
use super::exchange::Exchange;
use super::postgres::{self, Refused};
use super::product::Product;
use super::timestamps::iso;
use super::{Columns, MPanelSettings};

impl Product {
    fn row(&self, tenant_id: &str, settings: &MPanelSettings) -> Value {
        let mut row = json!({
            "id": self.id,
            "tenant_id": tenant_id,
            "name": self.name,
            "description": self.description,
            "type": self.kind,
            "billing_cycle": self.billing_cycle,
            "price": self.price,
            "setup_fee": self.setup_fee,
            "currency": self.currency,
            "taxable": self.is_taxable,
            "status": self.status,
            "metadata": self.metadata,
            "created_at": self.created_at.map(iso),
            "updated_at": self.updated_at.map(iso),
        });
        if settings.columns == Columns::Superset {
            add(&mut row, "slug", json!(self.slug));
            add(&mut row, "code", json!(self.code));
            add(&mut row, "is_active", json!(self.status == "active"));
        }
        row
    }

    fn listed_row(&self, tenant_id: &str, settings: &MPanelSettings) -> Value {
        let mut row = self.row(tenant_id, settings);
        add(&mut row, "active", json!(self.status == "active"));
        add(&mut row, "category", json!(self.kind));
        add(&mut row, "features", json!([]));
        row
    }
}

/// Those of the caller's tenant; nobody without a tenant sees any.
pub(super) fn list(exchange: &mut Exchange<'_>) -> Handled {
    let caller = exchange.legacy_caller()?;
    let tenant = &exchange.state.tenant.id;
    let kind = exchange.query("type").filter(|kind| !kind.is_empty());
    let mut products: Vec<&Product> = exchange
        .state
        .products
        .iter()
        .filter(|product| !product.is_deleted && caller.tenant_id.as_ref() == Some(tenant))
        .filter(|product| kind.as_ref().is_none_or(|kind| product.kind == *kind))
        .collect();
    products.sort_by(|one, other| (&one.kind, &one.name).cmp(&(&other.kind, &other.name)));
    let rows: Vec<Value> = products
        .into_iter()
        .map(|product| product.listed_row(tenant, exchange.settings))
        .collect();
    ok(&rows)
}

/// By id alone; a code is an internal error.
pub(super) fn get(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller()?;
    let position = exchange.product("Failed to fetch product")?;
    let tenant = &exchange.state.tenant.id;
    let product = exchange.state.products.get(position);
    let row = product.map(|product| product.listed_row(tenant, exchange.settings));
    ok(&row.ok_or_else(|| not_found("Product"))?)
}

pub(super) fn create(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller_with(&["admin", "manager"])?;
    let failed = || Answer::error(500, "Failed to create product");
    let refused = |_: Refused| failed();
    let price = postgres::numeric(exchange.field("price"), 2).map_err(refused)?;
    let setup_fee = postgres::numeric(exchange.field("setupFee"), 2).map_err(refused)?;
    let taxable = postgres::boolean(exchange.field("taxable")).map_err(refused)?;
    let (Some(name), Some(kind), Some(price)) =
        (exchange.text("name"), exchange.text("type"), price)
    else {
        return Err(failed());
    };
    let mut product = Product::new("", &name, &kind, 0);
    product.id = exchange.state.ids.next();
    product.code = None;
    product.slug = None;
    product.prices.clear();
    product.description = exchange.text("description");
    product.price = price;
    product.setup_fee = setup_fee.unwrap_or_else(|| "0.00".to_owned());
    product.is_taxable = taxable.unwrap_or(true);
    if let Some(cycle) = exchange.given_text("billingCycle") {
        product.billing_cycle = cycle;
    }
    if let Some(currency) = exchange.given_text("currency") {
        product.currency = currency;
    }
    if let Some(metadata) = exchange.given("metadata") {
        product.metadata = metadata.clone();
    }
    product.created_at = Some(exchange.now);
    product.updated_at = Some(exchange.now);
    let row = product.row(&exchange.state.tenant.id, exchange.settings);
    exchange.state.products.push(product);
    Ok(Answer::json(201, &row))
}

/// Columns as they are called in the table; any other name is an internal error.
pub(super) fn update(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller_with(&["admin", "manager"])?;
    let failed = "Failed to update product";
    let position = exchange.product(failed)?;
    let columns = exchange.body.as_object().cloned().unwrap_or_default();
    if columns.is_empty() {
        return Err(Answer::error(400, "No fields to update"));
    }
    let mut product = exchange
        .state
        .products
        .get(position)
        .cloned()
        .ok_or_else(|| not_found("Product"))?;
    for (column, value) in &columns {
        product
            .set_column(column, value)
            .map_err(|refused| refused.hidden(failed))?;
    }
    product.updated_at = Some(exchange.now);
    let row = product.row(&exchange.state.tenant.id, exchange.settings);
    if let Some(stored) = exchange.state.products.get_mut(position) {
        *stored = product;
    }
    ok(&row)
}

/// Always 200, whether or not there was one.
pub(super) fn delete(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller_with(&["admin"])?;
    match exchange.product("Failed to delete product") {
        Ok(position) => {
            if let Some(product) = exchange.state.products.get_mut(position) {
                product.is_deleted = true;
            }
        }
        Err(missing) if missing.status == 404 => {}
        Err(refusal) => return Err(refusal),
    }
    ok(&json!({ "message": "Product deleted successfully" }))
}

impl Exchange<'_> {
    /// Where the product of the path is.
    fn product(&self, failed: &str) -> Result<usize, Answer> {
        let is_it = |product: &Product, id: &str| product.id == id && !product.is_deleted;
        self.position(&self.state.products, is_it, "Product", failed)
    }
}

impl Product {
    fn set_column(&mut self, column: &str, value: &Value) -> Result<(), Refused> {
        let text = postgres::parameter(Some(value));
        let null = || postgres::null_violation(column, "products");
        match column {
            "name" => self.name = text.ok_or_else(null)?,
            "description" => self.description = text,
            "type" => self.kind = text.ok_or_else(null)?,
            "billing_cycle" => self.billing_cycle = text.ok_or_else(null)?,
            "price" => self.price = postgres::numeric(Some(value), 2)?.ok_or_else(null)?,
            "setup_fee" => self.setup_fee = postgres::numeric(Some(value), 2)?.ok_or_else(null)?,
            "currency" => self.currency = text.ok_or_else(null)?,
            "taxable" => self.is_taxable = postgres::boolean(Some(value))?.unwrap_or_default(),
            "status" => self.status = text.ok_or_else(null)?,
            "metadata" => self.metadata = value.clone(),
            "slug" => self.slug = text,
            "code" => self.code = text,
            other => {
                return Err(Refused(format!(
                    "column \"{other}\" of relation \"products\" does not exist"
                )));
            }
        }
        Ok(())
    }
}
