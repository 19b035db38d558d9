//! Hosting servers: `/api/servers` on both generations, `/api/admin/servers` on the legacy one (contract section 7).

mod admin;
mod create;
mod metrics;
mod server;
mod update;

use panel_http::{HttpMethod, Operation, Paging, Safety};
use provisioning_core::permission::Verb;

pub use self::{
    admin::{AdminServer, CreateAdminServer, UpdateAdminServer},
    create::CreateServer,
    metrics::{RecordMetrics, ServerMetrics},
    server::{Server, ServerId},
    update::UpdateServer,
};
use crate::{
    endpoints::{change, endpoints, lists, once, read, read_openly, repeatable},
    reply::{self, Done},
    route::Route,
};

pub(crate) const LIST: Operation = read("mpanel.list_servers", "/api/servers");
pub(crate) const GET: Operation = read("mpanel.get_server", "/api/servers/{id}");
/// The server refuses a second one of the same host name.
pub(crate) const CREATE: Operation = change(
    "mpanel.create_server",
    HttpMethod::Post,
    "/api/servers",
    Safety::NaturalKey,
);
pub(crate) const UPDATE: Operation =
    repeatable("mpanel.update_server", HttpMethod::Put, "/api/servers/{id}");
pub(crate) const DELETE: Operation = repeatable(
    "mpanel.delete_server",
    HttpMethod::Delete,
    "/api/servers/{id}",
);
pub(crate) const METRICS: Operation =
    read("mpanel.get_server_metrics", "/api/servers/{id}/metrics");
pub(crate) const RECORD_METRICS: Operation =
    once("mpanel.record_server_metrics", "/api/servers/{id}/metrics");
pub(crate) const ADMIN_LIST: Operation =
    read_openly("mpanel.list_admin_servers", "/api/admin/servers");
/// The server refuses a second one of the same name.
pub(crate) const ADMIN_CREATE: Operation = change(
    "mpanel.create_admin_server",
    HttpMethod::Post,
    "/api/admin/servers",
    Safety::NaturalKey,
)
.credentials(&[]);
pub(crate) const ADMIN_UPDATE: Operation = repeatable(
    "mpanel.update_admin_server",
    HttpMethod::Patch,
    "/api/admin/servers/{id}",
)
.credentials(&[]);

pub(crate) const ROUTES: &[Route] = &[
    Route::both(&LIST).asks(Verb::MpanelReadServers),
    Route::both(&GET).asks(Verb::MpanelReadServers),
    Route::both(&CREATE).asks(Verb::MpanelWriteServer),
    Route::both(&UPDATE).asks(Verb::MpanelWriteServer),
    Route::both(&DELETE).asks(Verb::MpanelWriteServer),
    Route::both(&METRICS).asks(Verb::MpanelReadServers),
    Route::both(&RECORD_METRICS).asks(Verb::MpanelReadServers),
    Route::both(&ADMIN_LIST),
    Route::both(&ADMIN_CREATE),
    Route::both(&ADMIN_UPDATE),
];

lists! {
    /// Lists servers of the user's tenant; all of them to a user without tenant.
    ListServers -> Server = LIST, Paging::Whole;

    /// Lists servers with their counts of tasks. The route asks for no credential.
    ListAdminServers -> AdminServer = ADMIN_LIST, Paging::Whole;
}

endpoints! {
    /// Reads a server.
    GetServer(id: ServerId) -> Server = GET, |answer| reply::row(answer, &["server"]);

    /// Marks a server deleted.
    DeleteServer(id: ServerId) -> Done = DELETE, reply::done;

    /// Reads the newest metrics of a server.
    GetServerMetrics(id: ServerId) -> ServerMetrics = METRICS, |answer| reply::row(answer, &["metrics"]);
}
