//! A panel reduced to its answers: it keeps nothing, and answers after a set time.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Answers every request after `latency`, on as many connections as are opened.
pub(crate) async fn answering(latency: Duration) -> SocketAddr {
    listening(move |stream| serve(stream, latency)).await
}

/// Takes connections and requests, and answers none.
pub(crate) async fn hanging() -> SocketAddr {
    listening(|mut stream| async move {
        let mut buffer = [0; 4096];
        while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
    })
    .await
}

async fn listening<F, Fut>(serve: F) -> SocketAddr
where
    F: Fn(TcpStream) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            tokio::spawn(serve(stream));
        }
    });
    address
}

async fn serve(mut stream: TcpStream, latency: Duration) {
    let mut buffer = Vec::new();
    loop {
        let Some((head, body)) = request(&mut stream, &mut buffer).await else {
            return;
        };
        tokio::time::sleep(latency).await;
        let (status, answer) = answer(&head, &body);
        let reply = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{answer}",
            answer.len()
        );
        if stream.write_all(reply.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// The next whole request: its head and its body.
async fn request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<(String, Vec<u8>)> {
    loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
            let length: usize = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"))
                .map_or(0, |length| length.trim().parse().expect("a length"));
            let whole = end + 4 + length;
            if buffer.len() >= whole {
                let body = buffer[end + 4..whole].to_vec();
                buffer.drain(..whole);
                return Some((head, body));
            }
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}

fn answer(head: &str, body: &[u8]) -> (&'static str, String) {
    let path = head.split(' ').nth(1).unwrap_or_default();
    if path.ends_with("/api/health") {
        let health = r#"{"status":"healthy","version":"1.0.0","database":"connected"}"#;
        return ("200 OK", health.to_owned());
    }
    if head.starts_with("post") {
        let body: Value = serde_json::from_slice(body).expect("a JSON body");
        let username = body["username"].as_str().expect("a username");
        let row = format!(r#"{{"id":1,"username":"{username}","is_active":true}}"#);
        return ("201 Created", row);
    }
    if path.contains("skip=0&") {
        let rows = r#"[{"id":1,"username":"a"},{"id":2,"username":"b"}]"#;
        return ("200 OK", rows.to_owned());
    }
    ("200 OK", "[]".to_owned())
}
