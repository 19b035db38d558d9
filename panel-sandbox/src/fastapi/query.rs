//! Parameters of a query.

use serde_json::{Value, json};

use super::fields::{integer_problem, truth_of};
use super::{Problem, Refusal};

/// The first value of a query parameter.
pub(crate) fn parameter(request: &wiremock::Request, name: &str) -> Option<String> {
    let (_, text) = request.url.query_pairs().find(|(given, _)| given == name)?;
    Some(text.into_owned())
}

/// An integer query parameter within bounds.
pub(crate) fn query_integer(
    request: &wiremock::Request,
    name: &'static str,
    least: u64,
    most: u64,
) -> Result<Option<u64>, Refusal> {
    let Some(text) = parameter(request, name) else {
        return Ok(None);
    };
    let refuse = |kind, message: String| refusal(kind, name, &message, &text);
    let number: i128 = text.parse().map_err(|_| {
        let (kind, message) = integer_problem(&json!(text));
        refuse(kind, message.to_owned())
    })?;
    if number < i128::from(least) {
        let message = format!("Input should be greater than or equal to {least}");
        return Err(refuse("greater_than_equal", message));
    }
    match u64::try_from(number) {
        Ok(number) if number <= most => Ok(Some(number)),
        _ => {
            let message = format!("Input should be less than or equal to {most}");
            Err(refuse("less_than_equal", message))
        }
    }
}

/// A query parameter of any parsable sort, without bounds.
pub(crate) fn query_number<T: std::str::FromStr>(
    request: &wiremock::Request,
    name: &'static str,
) -> Result<Option<T>, Refusal> {
    let Some(text) = parameter(request, name) else {
        return Ok(None);
    };
    text.trim().parse().map(Some).map_err(|_| {
        let message = "Input should be a valid number, unable to parse string as a number";
        refusal("float_parsing", name, message, &text)
    })
}

/// A boolean query parameter.
pub(crate) fn query_boolean(
    request: &wiremock::Request,
    name: &'static str,
) -> Result<Option<bool>, Refusal> {
    let Some(text) = parameter(request, name) else {
        return Ok(None);
    };
    truth_of(&text).map(Some).ok_or_else(|| {
        let message = "Input should be a valid boolean, unable to interpret input";
        refusal("bool_parsing", name, message, &text)
    })
}

/// A query parameter that must be there.
pub(crate) fn required_parameter(
    request: &wiremock::Request,
    name: &'static str,
) -> Result<String, Refusal> {
    parameter(request, name).ok_or_else(|| {
        let place = [json!("query"), json!(name)];
        let problem = Problem::new("missing", place, "Field required", Value::Null);
        Refusal::invalid(vec![problem])
    })
}

fn refusal(kind: &'static str, name: &str, message: &str, input: &str) -> Refusal {
    let place = [json!("query"), json!(name)];
    Refusal::invalid(vec![Problem::new(kind, place, message, json!(input))])
}
