//! `POST /api/customers`.

use std::fmt;

use panel_http::{Answer, DecodeError, EncodeError, Endpoint, Operation, RequestBody};

use super::{CREATE, Customer};
use crate::reply;

/// Creates a customer, tied to the user who is logged in. The reply shows what was sent; later reads show the user's
/// e-mail address instead.
///
/// # Errors
/// Of the call: `Conflict` where a row with this e-mail address exists (its id is not told; a person has to find it),
/// `Indeterminate` where no whole answer came: look with [`Mpanel::find_created_customer`] before sending it again.
///
/// [`Mpanel::find_created_customer`]: crate::Mpanel::find_created_customer
#[derive(Clone, PartialEq, Eq)]
pub struct CreateCustomer {
    pub(super) company_name: String,
    pub(super) email: String,
    pub(super) phone: Option<String>,
    pub(super) country: Option<String>,
    pub(super) city: Option<String>,
}

impl CreateCustomer {
    /// A customer with the two fields the server demands. `company_name` is the only free field that reads back, so an
    /// order's reference can stand in it.
    #[must_use]
    pub fn new(company_name: impl Into<String>, email: impl Into<String>) -> Self {
        Self {
            company_name: company_name.into(),
            email: email.into(),
            phone: None,
            country: None,
            city: None,
        }
    }

    /// Sets the phone number.
    #[must_use]
    pub fn set_phone(mut self, phone: Option<String>) -> Self {
        self.phone = phone;
        self
    }

    /// Sets the country, two letters: the column holds no more.
    #[must_use]
    pub fn set_country(mut self, country: Option<String>) -> Self {
        self.country = country;
        self
    }

    /// Sets the city.
    #[must_use]
    pub fn set_city(mut self, city: Option<String>) -> Self {
        self.city = city;
        self
    }

    pub(super) fn write(&self) -> Result<RequestBody, EncodeError> {
        // The server says neither which is missing nor, of a long country, what is wrong.
        if self.company_name.trim().is_empty() || self.email.trim().is_empty() {
            return Err(EncodeError::new(
                "company name and e-mail address must not be empty",
            ));
        }
        if self
            .country
            .as_deref()
            .is_some_and(|country| country.chars().count() != 2)
        {
            return Err(EncodeError::new("the country is not two letters"));
        }
        RequestBody::object(|body| {
            body.field("company_name", &self.company_name)?;
            body.field("email", &self.email)?;
            body.optional("phone", self.phone.as_ref())?;
            body.optional("country", self.country.as_ref())?;
            body.optional("city", self.city.as_ref())
        })
    }
}

impl fmt::Debug for CreateCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CreateCustomer(..)")
    }
}

impl Endpoint for CreateCustomer {
    const OPERATION: &'static Operation = &CREATE;
    type Reply = Customer;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        self.write()
    }

    fn decode(&self, answer: &Answer) -> Result<Customer, DecodeError> {
        reply::row(answer, &["customer"])
    }
}
