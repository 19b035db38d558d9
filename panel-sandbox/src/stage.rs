//! A stand-in on its stage: the mock server it answers on, and the relay in front.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Respond, ResponseTemplate};

use crate::arming::Arming;
use crate::recording::Recording;
use crate::relay::{ELSEWHERE_PATH, Relay};
use crate::stand_in::StandIn;
use crate::{Operation, RecordedRequest, StartError, WireSettings};

/// Everything that runs for one stand-in. Dropping it ends all of it.
pub(crate) struct Stage {
    name: String,
    url: String,
    // Before the server, so that no connection is left to find it gone.
    relay: Relay,
    arming: Arc<Arming>,
    recording: Arc<Recording>,
    _server: MockServer,
}

impl Stage {
    pub(crate) async fn start(
        name: &str,
        stand_in: Arc<dyn StandIn>,
        arming: Arc<Arming>,
        settings: WireSettings,
    ) -> Result<Self, StartError> {
        let failed = |port| {
            let name = name.to_owned();
            move |source| StartError::Bind { name, port, source }
        };
        let port = settings.port;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(failed(port))?;
        let address = listener.local_addr().map_err(failed(port))?;
        let server_listener =
            std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed(0))?;
        let server = serve(server_listener, &stand_in).await;

        let recording = Arc::new(Recording::new(settings.recording));
        let relay = Relay::start(
            listener,
            address,
            stand_in,
            *server.address(),
            settings,
            Arc::clone(&arming),
            Arc::clone(&recording),
        );
        Ok(Self {
            name: name.to_owned(),
            url: url(address),
            relay,
            arming,
            recording,
            _server: server,
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn arming(&self) -> &Arming {
        &self.arming
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.recording.requests()
    }

    pub(crate) fn requests_for(&self, operation: &Operation) -> Vec<RecordedRequest> {
        self.requests_where(|request| request.operation() == Some(*operation))
    }

    /// Those refused because they are none of the operations, apart from followed redirects.
    pub(crate) fn unexpected_requests(&self) -> Vec<RecordedRequest> {
        self.requests_where(|request| {
            request.operation().is_none()
                && request.status().is_some_and(|status| status >= 400)
                && !followed(request)
        })
    }

    pub(crate) fn followed_redirects(&self) -> Vec<RecordedRequest> {
        self.requests_where(followed)
    }

    fn requests_where(&self, wanted: impl Fn(&RecordedRequest) -> bool) -> Vec<RecordedRequest> {
        let mut requests = self.requests();
        requests.retain(wanted);
        requests
    }

    pub(crate) async fn settle(&self) -> usize {
        self.relay.settle().await
    }
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

fn followed(request: &RecordedRequest) -> bool {
    request
        .path()
        .strip_prefix(ELSEWHERE_PATH)
        .is_some_and(|rest| rest.starts_with('/'))
}

async fn serve(listener: std::net::TcpListener, stand_in: &Arc<dyn StandIn>) -> MockServer {
    let server = MockServer::builder()
        .listener(listener)
        // The mock server's own recording would keep and print bodies as they are.
        .disable_request_recording()
        .start()
        .await;
    Mock::given(any())
        .respond_with(Responder(Arc::clone(stand_in)))
        .mount(&server)
        .await;
    server
}

struct Responder(Arc<dyn StandIn>);

impl Respond for Responder {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        let operation = self
            .0
            .operation(request.method.as_str(), request.url.path());
        self.0.respond(operation, request)
    }
}
