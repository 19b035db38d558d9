//! `POST /api/roles`, `PUT /api/roles/{id}`, `/permissions`, `/assign`.

use std::borrow::Cow;

use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Operation, PathParameters, RequestBody,
};

use super::{ASSIGN, CREATE, PermissionId, Role, RoleId, SET_PERMISSIONS, UPDATE};
use crate::{
    reply::{self, Done},
    users::UserId,
};

/// Creates a role. A name that exists is `Conflict`.
#[derive(Debug, Clone)]
pub struct CreateRole {
    name: String,
    display_name: String,
    description: Option<String>,
    level: Option<u32>,
}

impl CreateRole {
    /// A role of this name and title.
    #[must_use]
    pub fn new(name: impl Into<String>, display_name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            display_name: display_name.into(),
            description: None,
            level: None,
        }
    }

    /// Sets what it is for.
    #[must_use]
    pub fn set_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets its rank; 0 is the highest.
    #[must_use]
    pub const fn set_level(mut self, level: u32) -> Self {
        self.level = Some(level);
        self
    }
}

impl Endpoint for CreateRole {
    const OPERATION: &'static Operation = &CREATE;
    type Reply = Role;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.field("name", &self.name)?;
            body.field("display_name", &self.display_name)?;
            body.optional("description", self.description.as_ref())?;
            body.optional("level", self.level.as_ref())
        })
    }

    fn key(&self) -> Option<Cow<'_, str>> {
        Some(self.name.as_str().into())
    }

    fn decode(&self, answer: &Answer) -> Result<Role, DecodeError> {
        reply::row(answer, &["role"])
    }
}

/// Changes title, description and rank of a role.
#[derive(Debug, Clone)]
pub struct UpdateRole {
    id: RoleId,
    display_name: Option<String>,
    description: Option<String>,
    level: Option<u32>,
}

impl UpdateRole {
    /// A change of this role, of nothing yet.
    #[must_use]
    pub const fn new(id: RoleId) -> Self {
        Self {
            id,
            display_name: None,
            description: None,
            level: None,
        }
    }

    /// Changes the title.
    #[must_use]
    pub fn set_display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = Some(name.into());
        self
    }

    /// Changes what it is for.
    #[must_use]
    pub fn set_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Changes the rank.
    #[must_use]
    pub const fn set_level(mut self, level: u32) -> Self {
        self.level = Some(level);
        self
    }
}

impl Endpoint for UpdateRole {
    const OPERATION: &'static Operation = &UPDATE;
    type Reply = Role;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.optional("display_name", self.display_name.as_ref())?;
            body.optional("description", self.description.as_ref())?;
            body.optional("level", self.level.as_ref())
        })
    }

    fn decode(&self, answer: &Answer) -> Result<Role, DecodeError> {
        reply::row(answer, &["role"])
    }
}

/// Replaces the permissions of a role.
#[derive(Debug, Clone)]
pub struct SetRolePermissions {
    id: RoleId,
    permissions: Vec<PermissionId>,
}

impl SetRolePermissions {
    /// By these.
    #[must_use]
    pub const fn new(id: RoleId, permissions: Vec<PermissionId>) -> Self {
        Self { id, permissions }
    }
}

impl Endpoint for SetRolePermissions {
    const OPERATION: &'static Operation = &SET_PERMISSIONS;
    type Reply = Role;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| body.field("permission_ids", &self.permissions))
    }

    fn decode(&self, answer: &Answer) -> Result<Role, DecodeError> {
        reply::row(answer, &["role"])
    }
}

/// Gives a user a role.
#[derive(Debug, Clone)]
pub struct AssignRole {
    id: RoleId,
    user: UserId,
}

impl AssignRole {
    /// This role to this user.
    #[must_use]
    pub const fn new(id: RoleId, user: UserId) -> Self {
        Self { id, user }
    }
}

impl Endpoint for AssignRole {
    const OPERATION: &'static Operation = &ASSIGN;
    type Reply = Done;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| body.field("user_id", &self.user))
    }

    fn decode(&self, answer: &Answer) -> Result<Done, DecodeError> {
        reply::done(answer)
    }
}
