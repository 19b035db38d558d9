//! Endpoints of a made-up panel, one for each safety.

use std::borrow::Cow;

use http::StatusCode;
use panel_http::{
    Answer, Client, ClientBuilder, Credential, CredentialKind, DecodeError, EncodeError, Endpoint,
    Generation, HttpMethod, KeyPlace, Operation, PathParameters, Query, RequestBody, Safety,
    ServerError, TimeoutClass, testing::ScriptedTransport,
};
use secrecy::SecretString;
use serde::Deserialize;

pub(crate) const KEY: &str = "npk_canary-key-4711";
pub(crate) const SECRET: &str = "nps_canary-secret-4712";
pub(crate) const PASSWORD: &str = "canary\"pass<word>&4713";

#[derive(Debug, Deserialize, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) id: u64,
}

pub(crate) struct ListAccounts {
    pub(crate) limit: Option<u32>,
}

impl Endpoint for ListAccounts {
    const OPERATION: &'static Operation = &Operation::new(
        "list accounts",
        HttpMethod::Get,
        "/api/v1/accounts",
        Safety::ReadOnly,
    )
    .credentials(&[CredentialKind::KeyPair]);
    type Reply = Vec<Account>;

    fn query(&self, query: &mut Query) {
        query.set_some("limit", self.limit);
    }

    fn decode(&self, answer: &Answer) -> Result<Vec<Account>, DecodeError> {
        answer.json()
    }
}

pub(crate) struct CreateAccount {
    pub(crate) username: String,
    pub(crate) password: SecretString,
}

impl CreateAccount {
    pub(crate) fn acme() -> Self {
        Self {
            username: "acme1".to_owned(),
            password: SecretString::from(PASSWORD),
        }
    }
}

impl Endpoint for CreateAccount {
    const OPERATION: &'static Operation = &Operation::new(
        "create account",
        HttpMethod::Post,
        "/api/v1/accounts",
        Safety::NaturalKey,
    )
    .credentials(&[CredentialKind::KeyPair])
    .timeout(TimeoutClass::Provision)
    .contract("NextPanel 8");
    type Reply = Account;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.field("username", &self.username)?;
            body.secret("password", &self.password)
        })
    }

    fn key(&self) -> Option<Cow<'_, str>> {
        Some(self.username.as_str().into())
    }

    fn decode(&self, answer: &Answer) -> Result<Account, DecodeError> {
        if answer.status() != StatusCode::CREATED {
            let server = ServerError::read(answer.body());
            return Err(DecodeError::indeterminate(server));
        }
        answer.json()
    }
}

pub(crate) struct Suspend {
    pub(crate) id: String,
}

impl Suspend {
    pub(crate) fn seven() -> Self {
        Self { id: "7".to_owned() }
    }
}

impl Endpoint for Suspend {
    const OPERATION: &'static Operation = &Operation::new(
        "suspend account",
        HttpMethod::Post,
        "/api/v1/accounts/{id}/suspend",
        Safety::Idempotent,
    )
    .credentials(&[CredentialKind::KeyPair]);
    type Reply = ();

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn decode(&self, _answer: &Answer) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// A keyed operation behind a bearer token.
pub(crate) struct Charge;

impl Endpoint for Charge {
    const OPERATION: &'static Operation = &Operation::new(
        "charge",
        HttpMethod::Post,
        "/api/v1/charges",
        Safety::Keyed(KeyPlace::Header("idempotency-key")),
    )
    .credentials(&[CredentialKind::Bearer, CredentialKind::Header("x-token")]);
    type Reply = ();

    fn decode(&self, _answer: &Answer) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// Without credential, not safe to repeat.
pub(crate) struct Register;

impl Endpoint for Register {
    const OPERATION: &'static Operation = &Operation::new(
        "register",
        HttpMethod::Post,
        "/api/v1/register/",
        Safety::Unsafe,
    );
    type Reply = ();

    fn decode(&self, _answer: &Answer) -> Result<(), DecodeError> {
        Ok(())
    }
}

pub(crate) fn builder(base: &str) -> ClientBuilder {
    Client::builder(base)
        .path_prefix("/api")
        .key_pair(&SecretString::from(KEY), &SecretString::from(SECRET))
        .jitter(|| 0.5)
        .no_proxy()
}

pub(crate) fn scripted(transport: &ScriptedTransport) -> Client {
    builder("https://panel.example.com")
        .transport(transport.clone())
        .build()
        .unwrap()
}

pub(crate) fn bearer_credential(token: &str) -> Credential {
    Credential::bearer(&SecretString::from(token), Generation::FIRST).unwrap()
}
