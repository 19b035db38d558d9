//! `POST /api/users`: legacy only.

use std::{borrow::Cow, fmt};

use panel_http::{Answer, DecodeError, EncodeError, Endpoint, Operation, RequestBody};
use secrecy::SecretString;

use super::{CREATE, User, UserStatus};
use crate::reply;

/// Creates a user. An e-mail address that exists is `Conflict`.
#[derive(Clone)]
pub struct CreateUser {
    email: String,
    password: SecretString,
    first_name: Option<String>,
    last_name: Option<String>,
    role: Option<String>,
    status: Option<UserStatus>,
}

impl CreateUser {
    /// A user of the role `customer`.
    #[must_use]
    pub fn new(email: impl Into<String>, password: SecretString) -> Self {
        Self {
            email: email.into(),
            password,
            first_name: None,
            last_name: None,
            role: None,
            status: None,
        }
    }

    /// Sets first and last name.
    #[must_use]
    pub fn set_name(mut self, first: impl Into<String>, last: impl Into<String>) -> Self {
        self.first_name = Some(first.into());
        self.last_name = Some(last.into());
        self
    }

    /// Sets the role, letter by letter: only `admin` may provision.
    #[must_use]
    pub fn set_role(mut self, role: impl Into<String>) -> Self {
        self.role = Some(role.into());
        self
    }

    /// Sets the status.
    #[must_use]
    pub fn set_status(mut self, status: UserStatus) -> Self {
        self.status = Some(status);
        self
    }
}

impl fmt::Debug for CreateUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateUser")
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

impl Endpoint for CreateUser {
    const OPERATION: &'static Operation = &CREATE;
    type Reply = User;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.field("email", &self.email)?;
            body.secret("password", &self.password)?;
            body.optional("first_name", self.first_name.as_ref())?;
            body.optional("last_name", self.last_name.as_ref())?;
            body.optional("role", self.role.as_ref())?;
            body.optional("status", self.status.as_ref())
        })
    }

    fn key(&self) -> Option<Cow<'_, str>> {
        // The address is personal: an error must not carry it into logs.
        None
    }

    fn decode(&self, answer: &Answer) -> Result<User, DecodeError> {
        reply::row(answer, &["user"])
    }
}
