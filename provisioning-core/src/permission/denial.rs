//! A refusal, understood.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{CredentialKind, Missing, Remedy, RemedyContext, Verb, recognise, remedy};

/// Longest piece of a server's text that is kept, in characters.
const MAX_TEXT: usize = 200;

/// A verb was refused: what is missing, for which verb, with which kind of credential.
///
/// Carries no secret. Serialises for journals; [`summary`](Self::summary) is one line, [`remedy`](Self::remedy) the
/// ordered steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denial {
    missing: Missing,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    also_missing: Vec<Missing>,
    verb: Verb,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    route: Option<Box<str>>,
    credential: CredentialKind,
    #[serde(default)]
    assumed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    said: Option<Box<str>>,
}

impl Denial {
    /// A denial that names one missing thing.
    #[must_use]
    pub fn new(missing: Missing, verb: Verb, credential: CredentialKind) -> Self {
        Self {
            missing,
            also_missing: Vec::new(),
            verb,
            route: None,
            credential,
            assumed: false,
            status: None,
            said: None,
        }
    }

    /// Recognises what a reply's refusal means, by the texts of both contracts.
    ///
    /// `message` is the server's message or the whole JSON body. `None` means: not a refusal of ours, or not one that
    /// either contract names. In particular a 500 `Authentication check failed` is a broken server and an HTML page is
    /// a proxy's. The billing backend loses its panel's status, so for [`Verb::BillingProvision`] and
    /// [`Verb::BillingManageAccounts`] the text alone decides, whatever the status.
    ///
    /// ```
    /// use provisioning_core::permission::{CredentialKind, Denial, Missing, Verb};
    ///
    /// let text = r#"{"detail":"Authentication failed (403): The user doesn't have super admin privileges"}"#;
    /// let denial = Denial::from_response(CredentialKind::NextPanelApiKey, Verb::CreateAccount, 403, text).unwrap();
    /// assert_eq!(denial.missing(), &Missing::SuperAdminRights);
    /// ```
    #[must_use]
    pub fn from_response(
        credential: CredentialKind,
        verb: Verb,
        status: u16,
        message: &str,
    ) -> Option<Self> {
        recognise::recognise(credential, verb, status, message)
    }

    /// Says that the meaning, or the requirement behind it, is assumed rather than observed or documented.
    #[must_use]
    pub fn with_assumed(mut self, assumed: bool) -> Self {
        self.assumed = assumed;
        self
    }

    /// Names the route that refused, as method and path: `GET /api/provisioning/tasks`.
    #[must_use]
    pub fn with_route(mut self, route: impl Into<Box<str>>) -> Self {
        self.route = Some(route.into());
        self
    }

    /// Adds what is missing besides.
    #[must_use]
    pub fn with_also_missing(mut self, missing: impl IntoIterator<Item = Missing>) -> Self {
        self.also_missing.extend(missing);
        self
    }

    /// Keeps what the server answered: the status and the beginning of its text, on one line.
    #[must_use]
    pub fn with_answer(mut self, status: u16, text: &str) -> Self {
        self.status = Some(status);
        let line: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(MAX_TEXT)
            .collect();
        self.said = Some(line.trim())
            .filter(|line| !line.is_empty())
            .map(Box::from);
        self
    }

    /// What is missing.
    #[must_use]
    pub fn missing(&self) -> &Missing {
        &self.missing
    }

    /// What is missing besides, as far as known without asking the panel.
    #[must_use]
    pub fn also_missing(&self) -> &[Missing] {
        &self.also_missing
    }

    /// What was to be done.
    #[must_use]
    pub fn verb(&self) -> Verb {
        self.verb
    }

    /// The route that refused, as method and path, where it is known.
    #[must_use]
    pub fn route(&self) -> Option<&str> {
        self.route.as_deref()
    }

    /// With which kind of credential.
    #[must_use]
    pub fn credential(&self) -> CredentialKind {
        self.credential
    }

    /// Whether the meaning, or the requirement behind it, is assumed rather than observed or documented.
    #[must_use]
    pub fn is_assumed(&self) -> bool {
        self.assumed
    }

