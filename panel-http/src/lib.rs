//! One HTTP call to a hosting panel, start to end: deadlines, retries that are safe, caps, and errors that say what happened.
//!
//! A client crate describes each route as an [`Endpoint`]; [`Client::call`] does the rest, in the order its
//! documentation lists. What may be repeated is declared by each operation's [`Safety`] and decided by [`decide`]; how a
//! call failed, how far its request came and what may be done next is told by [`Error`].

mod answer;
mod base_url;
mod call;
mod caps;
mod client;
mod conventions;
mod credential;
mod decide;
mod decimal;
mod decode;
mod delivery;
mod encode;
mod endpoint;
mod error;
mod exchange;
mod exchange_view;
mod failure;
mod hook;
mod list;
mod login;
mod login_source;
#[doc(hidden)]
pub mod macros;
mod observation;
mod opaque_id;
mod open_enum;
mod operation;
mod page;
mod plain_text;
mod preview;
mod rate_limit;
mod raw_request;
mod redact;
mod redirect;
mod request_body;
mod request_budget;
mod retry_budget;
mod retry_hint;
mod retry_policy;
mod scalar;
mod server_error;
pub mod testing;
mod timeouts;
mod timestamp;
mod token_grant;
mod token_lifetime;
mod trail;
mod transport;
mod url_parts;
mod verdict;

pub use crate::{
    answer::Answer,
    base_url::BaseUrl,
    caps::Caps,
    client::{CallOptions, Client, ClientBuilder},
    conventions::{Conventions, DefaultConventions},
    credential::{Credential, CredentialContext, CredentialSource, Generation, StaticCredential},
    decide::{Decision, GiveUp, History, Outcome, decide},
    decimal::Decimal,
    decode::DecodeError,
    delivery::Delivery,
    encode::EncodeError,
    endpoint::Endpoint,
    error::{Attempt, Error, Kind},
    exchange_view::{ExchangeView, ResponseView},
    hook::{AttemptHook, CallEnd, CallFacts, CallHook},
    list::{
        BadItem, Cursor, ItemError, ItemStream, ListEndpoint, Listing, LossyItemStream, NoCursor,
        PageStream, Paging, WithExtra,
    },
    login::{Login, LoginRoutes},
    login_source::LoginSource,
    opaque_id::OpaqueId,
    operation::{CredentialKind, HttpMethod, KeyPlace, Operation, Safety},
    page::Page,
    preview::Preview,
    raw_request::RawRequest,
    request_body::{JsonObject, RequestBody},
    request_budget::{BudgetEnd, RequestBudget},
    retry_policy::RetryPolicy,
    scalar::{Scalar, lenient},
    server_error::{BodyForm, FieldError, ServerError},
    timeouts::{Limit, TimeoutClass, Timeouts},
    timestamp::{NoTimestamp, Timestamp},
    token_grant::TokenGrant,
    transport::{BoxFuture, ResponseBody, Transport, TransportError, TransportFault},
    url_parts::{PathParameters, Query},
};

/// The program of the README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
