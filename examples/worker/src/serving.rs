//! `/healthz` and `/metrics`, on loopback.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use provisioning_engine::Engine;
use provisioning_engine::store::Wanted;
use tokio::net::TcpListener;
use tokio::sync::Notify;

#[derive(Clone)]
struct Served {
    engine: Engine,
    figures: PrometheusHandle,
}

pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address)
        .await
        .map_err(|error| format!("--listen {address}: {error}"))
}

/// Serves until `ended` is told.
pub(crate) async fn serve(
    listener: TcpListener,
    engine: Engine,
    figures: PrometheusHandle,
    ended: Arc<Notify>,
) -> std::io::Result<()> {
    let routes = Router::new()
        .route("/healthz", get(health))
        .route("/metrics", get(metrics))
        .with_state(Served { engine, figures });
    axum::serve(listener, routes)
        .with_graceful_shutdown(async move { ended.notified().await })
        .await
}

/// Healthy is who can read the store: without it nothing is taken up.
async fn health(State(served): State<Served>) -> Response {
    let one = Wanted {
        most: 1,
        ..Wanted::default()
    };
    match served.engine.list(one).await {
        Ok(_) => "ok\n".into_response(),
        Err(error) => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("the store does not answer: {error}\n"),
        )
            .into_response(),
    }
}

async fn metrics(State(served): State<Served>) -> Response {
    (
        [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        served.figures.render(),
    )
        .into_response()
}
