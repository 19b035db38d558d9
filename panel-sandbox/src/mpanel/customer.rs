//! One customer, as tests see it and as rows show it.

use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::timestamps::iso;
use super::{Columns, User};

/// A row of the customers' table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Customer {
    /// Its id.
    pub id: String,
    /// Its tenant; those of public order entries have none.
    pub tenant_id: Option<String>,
    /// The user it belongs to.
    pub user_id: Option<String>,
    /// The company.
    pub company_name: Option<String>,
    /// Its own e-mail address, which rows of the legacy routes never show: they show that of the user it belongs to.
    pub email: Option<String>,
    /// The whole name, where an order entry gave one.
    pub full_name: Option<String>,
    /// Its own first name, hidden as the e-mail address is.
    pub first_name: Option<String>,
    /// The telephone number.
    pub phone: Option<String>,
    /// The city.
    pub city: Option<String>,
    /// The country, two letters.
    pub country: Option<String>,
    /// The currency.
    pub currency: String,
    /// The id at the payment provider.
    pub stripe_customer_id: Option<String>,
    /// When it was created.
    pub created_at: DateTime,
    /// When it was last changed.
    pub updated_at: DateTime,
    pub(super) is_deleted: bool,
}

/// Columns of the base schema nothing here ever fills.
const EMPTY: [&str; 5] = [
    "address_line1",
    "address_line2",
    "state",
    "postal_code",
    "tax_id",
];

/// Columns only the superset has, and nothing here ever fills.
const EMPTY_IN_SUPERSET: [&str; 9] = [
    "name",
    "company",
    "address",
    "zip",
    "marketing_source",
    "utm_campaign",
    "utm_source",
    "utm_medium",
    "password_hash",
];

impl Customer {
    pub(super) fn new(id: String, now: DateTime) -> Self {
        Self {
            id,
            tenant_id: None,
            user_id: None,
            company_name: None,
            email: None,
            full_name: None,
            first_name: None,
            phone: None,
            city: None,
            country: None,
            currency: "USD".to_owned(),
            stripe_customer_id: None,
            created_at: now,
            updated_at: now,
            is_deleted: false,
        }
    }

    /// The row itself.
    pub(super) fn row(&self, columns: Columns) -> Value {
        let mut row = json!({
            "id": self.id,
            "tenant_id": self.tenant_id,
            "user_id": self.user_id,
            "company_name": self.company_name,
            "city": self.city,
            "country": self.country,
            "phone": self.phone,
            "currency": self.currency,
            "credit_balance": "0.00",
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
            "email": self.email,
        });
        add_nulls(&mut row, &EMPTY);
        if columns == Columns::Superset {
            add_nulls(&mut row, &EMPTY_IN_SUPERSET);
            add(&mut row, "full_name", json!(self.full_name));
            add(&mut row, "first_name", json!(self.first_name));
            add(&mut row, "last_name", Value::Null);
            add(&mut row, "status", json!("active"));
            add(
                &mut row,
                "stripe_customer_id",
                json!(self.stripe_customer_id),
            );
        }
        row
    }

    /// The row joined with the user it belongs to, whose columns overwrite those of the same name.
    pub(super) fn joined_row(&self, columns: Columns, users: &[User]) -> Value {
        let user = users
            .iter()
            .find(|user| Some(&user.id) == self.user_id.as_ref());
        let mut row = self.row(columns);
        add(&mut row, "email", json!(user.map(|user| &user.email)));
        let first_name = user.and_then(|user| user.first_name.as_ref());
        add(&mut row, "first_name", json!(first_name));
        let last_name = user.and_then(|user| user.last_name.as_ref());
        add(&mut row, "last_name", json!(last_name));
        row
    }
}

/// Sets one column of a row.
pub(super) fn add(row: &mut Value, column: &str, value: Value) {
    if let Some(row) = row.as_object_mut() {
        row.insert(column.to_owned(), value);
    }
}

/// Sets columns of a row to `null`.
pub(super) fn add_nulls(row: &mut Value, columns: &[&str]) {
    for column in columns {
        add(row, column, Value::Null);
    }
}
