//! What a credential may do, what it lacks, and how to mend that.
//!
//! - [`Requirement::of`] says what a [`Verb`] asks of its credential;
//! - [`check`] holds an [`ApiKeyProfile`] against it before anything is sent, [`check_role`] does so for mPanel users;
//! - [`Denial::from_response`] recognises what a panel's refusal means;
//! - [`Denial::remedy`] says, in order, what to do about it.
//!
//! Facts come from CONTRACT-nextpanel sections 4.2, 7 and 8 and CONTRACT-mpanel sections 2, 3, 7 and 9.

mod credential;
mod denial;
mod level;
mod missing;
mod profile;
mod recognise;
mod remedy;
mod requirement;
mod scope;
mod verb;

pub use credential::CredentialKind;
pub use denial::Denial;
pub use level::PermissionLevel;
pub use missing::Missing;
pub use profile::{AllowedAddress, ApiKeyProfile, check, check_role};
pub use remedy::{Remedy, RemedyContext, numbered};
pub use requirement::{Requirement, Rule};
pub use scope::Scope;
pub use verb::{Service, Verb};
