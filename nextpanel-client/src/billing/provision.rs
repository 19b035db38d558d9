//! Creating hosting accounts through the billing backend.

use std::fmt;

use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Error, Kind, Operation, Preview, RequestBody,
};
use provisioning_core::catalog::AccountType;
use provisioning_core::email::EmailAddress;
use provisioning_core::permission::{CredentialKind, Denial, Verb};
use provisioning_core::username::Username;
use serde::Deserialize;

use super::client::Billing;
use super::id::{CustomerId, HostingAccountId, ServerId};
use super::operations::PROVISION;
use super::password::NewPassword;
use super::provision_outcome::{LookUp, ProvisionOutcome, ProvisionRefusal, UnknownProvision};
use crate::Field;
use crate::panel::{AccountId, AccountSearch, Panel, SeenBillingId};

/// The hosting account a customer gets: everything but the customer.
///
/// The server is part of it and cannot be left out. Without one the backend picks a server and stores the panel's account
/// id as the server's, so that deleting the account later deletes another customer's on another server (section 4.10).
#[derive(Clone)]
pub struct HostingDetails {
    server_id: ServerId,
    username: Username,
    email: EmailAddress,
    password: NewPassword,
    account_type: AccountType,
    full_name: Option<String>,
    phone: Option<String>,
    company: Option<String>,
    package_id: Option<i64>,
    order: Option<OrderReference>,
}

/// An order's id, wherever it comes from. The backend's provision route takes only integers, though its own orders have
/// UUIDs; any other id is left out of the request and kept here (section 4.10).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrderReference(String);

impl OrderReference {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as it may be sent.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        self.0.parse().ok()
    }
}

impl<T: ToString> From<T> for OrderReference {
    fn from(id: T) -> Self {
        Self(id.to_string())
    }
}

impl HostingDetails {
    /// An account of this username and password on this server.
    #[must_use]
    pub fn new(
        server_id: ServerId,
        username: Username,
        email: EmailAddress,
        password: NewPassword,
        account_type: AccountType,
    ) -> Self {
        Self {
            server_id,
            username,
            email,
            password,
            account_type,
            full_name: None,
            phone: None,
            company: None,
            package_id: None,
            order: None,
        }
    }

    /// The customer's name.
    #[must_use]
    pub fn set_full_name(mut self, full_name: impl Into<String>) -> Self {
        self.full_name = Some(full_name.into());
        self
    }

    /// The customer's telephone number.
    #[must_use]
    pub fn set_phone(mut self, phone: impl Into<String>) -> Self {
        self.phone = Some(phone.into());
        self
    }

    /// The customer's company.
    #[must_use]
    pub fn set_company(mut self, company: impl Into<String>) -> Self {
        self.company = Some(company.into());
        self
    }

    /// The panel's package.
    #[must_use]
    pub const fn set_package_id(mut self, package_id: i64) -> Self {
        self.package_id = Some(package_id);
        self
    }

    /// The order it was bought with.
    #[must_use]
    pub fn set_order(mut self, order: impl Into<OrderReference>) -> Self {
        self.order = Some(order.into());
        self
    }

    /// The order it was bought with.
    #[must_use]
    pub const fn order(&self) -> Option<&OrderReference> {
        self.order.as_ref()
    }

    /// The server.
    #[must_use]
    pub const fn server_id(&self) -> ServerId {
        self.server_id
    }

    /// The username.
    #[must_use]
    pub const fn username(&self) -> &Username {
        &self.username
    }

    pub(super) const fn password(&self) -> &NewPassword {
        &self.password
    }

    /// For this customer. The backend does not check whether there is one (section 4.10).
    #[must_use]
    pub fn for_customer(self, customer_id: impl Into<CustomerId>) -> NewHostingAccount {
        NewHostingAccount {
            customer_id: customer_id.into(),
            details: self,
        }
    }
}

impl fmt::Debug for HostingDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostingDetails")
            .field("server_id", &self.server_id)
            .field("username", &self.username)
            .field("account_type", &self.account_type)
            .field("order", &self.order)
            .finish_non_exhaustive()
    }
}

/// A hosting account to create for a customer.
#[derive(Debug, Clone)]
pub struct NewHostingAccount {
    customer_id: CustomerId,
    details: HostingDetails,
}

impl NewHostingAccount {
    /// The customer.
    #[must_use]
    pub const fn customer_id(&self) -> &CustomerId {
        &self.customer_id
    }

    /// Everything but the customer.
    #[must_use]
    pub const fn details(&self) -> &HostingDetails {
        &self.details
    }
}

/// Not public: its answer of 200 says nothing by itself, see [`Billing::provision`].
struct PostProvision<'a>(&'a NewHostingAccount);

#[derive(Deserialize)]
struct ProvisionReply {
    success: bool,
    #[serde(default)]
    account_id: Field<HostingAccountId>,
    #[serde(default)]
    server_name: Field<String>,
    #[serde(default)]
    server_url: Field<String>,
    #[serde(default)]
    nextpanel_user_id: Field<i64>,
    #[serde(default)]
    error: Field<String>,
}

