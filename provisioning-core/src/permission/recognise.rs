//! What the panels' own words mean.
//!
//! Only texts that one of the contracts names are recognised without reserve; a few close relatives are recognised
//! and marked assumed. Everything else stays unrecognised: a wrong remedy is worse than none.

use super::{CredentialKind, Denial, Missing, Requirement, Service, Verb};

pub(super) fn recognise(
    credential: CredentialKind,
    verb: Verb,
    status: u16,
    message: &str,
) -> Option<Denial> {
    let message = message.trim();
    // ASCII only, so that places found in the one are places in the other.
    let text = message.to_ascii_lowercase();
    if text.starts_with('<') {
        return None;
    }
    let through_billing = matches!(verb, Verb::BillingProvision | Verb::BillingManageAccounts);
    let found = if through_billing {
        api_key(&text).map(|found| found.with(CredentialKind::NextPanelApiKey))
    } else if verb == Verb::BillingLogIn && status == 400 {
        text.contains("inactive user")
            .then(|| Found::new(Missing::UserInactive).with(CredentialKind::NextPanelBillingToken))
    } else if status != 401 && status != 403 {
        None
    } else {
        match (credential, verb.service()) {
            (CredentialKind::NextPanelApiKey, _) => api_key(&text),
            (CredentialKind::NextPanelAccount, _) => account(&text),
            (CredentialKind::NextPanelBillingToken, _) | (_, Service::NextPanelBilling) => {
                billing(message, &text)
                    .map(|found| found.with(CredentialKind::NextPanelBillingToken))
            }
            (_, Service::NextPanel) => account(&text),
            (_, Service::Mpanel) => mpanel(credential, verb, message, &text),
        }
    }?;
    Some(
        Denial::new(found.missing, verb, found.credential.unwrap_or(credential))
            .with_assumed(found.assumed)
            .with_answer(status, message),
    )
}

struct Found {
    missing: Missing,
    /// The credential the refusal is about, where it is not the one the caller had in mind.
    credential: Option<CredentialKind>,
    assumed: bool,
}

impl Found {
    fn new(missing: Missing) -> Self {
        Self {
            missing,
            credential: None,
            assumed: false,
        }
    }

    fn assumed(missing: Missing) -> Self {
        Self {
            assumed: true,
            ..Self::new(missing)
        }
    }

    fn with(self, credential: CredentialKind) -> Self {
        Self {
            credential: Some(credential),
            ..self
        }
    }
}

/// CONTRACT-nextpanel sections 4.10 and 8.
fn api_key(text: &str) -> Option<Found> {
    let has = |part: &str| text.contains(part);
    Some(if has("super admin") {
        Found::new(Missing::SuperAdminRights)
    } else if has("ip address not allowed") {
        Found::new(Missing::IpNotAllowed { address: None })
    } else if has("api key is revoked") {
        Found::new(Missing::Revoked)
    } else if has("invalid api key") {
        Found::new(Missing::WrongKeyOrSecret)
    } else if has("api key") && has("expired") {
        Found::assumed(Missing::KeyExpired { at: None })
    } else if has("api key") && (has("inactive") || has("disabled") || has("not active")) {
        Found::assumed(Missing::Inactive)
    } else if has("api key") && (has("required") || has("missing")) || has("not authenticated") {
        Found::assumed(Missing::MissingToken)
    } else if has("invalid api secret") || has("invalid secret") {
        Found::assumed(Missing::WrongKeyOrSecret)
    } else {
        return None;
    })
}

/// `POST /api/auth/login/json` of a panel; only its success is documented.
fn account(text: &str) -> Option<Found> {
    let refused = ["incorrect", "invalid", "wrong"]
        .iter()
        .any(|word| text.contains(word));
    let inactive =
        text.contains("inactive") || text.contains("suspended") || text.contains("disabled");
    if inactive {
        Some(Found::assumed(Missing::UserInactive))
    } else if refused {
        Some(Found::assumed(Missing::WrongPassword))
    } else {
        None
    }
}

