use std::{sync::atomic::Ordering, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use panel_http::{
    CallOptions, Caps, Client, Cursor, Delivery, HttpMethod, ItemError, Kind, ListEndpoint,
    Operation, Paging, RetryPolicy, Safety, TransportFault,
    testing::{Reply, ScriptedTransport},
};
use serde::Deserialize;

use crate::{
    endpoints::builder,
    loopback::{Act, Server, reply},
};

#[derive(Debug, PartialEq, Deserialize)]
struct Row {
    id: u32,
}

macro_rules! list {
    ($name:ident, $path:literal, $paging:expr) => {
        struct $name;

        impl ListEndpoint for $name {
            const OPERATION: &'static Operation = &Operation::new(
                concat!("list ", $path),
                HttpMethod::Get,
                $path,
                Safety::ReadOnly,
            );
            const PAGING: Paging = $paging;
            type Item = Row;
        }
    };
}

list!(Customers, "/api/customers", Paging::Whole);
list!(
    Accounts,
    "/api/accounts",
    Paging::Offset {
        offset: "skip",
        limit: "limit",
        size: 2
    }
);
list!(
    Users,
    "/api/users",
    Paging::Page {
        page: "page",
        limit: "pageSize",
        size: 2
    }
);
list!(
    Events,
    "/api/events",
    Paging::Token {
        token: "cursor",
        limit: "limit",
        size: 2
    }
);

fn client(transport: &ScriptedTransport) -> Client {
    builder("https://h")
        .transport(transport.clone())
        .retry_policy(RetryPolicy::never())
        .build()
        .unwrap()
}

fn script(bodies: &[&str]) -> ScriptedTransport {
    let transport = ScriptedTransport::new();
    for body in bodies {
        transport.push(Reply::json(200, *body));
    }
    transport
}

fn queries(transport: &ScriptedTransport) -> Vec<String> {
    let requests = transport.requests();
    requests
        .iter()
        .map(|request| request.uri.query().unwrap_or_default().to_owned())
        .collect()
}

fn ids(rows: &[Row]) -> Vec<u32> {
    rows.iter().map(|row| row.id).collect()
}

const WRAPPED: &str =
    r#"{"success":true,"data":[{"id":1},{"id":2},{"id":3}],"customers":[{"id":1}]}"#;

#[tokio::test(start_paused = true)]
async fn pages_are_asked_for_until_one_is_short() {
    let transport = script(&["[{\"id\":1},{\"id\":2}]", "[{\"id\":3}]"]);
    let rows = client(&transport).list(Accounts).collect().await.unwrap();
    assert_eq!(ids(&rows), [1, 2, 3]);
    assert_eq!(queries(&transport), ["skip=0&limit=2", "skip=2&limit=2"]);

    let transport = script(&["[{\"id\":1},{\"id\":2}]", "[]"]);
    let rows = client(&transport).list(Accounts).collect().await.unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(transport.unused(), 0);
}

