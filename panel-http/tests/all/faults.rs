//! What networks and proxies do to a call, on real sockets, for each safety.

use std::{
    sync::atomic::Ordering,
    task::{Context, Waker},
    time::Duration,
};

use futures_util::FutureExt;
use panel_http::{
    CallOptions, Caps, Client, CredentialKind, Delivery, Error, Kind, Limit, Safety,
    StaticCredential, Timeouts, TransportFault,
};
use secrecy::SecretString;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
};

use crate::{
    endpoints::{
        Charge, CreateAccount, ListAccounts, Register, Suspend, bearer_credential, builder,
    },
    loopback::{Act, Server, reply},
};

const LIST: ListAccounts = ListAccounts { limit: None };
const SAFETIES: [&str; 5] = ["ReadOnly", "Idempotent", "Keyed", "NaturalKey", "Unsafe"];

fn client(base: &str) -> Client {
    builder(base)
        .credential_source(
            CredentialKind::Bearer,
            StaticCredential::new(bearer_credential("canary-bearer")),
        )
        .secret_header("x-token", &SecretString::from("canary-mpanel-token"))
        .jitter(|| 0.0)
        .build()
        .unwrap()
}

/// Calls the endpoint of this safety.
async fn call(client: &Client, safety: &str, options: &CallOptions) -> Result<(), Error> {
    match safety {
        "ReadOnly" => client.call_with(&LIST, options).await.map(drop),
        "Idempotent" => client.call_with(&Suspend::seven(), options).await,
        "Keyed" => client.call_with(&Charge, options).await,
        "NaturalKey" => client
            .call_with(&CreateAccount::acme(), options)
            .await
            .map(drop),
        _ => client.call_with(&Register, options).await,
    }
}

fn success(safety: &str) -> Act {
    let body = if safety == "ReadOnly" {
        "[]"
    } else {
        r#"{"id":1}"#
    };
    Act::Answer(reply("201 Created", "", body))
}

#[tokio::test]
async fn a_lost_reply_is_repeated_only_where_that_is_safe() {
    for safety in SAFETIES {
        let server = Server::start(vec![Act::Drop, success(safety)]).await;
        let result = call(&client(&server.base()), safety, &CallOptions::new()).await;
        let requests = server.requests().len();
        if matches!(safety, "NaturalKey" | "Unsafe") {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), Kind::Indeterminate, "{safety}");
            assert_eq!(error.delivery(), Delivery::MaybeSent);
            assert_eq!(requests, 1, "{safety}");
            assert!(!error.is_retryable());
        } else {
            assert!(result.is_ok(), "{safety} {result:?}");
            assert_eq!(requests, 2, "{safety}");
        }
    }
}

