//! `POST /api/users/invite`: TypeScript only.

use std::fmt;

use panel_http::{Answer, DecodeError, EncodeError, Endpoint, Operation, RequestBody};

use super::{INVITE, User};
use crate::reply;

panel_http::open_enum! {
    /// Role in a tenant, TypeScript (contract section 9).
    pub enum TenantRole {
        /// Everything.
        Owner = "OWNER",
        /// Everything but the tenant itself.
        Admin = "ADMIN",
        /// Orders and money.
        Billing = "BILLING",
        /// Services.
        Member = "MEMBER",
        /// Looking on.
        Viewer = "VIEWER",
        /// All tenants; yet no rights inside of one.
        PlatformAdmin = "PLATFORM_ADMIN",
    }
}

/// Invites a user into the tenant.
#[derive(Clone)]
pub struct InviteUser {
    email: String,
    role: TenantRole,
    name: Option<String>,
}

impl InviteUser {
    /// Whoever has this e-mail address, in this role.
    #[must_use]
    pub fn new(email: impl Into<String>, role: TenantRole) -> Self {
        Self {
            email: email.into(),
            role,
            name: None,
        }
    }

    /// Sets the name.
    #[must_use]
    pub fn set_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

impl fmt::Debug for InviteUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InviteUser")
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

impl Endpoint for InviteUser {
    const OPERATION: &'static Operation = &INVITE;
    type Reply = User;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.field("email", &self.email)?;
            body.field("role", &self.role)?;
            body.optional("name", self.name.as_ref())
        })
    }

    fn decode(&self, answer: &Answer) -> Result<User, DecodeError> {
        reply::row(answer, &["user"])
    }
}
