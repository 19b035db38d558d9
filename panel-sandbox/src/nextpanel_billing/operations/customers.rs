//! Customers (contract, section 4.3).

use super::{admin, open};
use crate::Operation;

/// Figures of all customers.
pub const CUSTOMER_STATS: Operation = admin("customer-stats", "GET", "/api/v1/customers/stats");

/// List the customers.
pub const LIST_CUSTOMERS: Operation = admin("list-customers", "GET", "/api/v1/customers").look_up();

/// Create a customer.
pub const CREATE_CUSTOMER: Operation = admin("create-customer", "POST", "/api/v1/customers");

/// Create a customer who cannot log in.
pub const CREATE_GUEST: Operation = open("create-guest", "POST", "/api/v1/customers/guest");

/// Get one customer.
pub const GET_CUSTOMER: Operation =
    admin("get-customer", "GET", "/api/v1/customers/{customer_id}").look_up();

/// Change a customer.
pub const UPDATE_CUSTOMER: Operation =
    admin("update-customer", "PUT", "/api/v1/customers/{customer_id}");

/// Delete a customer.
pub const DELETE_CUSTOMER: Operation = admin(
    "delete-customer",
    "DELETE",
    "/api/v1/customers/{customer_id}",
);

/// List a customer's licences.
pub const LIST_CUSTOMER_LICENSES: Operation = admin(
    "list-customer-licenses",
    "GET",
    "/api/v1/customers/{customer_id}/licenses",
)
.look_up();

/// Give a customer a licence.
pub const ADD_CUSTOMER_LICENSE: Operation = admin(
    "add-customer-license",
    "POST",
    "/api/v1/customers/{customer_id}/licenses",
);

/// Change a customer's licence.
pub const UPDATE_CUSTOMER_LICENSE: Operation = admin(
    "update-customer-license",
    "PUT",
    "/api/v1/customers/{customer_id}/licenses/{license_id}",
);

/// Cancel a customer's licence and its subscription.
pub const CANCEL_CUSTOMER_LICENSE: Operation = admin(
    "cancel-customer-license",
    "DELETE",
    "/api/v1/customers/{customer_id}/licenses/{license_id}",
);

/// List a customer's subscriptions.
pub const LIST_CUSTOMER_SUBSCRIPTIONS: Operation = admin(
    "list-customer-subscriptions",
    "GET",
    "/api/v1/customers/{customer_id}/subscriptions",
)
.look_up();

/// Change a customer's subscription.
pub const UPDATE_CUSTOMER_SUBSCRIPTION: Operation = admin(
    "update-customer-subscription",
    "PUT",
    "/api/v1/customers/{customer_id}/subscriptions/{subscription_id}",
);

/// List a customer's domains.
pub const LIST_CUSTOMER_DOMAINS: Operation = admin(
    "list-customer-domains",
    "GET",
    "/api/v1/customers/{customer_id}/domains",
)
.look_up();

/// List a customer's payments.
pub const LIST_CUSTOMER_PAYMENTS: Operation = admin(
    "list-customer-payments",
    "GET",
    "/api/v1/customers/{customer_id}/payments",
)
.look_up();
