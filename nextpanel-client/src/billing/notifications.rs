//! Mails of the backend, and what a user wants to be told.

use panel_http::{Answer, DecodeError, EncodeError, Endpoint, Operation, RequestBody};
use serde_json::{Map, Value};

use super::endpoint::endpoint;
use super::operations::SET_NOTIFICATION_PREFERENCES;
use super::report::Report;

endpoint! {
    /// Has a mail sent to oneself, to try the backend's mail server.
    pub struct SendTestEmail: SEND_TEST_EMAIL -> Report {}
}

endpoint! {
    /// Has the welcome mail sent to oneself again.
    pub struct ResendWelcomeEmail: RESEND_WELCOME_EMAIL -> Report {}
}

endpoint! {
    /// Reads what one wants to be told.
    pub struct GetNotificationPreferences: NOTIFICATION_PREFERENCES -> Report {}
}

/// Sets what one wants to be told. The contract states no names.
#[derive(Debug, Clone)]
pub struct SetNotificationPreferences(Map<String, Value>);

impl SetNotificationPreferences {
    /// All of it, by name.
    #[must_use]
    pub const fn new(preferences: Map<String, Value>) -> Self {
        Self(preferences)
    }
}

impl Endpoint for SetNotificationPreferences {
    const OPERATION: &'static Operation = &SET_NOTIFICATION_PREFERENCES;
    type Reply = Report;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::json(&self.0)
    }

    fn decode(&self, answer: &Answer) -> Result<Report, DecodeError> {
        answer.json()
    }
}
