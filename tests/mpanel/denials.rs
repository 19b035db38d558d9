//! Every refused call explains itself.

use mpanel_client::{
    DenialExt, FAMILIES, Generation, Session,
    customers::ListCustomers,
    invoices::ListDueInvoices,
    jobs::ListJobs,
    marketing::CheckCoupon,
    order_entries::{CartItem, StripePayment},
    roles::ListRoles,
    servers::{DeleteServer, ServerId},
    tasks::ListTasks,
};
use panel_http::{
    CredentialKind as Sent, Error, Kind, ListEndpoint,
    testing::{Reply, ScriptedTransport},
};
use provisioning_core::{
    money::{Currency, Money},
    permission::{CredentialKind, Denial, Missing, RemedyContext, Verb, numbered},
};
use serde_json::json;

use super::script::{json as reply, script, with_login};

async fn refused<E: ListEndpoint>(
    generation: Generation,
    answer: Reply,
    list: E,
) -> (Error, Option<Denial>) {
    let transport = script(generation, vec![answer]);
    let client = with_login(&transport).build().unwrap();
    let Err(error) = client.list(list).collect().await else {
        panic!("it was to be refused");
    };
    let denial = client.denial(&error);
    (error, denial)
}

#[tokio::test]
async fn the_role_that_was_found_and_the_one_wanted_are_named_with_a_remedy() {
    let answer = reply(403, &json!({"error": "Insufficient permissions"}));
    let (error, denial) = refused(Generation::TypeScript, answer, ListTasks::new()).await;
    let denial = denial.unwrap();
    assert_eq!(
        denial.missing(),
        &Missing::Role {
            found: Some("OWNER".into()),
            wanted: vec!["admin".into()],
        }
    );
    assert_eq!(
        (denial.verb(), denial.credential()),
        (Verb::MpanelReadTasks, CredentialKind::MpanelUser)
    );
    assert_eq!(denial.status(), Some(403));
    let summary = denial.summary();
    assert!(
        summary.contains("\"OWNER\"") && summary.contains("exactly `admin`"),
        "{summary}"
    );
    let remedy = numbered(&denial.remedy(&RemedyContext::new()));
    assert!(remedy.contains("admin"), "{remedy}");
    assert_eq!(denial.route(), Some("GET /api/provisioning/tasks"));
    assert!(
        summary.contains("(GET /api/provisioning/tasks)"),
        "{summary}"
    );
    assert!(error.path().unwrap().ends_with("/api/provisioning/tasks"));
}

#[tokio::test]
async fn the_same_403_wants_another_role_on_another_route() {
    let answer = || reply(403, &json!({"error": "Insufficient permissions"}));
    let (_, denial) = refused(Generation::TypeScript, answer(), ListDueInvoices).await;
    assert_eq!(
        denial.unwrap().missing(),
        &Missing::Role {
            found: Some("OWNER".into()),
            wanted: vec!["admin".into(), "manager".into()],
        }
    );
    let answer = reply(
        403,
        &json!({"error": "Forbidden", "message": "You don't have permission to roles.read"}),
    );
    let (_, denial) = refused(Generation::Legacy, answer, ListRoles).await;
    assert_eq!(
        denial.unwrap().missing(),
        &Missing::Permission {
            name: "roles.read".into()
        }
    );
    let answer = reply(
        403,
        &json!({
            "success": false, "error": "Platform access denied",
            "message": "This resource requires platform administrator privileges",
        }),
    );
    let (_, denial) = refused(Generation::TypeScript, answer, ListJobs::new()).await;
    assert_eq!(
        denial.unwrap().missing(),
        &Missing::Role {
            found: Some("OWNER".into()),
            wanted: vec!["PLATFORM_ADMIN".into()],
        }
    );
}

#[tokio::test]
async fn expiry_is_expiry_and_a_broken_server_is_no_denial() {
    let expired = || reply(403, &json!({"error": "Invalid or expired token"}));
    let transport = script(
        Generation::Legacy,
        vec![
            expired(),
            super::script::log_in(Generation::Legacy),
            expired(),
        ],
    );
    let client = with_login(&transport).build().unwrap();
    let error = client.list(ListCustomers).collect().await.unwrap_err();
    let denial = client.denial(&error).unwrap();
    assert_eq!(denial.missing(), &Missing::ExpiredToken);
    assert!(denial.is_renewable());
    let broken = reply(
        500,
        &json!({"error": "Internal server error", "message": "Authentication check failed"}),
    );
    let (error, denial) = refused(Generation::TypeScript, broken, ListCustomers).await;
    assert!(denial.is_none());
    assert!(
        error.to_string().contains("login check is broken"),
        "{error}"
    );
}