impl Endpoint for PostProvision<'_> {
    const OPERATION: &'static Operation = &PROVISION;
    type Reply = ProvisionReply;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        let NewHostingAccount {
            customer_id,
            details,
        } = self.0;
        let order_id = details.order.as_ref().and_then(OrderReference::as_integer);
        RequestBody::object(|body| {
            // A string: integers are refused, whatever the documents show.
            body.field("customer_id", customer_id)?;
            body.field("username", &details.username)?;
            body.field("email", details.email.as_str())?;
            body.secret("password", details.password.secret())?;
            body.field("server_id", &details.server_id)?;
            // It decides on `is_admin`, which is therefore not sent.
            body.field("account_type", details.account_type.as_wire())?;
            body.optional("full_name", details.full_name.as_ref())?;
            body.optional("phone", details.phone.as_ref())?;
            body.optional("company", details.company.as_ref())?;
            body.optional("package_id", details.package_id.as_ref())?;
            body.optional("order_id", order_id.as_ref())
        })
    }

    fn key(&self) -> Option<std::borrow::Cow<'_, str>> {
        Some(self.0.details.username.as_str().into())
    }

    fn decode(&self, answer: &Answer) -> Result<ProvisionReply, DecodeError> {
        super::endpoint::read(Self::OPERATION, answer)
    }
}

/// A hosting account that was created.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProvisionedAccount {
    /// The backend's id of it.
    pub account_id: HostingAccountId,
    /// The panel's id of it, where the backend tells it.
    pub panel_account_id: Option<AccountId>,
    /// The username.
    pub username: String,
    /// The server that was asked for.
    pub server_id: ServerId,
    /// The server's name.
    pub server_name: Option<String>,
    /// Where its panel is.
    pub server_url: Option<String>,
    /// The order it was bought with, sent or not.
    pub order: Option<OrderReference>,
}

impl Billing {
    /// Creates a hosting account for a customer on a server.
    ///
    /// The backend answers 200 whether it worked or not, and says `success: false` also where the panel has created the
    /// account and only its answer was not understood. So a failure is looked up on the server's own panel, which takes
    /// a client with that panel's credentials. Without it such a failure is [`ProvisionOutcome::Unknown`], and somebody
    /// has to look. It is never sent a second time.
    ///
    /// # Errors
    /// If the call was not carried out: invalid arguments, no connection, refused. A lost answer is looked up like a
    /// failure, and no error.
    pub async fn provision(
        &self,
        new: &NewHostingAccount,
        panel: Option<&Panel>,
    ) -> Result<ProvisionOutcome, Error> {
        let text = match self.call_guarded(&PostProvision(new)).await {
            Ok(reply) if reply.success => match created(new, reply) {
                Some(created) => return Ok(ProvisionOutcome::Created(created)),
                None => "the backend reports success without an account id".to_owned(),
            },
            Ok(reply) => {
                let text = reply.error.into_option().unwrap_or_default();
                let verdict = judge(&text);
                match verdict {
                    Verdict::Refused(refusal) => {
                        return Ok(ProvisionOutcome::Refused { refusal, text });
                    }
                    Verdict::UsernameTaken => {
                        return Ok(self.whose_username(new, panel, text).await);
                    }
                    Verdict::Open => text,
                }
            }
            Err(error) if error.kind() == Kind::Indeterminate => error.to_string(),
            Err(error) => return Err(error),
        };
        Ok(look_up(new, panel, text).await)
    }

    /// The request of [`provision`](Self::provision). Nothing is sent.
    ///
    /// # Errors
    /// [`Kind::Encode`] if the request cannot be made from its arguments.
    pub fn preview_provision(&self, new: &NewHostingAccount) -> Result<Preview, Error> {
        self.preview(&PostProvision(new))
    }

    async fn whose_username(
        &self,
        new: &NewHostingAccount,
        panel: Option<&Panel>,
        text: String,
    ) -> ProvisionOutcome {
        match look_up(new, panel, text).await {
            found @ ProvisionOutcome::OnPanel { .. } => found,
            ProvisionOutcome::Unknown(unknown) => ProvisionOutcome::Refused {
                refusal: ProvisionRefusal::UsernameTaken,
                text: unknown.text,
            },
            other => other,
        }
    }
}

fn created(new: &NewHostingAccount, reply: ProvisionReply) -> Option<ProvisionedAccount> {
    Some(ProvisionedAccount {
        account_id: reply.account_id.into_option()?,
        panel_account_id: reply.nextpanel_user_id.map(AccountId::new),
        username: new.details.username.as_str().to_owned(),
        server_id: new.details.server_id,
        server_name: reply.server_name.into_option(),
        server_url: reply.server_url.into_option(),
        order: new.details.order.clone(),
    })
}

enum Verdict {
    Refused(ProvisionRefusal),
    UsernameTaken,
    /// It may have been created.
    Open,
}

