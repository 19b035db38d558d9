//! One request, and what came back in the words of core's table of outcomes.

use provisioning_core::run::outcome::{Named, Reply};
use reqwest::RequestBuilder;
use serde::de::DeserializeOwned;

/// Sends one request and reads its answer. What goes wrong says whether the request may have arrived, which is all that
/// decides what happens next: only an error of connecting proves that it did not.
pub(crate) async fn send<T: DeserializeOwned>(
    request: RequestBuilder,
    named: impl FnOnce(u16) -> Option<Named>,
) -> Result<T, Reply> {
    let text = |error: reqwest::Error| error.without_url().to_string();
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) if error.is_builder() => return Err(Reply::Local { text: text(error) }),
        Err(error) if error.is_connect() => {
            return Err(Reply::NotSent {
                text: text(error),
                retryable: true,
            });
        }
        Err(error) => return Err(Reply::NoAnswer { text: text(error) }),
    };
    let status = answer.status();
    if status.is_success() {
        // It was carried out; a body that cannot be read leaves open what with.
        let read = answer.json().await;
        return read.map_err(|error| Reply::NotUnderstood { text: text(error) });
    }
    Err(Reply::Answered {
        status: status.as_u16(),
        text: answer.text().await.unwrap_or_default(),
        html: false,
        retry_after: None,
        named: named(status.as_u16()),
        denial: None,
    })
}

/// What went wrong, in words.
pub(crate) fn words(reply: Reply) -> String {
    match reply {
        Reply::NotSent { text, .. }
        | Reply::Local { text }
        | Reply::NoAnswer { text }
        | Reply::NotUnderstood { text } => text,
        Reply::Answered { status, text, .. } => format!("{status}: {text}"),
        Reply::Understood(_) => "an answer to something else".to_owned(),
    }
}