#[tokio::test]
async fn statuses_of_trouble_are_repeated_only_where_that_is_safe() {
    let html = "content-type: text/html\r\n";
    let page = "<html><head><title>502 Bad Gateway</title></head></html>";
    let plain = |status: &str| Act::Answer(reply(status, "", r#"{"error":"later"}"#));
    let resendable = [true, true, true, false, false];
    for (act, status, repeated, kind) in [
        (
            plain("408 Request Timeout"),
            408,
            resendable,
            Kind::Indeterminate,
        ),
        (
            plain("429 Too Many Requests"),
            429,
            [true; 5],
            Kind::RateLimited,
        ),
        (
            plain("500 Internal Server Error"),
            500,
            [true, true, false, false, false],
            Kind::Indeterminate,
        ),
        (
            Act::Answer(reply("502 Bad Gateway", html, page)),
            502,
            resendable,
            Kind::Indeterminate,
        ),
        (
            plain("503 Service Unavailable"),
            503,
            resendable,
            Kind::Indeterminate,
        ),
        (
            plain("504 Gateway Timeout"),
            504,
            resendable,
            Kind::Indeterminate,
        ),
    ] {
        for (safety, is_repeated) in SAFETIES.into_iter().zip(repeated) {
            let server = Server::start(vec![act.clone(), success(safety)]).await;
            let result = call(&client(&server.base()), safety, &CallOptions::new()).await;
            let context = format!("{status} {safety} {result:?}");
            if is_repeated {
                assert!(result.is_ok(), "{context}");
                assert_eq!(server.requests().len(), 2, "{context}");
                continue;
            }
            let error = result.unwrap_err();
            assert_eq!(error.kind(), kind, "{context}");
            assert_eq!(error.status().unwrap().as_u16(), status, "{context}");
            assert_eq!(error.is_html(), status == 502, "{context}");
            assert_eq!(server.requests().len(), 1, "{context}");
        }
    }
}

#[tokio::test]
async fn a_hint_of_a_limit_is_waited_for() {
    let limited = reply("429 Too Many Requests", "retry-after: 0.15\r\n", "later");
    let server = Server::start(vec![Act::Answer(limited), success("Unsafe")]).await;
    let started = std::time::Instant::now();
    call(&client(&server.base()), "Unsafe", &CallOptions::new())
        .await
        .unwrap();
    assert!(started.elapsed() >= Duration::from_millis(150));

    let limited = reply("429 Too Many Requests", "retry-after: 600\r\n", "later");
    let server = Server::start(vec![Act::Answer(limited)]).await;
    let error = call(&client(&server.base()), "Unsafe", &CallOptions::new())
        .await
        .unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(600)));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_full_backlog_is_no_connection_in_time() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // Nobody accepts. Each of these has knocked once it was polled, and most are never let in: there is no room left.
    let mut waiting: Vec<_> = (0..64)
        .map(|_| Box::pin(TcpStream::connect(address)))
        .collect();
    for connecting in &mut waiting {
        let _ = connecting.poll_unpin(&mut Context::from_waker(Waker::noop()));
    }
    let error = builder(&format!("http://{address}"))
        .timeouts(
            Timeouts::default()
                .with_connect(Duration::from_millis(100))
                .with_every_limit(Limit::new(Duration::from_secs(5), Duration::from_secs(5))),
        )
        .jitter(|| 0.0)
        .build()
        .unwrap()
        .call(&CreateAccount::acme())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::NotSent, "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(error.attempts().len(), 4);
    assert_eq!(
        error.attempts()[0].fault(),
        Some(TransportFault::ConnectTimeout)
    );
}

#[tokio::test]
async fn a_connection_closed_while_idle_is_not_used_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(&format!("http://{}", listener.local_addr().unwrap()));
    let serve = async |status: &str, body: &str| {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 8192];
        assert!(stream.read(&mut request).await.unwrap() > 0);
        stream.write_all(&reply(status, "", body)).await.unwrap();
        stream.shutdown().await.unwrap();
        // Until the client has seen that it is closed, and hung up as well.
        while stream.read(&mut request).await.unwrap_or(0) > 0 {}
    };
    let (first, ()) = tokio::join!(client.call(&LIST), serve("200 OK", "[]"));
    first.unwrap();
    let account = CreateAccount::acme();
    let (second, ()) = tokio::join!(client.call(&account), serve("201 Created", r#"{"id":1}"#));
    assert_eq!(second.unwrap().id, 1);
}

#[tokio::test]
async fn a_body_that_trickles_ends_with_the_attempt() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 8192];
                let _ = stream.read(&mut request).await;
                let _ = stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n[")
                    .await;
                while stream.write_all(b" ").await.is_ok() {
                    // The trickle itself: it ends when the client hangs up.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            });
        }
    });
    // The one attempt has all the time there is: a last one that began just before the deadline would get no head.
    let limit = Duration::from_secs(1);
    let limits = CallOptions::new()
        .with_attempt_limit(limit)
        .with_overall_limit(limit);
    let client = client(&base);
    let (read, write) = tokio::join!(
        call(&client, "ReadOnly", &limits),
        call(&client, "Idempotent", &limits),
    );
    let (read, write) = (read.unwrap_err(), write.unwrap_err());
    assert_eq!(read.kind(), Kind::Timeout);
    assert_eq!(write.kind(), Kind::Decode, "it was answered with success");
    for error in [read, write] {
        assert_eq!(error.status().unwrap(), 200);
        assert_eq!(error.attempts().len(), 1);
        assert_eq!(error.attempts()[0].fault(), Some(TransportFault::Timeout));
        assert!((limit..3 * limit).contains(&error.elapsed()), "{error:?}");
    }
}

