//! Whether the server is there. Asks for no credential, and counts towards its limiter (contract section 7).

use panel_http::{Operation, Timestamp};

use crate::{
    endpoints::{endpoints, read_openly},
    reply,
    route::Route,
    row::row,
};

pub(crate) const HEALTH: Operation = read_openly("mpanel.health", "/api/health");
pub(crate) const READY: Operation = read_openly("mpanel.ready", "/api/ready");
pub(crate) const LIVE: Operation = read_openly("mpanel.live", "/api/live");
pub(crate) const SYSTEM: Operation = read_openly("mpanel.system_health", "/api/system/health");

pub(crate) const ROUTES: &[Route] = &[
    Route::both(&HEALTH),
    Route::both(&READY),
    Route::both(&LIVE),
    Route::legacy(&SYSTEM),
];

row! {
    /// What the server says of itself.
    pub struct Health {
        /// `healthy`, `ready`, `alive` or `ok`.
        status: String,
        ;
        /// Its version.
        version: String,
        /// Its time.
        timestamp: Timestamp,
        /// How long it runs, in seconds.
        #[serde(deserialize_with = "panel_http::lenient")]
        uptime: f64,
    }
    shows status, version, uptime
}

endpoints! {
    /// Asks for the server's health.
    GetHealth -> Health = HEALTH, |answer| reply::row(answer, &[]);

    /// Asks whether it can serve: 503 while its database is away.
    GetReady -> Health = READY, |answer| reply::row(answer, &[]);

    /// Asks whether it runs.
    GetLive -> Health = LIVE, |answer| reply::row(answer, &[]);

    /// Asks for its health in detail.
    GetSystemHealth -> Health = SYSTEM, |answer| reply::row(answer, &[]);
}
