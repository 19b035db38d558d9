//! How FastAPI services speak: both NextPanel services do (NextPanel contract, sections 1 and 3).

mod answer;
mod body;
mod fields;
mod literals;
mod password;
mod query;
mod refusal;

pub(crate) use self::answer::{detail_reply, json, no_content, rate_limited_reply, slash_redirect};
pub(crate) use self::body::{is_json, parse, parse_optional};
pub(crate) use self::fields::Fields;
pub(crate) use self::password::check_password_bytes;
pub(crate) use self::query::{
    parameter, query_boolean, query_integer, query_number, required_parameter,
};
pub(crate) use self::refusal::{Problem, Refusal};
