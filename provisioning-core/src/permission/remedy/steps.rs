//! Which steps mend which denial, in order.

use std::net::IpAddr;

use super::{Remedy, RemedyContext};
use crate::permission::{
    CredentialKind, Denial, Missing, PermissionLevel, Requirement, Rule, Scope, Service, Verb,
};

/// Seconds after which a panel is expected to know of changed rights.
const SETTLE_SECONDS: u32 = 30;

pub(in crate::permission) fn steps(denial: &Denial, context: &RemedyContext) -> Vec<Remedy> {
    let credential = denial.credential();
    let mut steps = match denial.missing() {
        // A marketing key has no level, scopes or addresses: it is the stored one or it is not.
        Missing::WrongKeyOrSecret
        | Missing::Revoked
        | Missing::Inactive
        | Missing::KeyExpired { .. }
            if credential == CredentialKind::MpanelMarketingKey =>
        {
            vec![shared_token(credential)]
        }
        Missing::SuperAdminRights
        | Missing::Level { .. }
        | Missing::Scopes { .. }
        | Missing::IpNotAllowed { .. }
        | Missing::Inactive
        | Missing::KeyExpired { .. } => mend_key(denial, context),
        Missing::Revoked => replace_key(denial, context),
        Missing::WrongKeyOrSecret => {
            let mut steps = vec![Remedy::CompareKeyAndSecret {
                key_variable: context.key_variable.clone(),
                secret_variable: context.secret_variable.clone(),
            }];
            steps.extend(replace_key(denial, context));
            steps
        }
        Missing::MissingToken => vec![Remedy::SendCredential { credential }],
        Missing::WrongSharedToken => vec![shared_token(credential)],
        Missing::ExpiredToken => vec![Remedy::LogInAgain, Remedy::CheckPassword { credential }],
        Missing::InvalidToken => vec![Remedy::UseThisServersLogin, Remedy::LogInAgain],
        Missing::WrongPassword => vec![Remedy::CheckPassword { credential }],
        Missing::UserInactive => vec![Remedy::ActivateUser],
        Missing::NoTenant => vec![Remedy::JoinTenant, Remedy::LogInAgain],
        Missing::Role { wanted, .. } => vec![
            Remedy::UseRole {
                roles: wanted.clone(),
            },
            Remedy::LogInAgain,
        ],
        Missing::Permission { name } => vec![
            Remedy::GrantPermission { name: name.clone() },
            Remedy::LogInAgain,
        ],
        Missing::AdminRights => vec![Remedy::UseAdministrator],
        Missing::NotOwner => vec![Remedy::UseOwner],
    };
    if !steps.iter().any(|step| matches!(step, Remedy::Test { .. })) {
        steps.push(Remedy::Test {
            verb: denial.verb(),
        });
    }
    steps
}

/// The whole checklist of a key, whichever of its entries was the one: the next refusal would name the next entry.
fn mend_key(denial: &Denial, context: &RemedyContext) -> Vec<Remedy> {
    let (level, scopes) = wanted_of_key(denial.verb());
    vec![
        Remedy::OpenApiKeys {
            server: context.server.clone(),
            panel_url: context.panel_url.clone(),
            key: context.key.clone(),
        },
        Remedy::SetLevel { level },
        Remedy::SetScopes { scopes },
        Remedy::AllowAddress {
            address: address(denial, context),
        },
        Remedy::EnsureActive,
        Remedy::Save,
        Remedy::WaitOrRestart {
            seconds: SETTLE_SECONDS,
        },
        Remedy::Test {
            verb: denial.verb(),
        },
        put_in_place(denial, context, true),
    ]
}

fn replace_key(denial: &Denial, context: &RemedyContext) -> Vec<Remedy> {
    let (level, scopes) = wanted_of_key(denial.verb());
    vec![
        Remedy::CreateKey {
            server: context.server.clone(),
            panel_url: context.panel_url.clone(),
            level,
            scopes,
            address: address(denial, context),
        },
        put_in_place(denial, context, false),
        Remedy::Test {
            verb: denial.verb(),
        },
    ]
}

/// Where a new key goes: here, or into the billing backend if that is what calls the panel.
fn put_in_place(denial: &Denial, context: &RemedyContext, if_still_refused: bool) -> Remedy {
    if denial.verb().service() == Service::NextPanelBilling {
        Remedy::RegisterServerAnew {
            server: context.server.clone(),
        }
    } else {
        Remedy::ReplaceKey {
            if_still_refused,
            key_variable: context.key_variable.clone(),
            secret_variable: context.secret_variable.clone(),
        }
    }
}

fn wanted_of_key(verb: Verb) -> (PermissionLevel, Vec<Scope>) {
    match Requirement::of(verb).rule() {
        Rule::ApiKey { level, scopes } => (level.clone(), scopes.to_vec()),
        _ => (PermissionLevel::SuperAdmin, Scope::PROVISIONING.to_vec()),
    }
}

/// The address to let in: what the panel refused, else what the caller knows of itself. Through the billing backend
/// it is the backend's address that counts, which the caller does not know.
fn address(denial: &Denial, context: &RemedyContext) -> Option<IpAddr> {
    let refused = std::iter::once(denial.missing())
        .chain(denial.also_missing())
        .find_map(|missing| match missing {
            Missing::IpNotAllowed { address } => *address,
            _ => None,
        });
    match denial.verb().service() {
        Service::NextPanelBilling => refused,
        _ => refused.or(context.caller_ip),
    }
}

fn shared_token(credential: CredentialKind) -> Remedy {
    let (header, server_variable) = match credential {
        CredentialKind::MpanelInternalKey => ("x-internal-key", Some("MARKETING_WEBHOOK_SECRET")),
        CredentialKind::MpanelMarketingKey => ("X-API-Key", None),
        _ => ("x-mpanel-token", Some("MPANEL_PROVISIONING_TOKEN")),
    };
    Remedy::CompareSharedToken {
        header: header.to_owned(),
        server_variable: server_variable.map(str::to_owned),
    }
}
