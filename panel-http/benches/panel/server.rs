//! Answers with bytes made beforehand, in a process of its own, so that its work is not counted.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::rows;

pub(crate) struct Server {
    process: Child,
    pub(crate) base: String,
}

impl Server {
    pub(crate) fn start() -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .arg("--serve")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        Self {
            process,
            base: line.trim().to_owned(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) fn serve() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("http://{}", listener.local_addr().unwrap());
        let replies = Arc::new(replies());
        let connections = Arc::new(AtomicUsize::new(0));
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            connections.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(answer(stream, replies.clone(), connections.clone()));
        }
    });
}

fn replies() -> HashMap<String, Vec<u8>> {
    let mut bodies = vec![("/small".to_owned(), rows::small())];
    for count in [1_000, 10_000] {
        let array = rows::array(count);
        bodies.push((format!("/bare/{count}"), array.clone()));
        bodies.push((
            format!("/twice/{count}"),
            format!(r#"{{"success":true,"data":{array},"customers":{array}}}"#),
        ));
        bodies.push((
            format!("/counted/{count}"),
            format!(r#"{{"items":{array},"total":{count}}}"#),
        ));
    }
    let array = rows::array(100_000);
    bodies.push((
        "/twice/100000".to_owned(),
        format!(r#"{{"success":true,"data":{array},"customers":{array}}}"#),
    ));
    bodies
        .into_iter()
        .map(|(path, body)| (path, reply(&body)))
        .collect()
}

fn reply(body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: 0f2c\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

async fn answer(
    mut stream: TcpStream,
    replies: Arc<HashMap<String, Vec<u8>>>,
    connections: Arc<AtomicUsize>,
) {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => head.extend_from_slice(&buffer[..read]),
            _ => return,
        }
        if !head.ends_with(b"\r\n\r\n") {
            continue;
        }
        let text = String::from_utf8_lossy(&head);
        let path = text.split(' ').nth(1).unwrap_or_default();
        let path = path.split('?').next().unwrap_or_default();
        let sent = match replies.get(path) {
            Some(reply) => stream.write_all(reply).await,
            None => {
                let count = connections.swap(0, Ordering::Relaxed);
                stream.write_all(&reply(&count.to_string())).await
            }
        };
        if sent.is_err() {
            return;
        }
        head.clear();
    }
}
