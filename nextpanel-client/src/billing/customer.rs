//! Customers, as administrators see them.

use serde::Deserialize;

use super::amount::Amount;
use super::endpoint::{Done, endpoint, private_debug};
use super::id::CustomerId;
use super::licence::Licence;
use super::password::NewPassword;
use super::user::User;
use crate::{Field, Timestamp};

/// A customer with figures (section 4.3).
#[derive(Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Customer {
    /// Its id.
    pub id: CustomerId,
    /// E-mail address.
    #[serde(default)]
    pub email: Field<String>,
    /// Name; may be empty.
    #[serde(default)]
    pub full_name: Field<String>,
    /// Company.
    #[serde(default)]
    pub company_name: Field<String>,
    /// Whether the customer may log in.
    #[serde(default)]
    pub is_active: Field<bool>,
    /// Whether it is an administrator, who is in no list but can be read by id.
    #[serde(default)]
    pub is_admin: Field<bool>,
    /// When it was created.
    #[serde(default)]
    pub created_at: Field<Timestamp>,
    /// Licences.
    #[serde(default)]
    pub total_licenses: Field<u64>,
    /// Licences in force.
    #[serde(default)]
    pub active_licenses: Field<u64>,
    /// Subscriptions.
    #[serde(default)]
    pub total_subscriptions: Field<u64>,
    /// Subscriptions in force.
    #[serde(default)]
    pub active_subscriptions: Field<u64>,
    /// Domains.
    #[serde(default)]
    pub total_domains: Field<u64>,
    /// Sum of all payments, whatever their currencies.
    #[serde(default)]
    pub total_payments: Field<Amount>,
    /// Invoices.
    #[serde(default)]
    pub total_invoices: Field<u64>,
    /// Invoices that are not paid.
    #[serde(default)]
    pub outstanding_invoices: Field<u64>,
    /// Last payment.
    #[serde(default)]
    pub last_payment_date: Field<Timestamp>,
    /// The licences.
    #[serde(default)]
    pub licenses: Field<Vec<Licence>>,
}

private_debug!(Customer: id, is_active, total_licenses, created_at);

/// Figures of all customers.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct CustomerStatistics {
    /// Customers.
    #[serde(default)]
    pub total_customers: Field<u64>,
    /// Those who may log in.
    #[serde(default)]
    pub active_customers: Field<u64>,
    /// Those who may not.
    #[serde(default)]
    pub inactive_customers: Field<u64>,
    /// Those with licences.
    #[serde(default)]
    pub customers_with_licenses: Field<u64>,
    /// Those with subscriptions.
    #[serde(default)]
    pub customers_with_subscriptions: Field<u64>,
    /// New this month.
    #[serde(default)]
    pub new_customers_this_month: Field<u64>,
    /// New this week.
    #[serde(default)]
    pub new_customers_this_week: Field<u64>,
    /// Sum of all payments.
    #[serde(default)]
    pub total_revenue: Field<Amount>,
    /// Sum of all payments by customers.
    #[serde(default)]
    pub average_customer_value: Field<Amount>,
}

endpoint! {
    /// Lists customers, 100 at a time, in no order: pages may overlap, and with
    /// [`set_has_licenses`](Self::set_has_licenses) a customer comes once for each licence.
    /// [`Billing::all`](super::Billing::all) lists each once.
    ///
    /// A customer without a name (which only the database can make) turns the whole list into a 500.
    pub struct ListCustomers: LIST_CUSTOMERS -> Vec<Customer> {
        query {
            /// How many to leave out.
            set_skip skip: u32,
            /// How many to list, 1 to 1,000.
            set_limit limit: u32,
            /// A part of e-mail, name or company.
            set_search search: String,
            /// Only those who may, or may not, log in.
            set_is_active is_active: bool,
            /// Only those with, or without, licences.
            set_has_licenses has_licenses: bool,
        }
    }
}

endpoint! {
    /// Creates a customer with a login.
    ///
    /// # Errors
    /// Of the call: [`panel_http::Kind::Validation`] "Email already registered". Of an unknown outcome the key is the
    /// e-mail, which [`ListCustomers::set_search`] finds.
    pub struct CreateCustomer: CREATE_CUSTOMER -> Customer {
        required { email: String, full_name: String }
        secret { password: NewPassword }
        optional {
            /// Company.
            set_company_name company_name: String,
            /// Whether the customer may log in; true unless set.
            set_is_active is_active: bool,
        }
        key email
    }
}

impl CreateCustomer {
    /// E-mail and password the customer will log in with.
    pub(super) fn login(&self) -> (&str, &NewPassword) {
        (&self.email, &self.password)
    }
}

endpoint! {
    /// Creates a customer who cannot log in: the backend makes up a password and tells nobody.
    pub struct CreateGuest: CREATE_GUEST -> User {
        required { email: String, full_name: String }
        optional {
            /// Company.
            set_company_name company_name: String,
        }
        key email
    }
}

endpoint! {
    /// Reads one customer, or administrator.
    pub struct GetCustomer: GET_CUSTOMER -> Customer {
        path { customer_id: CustomerId }
    }
}

endpoint! {
    /// Changes a customer. What is not set stays; nothing can be emptied (section 1).
    pub struct UpdateCustomer: UPDATE_CUSTOMER -> Customer {
        path { customer_id: CustomerId }
        optional {
            /// E-mail address.
            set_email email: String,
            /// Name.
            set_full_name full_name: String,
            /// Company.
            set_company_name company_name: String,
            /// Whether the customer may log in. A token that was given before keeps working.
            set_is_active is_active: bool,
        }
    }
}

endpoint! {
    /// Sets a customer's password. The backend takes any, even an empty one; this client does not.
    pub struct SetCustomerPassword: UPDATE_CUSTOMER -> Customer {
        path { customer_id: CustomerId }
        secret { password: NewPassword }
    }
}

endpoint! {
    /// Deletes a customer.
    ///
    /// # Errors
    /// Of the call: [`panel_http::Kind::Validation`] with active licences. A customer who ever had a licence that was
    /// cancelled, an order, a payment or a domain cannot be deleted: the backend answers 500 and has done nothing; make
    /// it inactive instead (section 4.3).
    pub struct DeleteCustomer: DELETE_CUSTOMER -> Done {
        path { customer_id: CustomerId }
    }
}

endpoint! {
    /// Reads the figures of all customers.
    pub struct GetCustomerStatistics: CUSTOMER_STATISTICS -> CustomerStatistics {}
}
