//! `PUT /api/users/{id}`: legacy only.

use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Operation, PathParameters, RequestBody,
};

use super::{UPDATE, User, UserId};
use crate::reply;

/// Changes a user.
#[derive(Debug, Clone)]
pub struct UpdateUser {
    id: UserId,
    first_name: Option<String>,
    last_name: Option<String>,
    role: Option<String>,
}

impl UpdateUser {
    /// A change of this user, of nothing yet.
    #[must_use]
    pub const fn new(id: UserId) -> Self {
        Self {
            id,
            first_name: None,
            last_name: None,
            role: None,
        }
    }

    /// Changes first and last name.
    #[must_use]
    pub fn set_name(mut self, first: impl Into<String>, last: impl Into<String>) -> Self {
        self.first_name = Some(first.into());
        self.last_name = Some(last.into());
        self
    }

    /// Changes the role, letter by letter. It takes effect at the next login.
    #[must_use]
    pub fn set_role(mut self, role: impl Into<String>) -> Self {
        self.role = Some(role.into());
        self
    }
}

impl Endpoint for UpdateUser {
    const OPERATION: &'static Operation = &UPDATE;
    type Reply = User;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.optional("first_name", self.first_name.as_ref())?;
            body.optional("last_name", self.last_name.as_ref())?;
            body.optional("role", self.role.as_ref())
        })
    }

    fn decode(&self, answer: &Answer) -> Result<User, DecodeError> {
        reply::row(answer, &["user"])
    }
}
