//! What to do about a denial, step by step.

mod context;
mod steps;

pub use context::RemedyContext;
pub(super) use steps::steps;

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{CredentialKind, PermissionLevel, Scope, Verb};

/// One step of a remedy. `Display` gives it in words; the fields are for hosts that word it themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Remedy {
    /// Open the panel's page of API keys.
    OpenApiKeys {
        /// The server's name.
        server: Option<String>,
        /// The panel's address.
        panel_url: Option<String>,
        /// The beginning of the key's id.
        key: Option<String>,
    },
    /// Set the key's permission level.
    SetLevel {
        /// The level.
        level: PermissionLevel,
    },
    /// Set the key's scopes.
    SetScopes {
        /// The scopes.
        scopes: Vec<Scope>,
    },
    /// Let the caller's address in.
    AllowAddress {
        /// The address, where known.
        address: Option<IpAddr>,
    },
    /// See that the key is active and not expired.
    EnsureActive,
    /// Save the key.
    Save,
    /// Give the panel time to notice.
    WaitOrRestart {
        /// Seconds to wait.
        seconds: u32,
    },
    /// Try it.
    Test {
        /// What was refused.
        verb: Verb,
    },
    /// Compare key and secret with what was shown when the key was created.
    CompareKeyAndSecret {
        /// Environment variable of the key.
        key_variable: Option<String>,
        /// Environment variable of the secret.
        secret_variable: Option<String>,
    },
    /// Create a new key.
    CreateKey {
        /// The server's name.
        server: Option<String>,
        /// The panel's address.
        panel_url: Option<String>,
        /// Its permission level.
        level: PermissionLevel,
        /// Its scopes.
        scopes: Vec<Scope>,
        /// The address to allow, where known.
        address: Option<IpAddr>,
    },
    /// Put key and secret in place here.
    ReplaceKey {
        /// Whether this is only needed if the steps before did not help.
        if_still_refused: bool,
        /// Environment variable of the key.
        key_variable: Option<String>,
        /// Environment variable of the secret.
        secret_variable: Option<String>,
    },
    /// Register the server anew with the billing backend, which cannot change a stored key.
    RegisterServerAnew {
        /// The server's name.
        server: Option<String>,
    },
    /// Log in again.
    LogInAgain,
    /// Check name and password.
    CheckPassword {
        /// Whose login it is.
        credential: CredentialKind,
    },
    /// Send the credential.
    SendCredential {
        /// The kind the route reads.
        credential: CredentialKind,
    },
    /// Make the shared secret the same on both sides.
    CompareSharedToken {
        /// The header that carries it.
        header: String,
        /// The server's environment variable with the same value.
        server_variable: Option<String>,
    },
    /// Log in against the server that is called, in its own generation's dialect.
    UseThisServersLogin,
    /// Use a user with one of these roles.
    UseRole {
        /// The roles, letter by letter.
        roles: Vec<String>,
    },
    /// Give the user's role a permission.
    GrantPermission {
        /// The permission's name.
        name: String,
    },
    /// Use an administrator of the billing backend.
    UseAdministrator,
    /// Use the owner's login.
    UseOwner,
    /// Switch the user on again.
    ActivateUser,
    /// Add the user to a tenant.
    JoinTenant,
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenApiKeys {
                server,
                panel_url,
                key,
            } => {
                write!(
                    f,
                    "Log in to {} as super admin and open Super Admin -> API Keys",
                    place(server, panel_url)
                )?;
                match key {
                    Some(key) => write!(f, " -> the key {key}"),
                    None => write!(f, " -> the key used here"),
                }
            }
            Self::SetLevel { level } => write!(f, "Set its permission level to {level}"),
            Self::SetScopes { scopes } => write!(f, "Give it the scopes {}", listed(scopes)),
            Self::AllowAddress {
                address: Some(address),
            } => write!(
                f,
                "Add {address}, this machine's address, to its allowed IPs, or leave the list empty to allow any"
            ),
            Self::AllowAddress { address: None } => write!(
                f,
                "Add the address the panel sees this machine under to its allowed IPs, or leave the list empty to allow any"
            ),
            Self::EnsureActive => write!(f, "See that it is active and not expired"),
            Self::Save => write!(f, "Save"),
            Self::WaitOrRestart { seconds } => write!(
                f,
                "Wait {seconds} seconds, or restart the panel: it may keep the old rights until then"
            ),
            Self::Test { verb } => write!(
                f,
                "Try again to {verb}; what was already done is not repeated"
            ),
            Self::CompareKeyAndSecret {
                key_variable,
                secret_variable,
            } => write!(
                f,
                "Compare key (npk_...) and secret (nps_...){} with what the panel showed when the key was created: complete, no blanks, not swapped",
                variables(" in ", key_variable, secret_variable),
            ),
            Self::CreateKey {
                server,
                panel_url,
                level,
                scopes,
                address,
            } => {
                write!(
                    f,
                    "Create a new key on {} under Super Admin -> API Keys: level {level}, scopes {}",
                    place(server, panel_url),
                    listed(scopes)
                )?;
                match address {
                    Some(address) => write!(f, ", allowed IPs empty or with {address}"),
                    None => write!(f, ", allowed IPs empty or with this machine's address"),
                }
            }
            Self::ReplaceKey {
                if_still_refused,
                key_variable,
                secret_variable,
            } => {
                let place = variables(" (", key_variable, secret_variable);
                let close = if place.is_empty() { "" } else { ")" };
                if *if_still_refused {
                    write!(
                        f,
                        "If it is still refused: create a new key with the same settings and replace key and secret here{place}{close}; the secret is shown only once"
                    )
                } else {
                    write!(
                        f,
                        "Replace key and secret here{place}{close}; the secret is shown only once"
                    )
                }
            }
            Self::RegisterServerAnew { server } => {
                write!(
                    f,
                    "If the key itself has to change: the billing backend cannot change a stored key, so register "
                )?;
                match server {
                    Some(server) => write!(f, "{server}")?,
                    None => write!(f, "the server")?,
                }
                write!(f, " there anew, under another name, with the new key")
            }
            Self::LogInAgain => write!(f, "Log in again"),
            Self::CheckPassword { credential } => match credential {
                CredentialKind::NextPanelBillingToken => write!(
                    f,
                    "Check e-mail and password of the billing user; the part before the @ is compared with its case"
                ),
                CredentialKind::MpanelUser => write!(
                    f,
                    "Check e-mail and password of the mPanel user, with their case, and that the user's status is `active`"
                ),
                _ => write!(
                    f,
                    "Check username and password, and that the account may log in to the panel"
                ),
            },
            Self::SendCredential { credential } => match credential {
                CredentialKind::NextPanelApiKey => {
                    write!(
                        f,
                        "Configure an API key and its secret; the panel reads them from X-API-Key and X-API-Secret"
                    )
                }
                CredentialKind::MpanelMarketingKey => {
                    write!(
                        f,
                        "Configure a marketing key (mk_...); mPanel reads it from X-API-Key"
                    )
                }
                CredentialKind::NextPanelBillingToken | CredentialKind::MpanelUser => write!(
                    f,
                    "Configure e-mail and password to log in with ({credential}); a proxy in between may also have dropped the Authorization header"
                ),
                other => write!(f, "Configure the {other}"),
            },
            Self::CompareSharedToken {
                header,
                server_variable,
            } => {
                write!(f, "Make the secret sent as {header} the same as ")?;
                match server_variable {
                    Some(variable) => write!(f, "{variable} in the mPanel server's environment")?,
                    None => write!(f, "a key the server has stored and not revoked")?,
                }
                if server_variable.is_some() {
                    write!(f, ", and restart that server")?;
                }
                Ok(())
            }
            Self::UseThisServersLogin => write!(
                f,
                "Log in at the very server that is called: tokens of the two mPanel generations, or of another server, are not interchangeable"
            ),
            Self::UseRole { roles } => {
                let quoted: Vec<String> = roles.iter().map(|role| format!("`{role}`")).collect();
                write!(
                    f,
                    "Use a user whose role is exactly {}",
                    quoted.join(" or ")
                )?;
                if roles.iter().any(|role| role == "admin")
                    && !roles.iter().any(|role| role == "super_admin")
                {
                    write!(f, "; `SUPER_ADMIN` and `super_admin` are refused")?;
                }
                Ok(())
            }
            Self::GrantPermission { name } => {
                write!(
                    f,
                    "Give the user's role the permission {name}, or use a user whose role has it"
                )
            }
            Self::UseAdministrator => write!(
                f,
                "Use an administrator of the billing backend; the first one is made with the project's script on its database, not through the API"
            ),
            Self::UseOwner => write!(
                f,
                "Log in as the customer it belongs to; being administrator does not help there"
            ),
            Self::ActivateUser => write!(f, "Have an administrator switch the user on again"),
            Self::JoinTenant => write!(f, "Have the user invited to a tenant"),
        }
    }
}

