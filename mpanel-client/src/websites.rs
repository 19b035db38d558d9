//! Websites: the legacy handlers, on both generations (contract section 7).

mod create;
mod list;
mod update;
mod website;

use std::borrow::Cow;

use panel_http::{HttpMethod, Operation, Safety};
use provisioning_core::permission::Verb;

pub use self::{
    create::CreateWebsite,
    list::ListWebsites,
    update::{UpdateWebsite, UpdateWebsiteSsl},
    website::{Website, WebsiteId, WebsiteStatus},
};
use crate::{
    endpoints::{change, endpoints, once, read, repeatable},
    reply,
    route::Route,
};

pub(crate) const LIST: Operation = read("mpanel.list_websites", "/api/websites");
pub(crate) const GET: Operation = read("mpanel.get_website", "/api/websites/{id}");
/// Domain and metadata read back.
pub(crate) const CREATE: Operation = change(
    "mpanel.create_website",
    HttpMethod::Post,
    "/api/websites",
    Safety::NaturalKey,
);
pub(crate) const UPDATE: Operation = repeatable(
    "mpanel.update_website",
    HttpMethod::Put,
    "/api/websites/{id}",
);
pub(crate) const UPDATE_SSL: Operation = repeatable(
    "mpanel.update_website_ssl",
    HttpMethod::Put,
    "/api/websites/{id}/ssl",
);
pub(crate) const DEPLOY: Operation = once("mpanel.deploy_website", "/api/websites/{id}/deploy");

pub(crate) const ROUTES: &[Route] = &[
    Route::both(&LIST).asks(Verb::MpanelReadCustomers),
    Route::both(&GET).asks(Verb::MpanelReadCustomers),
    Route::both(&CREATE).asks(Verb::MpanelWriteWebsite),
    Route::both(&UPDATE).asks(Verb::MpanelWriteWebsite),
    Route::both(&UPDATE_SSL).asks(Verb::MpanelWriteWebsite),
    Route::both(&DEPLOY).asks(Verb::MpanelWriteWebsite),
];

endpoints! {
    /// Reads a website. `NotFound` for an id nobody has, `Validation` for one that is no UUID.
    GetWebsite(id: WebsiteId) -> Website = GET, |answer| reply::row(answer, &["website"]);

    /// Records a deployment; nothing is deployed by it.
    DeployWebsite(id: WebsiteId) -> Website = DEPLOY, |answer| reply::row(answer, &["website"]);
}

fn domain_key(domain: &str) -> Option<Cow<'_, str>> {
    Some(domain.into())
}
