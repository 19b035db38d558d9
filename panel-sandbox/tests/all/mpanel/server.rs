//! What all routes of a server have in common.

use panel_sandbox::mpanel::{Generation, MPanel, MPanelSettings};
use panel_sandbox::{PanelSandbox, StartError};
use reqwest::Method;
use serde_json::{Value, json};

use super::caller::{BOTH, Caller, admin_of, legacy, mpanel, start, type_script};
use crate::caller::got;

#[tokio::test]
async fn every_answer_has_the_headers_of_its_generation() {
    for generation in BOTH {
        let mpanel = mpanel(generation).await;
        let got = Caller::stranger(&mpanel).get("/api/health").await;
        assert_eq!(got.body["status"], "healthy");
        assert_eq!(
            got.headers["content-type"],
            "application/json; charset=utf-8"
        );
        assert_eq!(got.headers["cache-control"], "no-store");
        assert_eq!(got.headers["x-request-id"].len(), 36);
        let is_legacy = generation == Generation::Legacy;
        assert_eq!(got.headers.contains_key("x-api-version"), is_legacy);
        assert_eq!(got.headers.contains_key("x-powered-by"), is_legacy);
        let version = Caller::stranger(&mpanel).get("/").await.body["version"].clone();
        assert_eq!(version, if is_legacy { "v1" } else { "v2" });
        let caller = Caller::stranger(&mpanel).with_header("x-request-id", "mine");
        assert_eq!(
            caller.get("/api/ready").await.headers["x-request-id"],
            "mine"
        );
    }
}

#[tokio::test]
async fn an_unchanged_answer_is_304() {
    let mpanel = type_script().await;
    let caller = admin_of(&mpanel);
    let first = caller.get("/api/customers").await;
    let etag = first.headers["etag"].to_str().unwrap().to_owned();
    assert!(etag.starts_with("W/\""), "{etag}");
    let caller = admin_of(&mpanel).with_header("if-none-match", &etag);
    let got = caller.get("/api/customers").await;
    assert_eq!((got.status, got.body), (304, json!("")));
    caller.customer("Newco").await;
    assert_eq!(caller.get("/api/customers").await.status, 200);
}

#[tokio::test]
async fn paths_are_matched_as_express_matches_them() {
    let mpanel = legacy().await;
    let caller = admin_of(&mpanel);
    for path in ["/API/Customers", "/api/customers/"] {
        assert_eq!(caller.get(path).await.status, 200, "{path}");
    }
    let head = caller.request(Method::HEAD, "/api/customers").send().await;
    assert_eq!(head.unwrap().status(), 200);
    let got = caller.get("/api/customers/%E0%A4%A").await;
    assert_eq!((got.status, got.error()), (400, "URIError"));
    assert!(mpanel.unexpected_requests().is_empty());
}

#[tokio::test]
async fn bodies_are_read_before_anything_else() {
    for generation in BOTH {
        let mpanel = mpanel(generation).await;
        let send = async |content_type: &str, body: Vec<u8>| {
            let request = Caller::stranger(&mpanel)
                .request(Method::POST, "/api/auth/login")
                .header("content-type", content_type)
                .body(body);
            got(request).await.unwrap()
        };
        let json = "application/json";
        let broken = send(json, b"{\"a\"".to_vec()).await;
        assert_eq!((broken.status, broken.error()), (400, "SyntaxError"));
        assert_eq!(broken.headers.get("x-ratelimit-limit"), None);
        let huge = send(json, vec![b' '; 11 * 1024 * 1024]).await;
        assert_eq!((huge.status, huge.error()), (413, "PayloadTooLargeError"));
        let charset = send("application/json; charset=latin1", b"{}".to_vec()).await;
        assert_eq!(
            (charset.status, charset.error()),
            (415, "UnsupportedMediaTypeError")
        );
        let text = send("text/plain", b"{\"email\":\"a\"}".to_vec()).await;
        assert_eq!(text.status, 400);
        let form = b"email=admin%40hosting.example&password=wrong".to_vec();
        let form = send("application/x-www-form-urlencoded", form).await;
        assert_eq!(form.status, 401);
    }
}

