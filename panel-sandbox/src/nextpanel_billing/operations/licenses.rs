//! Licences (contract, section 4.5).

use super::{open, user};
use crate::Operation;

/// List one's own licences.
pub const LIST_LICENSES: Operation = user("list-licenses", "GET", "/api/v1/licenses/").look_up();

/// Get one of one's own licences.
pub const GET_LICENSE: Operation =
    user("get-license", "GET", "/api/v1/licenses/{license_id}").look_up();

/// Validate a licence key for a feature.
pub const VALIDATE_LICENSE: Operation =
    open("validate-license", "POST", "/api/v1/licenses/validate");
