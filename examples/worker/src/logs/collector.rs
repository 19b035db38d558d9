//! Spans to an OpenTelemetry collector, over OTLP.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::{Layer as _, filter::LevelFilter};

use super::Layer;

/// Where spans go; the standard's own variable.
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// Where spans go.
pub(crate) struct Collector {
    spans: SdkTracerProvider,
}

impl Collector {
    /// The collector that the environment names, if it names one.
    pub(crate) fn from_environment() -> Result<Option<Self>, String> {
        let Some(endpoint) = host_setup::environment::text(ENDPOINT) else {
            return Ok(None);
        };
        let endpoint = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_endpoint(endpoint)
            .build()
            .map_err(|error| format!("{ENDPOINT}: {error}"))?;
        let spans = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(Resource::builder().with_service_name("worker").build())
            .build();
        Ok(Some(Self { spans }))
    }

    pub(crate) fn layer(&self) -> Layer {
        tracing_opentelemetry::layer()
            .with_tracer(self.spans.tracer("worker"))
            .with_filter(LevelFilter::INFO)
            .boxed()
    }

    /// Sends what is left.
    pub(crate) fn end(self) {
        if let Err(error) = self.spans.shutdown() {
            tracing::warn!(%error, "the last spans were not sent");
        }
    }
}