#[tokio::test]
async fn what_is_nowhere_is_said_to_be_so_by_each_generation() {
    let nowhere = "/api/nowhere/at/all";
    let server = legacy().await;
    let got = Caller::stranger(&server).get(nowhere).await;
    assert_eq!(
        (got.status, &got.body["code"]),
        (401, &json!("AUTH_REQUIRED"))
    );
    let got = admin_of(&server).get(nowhere).await;
    assert_eq!((got.status, got.error()), (404, "Route not found (debug)"));
    let settings = MPanelSettings::new("main", Generation::Legacy).with_type_script_tail(false);
    let bare = start(settings).await;
    let got = admin_of(&bare).get(nowhere).await;
    assert_eq!(
        (got.status, got.error()),
        (503, "TypeScript routes not available")
    );
    let got = admin_of(&bare).post(nowhere, &json!({})).await;
    assert_eq!((got.status, got.error()), (404, "Route not found (debug)"));

    let server = type_script().await;
    for caller in [Caller::stranger(&server), admin_of(&server)] {
        let got = caller.get(nowhere).await;
        assert_eq!((got.status, got.error()), (404, "Route not found"));
        let guarded = caller.get("/api/provisioning/summary").await;
        assert_eq!(guarded.status, 401);
    }
    assert_eq!(server.unexpected_requests().len(), 4);
    for documented in [
        "/api/v1/auth/login",
        "/api/dashboard/summary",
        "/api/admin/users",
        "/api/status",
    ] {
        assert_eq!(
            Caller::stranger(&server).get(documented).await.status,
            404,
            "{documented}"
        );
    }
}

#[tokio::test]
async fn a_blocked_origin_is_an_internal_error_on_the_legacy_server() {
    for (generation, expected) in BOTH.into_iter().zip([500, 200]) {
        let mpanel = mpanel(generation).await;
        let caller = Caller::stranger(&mpanel).with_header("origin", "https://a.example");
        assert_eq!(caller.get("/api/health").await.status, expected);
    }
}

#[tokio::test]
async fn the_same_requests_give_the_same_answers_apart_from_tokens() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let mpanel = legacy().await;
        let caller = admin_of(&mpanel);
        caller.customer("One").await;
        let stranger = mpanel.add_stranger("Two", "two@elsewhere.example");
        let rows = caller.get("/api/customers").await.body;
        runs.push((rows, stranger, mpanel.customers()));
    }
    assert_eq!(runs[0], runs[1]);
    let other = MPanelSettings::new("other", Generation::Legacy);
    let other = start(other).await;
    admin_of(&other).customer("One").await;
    assert_ne!(other.customers()[0].id, runs[0].2[0].id);
    assert!(
        runs[0].0.to_string().contains("2026-02-03T08:30:0"),
        "{}",
        runs[0].0
    );
}

#[tokio::test]
async fn secrets_are_recorded_as_secrets() {
    let mpanel = legacy().await;
    let caller = super::caller::with_provisioning_token(&mpanel, Caller::stranger(&mpanel));
    let body = json!({ "email": "a@b.example", "password": "canary", "customerEmail": "c" });
    caller.post("/api/provisioning/stripe", &body).await;
    let request = mpanel.requests().remove(0);
    assert_eq!(request.header("x-mpanel-token"), Some("[secret]"));
    assert_eq!(request.field("/password"), Some(json!("[secret]")));
    let shown = format!(
        "{request:?} {mpanel:?} {:?}",
        mpanel.user(panel_sandbox::mpanel::UserKind::Admin)
    );
    assert!(!shown.contains("canary"), "{shown}");
}

#[tokio::test]
async fn mpanels_stand_in_one_sandbox_with_panels() {
    let settings = |name: &str| MPanelSettings::new(name, Generation::TypeScript);
    let sandbox = PanelSandbox::builder()
        .mpanel(settings("main"))
        .mpanel(settings("other"))
        .nextpanel_panel(panel_sandbox::nextpanel_panel::PanelSettings::new("srv1"))
        .start()
        .await
        .unwrap();
    let names: Vec<&str> = sandbox.mpanels().iter().map(MPanel::name).collect();
    assert_eq!(names, ["main", "other"]);
    let (main, other) = (
        sandbox.mpanel("main").unwrap(),
        sandbox.mpanel("other").unwrap(),
    );
    assert_ne!(main.url(), other.url());
    let token = main.legacy_token(panel_sandbox::mpanel::UserKind::Admin);
    let token = secrecy::ExposeSecret::expose_secret(&token);
    let caller = Caller::stranger(other).with_token(token);
    assert_eq!(caller.get("/api/customers").await.status, 403);

    main.arm("late-arrival".parse().unwrap()).unwrap();
    let body = json!({ "company_name": "A", "email": "a@clients.example" });
    let late = admin_of(main)
        .request(Method::POST, "/api/customers")
        .json(&body);
    got(late).await.unwrap_err();
    assert_eq!(sandbox.settle().await, 1);
    assert_eq!(main.times_customer_created("A"), 1);
    main.arm("worker-dead".parse().unwrap()).unwrap();
    sandbox.heal();
    assert!(main.armed().is_empty());

    let error = PanelSandbox::builder()
        .mpanel(settings("srv1"))
        .nextpanel_panel(panel_sandbox::nextpanel_panel::PanelSettings::new("srv1"))
        .start()
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::NameTwice { name } if name == "srv1"));
    assert_eq!(sandbox.nextpanel_panels().len(), 1);
    assert!(sandbox.mpanel("srv1").is_none());
    let _: Value = caller.get("/api/live").await.body;
}
