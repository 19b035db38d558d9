//! How FastAPI services speak: both NextPanel services do (NextPanel contract, sections 1 and 3).

mod answer;
mod body;
mod fields;
mod refusal;

pub(crate) use self::answer::{detail_reply, json, slash_redirect};
pub(crate) use self::body::{parse, parse_optional};
pub(crate) use self::fields::{Fields, query_integer};
pub(crate) use self::refusal::{Problem, Refusal};