/// The steps as one numbered text, a line each.
///
/// ```
/// use provisioning_core::permission::{CredentialKind, Denial, Missing, RemedyContext, Verb, numbered};
///
/// let denial = Denial::new(Missing::SuperAdminRights, Verb::CreateAccount, CredentialKind::NextPanelApiKey);
/// let context = RemedyContext::new().with_server("np-1");
/// let text = numbered(&denial.remedy(&context));
/// assert!(text.starts_with("1. Log in to np-1 as super admin and open Super Admin -> API Keys"));
/// assert!(text.contains("\n2. Set its permission level to SUPER_ADMIN\n"));
/// ```
#[must_use]
pub fn numbered(steps: &[Remedy]) -> String {
    let lines: Vec<String> = steps
        .iter()
        .enumerate()
        .map(|(index, step)| format!("{}. {step}", index + 1))
        .collect();
    lines.join("\n")
}

fn place(server: &Option<String>, panel_url: &Option<String>) -> String {
    match (server, panel_url) {
        (Some(server), Some(url)) => format!("{server} ({url})"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => "the panel".to_owned(),
    }
}

fn variables(before: &str, key: &Option<String>, secret: &Option<String>) -> String {
    match (key, secret) {
        (Some(key), Some(secret)) => format!("{before}{key} and {secret}"),
        (Some(one), None) | (None, Some(one)) => format!("{before}{one}"),
        (None, None) => String::new(),
    }
}

fn listed(scopes: &[Scope]) -> String {
    let names: Vec<String> = scopes.iter().map(ToString::to_string).collect();
    names.join(", ")
}
