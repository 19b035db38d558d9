//! What is learned of a server, once.

use mpanel_client::{
    Dialect, Generation, Mpanel, Resource,
    products::{Interval, NewProduct, ProductKind},
    users::UserId,
};
use panel_http::{
    Kind,
    testing::{Reply, ScriptedTransport},
};
use provisioning_core::money::{Currency, Money};
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

/// How each generation answers the route nobody has.
fn not_found(generation: Generation) -> Reply {
    let text = match generation {
        Generation::Legacy => "Route not found (debug)",
        _ => "Route not found",
    };
    reply(404, &json!({"error": text}))
}

fn new_product() -> NewProduct {
    NewProduct::new(
        "mail-pro",
        "Mail Pro",
        ProductKind::Email,
        Money::from_minor(499, Currency::USD),
        Interval::Monthly,
    )
}

/// The replies to the creation of a product, and the requests they answer.
fn creation(generation: Generation) -> (Vec<Reply>, Vec<&'static str>) {
    let product = reply(201, &json!({"id": "p-1", "code": "mail-pro"}));
    let price = reply(201, &json!({"success": true, "data": {"id": "r-1"}}));
    match generation {
        Generation::Legacy => (vec![product], vec!["POST /api/products"]),
        _ => (
            vec![product, price],
            vec!["POST /api/products", "POST /api/products/mail-pro/prices"],
        ),
    }
}

const BOTH: [Generation; 2] = [Generation::Legacy, Generation::TypeScript];

#[tokio::test]
async fn a_first_write_learns_the_dialect_from_the_login_it_needs_anyway() {
    for generation in BOTH {
        let (replies, requests) = creation(generation);
        let transport = script(
            generation,
            replies.into_iter().chain(creation(generation).0).collect(),
        );
        let client = with_login(&transport).build().unwrap();
        client.create_product(new_product()).await.unwrap();
        client.create_product(new_product()).await.unwrap();
        let mut expected = vec!["POST /api/auth/login"];
        expected.extend(requests.iter().chain(&requests));
        assert_eq!(asked(&transport), expected);
        let sent = transport.requests();
        let body: serde_json::Value = serde_json::from_slice(&sent[1].body.expose_bytes()).unwrap();
        match generation {
            // Money in decimals, the code beside it; or the price apart, in cents.
            Generation::Legacy => assert_eq!(
                (&body["price"], &body["metadata"]["code"]),
                (&json!(4.99), &json!("mail-pro"))
            ),
            _ => {
                assert_eq!(body["code"], "mail-pro");
                let price: serde_json::Value =
                    serde_json::from_slice(&sent[2].body.expose_bytes()).unwrap();
                assert_eq!(price["amountCents"], 499);
            }
        }
    }
}

#[tokio::test]
async fn a_first_write_with_a_token_that_tells_nothing_asks_once() {
    for generation in BOTH {
        let (replies, requests) = creation(generation);
        let mut transport = ScriptedTransport::new().with(not_found(generation));
        for answer in replies {
            transport = transport.with(answer);
        }
        transport = transport.with(reply(200, &json!({"success": true, "user": {"id": "u-1"}})));
        let client = builder(&transport)
            .token(&"an-opaque-token".into())
            .build()
            .unwrap();
        client.create_product(new_product()).await.unwrap();
        // Another resource, and nothing is asked again.
        client
            .set_user_suspended(&UserId::text("u-1"), true)
            .await
            .unwrap();
        let mut expected = vec!["GET /api/status"];
        expected.extend(requests);
        expected.push(match generation {
            Generation::Legacy => "PATCH /api/users/u-1/status",
            _ => "POST /api/users/u-1/suspend",
        });
        assert_eq!(asked(&transport), expected);
    }
}

#[tokio::test]
async fn whoever_asks_at_the_same_time_waits_for_the_same_answer() {
    let transport = ScriptedTransport::new().with(not_found(Generation::TypeScript));
    let client = builder(&transport).build().unwrap();
    let ask = |client: Mpanel| tokio::spawn(async move { client.generation().await.unwrap() });
    let asking: Vec<_> = (0..20).map(|_| ask(client.clone())).collect();
    for answer in asking {
        assert_eq!(answer.await.unwrap(), Generation::TypeScript);
    }
    assert_eq!(asked(&transport), ["GET /api/status"]);
}

#[tokio::test]
async fn a_login_that_is_refused_does_not_keep_the_dialect_from_being_learned() {
    let transport = ScriptedTransport::new()
        .with(reply(401, &json!({"error": "Invalid credentials"})))
        .with(not_found(Generation::Legacy));
    let client = with_login(&transport).build().unwrap();
    assert_eq!(client.generation().await.unwrap(), Generation::Legacy);
    assert_eq!(
        asked(&transport),
        ["POST /api/auth/login", "GET /api/status"]
    );
}

#[tokio::test]
async fn a_dialect_that_is_set_is_written_without_asking() {
    for generation in BOTH {
        let (replies, requests) = creation(generation);
        let mut transport = ScriptedTransport::new();
        for answer in replies {
            transport = transport.with(answer);
        }
        let client = builder(&transport)
            .token(&"an-opaque-token".into())
            .dialect(Resource::Products, generation.dialect(Resource::Products))
            .build()
            .unwrap();
        client.create_product(new_product()).await.unwrap();
        assert_eq!(asked(&transport), requests);
    }
}
