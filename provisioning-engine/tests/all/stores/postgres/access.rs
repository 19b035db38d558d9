//! Servers that do not let us in, and roles that may do too little: typed errors that say what to do.

use std::net::SocketAddr;

use provisioning_engine::store::{PostgresOptions, PostgresStore, Store as _, StoreError};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::place::{Schema, database_url};
use crate::stores::desk::{at, new_run};

/// Asks for a password in the clear.
const ASK_PASSWORD: [u8; 9] = [b'R', 0, 0, 0, 8, 0, 0, 0, 3];

/// A server that lets nobody in: it knows no TLS, asks for a password, and refuses every one.
struct LetsNobodyIn {
    address: SocketAddr,
    /// Ended with this.
    _serving: JoinSet<()>,
}

impl LetsNobodyIn {
    /// It refuses with this SQLSTATE.
    async fn start(code: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                // Whoever is told that there is no TLS may be gone at once.
                let _ = refuse(stream, code).await;
            }
        });
        Self {
            address,
            _serving: serving,
        }
    }

    fn options(&self, ssl_mode: PgSslMode) -> PostgresOptions {
        let connect: PgConnectOptions = "postgres://shop:canary-password@localhost/orders"
            .parse()
            .unwrap();
        PostgresOptions::new(
            connect
                .host("127.0.0.1")
                .port(self.address.port())
                .ssl_mode(ssl_mode),
        )
    }
}

async fn refuse(mut stream: TcpStream, code: &str) -> std::io::Result<()> {
    // The first message has no letter: its length, and a number that says whether TLS is asked for.
    let mut head = [0; 8];
    stream.read_exact(&mut head).await?;
    if u32::from_be_bytes([head[4], head[5], head[6], head[7]]) == 80_877_103 {
        stream.write_all(b"N").await?;
        stream.read_exact(&mut head).await?;
    }
    let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
    let mut rest = vec![0; length - head.len()];
    stream.read_exact(&mut rest).await?;
    stream.write_all(&ASK_PASSWORD).await?;
    let mut password = [0; 5];
    stream.read_exact(&mut password).await?;
    let fields = format!("SFATAL\0VFATAL\0C{code}\0Mno entrance for user \"shop\"\0\0");
    let length = u32::try_from(fields.len() + 4).unwrap();
    let mut error = vec![b'E'];
    error.extend(length.to_be_bytes());
    error.extend(fields.as_bytes());
    stream.write_all(&error).await
}

async fn refused(options: PostgresOptions) -> StoreError {
    PostgresStore::open_with(options).await.unwrap_err()
}

#[tokio::test]
async fn who_is_not_let_in_is_told_what_to_mend_and_the_password_is_not() {
    for (what, code) in [
        ("a wrong password", "28P01"),
        ("no such user, or not from here", "28000"),
        ("no such database", "3D000"),
    ] {
        let server = LetsNobodyIn::start(code).await;
        let error = refused(server.options(PgSslMode::Disable)).await;
        assert!(
            matches!(error, StoreError::AccessRefused { .. }),
            "{what}: {error}"
        );
        let said = format!("{error} {error:?}");
        for part in ["database orders on 127.0.0.1", "no entrance", "pg_hba.conf"] {
            assert!(said.contains(part), "no `{part}` in {said}");
        }
        assert!(!said.contains("canary"), "{said}");
        assert!(!error.is_about_one_run());
    }
}

#[tokio::test]
async fn a_server_that_is_starting_or_takes_no_more_connections_refuses_nobody() {
    for code in ["57P03", "53300"] {
        let server = LetsNobodyIn::start(code).await;
        let error = refused(server.options(PgSslMode::Disable)).await;
        assert!(
            matches!(error, StoreError::Unavailable { .. }),
            "{code}: {error}"
        );
        let said = format!("{error} {error:?}");
        for part in [
            "database orders on 127.0.0.1",
            "no entrance",
            "repeated once",
        ] {
            assert!(said.contains(part), "no `{part}` in {said}");
        }
        assert!(!said.contains("canary"), "{said}");
    }
}

#[tokio::test]
async fn tls_that_the_server_has_not_is_never_done_without() {
    let server = LetsNobodyIn::start("28P01").await;
    for mode in [
        PgSslMode::Require,
        PgSslMode::VerifyCa,
        PgSslMode::VerifyFull,
    ] {
        let error = refused(server.options(mode)).await;
        assert!(
            matches!(error, StoreError::AccessRefused { .. }),
            "{mode:?}: {error}"
        );
        let said = error.to_string();
        // It was asked for no password.
        assert!(!said.contains("no entrance"), "{said}");
        for part in ["TLS", "sslmode"] {
            assert!(said.contains(part), "no `{part}` in {said}");
        }
    }
}

#[tokio::test]
async fn a_database_that_does_not_exist_is_no_puzzle() {
    let Some(url) = database_url() else { return };
    let connect: PgConnectOptions = url.parse().unwrap();
    let error = refused(PostgresOptions::new(connect.database("nobody_made_this"))).await;
    assert!(matches!(error, StoreError::AccessRefused { .. }), "{error}");
    assert!(error.to_string().contains("nobody_made_this"), "{error}");
}

/// What a role is granted, and what it is told when it opens the store.
#[tokio::test]
async fn a_role_is_told_which_right_it_has_not_and_needs_no_more_than_its_tables() {
    let Some(_) = database_url() else { return };
    let schema = Schema::new();
    let role = format!("{}_clerk", schema.name);
    let name = &schema.name;
    schema.by_hand(&format!("CREATE ROLE {role}")).await;
    let connect: PgConnectOptions = schema.url.parse().unwrap();
    let options = || {
        PostgresOptions::new(connect.clone().options([("role", &role)]))
            .with_schema(name.parse().unwrap())
            .allow_fsync_off()
    };
    let mut told = Vec::new();
    told.push(refused(options()).await);
    schema.open().await.close().await;
    told.push(refused(options()).await);
    schema
        .by_hand(&format!("GRANT USAGE ON SCHEMA {name} TO {role}"))
        .await;
    told.push(refused(options()).await);
    for error in &told {
        assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
    schema
        .by_hand(&format!(
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {name} TO {role}; \
             GRANT USAGE ON ALL SEQUENCES IN SCHEMA {name} TO {role}"
        ))
        .await;
    let store = PostgresStore::open_with(options()).await.unwrap();
    let new = new_run("1", at(0));
    store.submit(new.clone()).await.unwrap();
    assert!(store.load(new.id).await.is_ok());
    store.close().await;
    schema
        .by_hand(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .await;
}
