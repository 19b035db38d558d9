//! Typed async client for NextPanel: the hosting panel's API-key surface and the billing backend's bearer surface.
//!
//! [`panel`] talks to a hosting panel with an API key and secret (CONTRACT-nextpanel section 8). Every call returns a
//! [`panel_http::Error`] that keeps the status, says whether the request may have been carried out, and whose
//! refusals explain themselves through [`DenialExt`].

pub mod billing;
mod denial;
mod extra;
mod field;
pub mod panel;

mod wrong_account;

pub use denial::DenialExt;
pub use extra::{Extra, WithExtra, with_extra};
pub use field::Field;
pub use panel_http::{NoTimestamp, Timestamp};
pub use wrong_account::{AccountActionError, WrongAccount};
