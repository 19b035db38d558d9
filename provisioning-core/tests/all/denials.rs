//! Every refusal that a contract names, and what it means.

use jiff::Timestamp;
use provisioning_core::permission::{
    ApiKeyProfile, CredentialKind, Denial, Missing, PermissionLevel, Requirement, Rule, Scope,
    Verb, check, check_role,
};

use CredentialKind::{
    MpanelInternalKey, MpanelMarketingKey, MpanelProvisioningToken, MpanelUser, NextPanelAccount,
    NextPanelApiKey, NextPanelBillingToken,
};

fn recognise(credential: CredentialKind, verb: Verb, status: u16, text: &str) -> Option<Denial> {
    Denial::from_response(credential, verb, status, text)
}

fn role(wanted: &[&str]) -> Missing {
    Missing::Role {
        found: None,
        wanted: wanted.iter().map(|role| (*role).to_owned()).collect(),
    }
}

fn permission(name: &str) -> Missing {
    Missing::Permission {
        name: name.to_owned(),
    }
}

/// credential in mind, verb, status, body, what is missing, credential the refusal is about.
type Case = (
    CredentialKind,
    Verb,
    u16,
    &'static str,
    Missing,
    CredentialKind,
);

fn nextpanel() -> Vec<Case> {
    let key = |status, text, missing| {
        (
            NextPanelApiKey,
            Verb::CreateAccount,
            status,
            text,
            missing,
            NextPanelApiKey,
        )
    };
    let billing = |verb, status, text, missing| {
        (
            NextPanelBillingToken,
            verb,
            status,
            text,
            missing,
            NextPanelBillingToken,
        )
    };
    let through_billing = |text, missing| {
        (
            CredentialKind::None,
            Verb::BillingProvision,
            200,
            text,
            missing,
            NextPanelApiKey,
        )
    };
    vec![
        key(
            403,
            r#"{"detail":"Authentication failed (403): The user doesn't have super admin privileges"}"#,
            Missing::SuperAdminRights,
        ),
        key(
            403,
            "The user doesn't have super admin privileges",
            Missing::SuperAdminRights,
        ),
        key(
            403,
            r#"{"detail":"IP address not allowed"}"#,
            Missing::IpNotAllowed { address: None },
        ),
        key(401, r#"{"detail":"API key is revoked"}"#, Missing::Revoked),
        key(
            401,
            r#"{"detail":"Invalid API key"}"#,
            Missing::WrongKeyOrSecret,
        ),
        through_billing(
            r#"{"success":false,"account_id":null,"error":"Failed to create account: Authentication failed (403): The user doesn't have super admin privileges"}"#,
            Missing::SuperAdminRights,
        ),
        through_billing(
            "Failed to create account: Invalid API key",
            Missing::WrongKeyOrSecret,
        ),
        through_billing(
            "Failed to create account: API key is revoked",
            Missing::Revoked,
        ),
        through_billing(
            "Failed to create account: IP address not allowed",
            Missing::IpNotAllowed { address: None },
        ),
        billing(
            Verb::BillingReadCustomers,
            403,
            r#"{"detail":"Not authenticated"}"#,
            Missing::MissingToken,
        ),
        billing(
            Verb::BillingReadCustomers,
            403,
            r#"{"detail":"Invalid authentication credentials"}"#,
            Missing::MissingToken,
        ),
        billing(
            Verb::BillingReadCustomers,
            401,
            r#"{"detail":"Could not validate credentials"}"#,
            Missing::ExpiredToken,
        ),
        billing(
            Verb::BillingCreateCustomer,
            403,
            r#"{"detail":"Admin access required"}"#,
            Missing::AdminRights,
        ),
        billing(
            Verb::BillingLogIn,
            401,
            r#"{"detail":"Incorrect email or password"}"#,
            Missing::WrongPassword,
        ),
        billing(
            Verb::BillingManageSelf,
            401,
            r#"{"detail":"Current password is incorrect"}"#,
            Missing::WrongPassword,
        ),
        billing(
            Verb::BillingLogIn,
            400,
            r#"{"detail":"Inactive user"}"#,
            Missing::UserInactive,
        ),
        billing(
            Verb::BillingCreateOrder,
            403,
            r#"{"detail":"You can only create orders for yourself"}"#,
            Missing::NotOwner,
        ),
        billing(
            Verb::BillingReadOrder,
            403,
            r#"{"detail":"Access denied"}"#,
            Missing::NotOwner,
        ),
        billing(
            Verb::BillingAdminister,
            403,
            r#"{"detail":"Permission required: manage_orders"}"#,
            permission("manage_orders"),
        ),
    ]
}

fn mpanel() -> Vec<Case> {
    let user = |verb, status, text, missing| (MpanelUser, verb, status, text, missing, MpanelUser);
    vec![
        // Legacy, behind smartAuth.
        user(
            Verb::MpanelReadCustomers,
            401,
            r#"{"error":"Unauthorized","message":"Authentication required. Please provide a valid access token.","code":"AUTH_REQUIRED"}"#,
            Missing::MissingToken,
        ),
        user(
            Verb::MpanelReadCustomers,
            401,
            r#"{"error":"Token expired","message":"Your session has expired. Please log in again.","code":"TOKEN_EXPIRED"}"#,
            Missing::ExpiredToken,
        ),
        user(
            Verb::MpanelReadTasks,
            401,
            r#"{"error":"Invalid token","message":"Authentication failed. Please log in again.","code":"AUTH_INVALID"}"#,
            Missing::InvalidToken,
        ),
        // Legacy routers without smartAuth: a 403 that means "log in again".
        user(
            Verb::MpanelReadCustomers,
            401,
            r#"{"error":"Access token required"}"#,
            Missing::MissingToken,
        ),
        user(
            Verb::MpanelReadCustomers,
            403,
            r#"{"error":"Invalid or expired token"}"#,
            Missing::ExpiredToken,
        ),
        // TypeScript generation.
        user(
            Verb::MpanelReadOrders,
            401,
            r#"{"error":"Unauthorized","message":"No authentication token provided"}"#,
            Missing::MissingToken,
        ),
        user(
            Verb::MpanelReadOrders,
            401,
            r#"{"error":"Token expired","message":"Please refresh your token or log in again"}"#,
            Missing::ExpiredToken,
        ),
        user(
            Verb::MpanelReadOrders,
            401,
            r#"{"error":"Invalid token","message":"Authentication failed"}"#,
            Missing::InvalidToken,
        ),
        user(
            Verb::MpanelReadOrders,
            401,
            r#"{"error":"Token refresh failed","message":"Invalid or expired refresh token"}"#,
            Missing::ExpiredToken,
        ),
        // Logging in.
        user(
            Verb::MpanelLogIn,
            401,
            r#"{"error":"Invalid credentials"}"#,
            Missing::WrongPassword,
        ),
        user(
            Verb::MpanelLogIn,
            401,
            r#"{"error":"Authentication failed","message":"Invalid email or password"}"#,
            Missing::WrongPassword,
        ),
        // Roles.
        user(
            Verb::MpanelReadTasks,
            403,
            r#"{"error":"Insufficient permissions"}"#,
            role(&["admin"]),
        ),
        user(
            Verb::MpanelManageUsers,
            403,
            r#"{"success":false,"error":"Access denied. Admin only."}"#,
            role(&["admin", "super_admin"]),
        ),
        user(
            Verb::MpanelWriteServer,
            403,
            r#"{"error":"Forbidden","message":"Not for this role"}"#,
            role(&["admin", "owner"]),
        ),
        user(
            Verb::MpanelDeleteProduct,
            403,
            r#"{"error":"Admin access required"}"#,
            role(&["admin"]),
        ),
        user(
            Verb::MpanelCreateOrder,
            403,
            r#"{"error":"Forbidden","message":"Insufficient permissions"}"#,
            role(&["OWNER", "ADMIN"]),
        ),
        user(
            Verb::MpanelReadJobs,
            403,
            r#"{"success":false,"error":"Insufficient permissions","message":"This action requires one of the following roles: OWNER, ADMIN, BILLING"}"#,
            role(&["OWNER", "ADMIN", "BILLING"]),
        ),
        user(
            Verb::MpanelOperatePlatform,
            403,
            r#"{"success":false,"error":"Platform access denied","message":"This resource requires platform administrator privileges"}"#,
            role(&["PLATFORM_ADMIN"]),
        ),
        user(
            Verb::MpanelManageMarketingKeys,
            403,
            r#"{"error":"Forbidden","message":"You don't have permission to api_keys.create"}"#,
            permission("api_keys.create"),
        ),
        // Secrets shared with the server.
        (
            MpanelProvisioningToken,
            Verb::MpanelSubmitStripePayment,
            401,
            r#"{"error":"Unauthorized"}"#,
            Missing::WrongSharedToken,
            MpanelProvisioningToken,
        ),
        (
            MpanelInternalKey,
            Verb::MpanelSubmitOrder,
            401,
            r#"{"error":"Unauthorized","message":"Invalid internal API key"}"#,
            Missing::WrongSharedToken,
            MpanelInternalKey,
        ),
        (
            MpanelMarketingKey,
            Verb::MpanelMarket,
            401,
            r#"{"error":"API key required"}"#,
            Missing::MissingToken,
            MpanelMarketingKey,
        ),
        // The same routes on servers that ask for a login as well: the refusal is about the login.
        (
            MpanelProvisioningToken,
            Verb::MpanelSubmitStripePayment,
            401,
            r#"{"error":"Unauthorized","message":"No authentication token provided"}"#,
            Missing::MissingToken,
            MpanelUser,
        ),
        (
            MpanelMarketingKey,
            Verb::MpanelMarket,
            401,
            r#"{"error":"Unauthorized","message":"Authentication required. Please provide a valid access token.","code":"AUTH_REQUIRED"}"#,
            Missing::MissingToken,
            MpanelUser,
        ),
    ]
}

#[test]
fn every_refusal_of_both_contracts_is_recognised() {
    for (in_mind, verb, status, text, missing, about) in nextpanel().into_iter().chain(mpanel()) {
        let denial =
            recognise(in_mind, verb, status, text).unwrap_or_else(|| panic!("{status} {text}"));
        assert_eq!(denial.missing(), &missing, "{status} {text}");
        assert_eq!(denial.credential(), about, "{status} {text}");
        assert_eq!(denial.verb(), verb);
        assert_eq!(denial.status(), Some(status));
        assert!(!denial.is_assumed(), "{status} {text}");
        assert!(!denial.summary().contains('\n'));
    }
}

#[test]
fn spelling_in_upper_or_lower_case_makes_no_difference() {
    for (in_mind, verb, status, text, missing, _) in nextpanel().into_iter().chain(mpanel()) {
        // The names in the answers keep the case they have, so only texts without a name are turned.
        if matches!(missing, Missing::Permission { .. } | Missing::Role { .. }) {
            continue;
        }
        let denial = recognise(in_mind, verb, status, &text.to_uppercase()).unwrap();
        assert_eq!(denial.missing(), &missing, "{text}");
    }
}

#[test]
fn what_is_no_refusal_of_ours_is_not_recognised() {
    for (credential, verb, status, text) in [
        // A server whose authentication is broken: neither log in again nor ask for rights.
        (
            MpanelUser,
            Verb::MpanelReadProducts,
            500,
            r#"{"error":"Internal server error","message":"Authentication check failed"}"#,
        ),
        (
            MpanelUser,
            Verb::MpanelLogIn,
            500,
            r#"{"error":"Login failed"}"#,
        ),
        // A proxy in front of the panel.
        (
            NextPanelApiKey,
            Verb::CreateAccount,
            403,
            "<html><body>403 Forbidden</body></html>",
        ),
        (
            MpanelUser,
            Verb::MpanelReadTasks,
            403,
            "\n<!DOCTYPE html><title>Forbidden</title>",
        ),
        // Texts no contract names.
        (
            NextPanelApiKey,
            Verb::CreateAccount,
            403,
            r#"{"detail":"Quota exceeded"}"#,
        ),
        (NextPanelApiKey, Verb::CreateAccount, 401, ""),
        (
            NextPanelBillingToken,
            Verb::BillingReadCustomers,
            403,
            r#"{"detail":"Too early"}"#,
        ),
        (
            MpanelUser,
            Verb::MpanelReadTasks,
            401,
            r#"{"error":"Unauthorized"}"#,
        ),
        // Other statuses.
        (
            NextPanelApiKey,
            Verb::CreateAccount,
            400,
            r#"{"detail":"Username already exists"}"#,
        ),
        (
            NextPanelApiKey,
            Verb::CreateAccount,
            404,
            r#"{"detail":"Invalid API key"}"#,
        ),
        (
            NextPanelApiKey,
            Verb::CreateAccount,
            429,
            "IP address not allowed",
        ),
        // The billing backend's provisioning, refused for other reasons.
        (
            CredentialKind::None,
            Verb::BillingProvision,
            200,
            "Failed to create account: Username already exists",
        ),
        (
            CredentialKind::None,
            Verb::BillingProvision,
            200,
            "No available servers",
        ),
        (
            CredentialKind::None,
            Verb::BillingManageAccounts,
            500,
            "Failed to suspend account on NextPanel",
        ),
    ] {
        assert_eq!(
            recognise(credential, verb, status, text),
            None,
            "{status} {text}"
        );
    }
}

#[test]
fn close_relatives_of_the_documented_texts_are_marked_assumed() {
    for (credential, verb, status, text, missing) in [
        (
            NextPanelApiKey,
            Verb::CreateAccount,
            401,
            "API key has expired",
            Missing::KeyExpired { at: None },
        ),
        (
            NextPanelApiKey,
            Verb::CreateAccount,
            403,
            "API key is not active",
            Missing::Inactive,
        ),
        (
            NextPanelApiKey,
            Verb::CreateAccount,
            401,
            "API key required",
            Missing::MissingToken,
        ),
        (
            NextPanelApiKey,
            Verb::CreateAccount,
            403,
            "Not authenticated",
            Missing::MissingToken,
        ),
        (
            NextPanelApiKey,
            Verb::CreateAccount,
            401,
            "Invalid API secret",
            Missing::WrongKeyOrSecret,
        ),
        (
            NextPanelAccount,
            Verb::LogIn,
            401,
            "Incorrect username or password",
            Missing::WrongPassword,
        ),
        (
            NextPanelAccount,
            Verb::LogIn,
            403,
            "Account suspended",
            Missing::UserInactive,
        ),
        (
            MpanelUser,
            Verb::MpanelLogIn,
            403,
            "No tenant membership",
            Missing::NoTenant,
        ),
        (
            MpanelMarketingKey,
            Verb::MpanelMarket,
            401,
            "Invalid API key",
            Missing::WrongKeyOrSecret,
        ),
        (
            MpanelUser,
            Verb::MpanelReadCustomers,
            403,
            "Insufficient permissions",
            role(&["admin"]),
        ),
    ] {
        let denial = recognise(credential, verb, status, text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(
            (denial.missing(), denial.is_assumed()),
            (&missing, true),
            "{text}"
        );
    }
}

#[test]
fn only_what_a_login_can_mend_is_renewable() {
    let renewable: Vec<&str> = nextpanel()
        .into_iter()
        .chain(mpanel())
        .filter(|(in_mind, verb, status, text, ..)| {
            recognise(*in_mind, *verb, *status, text)
                .unwrap()
                .is_renewable()
        })
        .map(|(.., text, _, _)| text)
        .collect();
    assert_eq!(renewable.len(), 14, "{renewable:#?}");
    assert!(
        !renewable
            .iter()
            .any(|text| text.contains("ermission") || text.contains("Admin"))
    );
}

#[test]
fn the_servers_words_are_kept_short_and_on_one_line() {
    let text = format!("Invalid API key\r\n{}", "x".repeat(10_000));
    let denial = recognise(NextPanelApiKey, Verb::ListAccounts, 401, &text).unwrap();
    let said = denial.said().unwrap();
    assert!(
        said.starts_with("Invalid API key") && said.len() <= 200 && !said.contains(['\r', '\n'])
    );
}

#[test]
fn a_denial_survives_a_journal() {
    for (in_mind, verb, status, text, ..) in nextpanel().into_iter().chain(mpanel()) {
        let denial = recognise(in_mind, verb, status, text).unwrap();
        let stored = serde_json::to_string(&denial).unwrap();
        assert_eq!(
            serde_json::from_str::<Denial>(&stored).unwrap(),
            denial,
            "{stored}"
        );
    }
}

#[test]
fn a_key_passes_only_with_level_scopes_address_and_time() {
    let now: Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
    let here = "203.0.113.7".parse().unwrap();
    let good = ApiKeyProfile::new(PermissionLevel::SuperAdmin)
        .with_scopes(Scope::PROVISIONING)
        .with_allowed_addresses(["203.0.113.0/24", "2001:db8::1"])
        .with_expiry("2027-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(check(&good, Verb::CreateAccount, Some(here), now), Ok(()));
    assert_eq!(check(&good, Verb::CreateAccount, None, now), Ok(()));
    assert_eq!(
        check(
            &good,
            Verb::CreateAccount,
            "::ffff:203.0.113.7".parse().ok(),
            now
        ),
        Ok(())
    );
    assert_eq!(
        check(&good, Verb::CreateAccount, "2001:db8::1".parse().ok(), now),
        Ok(())
    );

    let missing = |key: &ApiKeyProfile, at: Timestamp, ip: &str| {
        check(key, Verb::CreateAccount, ip.parse().ok(), at)
            .unwrap_err()
            .missing()
            .clone()
    };
    assert!(matches!(
        missing(&good, now, "198.51.100.1"),
        Missing::IpNotAllowed { address: Some(_) }
    ));
    let expiry = good.expires_at().unwrap();
    assert_eq!(
        missing(&good, expiry, "203.0.113.7"),
        Missing::KeyExpired { at: Some(expiry) }
    );
    assert_eq!(
        missing(&good.clone().with_active(false), now, "203.0.113.7"),
        Missing::Inactive
    );
    assert!(matches!(
        missing(&good.clone().with_scopes([Scope::UserManagement]), now, "203.0.113.7"),
        Missing::Scopes { wanted } if wanted.len() == 2
    ));
    let full = good.clone().with_scopes([Scope::FullAccess]);
    assert_eq!(check(&full, Verb::CreateAccount, Some(here), now), Ok(()));
}

#[test]
fn a_check_names_everything_a_key_lacks() {
    let key = ApiKeyProfile::new(PermissionLevel::Billing)
        .with_scopes([])
        .with_allowed_addresses(["198.51.100.4", "nonsense"])
        .with_active(false)
        .with_expiry(Timestamp::UNIX_EPOCH);
    let denial = check(
        &key,
        Verb::CreateAccount,
        "203.0.113.7".parse().ok(),
        Timestamp::UNIX_EPOCH,
    )
    .unwrap_err();
    assert_eq!(
        denial.summary(),
        "not permitted to create a hosting account: the NextPanel API key is not active; \
         also the NextPanel API key expired at 1970-01-01T00:00:00Z; \
         also 203.0.113.7 is not among the allowed IPs of the NextPanel API key; \
         also the NextPanel API key has permission level BILLING, SUPER_ADMIN is needed; \
         also the NextPanel API key lacks the scopes Account Management, User Management, Billing Operations"
    );
    let stored = serde_json::to_string(&denial).unwrap();
    assert_eq!(serde_json::from_str::<Denial>(&stored).unwrap(), denial);
}

#[test]
fn every_level_below_super_admin_and_every_unknown_one_is_refused_to_create() {
    for level in PermissionLevel::KNOWN
        .into_iter()
        .chain([PermissionLevel::from("galactic")])
    {
        let result = check(
            &ApiKeyProfile::new(level.clone()),
            Verb::CreateAccount,
            None,
            Timestamp::UNIX_EPOCH,
        );
        assert_eq!(
            result.is_ok(),
            level == PermissionLevel::SuperAdmin,
            "{level}"
        );
    }
}

#[test]
fn a_refusal_on_an_assumed_requirement_says_so() {
    let key = ApiKeyProfile::new(PermissionLevel::Admin);
    let assumed = |verb| {
        check(&key, verb, None, Timestamp::UNIX_EPOCH)
            .unwrap_err()
            .is_assumed()
    };
    assert!(assumed(Verb::ListAccounts));
    assert!(!assumed(Verb::CreateAccount));
    // That an inactive key works nowhere is not an assumption.
    let inactive = key.with_active(false);
    assert!(
        !check(&inactive, Verb::ListAccounts, None, Timestamp::UNIX_EPOCH)
            .unwrap_err()
            .is_assumed()
    );
}

#[test]
fn verbs_that_need_no_api_key_pass_with_any() {
    let key = ApiKeyProfile::new(PermissionLevel::ReadOnly).with_active(false);
    for verb in Verb::ALL
        .iter()
        .filter(|verb| Requirement::of(**verb).credential() != NextPanelApiKey)
    {
        assert_eq!(
            check(&key, *verb, None, Timestamp::UNIX_EPOCH),
            Ok(()),
            "{verb:?}"
        );
    }
}

#[test]
fn mpanels_roles_are_compared_letter_by_letter() {
    assert_eq!(check_role("admin", Verb::MpanelProvision), Ok(()));
    for refused in [
        "SUPER_ADMIN",
        "super_admin",
        "Admin",
        "ADMIN",
        "OWNER",
        "customer",
        "",
    ] {
        let denial = check_role(refused, Verb::MpanelProvision).unwrap_err();
        assert_eq!(
            denial.summary(),
            format!(
                "not permitted to provision a service: the user has the role {refused:?}, it must be exactly `admin`"
            )
        );
    }
    for verb in Verb::ALL
        .iter()
        .filter(|verb| !matches!(Requirement::of(**verb).rule(), Rule::Role(_)))
    {
        assert_eq!(check_role("whoever", *verb), Ok(()), "{verb:?}");
    }
}

#[test]
fn a_key_profile_survives_storage_and_reads_wire_spellings() {
    let key: ApiKeyProfile = serde_json::from_str(
        r#"{"level":"super_admin","scopes":["account management","dns"],"allowed_addresses":["10.0.0.0/8","10.0.0.1","?"]}"#,
    )
    .unwrap();
    assert!(key.is_active() && key.level() == &PermissionLevel::SuperAdmin);
    let stored = serde_json::to_string(&key).unwrap();
    assert_eq!(serde_json::from_str::<ApiKeyProfile>(&stored).unwrap(), key);
}

proptest::proptest! {
    #[test]
    fn no_text_makes_recognition_panic(text in proptest::prelude::any::<String>(), status in 100u16..600, pick in 0usize..1_000) {
        let verb = Verb::ALL[pick % Verb::ALL.len()];
        let _ = recognise(Requirement::of(verb).credential(), verb, status, &text);
        let tricky = format!("{text} requires one of the following roles: {text} don't have permission to {text}");
        let _ = recognise(MpanelUser, verb, 403, &tricky);
    }
}
