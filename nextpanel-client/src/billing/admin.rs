//! What only administrators may: users, all licences, figures.

use serde::Deserialize;

use panel_http::{Answer, DecodeError, Endpoint, Operation, PathParameters, Query};

use super::amount::Amount;
use super::endpoint::{Done, endpoint, private_debug};
use super::id::{CustomerId, LicenceId};
use super::licence::{Licence, LicenceStatus};
use super::operations::SET_LICENCE_STATUS;
use super::password::NewPassword;
use super::user::User;
use crate::{Field, Timestamp};

endpoint! {
    /// Lists users, newest first, 50 at a time, administrators included.
    pub struct ListUsers: LIST_USERS -> Vec<User> {
        query {
            /// How many to list. The backend does not check it.
            set_limit limit: u32,
            /// How many to leave out.
            set_offset offset: u32,
            /// A part of e-mail or name.
            set_search search: String,
        }
    }
}

endpoint! {
    /// Creates a user, who may be an administrator.
    pub struct CreateUser: CREATE_USER -> User {
        required { email: String, full_name: String }
        secret { password: NewPassword }
        optional {
            /// Company.
            set_company_name company_name: String,
            /// Whether the user may log in; true unless set.
            set_is_active is_active: bool,
            /// Whether it is an administrator; false unless set.
            set_is_admin is_admin: bool,
        }
        key email
    }
}

endpoint! {
    /// Reads one user.
    pub struct GetUser: GET_USER -> User {
        path { user_id: CustomerId }
    }
}

endpoint! {
    /// Changes a user. What is not set stays.
    pub struct UpdateUser: UPDATE_USER -> UserRow {
        path { user_id: CustomerId }
        optional {
            /// Whether the user may log in.
            set_is_active is_active: bool,
            /// Whether it is an administrator.
            set_is_admin is_admin: bool,
            /// Name.
            set_full_name full_name: String,
            /// Company.
            set_company_name company_name: String,
        }
    }
}

endpoint! {
    /// Sets a user's password.
    pub struct SetUserPassword: UPDATE_USER -> UserRow {
        path { user_id: CustomerId }
        secret { password: NewPassword }
    }
}

/// A user as its database row, which is what these routes answer with: password hash included (section 4.9). The hash is
/// not read, so it cannot be printed, and neither can anything else of the row.
#[derive(Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct UserRow {
    /// Its id.
    pub id: CustomerId,
    /// E-mail address.
    #[serde(default)]
    pub email: Field<String>,
    /// Name.
    #[serde(default)]
    pub full_name: Field<String>,
    /// Telephone number.
    #[serde(default)]
    pub phone: Field<String>,
    /// Stripe's id of the customer.
    #[serde(default)]
    pub stripe_customer_id: Field<String>,
    /// Company.
    #[serde(default)]
    pub company_name: Field<String>,
    /// Whether the user may log in.
    #[serde(default)]
    pub is_active: Field<bool>,
    /// Whether it is an administrator.
    #[serde(default)]
    pub is_admin: Field<bool>,
    /// Money the user has left.
    #[serde(default)]
    pub account_balance: Field<Amount>,
    /// When it was created.
    #[serde(default)]
    pub created_at: Field<Timestamp>,
    /// When it was changed.
    #[serde(default)]
    pub updated_at: Field<Timestamp>,
}

private_debug!(UserRow: id, is_active, is_admin);

endpoint! {
    /// Deletes a user.
    ///
    /// # Errors
    /// Of the call: [`panel_http::Kind::Validation`] for administrators.
    pub struct DeleteUser: DELETE_USER -> Done {
        path { user_id: CustomerId }
    }
}

/// A state to filter by: one the backend knows. Of any other it finds none (section 4.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LicenceFilter {
    /// In force.
    Active,
    /// Suspended.
    Suspended,
    /// Run out.
    Expired,
    /// Cancelled.
    Cancelled,
}

impl std::fmt::Display for LicenceFilter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        })
    }
}

endpoint! {
    /// Lists everybody's licences, newest first, 50 at a time.
    pub struct ListAllLicences: LIST_ALL_LICENCES -> Vec<Licence> {
        query {
            /// Only those in this state.
            set_status status: LicenceFilter,
            /// How many to list. The backend does not check it.
            set_limit limit: u32,
            /// How many to leave out.
            set_offset offset: u32,
        }
    }
}

/// Sets the state of anybody's licence. The state is a query parameter. The reply is the licence's database row, secrets
/// and fingerprints included; only what a [`Licence`] has is read.
#[derive(Debug, Clone)]
pub struct SetLicenceStatus {
    license_id: LicenceId,
    status: LicenceStatus,
}

impl SetLicenceStatus {
    /// This licence to this state.
    #[must_use]
    pub fn new(license_id: impl Into<LicenceId>, status: LicenceStatus) -> Self {
        Self {
            license_id: license_id.into(),
            status,
        }
    }
}

impl Endpoint for SetLicenceStatus {
    const OPERATION: &'static Operation = &SET_LICENCE_STATUS;
    type Reply = Licence;

    fn path(&self, path: &mut PathParameters) {
        path.set("license_id", &self.license_id);
    }

    fn query(&self, query: &mut Query) {
        query.set("new_status", &self.status);
    }

    fn decode(&self, answer: &Answer) -> Result<Licence, DecodeError> {
        answer.json()
    }
}

/// Figures of the whole system.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct AdminStatistics {
    /// Users.
    #[serde(default)]
    pub total_users: Field<u64>,
    /// Users who may log in.
    #[serde(default)]
    pub active_users: Field<u64>,
    /// Licences.
    #[serde(default)]
    pub total_licenses: Field<u64>,
    /// Licences in force.
    #[serde(default)]
    pub active_licenses: Field<u64>,
    /// Sum of all payments.
    #[serde(default)]
    pub total_revenue: Field<Amount>,
    /// Sum of this month's payments.
    #[serde(default)]
    pub monthly_revenue: Field<Amount>,
    /// Domains.
    #[serde(default)]
    pub total_domains: Field<u64>,
    /// Invoices.
    #[serde(default)]
    pub total_invoices: Field<u64>,
    /// Invoices that are not paid.
    #[serde(default)]
    pub outstanding_invoices: Field<u64>,
    /// New users this month.
    #[serde(default)]
    pub new_users_this_month: Field<u64>,
}

endpoint! {
    /// Reads figures of the whole system.
    pub struct GetAdminStatistics: ADMIN_STATISTICS -> AdminStatistics {}
}
