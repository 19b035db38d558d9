//! Who ordered.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::email::EmailAddress;

/// Who ordered, as far as the payload tells.
///
/// Personal data: `Debug` shows the e-mail address masked and of everything else only whether it is there.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Where the account is handed over to.
    pub email: EmailAddress,
    /// First and last name in one text.
    #[serde(default)]
    pub full_name: Option<String>,
    /// Company.
    #[serde(default)]
    pub company: Option<String>,
    /// Phone number as it was given.
    #[serde(default)]
    pub phone: Option<String>,
    /// Country, as two letters where the payload has it so.
    #[serde(default)]
    pub country: Option<String>,
    /// The customer id at Stripe, `cus_...`: the same id is the same customer.
    #[serde(default)]
    pub stripe_customer_id: Option<String>,
    /// The customer's id on the panel, where the payload names an existing customer (contract mPanel section 8, E).
    #[serde(default)]
    pub panel_customer_id: Option<String>,
}

impl Customer {
    /// A customer of whom only the e-mail address is known.
    pub fn new(email: EmailAddress) -> Self {
        Self {
            email,
            full_name: None,
            company: None,
            phone: None,
            country: None,
            stripe_customer_id: None,
            panel_customer_id: None,
        }
    }

    /// The same customer with a name.
    #[must_use]
    pub fn with_full_name(mut self, name: impl Into<String>) -> Self {
        self.full_name = Some(name.into());
        self
    }

    /// The same customer with a company.
    #[must_use]
    pub fn with_company(mut self, company: impl Into<String>) -> Self {
        self.company = Some(company.into());
        self
    }

    /// The same customer with a phone number.
    #[must_use]
    pub fn with_phone(mut self, phone: impl Into<String>) -> Self {
        self.phone = Some(phone.into());
        self
    }

    /// The same customer with a country.
    #[must_use]
    pub fn with_country(mut self, country: impl Into<String>) -> Self {
        self.country = Some(country.into());
        self
    }

    /// The same customer with a Stripe customer id.
    #[must_use]
    pub fn with_stripe_customer_id(mut self, id: impl Into<String>) -> Self {
        self.stripe_customer_id = Some(id.into());
        self
    }

    /// The same customer with an id on the panel.
    #[must_use]
    pub fn with_panel_customer_id(mut self, id: impl Into<String>) -> Self {
        self.panel_customer_id = Some(id.into());
        self
    }
}

impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Customer")
            .field("email", &self.email)
            .field("full_name", &Redacted::of(&self.full_name))
            .field("company", &Redacted::of(&self.company))
            .field("phone", &Redacted::of(&self.phone))
            .field("country", &Redacted::of(&self.country))
            .field("stripe_customer_id", &self.stripe_customer_id)
            .field("panel_customer_id", &self.panel_customer_id)
            .finish()
    }
}

/// Shows whether something is there, never what.
pub(super) struct Redacted(bool);

impl Redacted {
    pub(super) fn of<T>(value: &Option<T>) -> Self {
        Self(value.is_some())
    }
}

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 { "[redacted]" } else { "None" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_presence_only() {
        let customer = Customer::new("jane.doe@example.com".parse().unwrap())
            .with_full_name("Jane Doe")
            .with_phone("+1 555 0100")
            .with_stripe_customer_id("cus_1");
        let shown = format!("{customer:?}");
        assert!(
            shown.contains("j***@example.com") && shown.contains("cus_1"),
            "{shown}"
        );
        for personal in ["jane.doe", "Jane", "Doe", "555"] {
            assert!(!shown.contains(personal), "{shown}");
        }
    }
}
