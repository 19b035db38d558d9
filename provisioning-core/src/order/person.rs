//! Who ordered, in every spelling of the payloads.

use super::customer::Customer;
use super::intake::Intake;
use super::reading::{Object, Reading};
use crate::email::EmailAddress;
use crate::problem::{Problem, ProblemKind};

const EMAIL: &[&str] = &["customerEmail", "customer_email", "email"];
const FULL_NAME: &[&str] = &[
    "customerName",
    "customer_name",
    "fullName",
    "full_name",
    "name",
];
const COMPANY: &[&str] = &["customerCompany", "companyName", "company_name", "company"];
const PHONE: &[&str] = &["customerPhone", "customer_phone", "phone"];
const COUNTRY: &[&str] = &["customerCountry", "country"];

/// Who ordered, as it comes together; what was found first stands.
pub(super) struct Person {
    email: Option<EmailAddress>,
    /// Where the e-mail address would stand; none once something else was said about it.
    email_belongs_at: Option<String>,
    pub(super) full_name: Option<String>,
    pub(super) company: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) country: Option<String>,
    pub(super) panel_customer_id: Option<String>,
}

impl Person {
    pub(super) fn new() -> Self {
        Self {
            email: None,
            email_belongs_at: Some("customerEmail".to_owned()),
            full_name: None,
            company: None,
            phone: None,
            country: None,
            panel_customer_id: None,
        }
    }

    /// Where to say that the e-mail address is missing.
    pub(super) fn expect_email_at(&mut self, path: String) {
        if self.email_belongs_at.is_some() {
            self.email_belongs_at = Some(path);
        }
    }

    /// Reads everything about the person that stands flat in this object.
    pub(super) fn read(&mut self, object: &mut Object, reading: &mut Reading) {
        self.read_email(object, EMAIL, reading);
        first_of(&mut self.full_name, object, FULL_NAME, reading);
        first_of(&mut self.company, object, COMPANY, reading);
        first_of(&mut self.phone, object, PHONE, reading);
        first_of(&mut self.country, object, COUNTRY, reading);
        if self.full_name.is_none() {
            let first = object.free_text(&["firstName", "first_name"], reading);
            let last = object.free_text(&["lastName", "last_name"], reading);
            let parts: Vec<_> = [first, last].into_iter().flatten().collect();
            self.full_name = (!parts.is_empty()).then(|| parts.join(" "));
        }
    }

    /// Reads the e-mail address from one of these fields.
    pub(super) fn read_email(
        &mut self,
        object: &mut Object,
        names: &[&str],
        reading: &mut Reading,
    ) {
        if self.email.is_some() {
            return;
        }
        let problems = reading.problems.len();
        if let Some((path, text)) = object.text(names, reading) {
            match EmailAddress::parse(&text) {
                Ok(email) => self.email = Some(email),
                Err(error) => {
                    reading.problem(path, format!("is not an e-mail address: it {error}"))
                }
            }
        }
        if reading.problems.len() > problems {
            self.email_belongs_at = None;
        }
    }

    /// The customer; without an e-mail address a problem.
    pub(super) fn into_customer(
        self,
        intake: &Intake,
        stripe_customer_id: Option<String>,
        reading: &mut Reading,
    ) -> Option<Customer> {
        let email = match self.email.or_else(|| intake.customer_email().cloned()) {
            Some(email) => email,
            None => {
                reading.problems.extend(self.email_belongs_at.map(|path| {
                    if self.panel_customer_id.is_none() {
                        let message = "is missing: the account is handed over to this e-mail address";
                        return Problem::new(path, message);
                    }
                    let message = "is missing: the order names the customer by a panel id only; look the customer up \
                                   and give the e-mail address";
                    Problem::new(path, message).of_kind(ProblemKind::NeedsCustomer)
                }));
                return None;
            }
        };
        Some(Customer {
            email,
            full_name: self.full_name,
            company: self.company,
            phone: self.phone,
            country: self.country,
            stripe_customer_id,
            panel_customer_id: self.panel_customer_id,
        })
    }
}

/// Takes a text unless one was found before; a second one stays with what is not understood.
fn first_of(slot: &mut Option<String>, object: &mut Object, names: &[&str], reading: &mut Reading) {
    if slot.is_none() {
        *slot = object.free_text(names, reading);
    }
}
