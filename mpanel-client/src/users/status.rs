//! `PATCH /api/users/{id}/status` (legacy); `/role`, `/suspend`, `/reactivate` (TypeScript).

use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Error, Operation, PathParameters, RequestBody,
};

use super::{REACTIVATE, SET_ROLE, SET_STATUS, SUSPEND, TenantRole, User, UserId};
use crate::{
    client::Mpanel,
    dialect::{Dialect, Resource},
    endpoints::endpoints,
    reply::{self, Done},
};

panel_http::open_enum! {
    /// Status of a user (contract section 9).
    pub enum UserStatus {
        /// May log in.
        Active = "active",
        /// May not log in for now.
        Suspended = "suspended",
        /// May not log in.
        Inactive = "inactive",
        /// Not confirmed yet.
        Pending = "pending" | "PENDING_VERIFICATION",
        /// Invited.
        Invited = "INVITED",
        /// Gone.
        Deleted = "deleted",
    }
}

/// Changes a user's status. Legacy only: [`Mpanel::set_user_suspended`] works on both.
#[derive(Debug, Clone)]
pub struct SetUserStatus {
    id: UserId,
    status: UserStatus,
}

impl SetUserStatus {
    /// To this status.
    #[must_use]
    pub const fn new(id: UserId, status: UserStatus) -> Self {
        Self { id, status }
    }
}

impl Endpoint for SetUserStatus {
    const OPERATION: &'static Operation = &SET_STATUS;
    type Reply = User;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| body.field("status", &self.status))
    }

    fn decode(&self, answer: &Answer) -> Result<User, DecodeError> {
        reply::row(answer, &["user"])
    }
}

/// Changes a user's role in the tenant. TypeScript only.
#[derive(Debug, Clone)]
pub struct SetTenantRole {
    id: UserId,
    role: TenantRole,
}

impl SetTenantRole {
    /// To this role.
    #[must_use]
    pub const fn new(id: UserId, role: TenantRole) -> Self {
        Self { id, role }
    }
}

impl Endpoint for SetTenantRole {
    const OPERATION: &'static Operation = &SET_ROLE;
    type Reply = Done;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| body.field("role", &self.role))
    }

    fn decode(&self, answer: &Answer) -> Result<Done, DecodeError> {
        reply::done(answer)
    }
}

endpoints! {
    /// Suspends a user. TypeScript only.
    SuspendUser(id: UserId) -> Done = SUSPEND, reply::done;

    /// Lets a user in again. TypeScript only.
    ReactivateUser(id: UserId) -> Done = REACTIVATE, reply::done;
}

impl Mpanel {
    /// Suspends a user, or lets one in again, in the dialect of the server.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn set_user_suspended(&self, id: &UserId, suspended: bool) -> Result<(), Error> {
        if self.dialect(Resource::Users).await? == Dialect::Legacy {
            let status = if suspended {
                UserStatus::Suspended
            } else {
                UserStatus::Active
            };
            self.call(SetUserStatus::new(id.clone(), status)).await?;
        } else if suspended {
            self.call(SuspendUser(id.clone())).await?;
        } else {
            self.call(ReactivateUser(id.clone())).await?;
        }
        Ok(())
    }
}