/// What a failure's text says, by the texts of section 4.10. Any other text leaves it open.
fn judge(text: &str) -> Verdict {
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("no available servers") {
        return Verdict::Refused(ProvisionRefusal::NoServer);
    }
    if lower.starts_with("server ") && lower.ends_with(" not available") {
        return Verdict::Refused(ProvisionRefusal::ServerNotAvailable);
    }
    let Some(upstream) = lower.strip_prefix("failed to create account:") else {
        // The backend's own connection was never opened, so nothing was sent.
        let is_not_sent = lower.contains("connection refused")
            || lower.contains("failed to establish a new connection");
        return if is_not_sent {
            Verdict::Refused(ProvisionRefusal::PanelNotReached)
        } else {
            Verdict::Open
        };
    };
    let upstream = upstream.trim();
    // A page is a proxy's: the panel behind it may have created the account.
    if upstream.starts_with('<') {
        return Verdict::Open;
    }
    if upstream.contains("username already exists") || upstream.contains("username_taken") {
        return Verdict::UsernameTaken;
    }
    let denial = Denial::from_response(
        CredentialKind::NextPanelApiKey,
        Verb::BillingProvision,
        200,
        text,
    );
    if let Some(denial) = denial {
        return Verdict::Refused(ProvisionRefusal::Denied(Box::new(denial)));
    }
    if upstream.starts_with("[{") && upstream.contains("'loc'") {
        return Verdict::Refused(ProvisionRefusal::Invalid);
    }
    Verdict::Open
}

/// Looks on the server's panel for what an unknown provision may have created.
async fn look_up(new: &NewHostingAccount, panel: Option<&Panel>, text: String) -> ProvisionOutcome {
    let unknown = |look_up: LookUp, text: String| {
        ProvisionOutcome::Unknown(UnknownProvision {
            username: new.details.username.as_str().to_owned(),
            server_id: new.details.server_id,
            text,
            look_up,
        })
    };
    let Some(panel) = panel else {
        return unknown(LookUp::NoCredentials, text);
    };
    let search = AccountSearch::new()
        .with_username(new.details.username.as_str())
        .with_customer_id(&new.customer_id);
    let found = match panel.find(&search).await {
        Ok(found) => found,
        Err(error) => return unknown(LookUp::Failed(Box::new(error)), text),
    };
    let is_whole = found.is_whole;
    let same_name = found.matches.into_iter().find(|found| found.by_username);
    match same_name {
        // The backend writes the customer id where we would write a mark.
        Some(found) if found.billing_id == SeenBillingId::CustomerId => ProvisionOutcome::OnPanel {
            account: Box::new(found.account),
            text,
        },
        Some(found) => unknown(LookUp::NotProvablyOurs(Box::new(found.account)), text),
        None if is_whole => unknown(LookUp::NotFound, text),
        None => unknown(LookUp::ListIncomplete, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use provisioning_core::permission::Missing;

    #[test]
    fn only_texts_that_exclude_an_account_are_refusals() {
        let refused = |text| match judge(text) {
            Verdict::Refused(refusal) => Some(refusal),
            _ => None,
        };
        assert!(matches!(
            refused("No available servers"),
            Some(ProvisionRefusal::NoServer)
        ));
        assert!(matches!(
            refused("Server 17 not available"),
            Some(ProvisionRefusal::ServerNotAvailable)
        ));
        assert!(matches!(
            refused(
                "HTTPConnectionPool(host='10.0.0.9', port=9000): Max retries exceeded (Caused by NewConnectionError('[Errno 111] Connection refused'))"
            ),
            Some(ProvisionRefusal::PanelNotReached)
        ));
        assert!(matches!(
            refused("Failed to create account: [{'type': 'missing', 'loc': ['body', 'email']}]"),
            Some(ProvisionRefusal::Invalid)
        ));
        for open in [
            "",
            "'id'",
            "Expecting value: line 1 column 1 (char 0)",
            "1 validation error for AccountProvisionResponse\nnextpanel_user_id",
            "HTTPConnectionPool(host='10.0.0.9', port=9000): Read timed out. (read timeout=30)",
            "('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))",
            "Failed to create account: <html><title>502 Bad Gateway</title></html>",
            "Failed to create account: Internal Server Error",
            // The panel's words: it was reached, and its database or mail server was not.
            "Failed to create account: [Errno 111] Connection refused",
        ] {
            assert!(matches!(judge(open), Verdict::Open), "{open}");
        }
        for taken in [
            "Failed to create account: Username already exists",
            "Failed to create account: {'code': 'USERNAME_TAKEN', 'message': 'taken'}",
        ] {
            assert!(matches!(judge(taken), Verdict::UsernameTaken), "{taken}");
        }
    }

    #[test]
    fn a_denied_key_is_recognised_by_its_text() {
        let table = [
            (
                "Authentication failed (403): The user doesn't have super admin privileges",
                Missing::SuperAdminRights,
            ),
            ("Invalid API key", Missing::WrongKeyOrSecret),
            ("API key is revoked", Missing::Revoked),
            (
                "IP address not allowed",
                Missing::IpNotAllowed { address: None },
            ),
        ];
        for (text, missing) in table {
            let Verdict::Refused(ProvisionRefusal::Denied(denial)) =
                judge(&format!("Failed to create account: {text}"))
            else {
                panic!("{text}");
            };
            assert_eq!(denial.missing(), &missing);
        }
    }
}