/// CONTRACT-nextpanel sections 4.2 to 4.8 and 7. There a 403 means no token, no rights, or not the owner.
fn billing(message: &str, text: &str) -> Option<Found> {
    let has = |part: &str| text.contains(part);
    Some(Found::new(
        if has("not authenticated") || has("invalid authentication credentials") {
            Missing::MissingToken
        } else if has("could not validate credentials") {
            Missing::ExpiredToken
        } else if has("incorrect email or password") || has("current password is incorrect") {
            Missing::WrongPassword
        } else if has("admin access required") {
            Missing::AdminRights
        } else if has("you can only create orders for yourself") || has("access denied") {
            Missing::NotOwner
        } else if let Some(name) = word_after(message, "Permission required: ") {
            Missing::Permission { name }
        } else {
            return None;
        },
    ))
}

/// CONTRACT-mpanel sections 2.1, 2.3, 2.4 and 7.
fn mpanel(credential: CredentialKind, verb: Verb, message: &str, text: &str) -> Option<Found> {
    let has = |part: &str| text.contains(part);
    // The user's login is judged first on every route, whatever else the route reads.
    let login = |missing| Some(Found::new(missing).with(CredentialKind::MpanelUser));
    if verb == Verb::MpanelLogIn {
        return if has("invalid credentials") || has("authentication failed") {
            login(Missing::WrongPassword)
        } else if has("tenant") {
            Some(Found::assumed(Missing::NoTenant).with(CredentialKind::MpanelUser))
        } else {
            None
        };
    }
    if has("invalid or expired token")
        || has("token_expired")
        || has("token expired")
        || has("invalid or expired refresh token")
    {
        return login(Missing::ExpiredToken);
    }
    if has("auth_invalid") || has("invalid token") {
        return login(Missing::InvalidToken);
    }
    if has("auth_required")
        || has("access token required")
        || has("authentication required")
        || has("no authentication token provided")
    {
        return login(Missing::MissingToken);
    }
    if has("invalid credentials") {
        return login(Missing::WrongPassword);
    }
    if has("platform access denied") || has("platform administrator") {
        return login(Missing::Role {
            found: None,
            wanted: vec!["PLATFORM_ADMIN".to_owned()],
        });
    }
    if let Some(at) = text.find("one of the following roles:") {
        let roles = message
            .get(at..)
            .and_then(|rest| rest.split_once(':'))
            .map_or("", |(_, list)| list);
        let wanted: Vec<String> = roles
            .split(['"', '}'])
            .next()
            .unwrap_or_default()
            .split(',')
            .map(|role| role.trim().to_owned())
            .filter(|role| !role.is_empty())
            .collect();
        return login(Missing::Role {
            found: None,
            wanted,
        });
    }
    if let Some(name) = word_after(message, "don't have permission to ") {
        return login(Missing::Permission { name });
    }
    match credential {
        CredentialKind::MpanelInternalKey
            if has("invalid internal api key") || has("unauthorized") =>
        {
            return Some(Found::new(Missing::WrongSharedToken));
        }
        CredentialKind::MpanelProvisioningToken if has("unauthorized") => {
            return Some(Found::new(Missing::WrongSharedToken));
        }
        CredentialKind::MpanelMarketingKey if has("api key required") => {
            return Some(Found::new(Missing::MissingToken));
        }
        CredentialKind::MpanelMarketingKey if has("api key") => {
            return Some(Found::assumed(Missing::WrongKeyOrSecret));
        }
        _ => {}
    }
    if has("insufficient permissions")
        || has("access denied. admin only")
        || has("admin access required")
        || has("forbidden")
    {
        let known = Requirement::of(verb).roles();
        let wanted: Vec<String> = if known.is_empty() { &["admin"] } else { known }
            .iter()
            .map(|role| (*role).to_owned())
            .collect();
        let found = Found::new(Missing::Role {
            found: None,
            wanted,
        })
        .with(CredentialKind::MpanelUser);
        return Some(Found {
            assumed: known.is_empty(),
            ..found
        });
    }
    None
}

/// The word that follows `marker`, in the server's own spelling.
fn word_after(message: &str, marker: &str) -> Option<String> {
    let (_, rest) = message.split_once(marker)?;
    let word: String = rest
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':'))
        .take(64)
        .collect();
    Some(word).filter(|word| !word.is_empty())
}