#[tokio::test]
async fn a_wrong_length_is_no_reply() {
    // Less than announced: the connection ends before the reply does.
    let long = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[]".to_vec();
    let server = Server::start(vec![Act::AnswerAndClose(long), success("ReadOnly")]).await;
    call(&client(&server.base()), "ReadOnly", &CallOptions::new())
        .await
        .unwrap();
    assert_eq!(server.requests().len(), 2);

    // More than announced: what is there is no JSON, and the rest is not taken for another reply.
    let short = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n[{\"id\":1}]".to_vec();
    let server = Server::start(vec![Act::Answer(short), success("ReadOnly")]).await;
    let client = client(&server.base());
    let error = call(&client, "ReadOnly", &CallOptions::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Decode);
    call(&client, "ReadOnly", &CallOptions::new())
        .await
        .unwrap();
    assert_eq!(server.connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_reset_after_the_head_is_told_with_its_status() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 8192];
            let _ = stream.read(&mut request).await;
            let _ = stream
                .write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{\"id\"")
                .await;
            let _ = stream.set_zero_linger();
        }
    });
    for safety in SAFETIES {
        let error = call(&client(&base), safety, &CallOptions::new())
            .await
            .unwrap_err();
        let is_write = error.safety().is_some_and(Safety::is_write);
        let expected = if is_write { Kind::Decode } else { Kind::GaveUp };
        let attempts = if matches!(safety, "NaturalKey" | "Unsafe") {
            1
        } else {
            4
        };
        // A reset may overtake the head.
        if error.status().is_some() {
            assert_eq!(error.kind(), expected, "{safety} {error:?}");
        }
        assert_eq!(error.attempts().len(), attempts, "{safety} {error:?}");
        assert_ne!(error.delivery(), Delivery::NotSent);
    }
}

#[tokio::test]
async fn a_bomb_is_not_unpacked_whatever_it_comes_with() {
    // 1 MiB of zeros, gzipped to about a kilobyte.
    let bomb = include_bytes!("zeros.gz");
    let headers = "content-encoding: gzip\r\n";
    for (status, kind) in [("200 OK", Kind::TooLarge), ("403 Forbidden", Kind::Denied)] {
        let server = Server::start(vec![Act::Answer(reply(status, headers, bomb))]).await;
        let error = builder(&server.base())
            .caps(Caps::default().with_body(64 * 1024).with_error_body(1024))
            .build()
            .unwrap()
            .call(&LIST)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.body_text().is_none_or(|text| text.len() < 8192));
    }
}

#[tokio::test]
async fn nothing_of_a_request_reaches_the_target_of_a_redirect() {
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let target = Server::start(vec![success("ReadOnly")]).await;
        for safety in SAFETIES {
            // The same path on another port: another origin.
            let path = match safety {
                "Idempotent" => "accounts/7/suspend",
                "Keyed" => "charges",
                "Unsafe" => "register",
                _ => "accounts",
            };
            let location = format!("location: http://{}/api/v1/{path}\r\n", target.address);
            let server = Server::start(vec![
                Act::Answer(reply(status, &location, "")),
                success(safety),
            ])
            .await;
            let error = call(&client(&server.base()), safety, &CallOptions::new())
                .await
                .unwrap_err();
            assert_eq!(error.kind(), Kind::Redirected, "{status} {safety}");
            assert!(
                error
                    .location()
                    .unwrap()
                    .contains(&target.address.to_string()),
                "{error}"
            );
            let request = &server.requests()[0];
            assert!(
                request.contains("canary") || safety == "Unsafe",
                "the first one got it: {request}"
            );
            assert_eq!(server.requests().len(), 1);
        }
        assert_eq!(target.connections.load(Ordering::SeqCst), 0, "{status}");
        assert!(target.requests().is_empty());
    }
}
