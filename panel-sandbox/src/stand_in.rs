//! What the relay and the stage need from each service's stand-in.

use wiremock::ResponseTemplate;

use crate::relay::Reply;
use crate::{Operation, Service};

/// The part that differs from service to service: its operations, its answers, and its own words for the errors the
/// relay gives in its place.
pub(crate) trait StandIn: Send + Sync + 'static {
    fn service(&self) -> Service;

    /// What it can be asked.
    fn operations(&self) -> &[Operation];

    /// Handles one whole request; `None` is a request that is none of the operations.
    fn respond(
        &self,
        operation: Option<&Operation>,
        request: &wiremock::Request,
    ) -> ResponseTemplate;

    /// What two sendings of the same request have in common, besides operation and path.
    fn natural_key(&self, operation: &Operation, body: &[u8]) -> Option<String>;

    /// The refusal for coming too fast; the hint is in seconds.
    fn rate_limited(&self, retry_after_seconds: Option<u64>) -> Reply;

    /// An internal error of the service.
    fn internal_error(&self) -> Reply;

    fn operation(&self, method: &str, path: &str) -> Option<&Operation> {
        self.operations()
            .iter()
            .find(|operation| operation.matches(method, path))
    }
}
