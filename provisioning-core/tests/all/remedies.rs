//! What to do about a denial, word for word.

use provisioning_core::fleet::{ServerConfig, ServerName};
use provisioning_core::permission::{
    CredentialKind, Denial, Missing, Remedy, RemedyContext, Verb, numbered,
};

fn context() -> RemedyContext {
    RemedyContext::new()
        .with_server("np-1")
        .with_panel_url(
            &"https://operator:hunter2@np-1.example.net:9000/?token=hunter2"
                .parse()
                .unwrap(),
        )
        .with_key_id("npk_PublicPartThenTheRest")
        .with_caller_ip("203.0.113.7".parse().unwrap())
        .with_variables("NP1_API_KEY", "NP1_API_SECRET")
}

fn key_denial(missing: Missing) -> Denial {
    Denial::new(
        missing,
        Verb::CreateAccount,
        CredentialKind::NextPanelApiKey,
    )
}

const CHECKLIST: &str = "\
1. Log in to np-1 (https://np-1.example.net:9000) as super admin and open Super Admin -> API Keys -> the key npk_Publ...
2. Set its permission level to SUPER_ADMIN
3. Give it the scopes Account Management, User Management, Billing Operations
4. Add 203.0.113.7, this machine's address, to its allowed IPs, or leave the list empty to allow any
5. See that it is active and not expired
6. Save
7. Wait 30 seconds, or restart the panel: it may keep the old rights until then
8. Try again to create a hosting account; what was already done is not repeated
9. If it is still refused: create a new key with the same settings and replace key and secret here (NP1_API_KEY and NP1_API_SECRET); the secret is shown only once";

#[test]
fn missing_super_admin_rights_are_mended_in_nine_steps() {
    assert_eq!(
        numbered(&key_denial(Missing::SuperAdminRights).remedy(&context())),
        CHECKLIST
    );
}

#[test]
fn a_refused_address_gets_the_same_checklist_with_the_address_filled_in() {
    let denial = key_denial(Missing::IpNotAllowed { address: None });
    assert_eq!(numbered(&denial.remedy(&context())), CHECKLIST);
    let seen = key_denial(Missing::IpNotAllowed {
        address: "198.51.100.4".parse().ok(),
    });
    assert!(
        numbered(&seen.remedy(&context())).contains("4. Add 198.51.100.4, this machine's address")
    );
}

#[test]
fn a_configured_server_fills_in_its_own_names() {
    let server = ServerConfig::new(
        ServerName::new("np-7").unwrap(),
        "https://np-7.example.net/panel/".parse().unwrap(),
        10,
    )
    .unwrap()
    .with_credentials_from("NP7_KEY", "NP7_SECRET")
    .unwrap();
    let text = numbered(&key_denial(Missing::SuperAdminRights).remedy(&server.remedy_context()));
    assert!(text.starts_with("1. Log in to np-7 (https://np-7.example.net/panel) as super admin"));
    assert!(text.contains("replace key and secret here (NP7_KEY and NP7_SECRET)"));
}

#[test]
fn without_a_context_the_steps_stay_general() {
    let text = numbered(&key_denial(Missing::SuperAdminRights).remedy(&RemedyContext::new()));
    assert!(text.starts_with("1. Log in to the panel as super admin and open Super Admin -> API Keys -> the key used here\n"));
    assert!(
        text.contains("4. Add the address the panel sees this machine under to its allowed IPs")
    );
    assert!(text.ends_with("replace key and secret here; the secret is shown only once"));
}

#[test]
fn a_revoked_key_is_replaced_not_mended() {
    let text = numbered(&key_denial(Missing::Revoked).remedy(&context()));
    assert_eq!(
        text,
        "1. Create a new key on np-1 (https://np-1.example.net:9000) under Super Admin -> API Keys: level SUPER_ADMIN, \
         scopes Account Management, User Management, Billing Operations, allowed IPs empty or with 203.0.113.7\n\
         2. Replace key and secret here (NP1_API_KEY and NP1_API_SECRET); the secret is shown only once\n\
         3. Try again to create a hosting account; what was already done is not repeated"
    );
}

