//! One request, as the handlers look at it.

use serde_json::{Value, json};
use wiremock::{Request, ResponseTemplate};

use crate::Operation;
use crate::fastapi::{Fields, Problem, Refusal, is_json, parameter, parse_optional};

pub(super) type Answer = Result<ResponseTemplate, Refusal>;

/// A request for an operation of the backend.
pub(super) struct Call<'request> {
    pub(super) operation: &'request Operation,
    pub(super) request: &'request Request,
}

impl<'request> Call<'request> {
    /// The segment of the path that stands for this.
    pub(super) fn segment(&self, name: &str) -> &'request str {
        let given = self.request.url.path().split('/');
        self.operation
            .path()
            .split('/')
            .zip(given)
            .find(|(wanted, _)| {
                wanted
                    .strip_prefix('{')
                    .and_then(|rest| rest.strip_suffix('}'))
                    == Some(name)
            })
            .map_or("", |(_, given)| given)
    }

    pub(super) fn query(&self, name: &str) -> Option<String> {
        parameter(self.request, name)
    }

    /// The body, which must be JSON if it is declared as such. What it says is looked at later, because callers
    /// without rights are refused between the two.
    pub(super) fn body(&self) -> Result<Body, Refusal> {
        Ok(Body {
            value: parse_optional(self.request)?,
            is_json: is_json(&self.request.headers),
        })
    }
}

/// A body whose fields nobody has looked at.
pub(super) struct Body {
    value: Option<Value>,
    is_json: bool,
}

impl Body {
    pub(super) fn fields(&self) -> Result<Fields<'_>, Refusal> {
        Fields::of(self.value()?)
    }

    /// The body as it is.
    ///
    /// Anything not declared as JSON makes the backend fail at saying what is wrong with it.
    pub(super) fn value(&self) -> Result<&Value, Refusal> {
        let Some(value) = &self.value else {
            let place = [json!("body")];
            let problem = Problem::new("missing", place, "Field required", Value::Null);
            return Err(Refusal::invalid(vec![problem]));
        };
        if self.is_json {
            Ok(value)
        } else {
            Err(Refusal::new(
                500,
                "Internal server error: Object of type bytes is not JSON serializable",
            ))
        }
    }
}
