//! Every refusal of both services, told apart as far as the service does.

use http::{HeaderMap, StatusCode};
use nextpanel_client::DenialExt;
use panel_http::Error;
use provisioning_core::permission::{Denial, Missing, RemedyContext, numbered};
use serde_json::json;

use super::exchange::operations;

fn refused(operation: &str, status: u16, detail: &str) -> Error {
    let operation = operations()
        .find(|known| known.name == operation)
        .unwrap_or_else(|| panic!("{operation}"));
    let body = json!({"detail": detail}).to_string();
    let status = StatusCode::from_u16(status).unwrap();
    Error::from_reply(operation, status, &HeaderMap::new(), body.as_bytes())
}

fn explained(operation: &str, status: u16, detail: &str) -> Option<Denial> {
    refused(operation, status, detail).explain()
}

#[test]
fn every_refusal_of_the_contract_is_recognised() {
    let admin_permission = Missing::Permission {
        name: "manage_orders".to_owned(),
    };
    let table = [
        // The panel, section 8.
        (
            "panel.create_account",
            403,
            "Authentication failed (403): The user doesn't have super admin privileges",
            Missing::SuperAdminRights,
            false,
        ),
        (
            "panel.suspend_account",
            403,
            "The user doesn't have super admin privileges",
            Missing::SuperAdminRights,
            false,
        ),
        (
            "panel.list_accounts",
            403,
            "IP address not allowed",
            Missing::IpNotAllowed { address: None },
            false,
        ),
        (
            "panel.list_accounts",
            401,
            "API key is revoked",
            Missing::Revoked,
            false,
        ),
        (
            "panel.get_account",
            401,
            "Invalid API key",
            Missing::WrongKeyOrSecret,
            false,
        ),
        (
            "panel.get_account",
            403,
            "Not authenticated",
            Missing::MissingToken,
            true,
        ),
        (
            "panel.create_account",
            401,
            "API key has expired",
            Missing::KeyExpired { at: None },
            true,
        ),
        (
            "panel.create_account",
            401,
            "API key is inactive",
            Missing::Inactive,
            true,
        ),
        (
            "panel.log_in",
            401,
            "Incorrect username or password",
            Missing::WrongPassword,
            true,
        ),
        // The billing backend, sections 4.2 to 4.8 and 7.
        (
            "billing.get_me",
            403,
            "Not authenticated",
            Missing::MissingToken,
            false,
        ),
        (
            "billing.get_me",
            403,
            "Invalid authentication credentials",
            Missing::MissingToken,
            false,
        ),
        (
            "billing.get_me",
            401,
            "Could not validate credentials",
            Missing::ExpiredToken,
            false,
        ),
        (
            "billing.log_in",
            401,
            "Incorrect email or password",
            Missing::WrongPassword,
            false,
        ),
        (
            "billing.log_in",
            400,
            "Inactive user",
            Missing::UserInactive,
            false,
        ),
        (
            "billing.update_me",
            401,
            "Current password is incorrect",
            Missing::WrongPassword,
            false,
        ),
        (
            "billing.list_customers",
            403,
            "Admin access required",
            Missing::AdminRights,
            false,
        ),
        (
            "billing.create_order",
            403,
            "You can only create orders for yourself",
            Missing::NotOwner,
            false,
        ),
        (
            "billing.get_order",
            403,
            "Access denied",
            Missing::NotOwner,
            false,
        ),
        (
            "billing.pay_order",
            403,
            "Permission required: manage_orders",
            admin_permission,
            false,
        ),
        // What is not one's own is not there (sections 4.5, 4.6, 4.8): assumed, for it may really not be there.
        (
            "billing.get_licence",
            404,
            "License not found",
            Missing::NotOwner,
            true,
        ),
        (
            "billing.get_subscription",
            404,
            "Subscription not found",
            Missing::NotOwner,
            true,
        ),
        (
            "billing.get_invoice",
            404,
            "Invoice not found",
            Missing::NotOwner,
            true,
        ),
    ];
    for (operation, status, detail, missing, assumed) in table {
        let denial = explained(operation, status, detail)
            .unwrap_or_else(|| panic!("{operation} {status} {detail}"));
        assert_eq!(denial.missing(), &missing, "{operation} {detail}");
        assert_eq!(denial.is_assumed(), assumed, "{operation} {detail}");
        assert_eq!(denial.said(), Some(detail));
        let steps = denial.remedy(&RemedyContext::new());
        assert!(!steps.is_empty(), "{operation} {detail}");
        assert!(numbered(&steps).starts_with("1. "));
    }
}

#[test]
fn where_the_services_do_not_tell_two_causes_apart_the_denial_says_so() {
    let told =
        |operation, status, detail| explained(operation, status, detail).unwrap().to_string();
    let wrong = told("panel.get_account", 401, "Invalid API key");
    assert!(
        wrong.contains("unknown to the panel, or its secret is wrong"),
        "{wrong}"
    );
    let dead = told("billing.get_me", 401, "Could not validate credentials");
    assert!(dead.contains("has expired or is not valid"), "{dead}");
    let login = told("billing.log_in", 401, "Incorrect email or password");
    assert!(
        login.contains("wrong name or password, or the user may not log in"),
        "{login}"
    );
}

#[test]
fn what_is_no_refusal_has_no_denial() {
    for (operation, status, detail) in [
        ("panel.create_account", 400, "Username already exists"),
        ("panel.get_account", 404, "Account not found"),
        ("panel.list_accounts", 500, "Authentication check failed"),
        ("billing.get_customer", 404, "Customer not found"),
        ("billing.get_invoice", 404, "Not Found"),
        ("billing.create_customer", 400, "Email already registered"),
        ("billing.delete_user", 400, "Cannot delete admin users"),
    ] {
        assert_eq!(explained(operation, status, detail), None, "{detail}");
    }
}

#[test]
fn a_page_is_a_proxys_and_says_nothing_of_the_key() {
    let operation = operations()
        .find(|known| known.name == "panel.create_account")
        .unwrap();
    let page = b"<html><body>403 Forbidden: super admin only</body></html>";
    let error = Error::from_reply(operation, StatusCode::FORBIDDEN, &HeaderMap::new(), page);
    assert_eq!(error.explain(), None);
}

#[test]
fn every_operation_that_asks_for_a_credential_explains_its_refusal() {
    for operation in operations().filter(|known| !known.credentials.is_empty()) {
        if operation.name == "panel.create_api_key" {
            // Only the success of the panel's bearer routes is documented.
            continue;
        }
        let (status, detail, missing) = if operation.name.starts_with("panel.") {
            (401, "API key is revoked", Missing::Revoked)
        } else {
            (401, "Could not validate credentials", Missing::ExpiredToken)
        };
        let denial = explained(operation.name, status, detail);
        let denial = denial.unwrap_or_else(|| panic!("{}", operation.name));
        assert_eq!(denial.missing(), &missing, "{}", operation.name);
    }
}
