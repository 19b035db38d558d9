//! The same requests over bare sockets, one to a connection at a time: what this machine allows any client just now.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// As many connections as requests are in flight, spread over the panels.
pub(crate) async fn round(addresses: &[SocketAddr], requests: usize, in_flight: usize) -> Duration {
    let begun = Instant::now();
    let connections = (0..in_flight).map(|place| {
        let address = addresses[place % addresses.len()];
        let share = (place..requests).step_by(in_flight).count();
        tokio::spawn(connection(address, share))
    });
    for done in join_all(connections).await {
        done.expect("no panic");
    }
    begun.elapsed()
}

async fn connection(address: SocketAddr, requests: usize) {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.set_nodelay(true).expect("an option");
    let body = r#"{"username":"user1000","email":"user1000@example.com","password":"Bench-Passw0rd!","is_admin":false}"#;
    let request = format!(
        "POST /api/v1/billing/accounts HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut buffer = Vec::with_capacity(4_096);
    for _ in 0..requests {
        stream
            .write_all(request.as_bytes())
            .await
            .expect("a request");
        buffer.clear();
        // The answer is one JSON object without braces within.
        while buffer.last() != Some(&b'}') {
            let read = stream.read_buf(&mut buffer).await.expect("an answer");
            assert!(read > 0, "the connection was closed");
        }
    }
}
