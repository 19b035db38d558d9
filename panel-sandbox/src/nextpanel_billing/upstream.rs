//! The backend as a client of panels: over HTTP, one request at a time, waiting for each.

use std::io;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use ureq::Agent;
use ureq::http::{Method, Request, header::CONTENT_TYPE};
use url::{Host, Url};

use super::python;

const ACCOUNTS: &str = "/api/v1/billing/accounts";
const PROBE_TIMEOUT: Duration = Duration::from_secs(5);
const ACTION_TIMEOUT: Duration = Duration::from_secs(10);

/// Where a panel is, and the key to it.
#[derive(Debug, Clone)]
pub(super) struct PanelKey {
    pub(super) base_url: String,
    pub(super) id: String,
    pub(super) secret: SecretString,
}

/// What a panel said.
pub(super) struct Said {
    pub(super) status: u16,
    pub(super) text: String,
}

impl Said {
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_str(&self.text).ok()
    }

    /// What it gives as the reason: a text, or whatever else is there as Python prints it, or the whole reply.
    pub(super) fn detail(&self) -> String {
        match self.json() {
            Some(body) => match body.get("detail") {
                Some(Value::String(text)) => text.clone(),
                Some(detail) => python::repr(detail),
                None => self.text.clone(),
            },
            None => self.text.clone(),
        }
    }
}

/// Calls panels.
pub(super) struct Upstream {
    agent: Agent,
    create_timeout: Duration,
}

impl Upstream {
    pub(super) fn new(create_timeout: Duration) -> Self {
        let configuration = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(0)
            .proxy(None);
        Self {
            agent: configuration.build().new_agent(),
            create_timeout,
        }
    }

    /// Whether a panel says that it is up. No key is shown to it.
    pub(super) fn is_up(&self, base_url: &str) -> bool {
        let request = Request::builder()
            .method(Method::GET)
            .uri(format!("{base_url}/api/health"));
        self.run(request.body(()), PROBE_TIMEOUT)
            .is_ok_and(|said| said.status == 200)
    }

    /// Creates an account. The error is the exception's text.
    pub(super) fn create(&self, panel: &PanelKey, body: &Value) -> Result<Said, String> {
        self.call(panel, Method::POST, "", Some(body), self.create_timeout)
    }

    /// Does something with an account, or asks for it; below the accounts' own path.
    pub(super) fn act(
        &self,
        panel: &PanelKey,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Said, String> {
        self.call(panel, method, path, body, ACTION_TIMEOUT)
    }

    fn call(
        &self,
        panel: &PanelKey,
        method: Method,
        path: &str,
        body: Option<&Value>,
        timeout: Duration,
    ) -> Result<Said, String> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{ACCOUNTS}{path}", panel.base_url))
            .header("x-api-key", &panel.id)
            .header("x-api-secret", panel.secret.expose_secret());
        match body {
            Some(body) => {
                let request = request.header(CONTENT_TYPE, "application/json");
                self.run(request.body(body.to_string()), timeout)
            }
            None => self.run(request.body(()), timeout),
        }
    }

    fn run<B: ureq::AsSendBody>(
        &self,
        request: Result<Request<B>, ureq::http::Error>,
        timeout: Duration,
    ) -> Result<Said, String> {
        let request = request.map_err(|error| error.to_string())?;
        let timeout = timeout.min(self.create_timeout);
        let place = Place::of(&request.uri().to_string())?;
        let request = self
            .agent
            .configure_request(request)
            .timeout_global(Some(timeout))
            .build();
        let mut response = self
            .agent
            .run(request)
            .map_err(|error| place.exception(&error, timeout))?;
        let status = response.status().as_u16();
        let text = response
            .body_mut()
            .read_to_string()
            .map_err(|error| place.exception(&error, timeout))?;
        Ok(Said { status, text })
    }
}

/// Where a request goes, as exceptions name it.
struct Place {
    host: String,
    port: u16,
    path: String,
}

impl Place {
    /// Only this machine is ever called: any other address is as good as switched off.
    fn of(url: &str) -> Result<Self, String> {
        let parsed = Url::parse(url).map_err(|_| {
            format!("Invalid URL '{url}': No scheme supplied. Perhaps you meant https://{url}?")
        })?;
        let place = Self {
            host: parsed.host_str().unwrap_or_default().to_owned(),
            port: parsed.port_or_known_default().unwrap_or(80),
            path: parsed.path().to_owned(),
        };
        let is_local = match parsed.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        if is_local && parsed.scheme() == "http" {
            Ok(place)
        } else {
            Err(place.refused())
        }
    }

    fn refused(&self) -> String {
        format!(
            "{} Max retries exceeded with url: {} (Caused by NewConnectionError('\
             <urllib3.connection.HTTPConnection object at 0x7f2d4c1b9e50>: \
             Failed to establish a new connection: [Errno 111] Connection refused'))",
            self.pool(),
            self.path
        )
    }

    fn pool(&self) -> String {
        format!(
            "HTTPConnectionPool(host='{}', port={}):",
            self.host, self.port
        )
    }

    /// The exception the backend's HTTP library would throw.
    fn exception(&self, error: &ureq::Error, timeout: Duration) -> String {
        match error {
            ureq::Error::ConnectionFailed => self.refused(),
            ureq::Error::Timeout(_) => format!(
                "{} Read timed out. (read timeout={})",
                self.pool(),
                timeout.as_secs()
            ),
            ureq::Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                self.refused()
            }
            ureq::Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => {
                format!("{} Read timed out.", self.pool())
            }
            ureq::Error::Io(_) => "('Connection aborted.', \
                ConnectionResetError(104, 'Connection reset by peer'))"
                .to_owned(),
            _ => "('Connection aborted.', RemoteDisconnected('Remote end closed connection \
                without response'))"
                .to_owned(),
        }
    }
}
