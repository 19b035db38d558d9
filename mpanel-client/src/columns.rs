//! Bodies of the routes that take raw columns.

use panel_http::{EncodeError, RequestBody};
use serde_json::{Map, Value};

/// The body of a PUT that takes raw columns. Names in camelCase are refused here: the server answers them with a 500
/// that says nothing (contract section 5).
pub(crate) fn body(columns: &Map<String, Value>) -> Result<RequestBody, EncodeError> {
    if columns.is_empty() {
        return Err(EncodeError::new("nothing is to be changed"));
    }
    if let Some(name) = columns
        .keys()
        .find(|name| name.contains(|letter: char| letter.is_ascii_uppercase()))
    {
        return Err(EncodeError::new(format_args!(
            "{name} is no column: this route takes the names of columns, in snake_case"
        )));
    }
    RequestBody::json(columns)
}
