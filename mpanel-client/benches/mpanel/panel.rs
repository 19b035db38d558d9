//! A panel of few words, in a process of its own: a login, a long list, and tasks that take two milliseconds each.

use std::{
    fmt::Write,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const CUSTOMERS: usize = 100_000;

/// Long enough for others to be under way.
const POLL_TAKES: Duration = Duration::from_millis(2);

pub(crate) struct Panel {
    process: Child,
    pub(crate) base: String,
}

impl Panel {
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

impl Drop for Panel {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Served {
    customers: Vec<u8>,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
}

pub(crate) fn serve() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let served = Arc::new(Served {
            customers: reply(&customers()),
            in_flight: AtomicUsize::new(0),
            most_in_flight: AtomicUsize::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("http://{}", listener.local_addr().unwrap());
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            tokio::spawn(answer(stream, served.clone()));
        }
    });
}

/// The same rows twice, as the panel sends them.
fn customers() -> String {
    let mut rows = String::new();
    for number in 0..CUSTOMERS {
        let comma = if number == 0 { "" } else { "," };
        write!(
            rows,
            r#"{comma}{{"id":"c0570000-0000-4000-8000-{number:012}","tenant_id":"7e57ab1e-0000-4000-8000-000000000001","user_id":"5e1f0000-0000-4000-8000-0000000000aa","company_name":"Company {number}","email":"buyer-{number}@shop.example","first_name":"Bea","last_name":"Buyer","phone":null,"country":"AT","city":"Graz","credit_balance":"0.00","status":"active","created_at":"2027-03-04T08:30:00.125Z","updated_at":"2027-03-04T08:30:00.125Z"}}"#
        )
        .unwrap();
    }
    format!(r#"{{"success":true,"data":[{rows}],"customers":[{rows}]}}"#)
}

fn login() -> String {
    let claims = r#"{"id":"5e1f0000-0000-4000-8000-0000000000aa","role":"admin","tenant_id":"7e57ab1e-0000-4000-8000-000000000001","iat":1804137000,"exp":1804741800}"#;
    let token = format!("e30.{}.c2ln", BASE64_URL_SAFE_NO_PAD.encode(claims));
    format!(
        r#"{{"token":"{token}","user":{{"id":"5e1f0000-0000-4000-8000-0000000000aa","role":"admin"}}}}"#
    )
}

fn reply(body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: 0f2c\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

async fn answer(mut stream: TcpStream, served: Arc<Served>) {
    let mut received = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => received.extend_from_slice(&buffer[..read]),
            _ => return,
        }
        let text = String::from_utf8_lossy(&received);
        // The login is the only request with a body, and its body ends in a brace.
        let is_whole = if text.starts_with("POST") {
            text.ends_with('}')
        } else {
            text.ends_with("\r\n\r\n")
        };
        if !is_whole {
            continue;
        }
        let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
        let sent = match path.as_str() {
            "/api/customers" => stream.write_all(&served.customers).await,
            "/api/auth/login" => stream.write_all(&reply(&login())).await,
            "/api/servers" => {
                stream
                    .write_all(&reply(r#"{"servers":[],"data":[]}"#))
                    .await
            }
            "/api/most-in-flight" => {
                let most = served.most_in_flight.swap(0, Ordering::Relaxed);
                stream.write_all(&reply(&most.to_string())).await
            }
            task => {
                let now = served.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
                served.most_in_flight.fetch_max(now, Ordering::Relaxed);
                tokio::time::sleep(POLL_TAKES).await;
                let id = task.rsplit('/').next().unwrap_or_default();
                let body = format!(r#"{{"id":"{id}","status":"pending","attempts":0}}"#);
                // Before the reply: whoever has it may send the next.
                served.in_flight.fetch_sub(1, Ordering::Relaxed);
                stream.write_all(&reply(&body)).await
            }
        };
        if sent.is_err() {
            return;
        }
        received.clear();
    }
}
