//! One's own licences and their validation.

use nextpanel_client::billing::{GetLicence, LicenceStatus, ListLicences, ValidateLicence};
use serde_json::json;

use super::billing_customers::LICENCE;
use super::exchange::{Exchange, golden};

#[tokio::test]
async fn licences_are_listed_and_read() {
    let licences = golden("billing.list_licences", ListLicences::new()).await;
    let licences = licences.unwrap();
    assert_eq!(*licences[0].max_emails, Some(25));
    assert_eq!(
        licences[0].expiry_date.unwrap().to_string(),
        "2026-02-08T10:20:31.25Z"
    );
    let licence = golden("billing.get_licence", GetLicence::new(LICENCE)).await;
    let licence = licence.unwrap();
    assert_eq!(
        licence.license_key.as_deref(),
        Some("NP-HJKL-2345-QRST-6789")
    );
    assert!(!format!("{licence:?}").contains("HJKL"));
}

#[tokio::test]
async fn a_state_this_version_does_not_know_survives() {
    let exchange = Exchange::with_last_body("billing.get_licence", |row| {
        row["status"] = json!("Hibernating");
    });
    let licence = exchange.billing().call(GetLicence::new(LICENCE)).await;
    let licence = licence.unwrap();
    assert_eq!(
        licence.status,
        LicenceStatus::Unknown("Hibernating".to_owned())
    );
    assert_eq!(licence.status.as_str(), "Hibernating");
}

#[tokio::test]
async fn an_unsigned_validation_is_answered_and_not_valid() {
    let validate = ValidateLicence::new("NP-HJKL-2345-QRST-6789", "create_domain")
        .set_timestamp(1_767_950_000_i64)
        .set_signature("00ff")
        .set_additional_data(json!({"domain": "garden.example"}));
    let validity = golden("billing.validate_licence", validate).await.unwrap();
    assert!(!validity.valid);
    assert!(validity.remaining_quota.is_null());
    assert_eq!(validity.error.as_deref(), Some("Missing signature"));
}
