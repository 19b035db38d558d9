//! A server that speaks TLS with a certificate of an authority made up for the test, and ways to call it.

use std::{net::SocketAddr, path::PathBuf, process::Command, sync::Arc};

use panel_http::{
    Answer, Client, Error, HttpMethod, Kind, RawRequest, RetryPolicy, Safety, TransportFault,
};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

pub struct Server {
    pub address: SocketAddr,
    /// PEM of the authority.
    pub authority: String,
}

impl Server {
    /// Answers every request with `[]`, under a certificate for this name.
    pub async fn start(name: &str) -> Self {
        let authority_key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority
            .distinguished_name
            .push(DnType::CommonName, "authority of a test");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = authority.self_signed(&authority_key).unwrap().pem();
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()])
            .unwrap()
            .signed_by(&key, &issuer)
            .unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    let mut request = [0; 4096];
                    let _ = stream.read(&mut request).await;
                    let _ = stream
                        .write_all(
                            b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n[]",
                        )
                        .await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        Self {
            address,
            authority: pem,
        }
    }

    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }
}

pub async fn call(base: &str) -> Result<Answer, Error> {
    Client::builder(base)
        .retry_policy(RetryPolicy::default())
        .no_proxy()
        .build()?
        .raw(RawRequest::new(
            HttpMethod::Get,
            "/api/health",
            Safety::ReadOnly,
        ))
        .await
}

/// The certificate of a stranger, or for another name: nothing was sent, and trying again is of no use.
pub async fn distrust_is_told() {
    for name in ["localhost", "panel.example.com"] {
        let server = Server::start(name).await;
        let error = call(&server.url()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::NotSent, "{error:?}");
        assert_eq!(
            error.attempts()[0].fault(),
            Some(TransportFault::Tls),
            "{error:?}"
        );
        assert_eq!(error.attempts().len(), 1);
        assert!(!error.is_retryable());
    }
}

/// A connection that breaks within the handshake is a fault of the network, which may pass.
pub async fn a_broken_handshake_may_pass() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut hello = [0; 16];
            let _ = stream.read(&mut hello).await;
        }
    });
    let error = call(&base).await.unwrap_err();
    assert_eq!(
        error.attempts()[0].fault(),
        Some(TransportFault::Connect),
        "{error:?}"
    );
    assert!(error.attempts().len() > 1);
}

/// Runs one of this binary's ignored tests in a process of its own with this store of authorities, and base URL.
pub fn in_process(test: &str, store: &str, base: &str) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env("SSL_CERT_FILE", store)
        .env("SSL_CERT_DIR", "/nonexistent")
        .env("TLS_TEST_BASE", base)
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

pub fn base_of_process() -> String {
    std::env::var("TLS_TEST_BASE").unwrap()
}

/// A store that holds this authority alone.
pub fn store_of(server: &Server) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("authority.pem");
    std::fs::write(&path, &server.authority).unwrap();
    (folder, path)
}
