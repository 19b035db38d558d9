//! The users of an mPanel, with their roles in both dialects.

use jiff::civil::DateTime;
use secrecy::{ExposeSecret, SecretString};

use crate::made_up::{characters, uuid};

/// The users every mPanel has from the start. All but the outsider are members of its tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UserKind {
    /// Legacy role `admin`, the only one its provisioning routes take; `OWNER` of the tenant.
    Admin,
    /// Legacy role `super_admin`, whose legacy tokens carry no tenant; `PLATFORM_ADMIN`.
    SuperAdmin,
    /// Legacy role `SUPER_ADMIN`, as documents spell it and no route takes it; `BILLING`.
    UpperCaseSuperAdmin,
    /// Legacy role `manager`; `ADMIN`.
    Manager,
    /// Legacy role `customer`; `VIEWER`.
    Customer,
    /// A customer whose account is suspended.
    Suspended,
    /// A customer who is a member of no tenant.
    Outsider,
}

impl UserKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Admin,
        Self::SuperAdmin,
        Self::UpperCaseSuperAdmin,
        Self::Manager,
        Self::Customer,
        Self::Suspended,
        Self::Outsider,
    ];

    pub(super) fn email(self) -> &'static str {
        match self {
            Self::Admin => "admin@hosting.example",
            Self::SuperAdmin => "root@hosting.example",
            Self::UpperCaseSuperAdmin => "upper@hosting.example",
            Self::Manager => "manager@hosting.example",
            Self::Customer => "customer@clients.example",
            Self::Suspended => "suspended@clients.example",
            Self::Outsider => "outsider@elsewhere.example",
        }
    }
}

/// A user of an mPanel.
#[derive(Debug, Clone)]
pub struct User {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) password: SecretString,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) role: String,
    pub(super) status: String,
    pub(super) tenant_role: Option<String>,
    pub(super) has_tenant: bool,
    pub(super) last_login_at: Option<DateTime>,
    pub(super) created_at: Option<DateTime>,
    pub(super) updated_at: Option<DateTime>,
}

impl User {
    /// An active user with the legacy role `customer`, as `VIEWER` of the tenant.
    pub fn new(email: impl Into<String>, password: impl Into<SecretString>) -> Self {
        let email = email.into();
        Self {
            id: uuid(&format!("user {email}")),
            email,
            password: password.into(),
            first_name: None,
            last_name: None,
            role: "customer".to_owned(),
            status: "active".to_owned(),
            tenant_role: Some("VIEWER".to_owned()),
            has_tenant: true,
            last_login_at: None,
            created_at: None,
            updated_at: None,
        }
    }

    /// First and last name.
    pub fn with_name(mut self, first: impl Into<String>, last: impl Into<String>) -> Self {
        self.first_name = Some(first.into());
        self.last_name = Some(last.into());
        self
    }

    /// The legacy role, any text: it is compared letter by letter.
    pub fn with_role(mut self, role: impl Into<String>) -> Self {
        self.role = role.into();
        self
    }

    /// The role in the tenant, in the TypeScript dialect; `None` is no member at all.
    pub fn with_tenant_role(mut self, role: Option<&str>) -> Self {
        self.tenant_role = role.map(str::to_owned);
        self
    }

    /// The status; only `active` may log in.
    pub fn with_status(mut self, status: impl Into<String>) -> Self {
        self.status = status.into();
        self
    }

    /// Takes away the tenant of the user's legacy row, as super admins have none.
    pub fn without_tenant(mut self) -> Self {
        self.has_tenant = false;
        self
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The address to log in with.
    pub fn email(&self) -> &str {
        &self.email
    }

    /// The password to log in with.
    pub fn password(&self) -> &SecretString {
        &self.password
    }

    pub(super) fn has_password(&self, password: &str) -> bool {
        self.password.expose_secret() == password
    }

    pub(super) fn is_active(&self) -> bool {
        self.status == "active"
    }

    /// First and last name together, as far as there are any.
    pub(super) fn display_name(&self) -> Option<String> {
        let names = [self.first_name.as_deref(), self.last_name.as_deref()];
        let names: Vec<&str> = names.into_iter().flatten().collect();
        (!names.is_empty()).then(|| names.join(" "))
    }

    pub(super) fn defaults(server: &str) -> Vec<Self> {
        UserKind::ALL
            .into_iter()
            .map(|kind| {
                let password = characters(&format!("{server} password of {kind:?}"), 20);
                let user = Self::new(kind.email(), password);
                match kind {
                    UserKind::Admin => user
                        .with_name("Ann", "Admin")
                        .with_role("admin")
                        .with_tenant_role(Some("OWNER")),
                    UserKind::SuperAdmin => user
                        .with_name("Rita", "Root")
                        .with_role("super_admin")
                        .with_tenant_role(Some("PLATFORM_ADMIN"))
                        .without_tenant(),
                    UserKind::UpperCaseSuperAdmin => user
                        .with_name("Uma", "Upper")
                        .with_role("SUPER_ADMIN")
                        .with_tenant_role(Some("BILLING")),
                    UserKind::Manager => user
                        .with_name("Max", "Manager")
                        .with_role("manager")
                        .with_tenant_role(Some("ADMIN")),
                    UserKind::Customer => user.with_name("Cleo", "Client"),
                    UserKind::Suspended => {
                        user.with_name("Sue", "Spended").with_status("suspended")
                    }
                    UserKind::Outsider => user.with_name("Otto", "Outside").with_tenant_role(None),
                }
            })
            .collect()
    }
}