    /// Whether logging in again may be all that is needed: a login's token is missing, expired or not valid.
    #[must_use]
    pub fn is_renewable(&self) -> bool {
        let is_login = matches!(
            self.credential,
            CredentialKind::NextPanelBillingToken | CredentialKind::MpanelUser
        );
        is_login
            && matches!(
                self.missing,
                Missing::MissingToken | Missing::ExpiredToken | Missing::InvalidToken
            )
    }

    /// The HTTP status of the refusal, if a server refused.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// The beginning of the server's own text, if a server refused.
    #[must_use]
    pub fn said(&self) -> Option<&str> {
        self.said.as_deref()
    }

    /// One line naming what is missing, and for what.
    #[must_use]
    pub fn summary(&self) -> String {
        self.to_string()
    }

    /// What to do about it, in order, with the caller's own names and addresses filled in.
    #[must_use]
    pub fn remedy(&self, context: &RemedyContext) -> Vec<Remedy> {
        remedy::steps(self, context)
    }

    fn phrase(&self, missing: &Missing) -> String {
        let credential = self.credential;
        match missing {
            Missing::SuperAdminRights => {
                format!("the {credential} lacks super admin rights (permission level SUPER_ADMIN)")
            }
            Missing::Level { found, wanted } => {
                format!("the {credential} has permission level {found}, {wanted} is needed")
            }
            Missing::Scopes { wanted } => {
                format!("the {credential} lacks the scopes {}", join(wanted))
            }
            Missing::IpNotAllowed {
                address: Some(address),
            } => {
                format!("{address} is not among the allowed IPs of the {credential}")
            }
            Missing::IpNotAllowed { address: None } => {
                format!("this machine's address is not among the allowed IPs of the {credential}")
            }
            Missing::Revoked => format!("the {credential} is revoked"),
            Missing::Inactive => format!("the {credential} is not active"),
            Missing::KeyExpired { at: Some(at) } => format!("the {credential} expired at {at}"),
            Missing::KeyExpired { at: None } => format!("the {credential} has expired"),
            Missing::WrongKeyOrSecret => {
                format!("the {credential} is unknown to the panel, or its secret is wrong")
            }
            Missing::WrongSharedToken => {
                format!("the {credential} is missing, wrong, or not configured on the server")
            }
            Missing::MissingToken => format!("no {credential} arrived with the request"),
            Missing::ExpiredToken => format!("the {credential} has expired or is not valid"),
            Missing::InvalidToken => {
                format!("the {credential}'s token is not one of this server's")
            }
            Missing::WrongPassword => {
                format!(
                    "the {credential} was refused: wrong name or password, or the user may not log in"
                )
            }
            Missing::UserInactive => format!("the user of the {credential} is switched off"),
            Missing::NoTenant => format!("the user of the {credential} belongs to no tenant"),
            Missing::Role {
                found: Some(found),
                wanted,
            } => {
                format!(
                    "the user has the role {found:?}, it must be exactly {}",
                    alternatives(wanted)
                )
            }
            Missing::Role {
                found: None,
                wanted,
            } => {
                format!(
                    "the user's role is not sufficient, it must be exactly {}",
                    alternatives(wanted)
                )
            }
            Missing::Permission { name } => format!("the user's role lacks the permission {name}"),
            Missing::AdminRights => format!("the user of the {credential} is not an administrator"),
            Missing::NotOwner => {
                format!("the user of the {credential} does not own what was asked for")
            }
        }
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not permitted to {}", self.verb)?;
        if let Some(route) = &self.route {
            write!(f, " ({route})")?;
        }
        write!(f, ": {}", self.phrase(&self.missing))?;
        for missing in &self.also_missing {
            write!(f, "; also {}", self.phrase(missing))?;
        }
        Ok(())
    }
}

impl std::error::Error for Denial {}

fn join(items: impl IntoIterator<Item = impl fmt::Display>) -> String {
    let mut text = String::new();
    for item in items {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(&item.to_string());
    }
    text
}

fn alternatives(roles: &[String]) -> String {
    let quoted: Vec<String> = roles.iter().map(|role| format!("`{role}`")).collect();
    quoted.join(" or ")
}
