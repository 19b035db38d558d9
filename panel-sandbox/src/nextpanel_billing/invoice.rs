//! One invoice and its amounts (contract, section 4.8).

use serde::Serialize;
use serde_json::{Value, json};

use super::moment::Moment;
use super::orders::Order;
use super::state::State;
use super::{Database, Resource};
use crate::fastapi::{Fields, Refusal};

const INTERVALS: [&str; 3] = ["monthly", "quarterly", "yearly"];

/// An invoice, serialised as every answer shows it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Invoice {
    pub(super) id: String,
    pub(super) invoice_number: String,
    pub(super) status: String,
    #[serde(flatten)]
    pub(super) amounts: Amounts,
    pub(super) amount_paid: f64,
    pub(super) amount_due: f64,
    pub(super) currency: String,
    invoice_date: Option<Moment>,
    pub(super) due_date: Option<Moment>,
    paid_at: Option<Moment>,
    items: Option<Value>,
    notes: Option<String>,
    terms: Option<String>,
    pub(super) is_recurring: bool,
    recurring_interval: Option<String>,
    pub(super) sent_to_customer: bool,
    pub(super) reminder_count: u32,
    pub(super) created_at: Moment,
    #[serde(skip)]
    pub(super) user_id: String,
    #[serde(skip)]
    pub(super) order_id: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Amounts {
    subtotal: f64,
    discount_amount: f64,
    discount_percent: f64,
    tax: f64,
    tax_rate: f64,
    pub(super) total: f64,
}

/// What one is billed for; the amount is for each unit.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Item {
    description: String,
    quantity: i64,
    amount: f64,
    unit_price: Option<f64>,
}

impl Item {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            description: fields.required_string("description"),
            quantity: fields.integer_or("quantity", 1),
            amount: fields.required_number("amount"),
            unit_price: fields.optional_number("unit_price"),
        }
    }
}

/// What new invoices, changed ones and templates have in common; nothing is what was not sent, or was `null`.
pub(super) struct Sent {
    pub(super) items: Option<Vec<Item>>,
    pub(super) due_date: Option<Moment>,
    pub(super) tax_rate: Option<f64>,
    pub(super) discount_percent: Option<f64>,
    pub(super) discount_amount: Option<f64>,
    pub(super) notes: Option<String>,
    pub(super) terms: Option<String>,
}

impl Sent {
    pub(super) fn read(fields: &mut Fields<'_>, database: Database) -> Self {
        let due_date = fields.optional_string("due_date");
        let moment = due_date.as_deref().and_then(|text| database.read(text));
        if let (Some(text), None) = (due_date, moment) {
            let message = "Input should be a valid datetime or date, invalid character in year";
            fields.problem(
                "datetime_from_date_parsing",
                "due_date",
                message,
                json!(text),
            );
        }
        Self {
            items: fields.optional_items("items", Item::read),
            due_date: moment,
            tax_rate: fields.optional_number("tax_rate"),
            discount_percent: fields.optional_number("discount_percent"),
            discount_amount: fields.optional_number("discount_amount"),
            notes: fields.optional_string("notes"),
            terms: fields.optional_string("terms"),
        }
    }
}

/// How often an invoice comes again.
pub(super) struct Recurrence {
    pub(super) is_recurring: bool,
    pub(super) interval: Option<String>,
}

impl Recurrence {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            is_recurring: fields.optional_boolean("is_recurring").unwrap_or_default(),
            interval: fields.optional_string("recurring_interval"),
        }
    }

    /// An interval there is not is no 422 but an exception.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        match self.interval.as_deref() {
            Some(interval) if !INTERVALS.contains(&interval) => Err(Refusal::new(
                500,
                format!("Internal server error: '{interval}' is not a valid RecurringInterval"),
            )),
            _ => Ok(()),
        }
    }
}

/// A part of an invoice that was paid, serialised as the answer shows it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct PartialPayment {
    pub(super) id: String,
    pub(super) invoice_id: String,
    pub(super) amount: f64,
    pub(super) payment_method: Option<String>,
    pub(super) notes: Option<String>,
    pub(super) created_at: Moment,
}

impl Invoice {
    /// Adds the paid invoice of an order, with the order's own amounts (subtotal, tax and total) and number.
    pub(super) fn add_for_order(
        state: &mut State,
        order: &Order,
        (subtotal, tax, total): (f64, f64, f64),
        due_date: Option<Moment>,
    ) {
        let number = order.invoice_number.clone().unwrap_or_default();
        let amounts = Amounts {
            subtotal,
            discount_amount: 0.0,
            discount_percent: 0.0,
            tax,
            tax_rate: 0.0,
            total,
        };
        let now = state.by_program();
        let invoice = Self::add(state, &order.customer_id, number, amounts);
        invoice.order_id = Some(order.id.clone());
        invoice.items = Some(order.items.clone());
        invoice.due_date = due_date;
        invoice.is_recurring = order.recurs();
        invoice.settle(now);
    }

