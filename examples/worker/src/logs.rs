//! Logs on standard error, and spans to a collector where that is built in and asked for.

use std::io;

use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry};

use crate::arguments::Log;

#[cfg(feature = "otel")]
mod collector;

type Layer = Box<dyn tracing_subscriber::Layer<Registry> + Send + Sync>;

/// What has to be brought to its end with the program.
pub(crate) struct Logs {
    #[cfg(feature = "otel")]
    collector: Option<collector::Collector>,
}

/// Begins to log.
pub(crate) fn begin(log: Log) -> Result<Logs, String> {
    let filter = EnvFilter::builder()
        .with_default_directive(tracing::level_filters::LevelFilter::INFO.into())
        .from_env()
        .map_err(|error| format!("RUST_LOG: {error}"))?;
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let lines: Layer = match log {
        Log::Text => lines.with_ansi(false).with_filter(filter).boxed(),
        Log::Json => lines.json().with_filter(filter).boxed(),
    };
    #[allow(unused_mut, reason = "one more with a collector")]
    let mut layers = vec![lines];
    #[cfg(feature = "otel")]
    let collector = {
        let collector = collector::Collector::from_environment()?;
        layers.extend(collector.as_ref().map(collector::Collector::layer));
        collector
    };
    tracing_subscriber::registry()
        .with(layers)
        .try_init()
        .map_err(|error| error.to_string())?;
    Ok(Logs {
        #[cfg(feature = "otel")]
        collector,
    })
}

impl Logs {
    /// Sends what is left.
    #[cfg_attr(
        not(feature = "otel"),
        expect(clippy::unused_self, reason = "there is a collector with the feature")
    )]
    pub(crate) fn end(self) {
        #[cfg(feature = "otel")]
        if let Some(collector) = self.collector {
            collector.end();
        }
    }
}
