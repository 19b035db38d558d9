//! `POST /api/auth/register`.

use panel_http::{Answer, DecodeError, EncodeError, Endpoint, Operation, RequestBody};
use serde::Deserialize;

use super::{Me, REGISTER};
use crate::{reply, tenant::TenantId};

/// Registers a user. A second registration of the same address answers with the user of the first.
#[derive(Clone)]
pub struct Register {
    email: String,
    first_name: Option<String>,
    last_name: Option<String>,
    tenant_id: Option<TenantId>,
    send_welcome_email: bool,
}

impl Register {
    /// A user of this e-mail address, who is sent no mail.
    #[must_use]
    pub fn new(email: impl Into<String>) -> Self {
        Self {
            email: email.into(),
            first_name: None,
            last_name: None,
            tenant_id: None,
            send_welcome_email: false,
        }
    }

    /// Sets first and last name.
    #[must_use]
    pub fn set_name(mut self, first: impl Into<String>, last: impl Into<String>) -> Self {
        self.first_name = Some(first.into());
        self.last_name = Some(last.into());
        self
    }

    /// Sets the tenant.
    #[must_use]
    pub fn set_tenant_id(mut self, tenant_id: TenantId) -> Self {
        self.tenant_id = Some(tenant_id);
        self
    }

    /// Has the server send a welcome mail with a temporary password.
    #[must_use]
    pub const fn with_welcome_email(mut self) -> Self {
        self.send_welcome_email = true;
        self
    }
}

impl std::fmt::Debug for Register {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Register(..)")
    }
}

/// A user that was registered, now or before.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Registered {
    /// The user. One that existed shows its id and address only.
    pub user: Me,
    /// Whether the user existed already.
    pub existed: bool,
}

impl Endpoint for Register {
    const OPERATION: &'static Operation = &REGISTER;
    type Reply = Registered;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.field("email", &self.email)?;
            body.optional("firstName", self.first_name.as_ref())?;
            body.optional("lastName", self.last_name.as_ref())?;
            body.optional("tenantId", self.tenant_id.as_ref())?;
            body.field("sendWelcomeEmail", &self.send_welcome_email)
        })
    }

    fn decode(&self, answer: &Answer) -> Result<Registered, DecodeError> {
        #[derive(Deserialize)]
        struct Told {
            #[serde(rename = "alreadyExists", default)]
            already_exists: bool,
        }
        let told: Told = answer.json()?;
        Ok(Registered {
            user: reply::row(answer, &["user"])?,
            existed: told.already_exists,
        })
    }
}
