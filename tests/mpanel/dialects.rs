//! What is learned of a server, once.

use mpanel_client::{Dialect, Generation, Resource};
use panel_http::{
    Kind,
    testing::{Reply, ScriptedTransport},
};
use serde_json::json;

use super::script::{asked, builder, json as reply, script, with_login};

#[tokio::test]
async fn the_login_tells_the_generation_and_nothing_else_is_asked() {
    for (generation, products) in [
        (Generation::Legacy, Dialect::Legacy),
        (Generation::TypeScript, Dialect::TypeScript),
    ] {
        let transport = script(generation, vec![]);
        let client = with_login(&transport).build().unwrap();
        let session = client.session().await.unwrap();
        assert_eq!(session.generation(), Some(generation));
        assert_eq!(client.generation().await.unwrap(), generation);
        assert_eq!(client.dialect(Resource::Products).await.unwrap(), products);
        assert_eq!(
            client.dialect(Resource::Customers).await.unwrap(),
            Dialect::Legacy
        );
        assert_eq!(asked(&transport), ["POST /api/auth/login"]);
    }
}

#[tokio::test]
async fn without_a_login_one_probe_tells_it_for_all_clones() {
    let not_found = |text: &str| reply(404, &json!({"error": text}));
    for (answer, generation) in [
        (
            reply(
                401,
                &json!({"error": "Unauthorized", "message": "m", "code": "AUTH_REQUIRED"}),
            ),
            Generation::Legacy,
        ),
        (not_found("Route not found (debug)"), Generation::Legacy),
        (
            not_found("Route not found").with_header("x-api-version", "v1"),
            Generation::Legacy,
        ),
        (
            reply(503, &json!({"error": "TypeScript routes not available"})),
            Generation::Legacy,
        ),
        (not_found("Route not found"), Generation::TypeScript),
    ] {
        let transport = ScriptedTransport::new().with(answer);
        let client = builder(&transport).build().unwrap();
        let clone = client.clone();
        assert_eq!(client.generation().await.unwrap(), generation);
        assert_eq!(clone.generation().await.unwrap(), generation);
        assert_eq!(asked(&transport), ["GET /api/status"]);
    }
}

#[tokio::test]
async fn what_is_no_mpanel_is_not_taken_for_one() {
    let transport = ScriptedTransport::new().with(Reply::json(200, r#"{"status":"ok"}"#));
    let error = builder(&transport)
        .build()
        .unwrap()
        .generation()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Decode);
    assert!(error.to_string().contains("set the generation"), "{error}");
}

#[tokio::test]
async fn what_is_set_is_not_asked() {
    let transport = ScriptedTransport::new();
    let client = builder(&transport)
        .generation(Generation::TypeScript)
        .dialect(Resource::Users, Dialect::Legacy)
        .build()
        .unwrap();
    assert_eq!(
        client.dialect(Resource::Users).await.unwrap(),
        Dialect::Legacy
    );
    assert_eq!(
        client.dialect(Resource::Products).await.unwrap(),
        Dialect::TypeScript
    );
    assert!(transport.requests().is_empty());
}