    fn add<'state>(
        state: &'state mut State,
        user: &str,
        number: String,
        amounts: Amounts,
    ) -> &'state mut Self {
        state.note_creation(Resource::Invoices, user);
        let now = state.by_database();
        let invoice = Self {
            id: state.new_id(),
            invoice_number: number,
            status: "open".to_owned(),
            amounts,
            amount_paid: 0.0,
            amount_due: amounts.total,
            currency: "USD".to_owned(),
            invoice_date: Some(now),
            due_date: None,
            paid_at: None,
            items: None,
            notes: None,
            terms: None,
            is_recurring: false,
            recurring_interval: None,
            sent_to_customer: false,
            reminder_count: 0,
            created_at: now,
            user_id: user.to_owned(),
            order_id: None,
        };
        state.invoices.push_mut(invoice)
    }

    /// Adds an open invoice with the next number of the month, counted over all invoices there are.
    pub(super) fn add_open<'state>(
        state: &'state mut State,
        user: &str,
        sent: Sent,
        recurrence: Recurrence,
    ) -> &'state mut Self {
        let now = state.by_program();
        let number = format!(
            "INV-{}-{:04}",
            now.at().strftime("%Y-%m"),
            state.invoices.len() + 1
        );
        let items = sent.items.clone().unwrap_or_default();
        let amounts = Amounts::of(
            &items,
            sent.discount_percent.unwrap_or_default(),
            sent.discount_amount.unwrap_or_default(),
            sent.tax_rate.unwrap_or_default(),
        );
        let invoice = Self::add(state, user, number, amounts);
        invoice.items = Some(json!(items));
        invoice.due_date = Some(sent.due_date.unwrap_or_else(|| now.plus_days(30)));
        invoice.notes = sent.notes;
        invoice.terms = sent.terms;
        invoice.is_recurring = recurrence.is_recurring;
        invoice.recurring_interval = recurrence.interval;
        invoice
    }

    pub(super) fn change(&mut self, sent: Sent) {
        let (discount, rate) = (sent.discount_percent, sent.tax_rate);
        if sent.items.is_some() || discount.is_some() || rate.is_some() {
            let percent = discount.unwrap_or(self.amounts.discount_percent);
            let amount = sent.discount_amount.unwrap_or(self.amounts.discount_amount);
            let rate = rate.unwrap_or(self.amounts.tax_rate);
            self.amounts = match &sent.items {
                Some(items) => Amounts::of(items, percent, amount, rate),
                None => Amounts::from(self.amounts.subtotal, percent, amount, rate),
            };
            self.amount_due = round(self.amounts.total - self.amount_paid);
        }
        if let Some(items) = sent.items {
            self.items = Some(json!(items));
        }
        self.due_date = sent.due_date.or(self.due_date);
        self.notes = sent.notes.or(self.notes.take());
        self.terms = sent.terms.or(self.terms.take());
    }

    pub(super) fn of_order<'state>(
        state: &'state mut State,
        order: &str,
    ) -> Option<&'state mut Self> {
        let mut all = state.invoices.iter_mut();
        all.find(|invoice| invoice.order_id.as_deref() == Some(order))
    }

    pub(super) fn is_overdue(&self, now: Moment) -> bool {
        self.is_outstanding() && self.due_date.is_some_and(|due| due < now)
    }

    pub(super) fn is_outstanding(&self) -> bool {
        ["open", "partially_paid", "overdue"].contains(&self.status.as_str())
    }

    /// Marks all of it as paid.
    pub(super) fn settle(&mut self, now: Moment) {
        self.status = "paid".to_owned();
        self.amount_paid = self.amounts.total;
        self.amount_due = 0.0;
        self.paid_at = Some(now);
    }

    /// Takes a part of it as paid.
    pub(super) fn take_part(&mut self, amount: f64, now: Moment) {
        self.amount_paid = round(self.amount_paid + amount);
        self.amount_due = round(self.amounts.total - self.amount_paid);
        if self.amount_due <= 0.0 {
            self.settle(now);
        } else {
            self.status = "partially_paid".to_owned();
        }
    }

    pub(super) fn void(&mut self) {
        self.status = "void".to_owned();
        self.amount_paid = 0.0;
        self.amount_due = self.amounts.total;
        self.paid_at = None;
    }

    /// Takes back what was paid of it.
    pub(super) fn give_back(&mut self, amount: f64) {
        if amount >= self.amount_paid {
            return self.void();
        }
        self.amount_paid = round(self.amount_paid - amount);
        self.amount_due = round(self.amounts.total - self.amount_paid);
        self.status = "partially_paid".to_owned();
        self.paid_at = None;
    }
}

impl Amounts {
    fn of(items: &[Item], percent: f64, amount: f64, rate: f64) -> Self {
        let subtotal = items
            .iter()
            .map(|item| item.amount * item.quantity as f64)
            .sum();
        Self::from(subtotal, percent, amount, rate)
    }

    fn from(subtotal: f64, percent: f64, amount: f64, rate: f64) -> Self {
        let discount = if percent > 0.0 {
            round(subtotal * percent / 100.0)
        } else {
            amount
        };
        let tax = round((subtotal - discount) * rate / 100.0);
        Self {
            subtotal: round(subtotal),
            discount_amount: discount,
            discount_percent: percent,
            tax,
            tax_rate: rate,
            total: round(subtotal - discount + tax),
        }
    }
}

/// To whole cents.
pub(super) fn round(amount: f64) -> f64 {
    (amount * 100.0).round() / 100.0
}
