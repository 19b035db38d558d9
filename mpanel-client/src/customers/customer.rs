//! Customers as the server shows them.

use panel_http::{Decimal, Timestamp};

use crate::{row::row, tenant::TenantId, users::UserId};

panel_http::opaque_id! {
    /// Id of a customer.
    pub struct CustomerId;
}

panel_http::opaque_id! {
    /// Id of a domain.
    pub struct DomainId;
}

row! {
    /// A customer.
    ///
    /// In lists and single reads, `email`, `first_name` and `last_name` are those of the user who made the row, or null
    /// without one: the server joins the user over the customer's own columns. Only the reply of creating shows what
    /// was sent (contract section 7).
    pub struct Customer {
        /// Id.
        id: CustomerId,
        ;
        /// Tenant.
        tenant_id("tenantId"): TenantId,
        /// The user who made the row.
        user_id("userId"): UserId,
        /// Company, or what was sent as one: an order's reference may stand here.
        company_name("companyName"): String,
        /// E-mail address, see the type.
        email: String,
        /// First name, see the type.
        first_name("firstName"): String,
        /// Last name, see the type.
        last_name("lastName"): String,
        /// Name in one text.
        full_name("fullName"): String,
        /// Phone number as it was sent.
        phone: String,
        /// City.
        city: String,
        /// State or province.
        state: String,
        /// Postal code.
        postal_code("postalCode"): String,
        /// Country, two letters.
        country: String,
        /// First line of the address.
        address_line1("addressLine1"): String,
        /// Second line of the address.
        address_line2("addressLine2"): String,
        /// Currency, in either case.
        currency: String,
        /// Credit, in units of the currency.
        credit_balance("creditBalance"): Decimal,
        /// Customer id at Stripe.
        stripe_customer_id("stripeCustomerId"): String,
        /// Status, such as `active`.
        status: String,
        /// When it was made.
        created_at("createdAt"): Timestamp,
        /// When it was changed.
        updated_at("updatedAt"): Timestamp,
    }
    shows id, tenant_id, user_id, status, created_at
}