#[tokio::test]
async fn a_refused_login_is_explained_at_the_call_that_needed_it() {
    let transport =
        ScriptedTransport::new().with(reply(401, &json!({"error": "Invalid credentials"})));
    let client = with_login(&transport).build().unwrap();
    let error = client.list(ListCustomers).collect().await.unwrap_err();
    let denial = client.denial(&error).unwrap();
    assert_eq!(
        (denial.verb(), denial.missing()),
        (Verb::MpanelLogIn, &Missing::WrongPassword)
    );
}

#[tokio::test]
async fn shared_secrets_are_explained_as_such() {
    let transport = script(
        Generation::Legacy,
        vec![reply(401, &json!({"error": "Unauthorized"}))],
    );
    let client = with_login(&transport)
        .provisioning_token(&"wrong".into())
        .build()
        .unwrap();
    let price = Money::from_minor(100, Currency::USD);
    let error = client
        .call(StripePayment::new(
            "pi_7",
            price,
            [CartItem::new("a", "A", price)],
        ))
        .await
        .unwrap_err();
    let denial = client.denial(&error).unwrap();
    assert_eq!(
        (denial.missing(), denial.credential()),
        (
            &Missing::WrongSharedToken,
            CredentialKind::MpanelProvisioningToken
        )
    );
    let transport = script(
        Generation::Legacy,
        vec![reply(401, &json!({"error": "API key required"}))],
    );
    let client = with_login(&transport)
        .marketing_key(&"mk_x".into())
        .build()
        .unwrap();
    let error = client.call(CheckCoupon::new("X")).await.unwrap_err();
    assert_eq!(
        client.denial(&error).unwrap().missing(),
        &Missing::MissingToken
    );
}

#[tokio::test]
async fn unknown_words_are_explained_by_the_role_alone_or_not_at_all() {
    let answer = || reply(403, &json!({"error": "Nope"}));
    let transport = script(Generation::TypeScript, vec![answer()]);
    let client = with_login(&transport).build().unwrap();
    let error = client
        .call(DeleteServer(ServerId::text("v")))
        .await
        .unwrap_err();
    // OWNER is neither `admin` nor `owner`.
    let denial = client.denial(&error).unwrap();
    assert!(denial.is_assumed());
    assert!(error.denial(None).is_none());
    let page = Reply::status(403).with_body("<html><title>403 Forbidden</title></html>");
    let (_, denial) = refused(Generation::TypeScript, page, ListTasks::new()).await;
    assert!(
        denial.is_none(),
        "a proxy's page says nothing about the user"
    );
}

/// Whatever route refuses in whichever of the words there are for it, the denial says who asked, who may, where, and what
/// to do.
#[test]
fn every_route_that_wants_a_role_explains_its_refusal() {
    let session = Session::new().with_role("viewer");
    let mut told = 0;
    for route in FAMILIES.iter().flat_map(|family| family.routes) {
        let operation = route.operation;
        if !operation.credentials.contains(&Sent::Bearer) {
            continue;
        }
        let Some(verb) = route.verb else {
            panic!("{} has no verb", operation.name);
        };
        let is_role = matches!(
            provisioning_core::permission::check_role("viewer", verb)
                .map_err(|denial| denial.missing().clone()),
            Err(Missing::Role { .. })
        );
        if !is_role {
            continue;
        }
        for words in [
            "Insufficient permissions",
            "Access denied. Admin only.",
            "Admin access required",
            "words of a server nobody has seen",
        ] {
            let error = Error::new(Kind::Denied, operation.name)
                .with_request(operation.method, operation.path)
                .with_status(http::StatusCode::FORBIDDEN)
                .with_message(words);
            let denial = error
                .denial(Some(&session))
                .unwrap_or_else(|| panic!("{}: {words}", operation.name));
            let Missing::Role { found, wanted } = denial.missing() else {
                panic!("{}: {words}: {denial}", operation.name);
            };
            assert_eq!(found.as_deref(), Some("viewer"), "{}", operation.name);
            assert!(!wanted.is_empty(), "{}", operation.name);
            let expected = format!("{} {}", operation.method, operation.path);
            assert_eq!(denial.route(), Some(expected.as_str()));
            assert!(
                !denial.remedy(&RemedyContext::new()).is_empty(),
                "{}",
                operation.name
            );
            told += 1;
        }
    }
    assert!(told > 100, "{told}");
}
