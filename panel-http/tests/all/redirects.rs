use panel_http::{
    Kind,
    testing::{Reply, ScriptedTransport},
};

use crate::endpoints::{Register, scripted};

async fn redirected(status: u16, location: &str) -> (panel_http::Error, usize) {
    let transport = ScriptedTransport::new()
        .with(Reply::status(status).with_header("location", location))
        .with(Reply::status(200));
    let error = scripted(&transport).call(&Register).await.unwrap_err();
    (error, transport.requests().len())
}

#[tokio::test]
async fn a_slash_more_or_less_is_followed_once_with_everything() {
    for location in [
        "/api/v1/register",
        "https://panel.example.com/api/v1/register",
    ] {
        let transport = ScriptedTransport::new()
            .with(Reply::status(307).with_header("location", location))
            .with(Reply::status(200));
        scripted(&transport).call(&Register).await.unwrap();
        assert_eq!(transport.requests()[1].uri.path(), "/api/v1/register");
        assert_eq!(transport.requests()[1].method, http::Method::POST);
    }
    let transport = ScriptedTransport::new()
        .with(Reply::status(308).with_header("location", "/api/v1/register"))
        .with(Reply::status(308).with_header("location", "/api/v1/register/"));
    let error = scripted(&transport).call(&Register).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Redirected);
}

#[tokio::test]
async fn any_other_redirect_is_an_error_that_names_its_target() {
    for (status, location, shown) in [
        (
            307,
            "http://panel.example.com/api/v1/register",
            "http://panel.example.com/api/v1/register",
        ),
        (
            307,
            "https://evil.example/api/v1/register",
            "https://evil.example/api/v1/register",
        ),
        (
            307,
            "https://u:canary@panel.example.com/api/v1/register?token=canary#canary",
            "https://panel.example.com/api/v1/register",
        ),
        (307, "/login", "https://panel.example.com/login"),
        (
            307,
            "?a=canary",
            "https://panel.example.com/api/v1/register/",
        ),
        (
            301,
            "/api/v1/register",
            "https://panel.example.com/api/v1/register",
        ),
        (
            302,
            "/api/v1/register",
            "https://panel.example.com/api/v1/register",
        ),
    ] {
        let (error, sent) = redirected(status, location).await;
        assert_eq!(error.kind(), Kind::Redirected);
        assert_eq!(error.location(), Some(shown));
        assert_eq!(sent, 1, "{location}");
        assert!(error.to_string().contains(shown));
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_an_error_too() {
    let transport = ScriptedTransport::new().with(Reply::status(302));
    let error = scripted(&transport).call(&Register).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Redirected);
    assert_eq!(error.location(), None);
}
