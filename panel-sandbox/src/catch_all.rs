//! The answer to a request nobody expected.

use serde_json::json;
use wiremock::ResponseTemplate;

use crate::Service;

/// A 500 that names the request: a stand-in that knew the route would have answered otherwise.
pub(crate) fn unexpected(service: Service, request: &wiremock::Request) -> ResponseTemplate {
    let method = &request.method;
    let path = request.url.path();
    ResponseTemplate::new(500).set_body_json(json!({
        "detail": format!("panel-sandbox: nobody expected {method} {path} on {service}"),
    }))
}
