//! The two sides.

use std::marker::PhantomData;

use panel_http::{
    Answer, Client, CredentialKind, DecodeError, Endpoint, HttpMethod, Operation, Page,
    PathParameters, Safety,
};
use secrecy::SecretString;
use serde::de::DeserializeOwned;

pub(crate) const KEY: &str = "npk_0123456789abcdef0123456789abcdef";
pub(crate) const SECRET: &str = "nps_0123456789abcdef0123456789abcdef";

pub(crate) fn ours(base: &str) -> Client {
    Client::builder(base)
        .key_pair(&SecretString::from(KEY), &SecretString::from(SECRET))
        .no_proxy()
        .build()
        .unwrap()
}

pub(crate) fn raw() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// What people write.
pub(crate) async fn raw_get<T: DeserializeOwned>(client: &reqwest::Client, url: &str) -> T {
    let reply = client
        .get(url)
        .header("x-api-key", KEY)
        .header("x-api-secret", SECRET)
        .send()
        .await
        .unwrap()
        .error_for_status()
        .unwrap();
    serde_json::from_slice(&reply.bytes().await.unwrap()).unwrap()
}

/// `GET /small`.
pub(crate) struct Small;

impl Endpoint for Small {
    const OPERATION: &'static Operation =
        &Operation::new("get small", HttpMethod::Get, "/small", Safety::ReadOnly)
            .credentials(&[CredentialKind::KeyPair]);
    type Reply = Vec<crate::rows::StrictCustomer>;

    fn decode(&self, answer: &Answer) -> Result<Self::Reply, DecodeError> {
        answer.json()
    }
}

/// `GET /{shape}/{count}` as one page.
pub(crate) struct WholePage<T> {
    shape: &'static str,
    count: usize,
    row: PhantomData<fn() -> T>,
}

impl<T> WholePage<T> {
    pub(crate) const fn new(shape: &'static str, count: usize) -> Self {
        Self {
            shape,
            count,
            row: PhantomData,
        }
    }
}

impl<T: DeserializeOwned + Send> Endpoint for WholePage<T> {
    const OPERATION: &'static Operation = &Operation::new(
        "get page",
        HttpMethod::Get,
        "/{shape}/{count}",
        Safety::ReadOnly,
    )
    .credentials(&[CredentialKind::KeyPair]);
    type Reply = Page<T>;

    fn path(&self, path: &mut PathParameters) {
        path.set("shape", self.shape);
        path.set("count", self.count);
    }

    fn decode(&self, answer: &Answer) -> Result<Self::Reply, DecodeError> {
        Page::read(answer)
    }
}