#[tokio::test(start_paused = true)]
async fn empty_pages_in_between_are_passed() {
    let transport = script(&[
        r#"{"data":[{"id":1},{"id":2}],"pagination":{"page":1,"totalPages":3}}"#,
        r#"{"data":[],"pagination":{"page":2,"totalPages":3}}"#,
        r#"{"data":[{"id":3}],"pagination":{"page":3,"totalPages":3}}"#,
    ]);
    let rows = client(&transport).list(Users).collect().await.unwrap();
    assert_eq!(ids(&rows), [1, 2, 3]);

    let transport = script(&[
        r#"{"data":[],"nextCursor":"a"}"#,
        r#"{"data":[],"nextCursor":"b"}"#,
        r#"{"data":[{"id":7}]}"#,
    ]);
    let rows = client(&transport).list(Events).collect().await.unwrap();
    assert_eq!(ids(&rows), [7]);
    assert_eq!(
        queries(&transport),
        ["limit=2", "cursor=a&limit=2", "cursor=b&limit=2"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_list_goes_on_where_a_page_said() {
    let transport = script(&["[{\"id\":1},{\"id\":2}]"]);
    let mut pages = client(&transport).list(Accounts).pages();
    let page = pages.try_next().await.unwrap().unwrap();
    let kept = page.next.unwrap().to_string();
    assert_eq!(kept, "offset:2");

    let transport = script(&["[{\"id\":3}]"]);
    let rows = client(&transport)
        .list(Accounts)
        .with_page_size(50)
        .with_start(kept.parse().unwrap())
        .collect()
        .await
        .unwrap();
    assert_eq!(ids(&rows), [3]);
    assert_eq!(queries(&transport), ["skip=2&limit=50"]);

    let error = client(&script(&[]))
        .list(Accounts)
        .with_start(Cursor::Page(2))
        .collect()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Encode);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_heed_the_cursor_ends_the_list() {
    let same = "[{\"id\":1},{\"id\":2}]";
    let transport = script(&[same, same, same]);
    let mut items = client(&transport).list(Accounts).items();
    let mut seen = Vec::new();
    let error = loop {
        match items.next().await.unwrap() {
            Ok(row) => seen.push(row.id),
            Err(error) => break error,
        }
    };
    assert_eq!(seen, [1, 2]);
    assert_eq!(error.kind(), Kind::Decode);
    assert!(
        error.to_string().contains("second time (offset:2)"),
        "{error}"
    );
    assert!(items.next().await.is_none(), "nothing follows an error");
    assert_eq!(transport.requests().len(), 2);

    let turning = r#"{"data":[],"nextCursor":"a"}"#;
    let error = client(&script(&[turning, turning, turning]))
        .list(Events)
        .collect()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Decode);

    // It ignores the limit too: everything came at once.
    let transport = script(&["[{\"id\":1},{\"id\":2},{\"id\":3}]"]);
    let rows = client(&transport).list(Accounts).collect().await.unwrap();
    assert_eq!(rows.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn strict_items_end_at_a_bad_row_and_lossy_ones_go_on() {
    let body = r#"{"data":[{"id":1},{"id":"canary"},{"id":3}]}"#;
    for is_whole in [true, false] {
        let transport = script(&[body, body]);
        let client = client(&transport);
        let (strict, lossy) = if is_whole {
            (
                client.list(Customers).items(),
                client.list(Customers).items_lossy(),
            )
        } else {
            (
                client.list(Accounts).items(),
                client.list(Accounts).items_lossy(),
            )
        };
        let strict: Vec<_> = strict.collect().await;
        let error = strict.last().unwrap().as_ref().unwrap_err();
        assert_eq!(error.kind(), Kind::Decode);
        assert!(error.json_path().unwrap().ends_with("[1].id"), "{error}");
        assert!(!format!("{error:?}").contains("canary"));

        let lossy: Vec<_> = lossy.collect().await;
        assert_eq!(lossy.len(), 3);
        assert_eq!(lossy[2].as_ref().unwrap().id, 3);
        let Err(ItemError::Bad(bad)) = &lossy[1] else {
            panic!("{:?}", lossy[1]);
        };
        assert_eq!(bad.index(), 1);
        assert_eq!(bad.raw_json(), r#"{"id":"canary"}"#);
        assert_eq!(bad.error().path(), "id");
        assert!(!format!("{bad} {bad:?}").contains("canary"));
    }
}

#[tokio::test(start_paused = true)]
async fn extra_members_are_kept_only_where_that_is_asked_for() {
    let body = r#"[{"id":1,"plan":"starter"}]"#;
    let rows = client(&script(&[body]))
        .list(Customers)
        .with_extra()
        .collect()
        .await
        .unwrap();
    assert_eq!(rows[0].row.id, 1);
    assert_eq!(rows[0].extra["plan"], "starter");
}

#[tokio::test(start_paused = true)]
async fn rows_are_handed_out_before_the_list_is_complete() {
    let pieces = vec![
        Bytes::from_static(b"{\"success\":true,\"data\":[{\"id\":1}"),
        Bytes::from_static(b",{\"id\":2},{\"i"),
        Bytes::from_static(b"d\":3}]"),
        Bytes::from_static(b",\"customers\":[{\"id\":1}]}"),
    ];
    let transport = ScriptedTransport::new()
        .with(Reply::json(200, "").with_chunks(pieces, Duration::from_secs(10)));
    let started = tokio::time::Instant::now();
    let mut items = client(&transport).list(Customers).items();
    let mut seconds = Vec::new();
    while let Some(row) = items.try_next().await.unwrap() {
        seconds.push((row.id, started.elapsed().as_secs()));
    }
    assert_eq!(seconds, [(1, 20), (2, 20), (3, 30)]);
    assert_eq!(
        started.elapsed().as_secs(),
        30,
        "the rest is not waited for"
    );
}

#[tokio::test(start_paused = true)]
async fn a_list_that_breaks_off_gives_what_came_and_then_the_error() {
    let pieces = vec![Bytes::from_static(b"[{\"id\":1},{\"id\":2}")];
    for (reply, kind, fault) in [
        (
            Reply::json(200, "")
                .with_chunks(pieces.clone(), Duration::ZERO)
                .with_break(TransportFault::Broken),
            Kind::GaveUp,
            Some(TransportFault::Broken),
        ),
        (
            Reply::json(200, "").with_chunks(pieces.clone(), Duration::ZERO),
            Kind::Decode,
            None,
        ),
        (
            Reply::json(200, "").with_chunks(
                vec![pieces[0].clone(), Bytes::from_static(b"]")],
                Duration::from_secs(31),
            ),
            Kind::Timeout,
            Some(TransportFault::Timeout),
        ),
    ] {
        let items: Vec<_> = client(&ScriptedTransport::new().with(reply))
            .list(Customers)
            .items()
            .collect()
            .await;
        let (last, rows) = items.split_last().unwrap();
        assert!(rows.iter().all(Result::is_ok));
        let error = last.as_ref().unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.delivery(), Delivery::Answered);
        assert_eq!(error.attempts()[0].fault(), fault);
        assert_eq!(error.status().unwrap(), 200);
    }
}

#[tokio::test(start_paused = true)]
async fn a_trickle_ends_with_the_time_for_the_call() {
    let mut pieces = vec![Bytes::from_static(b"[")];
    pieces.extend((0..100_000).map(|_| Bytes::from_static(b" ")));
    let transport = ScriptedTransport::new()
        .with(Reply::json(200, "").with_chunks(pieces, Duration::from_secs(1)));
    let started = tokio::time::Instant::now();
    let error = client(&transport)
        .list(Customers)
        .with_options(CallOptions::new().with_overall_limit(Duration::from_secs(20)))
        .collect()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
    assert_eq!(started.elapsed().as_secs(), 20);
}

#[tokio::test(start_paused = true)]
async fn time_between_two_polls_is_the_callers_own() {
    let pieces = vec![
        Bytes::from_static(b"[{\"id\":1},"),
        Bytes::from_static(b"{\"id\":2}]"),
    ];
    let transport = ScriptedTransport::new()
        .with(Reply::json(200, "").with_chunks(pieces, Duration::from_millis(1)));
    let mut items = client(&transport).list(Customers).items();
    items.try_next().await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(items.try_next().await.unwrap().unwrap().id, 2);
}

#[tokio::test(start_paused = true)]
async fn rows_and_lists_are_capped() {
    let capped = |caps: Caps, body: &str| {
        let transport = script(&[body]);
        let client = builder("https://h")
            .transport(transport.clone())
            .caps(caps)
            .build()
            .unwrap();
        async move { client.list(Customers).collect().await.unwrap_err() }
    };
    let long = format!(r#"[{{"id":1,"name":"{}""#, "x".repeat(300));
    let error = capped(Caps::default().with_row(200), &long).await;
    assert_eq!(error.kind(), Kind::TooLarge);
    let many = format!("[{}", r#"{"id":1},"#.repeat(300));
    let error = capped(Caps::default().with_list(200), &many).await;
    assert_eq!(error.kind(), Kind::TooLarge);
}

#[tokio::test(start_paused = true)]
async fn a_failure_inside_a_success_is_no_list() {
    for body in [
        r#"{"success":false,"error":"relation \"customers\" does not exist"}"#,
        r#"{"error":"relation \"customers\" does not exist"}"#,
    ] {
        for error in [
            client(&script(&[body]))
                .list(Customers)
                .collect()
                .await
                .unwrap_err(),
            client(&script(&[body]))
                .list(Users)
                .collect()
                .await
                .unwrap_err(),
        ] {
            assert_eq!(error.kind(), Kind::Api);
            assert_eq!(
                error.server_message(),
                Some("relation \"customers\" does not exist")
            );
        }
    }
    let error = client(&script(&["<html>Welcome"]))
        .list(Customers)
        .collect()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Decode);
}

#[tokio::test]
async fn the_connection_is_closed_after_the_first_array_and_the_copy_left_unread() {
    // The copy never comes: whoever waits for it waits for ever.
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n";
    let start = r#"{"success":true,"data":[{"id":1},{"id":2}],"customers":["#;
    let server = Server::start(vec![Act::Answer(format!("{head}{start}").into_bytes())]).await;
    let client = builder(&server.base()).build().unwrap();
    for _ in 0..2 {
        let rows = client.list(Customers).collect().await.unwrap();
        assert_eq!(ids(&rows), [1, 2]);
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 2);

    let server = Server::start(vec![Act::Answer(reply("200 OK", "", WRAPPED))]).await;
    let client = builder(&server.base()).build().unwrap();
    let rows = client.list(Customers).collect().await.unwrap();
    assert_eq!(ids(&rows), [1, 2, 3]);
}

#[tokio::test]
async fn a_permit_is_given_back_when_the_list_is_read_or_dropped() {
    let transport = script(&[WRAPPED, WRAPPED, WRAPPED]);
    let client = builder("https://h")
        .transport(transport.clone())
        .max_concurrent_calls(1)
        .build()
        .unwrap();
    let mut items = client.list(Customers).items();
    items.try_next().await.unwrap();
    drop(items);
    let rows = client.list(Customers).collect().await.unwrap();
    assert_eq!(rows.len(), 3);
    client.list(Customers).collect().await.unwrap();
}
