//! The shapes the marketing site sends to `/marketing-api/...`, a path that no mPanel serves (contract section 12): types
//! only, for hosts that stand in for it.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// `POST /marketing-api/accounts/create`, as the tenant provisioning service sends it after a checkout.
#[derive(Clone, PartialEq, Deserialize, Serialize)]
pub struct AccountRequest {
    /// E-mail address.
    pub email: String,
    /// Name in one text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Kind of plan: `shared`, `wordpress`, `vps`, `dedicated`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_type: Option<String>,
    /// Plan, as the site's own sign-up sends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_id: Option<String>,
    /// What is included.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub resources: Map<String, Value>,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Customer at Stripe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stripe_customer_id: Option<String>,
    /// The site's own id of the subscription; not Stripe's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stripe_subscription_id: Option<String>,
    /// What else it sends.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
}

/// What the site reads of the reply, under `data`.
#[derive(Clone, Deserialize)]
pub struct AccountReply {
    /// Tenant.
    pub tenant_id: String,
    /// User.
    pub user_id: String,
    /// With which the customer sets a password.
    pub reset_token: SecretString,
}

/// `POST /marketing-api/tenants/{id}/provision`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct ProvisionRequest {
    /// What is to be provided.
    pub services: RequestedServices,
    /// What is included.
    #[serde(default)]
    pub resources: Map<String, Value>,
}

/// What is to be provided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the shape is the caller's, not ours"
)]
pub struct RequestedServices {
    /// Hosting.
    #[serde(default)]
    pub hosting: bool,
    /// Mailboxes.
    #[serde(default)]
    pub email: bool,
    /// Databases.
    #[serde(default)]
    pub databases: bool,
    /// Certificates.
    #[serde(default)]
    pub ssl: bool,
}

/// `POST /marketing-api/emails/welcome`.
#[derive(Clone, Deserialize)]
pub struct WelcomeEmail {
    /// E-mail address.
    pub email: String,
    /// With which the customer sets a password.
    pub reset_token: SecretString,
    /// Name of the plan.
    pub plan_name: String,
    /// Where the control panel is.
    pub control_panel_url: String,
}

impl std::fmt::Debug for AccountRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountRequest")
            .field("plan_type", &self.plan_type)
            .field("plan_id", &self.plan_id)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for AccountReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountReply")
            .field("tenant_id", &self.tenant_id)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for WelcomeEmail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WelcomeEmail")
            .field("plan_name", &self.plan_name)
            .finish_non_exhaustive()
    }
}
