//! Settings of the relay in front of a stand-in.

use std::time::Duration;

/// How a stand-in behaves on the wire; the same for every service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireSettings {
    pub(crate) port: u16,
    pub(crate) latency: Duration,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) recording: bool,
    pub(crate) delay: Duration,
    pub(crate) retry_after_seconds: u64,
    pub(crate) huge_body_bytes: u64,
}

impl Default for WireSettings {
    fn default() -> Self {
        Self {
            port: 0,
            latency: Duration::ZERO,
            // What uvicorn does, under both NextPanel services (contract, section 1), and Node, under mPanel.
            idle_timeout: Some(Duration::from_secs(5)),
            recording: true,
            delay: Duration::from_millis(300),
            retry_after_seconds: 1,
            huge_body_bytes: 32 * 1024 * 1024,
        }
    }
}

impl WireSettings {
    /// Any free port, no latency, everything recorded.
    pub fn new() -> Self {
        Self::default()
    }

    /// The port on 127.0.0.1; 0, the default, takes any free one.
    pub fn with_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// How long each request is on its way before it is handled. Default none.
    pub fn with_latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// How long an idle kept-alive connection stays open; `None` is for ever. Default 5 s, as uvicorn and Node.
    pub fn with_idle_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Whether received requests are kept for assertions. Default yes; turn it off for load runs.
    ///
    /// The mock server underneath keeps a copy of its own of each request until the stand-in ends, which nothing
    /// reads or prints and nothing can turn off: count on some 2 kB a request.
    pub fn with_recording(mut self, recording: bool) -> Self {
        self.recording = recording;
        self
    }

    /// How late the reply comes under [`Fault::Delay`](crate::Fault::Delay). Default 300 ms.
    pub fn with_delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The hint of [`Fault::RateLimited`](crate::Fault::RateLimited), in seconds. Default 1.
    pub fn with_retry_after_seconds(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = seconds;
        self
    }

    /// How many bytes [`Fault::HugeBody`](crate::Fault::HugeBody) adds to the body. Default 32 MiB.
    pub fn with_huge_body_bytes(mut self, bytes: u64) -> Self {
        self.huge_body_bytes = bytes;
        self
    }
}
