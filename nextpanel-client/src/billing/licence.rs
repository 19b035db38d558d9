//! Licences: one's own, and their validation.

use serde::Deserialize;
use serde_json::Value;

use super::endpoint::endpoint;
use super::id::LicenceId;
use crate::{Field, Timestamp};

panel_http::open_enum! {
    /// State of a licence.
    pub enum LicenceStatus {
        /// In force.
        Active = "active",
        /// Suspended.
        Suspended = "suspended",
        /// Run out.
        Expired = "expired",
        /// Cancelled.
        Cancelled = "cancelled",
    }
}

/// A licence. The backend shows neither its owner nor its plan (section 4.5).
#[derive(Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Licence {
    /// Its id.
    pub id: LicenceId,
    /// `NP-XXXX-XXXX-XXXX-XXXX`.
    #[serde(default)]
    pub license_key: Field<String>,
    /// State.
    pub status: LicenceStatus,
    /// Most accounts.
    #[serde(default)]
    pub max_accounts: Field<i64>,
    /// Most domains.
    #[serde(default)]
    pub max_domains: Field<i64>,
    /// Most databases.
    #[serde(default)]
    pub max_databases: Field<i64>,
    /// Most mailboxes.
    #[serde(default)]
    pub max_emails: Field<i64>,
    /// Accounts in use.
    #[serde(default)]
    pub current_accounts: Field<i64>,
    /// Domains in use.
    #[serde(default)]
    pub current_domains: Field<i64>,
    /// Databases in use.
    #[serde(default)]
    pub current_databases: Field<i64>,
    /// Mailboxes in use.
    #[serde(default)]
    pub current_emails: Field<i64>,
    /// When it came into force.
    #[serde(default)]
    pub activation_date: Field<Timestamp>,
    /// When it runs out.
    #[serde(default)]
    pub expiry_date: Field<Timestamp>,
    /// When it was created.
    #[serde(default)]
    pub created_at: Field<Timestamp>,
}

super::endpoint::private_debug!(Licence: id, status, expiry_date);

endpoint! {
    /// Lists one's own licences, for administrators too.
    pub struct ListLicences: LIST_LICENCES -> Vec<Licence> {}
}

endpoint! {
    /// Reads one of one's own licences. Somebody else's is `NotFound`, for administrators too.
    pub struct GetLicence: GET_LICENCE -> Licence {
        path { license_id: LicenceId }
    }
}

endpoint! {
    /// Asks whether a licence allows something: `create_database`, `create_domain`, `create_email`, `create_account`.
    ///
    /// Only requests signed with the backend's own secret are ever valid, which no ordinary client has; any other is
    /// answered with `valid: false`. A feature the backend does not know is valid with a quota of -1 (section 4.5).
    pub struct ValidateLicence: VALIDATE_LICENCE -> LicenceValidity {
        required { license_key: String, feature: String }
        optional {
            /// Seconds of the epoch, within 300 s of the backend's clock.
            set_timestamp timestamp: i64,
            /// Hex HMAC-SHA256 with the backend's secret.
            set_signature signature: String,
            /// What was signed besides.
            set_additional_data additional_data: Value,
        }
    }
}

/// The answer to a validation; the status of the reply is always 200.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct LicenceValidity {
    /// Whether it is allowed.
    pub valid: bool,
    /// How many more; -1 where the backend does not know the feature.
    #[serde(default)]
    pub remaining_quota: Field<i64>,
    /// Why not, in words; also where too many were asked for.
    #[serde(default)]
    pub error: Field<String>,
}
