//! Clients on scripted replies, for rules that span several requests.

use mpanel_client::{Generation, Mpanel, MpanelBuilder};
use panel_http::{
    Login,
    testing::{Reply, ScriptedTransport},
};
use serde_json::Value;

use super::case::login_reply;

/// A client that will log in.
pub(crate) fn with_login(transport: &ScriptedTransport) -> MpanelBuilder {
    builder(transport).login(Login::new("ops@hoster.example", "of-the-operator".into()))
}

pub(crate) fn builder(transport: &ScriptedTransport) -> MpanelBuilder {
    let transport = transport.clone();
    Mpanel::builder("https://panel.hoster.example")
        .with_client(|client| client.transport(transport).jitter(|| 0.0))
}

/// The login of a generation, then these replies.
pub(crate) fn script(generation: Generation, replies: Vec<Reply>) -> ScriptedTransport {
    let transport = ScriptedTransport::new().with(log_in(generation));
    for reply in replies {
        transport.push(reply);
    }
    transport
}

pub(crate) fn log_in(generation: Generation) -> Reply {
    json(200, &login_reply(generation))
}

pub(crate) fn json(status: u16, body: &Value) -> Reply {
    Reply::json(status, body.to_string())
}

/// What was asked, as `METHOD /path?query`.
pub(crate) fn asked(transport: &ScriptedTransport) -> Vec<String> {
    transport
        .requests()
        .iter()
        .map(|request| {
            let target = request
                .uri
                .path_and_query()
                .map_or("", |target| target.as_str());
            format!("{} {target}", request.method)
        })
        .collect()
}