#[test]
fn a_wrong_key_or_secret_is_compared_before_it_is_replaced() {
    let steps = key_denial(Missing::WrongKeyOrSecret).remedy(&context());
    assert!(matches!(steps[0], Remedy::CompareKeyAndSecret { .. }));
    assert!(matches!(steps[1], Remedy::CreateKey { .. }));
    assert!(
        steps[0]
            .to_string()
            .contains("in NP1_API_KEY and NP1_API_SECRET with what the panel showed")
    );
}

#[test]
fn the_billing_backends_key_is_replaced_where_it_lies() {
    let denial = Denial::new(
        Missing::SuperAdminRights,
        Verb::BillingProvision,
        CredentialKind::NextPanelApiKey,
    );
    let text = numbered(&denial.remedy(&context()));
    assert!(text.ends_with(
        "9. If the key itself has to change: the billing backend cannot change a stored key, so register np-1 there anew, \
         under another name, with the new key"
    ));
    // The panel sees the backend's address, not ours.
    assert!(!text.contains("203.0.113.7"), "{text}");
}

#[test]
fn mpanels_provisioning_asks_for_the_role_admin_and_says_which_are_refused() {
    let denial = Denial::from_response(
        CredentialKind::MpanelUser,
        Verb::MpanelReadTasks,
        403,
        r#"{"error":"Insufficient permissions"}"#,
    )
    .unwrap();
    assert_eq!(
        numbered(&denial.remedy(&RemedyContext::new())),
        "1. Use a user whose role is exactly `admin`; `SUPER_ADMIN` and `super_admin` are refused\n\
         2. Log in again\n\
         3. Try again to read provisioning tasks; what was already done is not repeated"
    );
}

#[test]
fn a_shared_token_names_header_and_variable_of_the_server() {
    let denial = Denial::new(
        Missing::WrongSharedToken,
        Verb::MpanelSubmitStripePayment,
        CredentialKind::MpanelProvisioningToken,
    );
    let text = numbered(&denial.remedy(&RemedyContext::new()));
    assert!(
        text.contains("x-mpanel-token") && text.contains("MPANEL_PROVISIONING_TOKEN"),
        "{text}"
    );
}

#[test]
fn every_denial_has_steps_that_end_in_trying_again_and_fit_a_line() {
    let all = [
        Missing::SuperAdminRights,
        Missing::Revoked,
        Missing::Inactive,
        Missing::KeyExpired { at: None },
        Missing::WrongKeyOrSecret,
        Missing::WrongSharedToken,
        Missing::MissingToken,
        Missing::ExpiredToken,
        Missing::InvalidToken,
        Missing::WrongPassword,
        Missing::UserInactive,
        Missing::NoTenant,
        Missing::AdminRights,
        Missing::NotOwner,
        Missing::IpNotAllowed { address: None },
        Missing::Permission {
            name: "roles.read".into(),
        },
        Missing::Role {
            found: None,
            wanted: vec!["admin".into()],
        },
    ];
    let credentials = [
        CredentialKind::NextPanelApiKey,
        CredentialKind::NextPanelAccount,
        CredentialKind::NextPanelBillingToken,
        CredentialKind::MpanelUser,
        CredentialKind::MpanelProvisioningToken,
        CredentialKind::MpanelInternalKey,
        CredentialKind::MpanelMarketingKey,
    ];
    for missing in &all {
        for credential in credentials {
            let denial = Denial::new(missing.clone(), Verb::CreateAccount, credential);
            let steps = denial.remedy(&context());
            assert!(
                steps.iter().any(|step| matches!(step, Remedy::Test { .. })),
                "{missing:?}"
            );
            for step in &steps {
                let words = step.to_string();
                assert!(
                    !words.contains('\n')
                        && (!words.ends_with('.') || words.ends_with("..."))
                        && words.len() < 300,
                    "{words}"
                );
                let stored = serde_json::to_string(step).unwrap();
                assert_eq!(&serde_json::from_str::<Remedy>(&stored).unwrap(), step);
            }
        }
    }
}

#[test]
fn neither_context_nor_steps_hold_a_secret() {
    let everything = format!(
        "{:?}{:?}{}",
        context(),
        key_denial(Missing::WrongKeyOrSecret).remedy(&context()),
        numbered(&key_denial(Missing::SuperAdminRights).remedy(&context())),
    );
    assert!(
        !everything.contains("hunter2") && !everything.contains("PartThenTheRest"),
        "{everything}"
    );
}
