//! Password policies, generation and checking.
//!
//! The panels' own generators are neither cryptographic nor sure to hit every character class (CONTRACT-nextpanel
//! section 6). The one here draws uniformly from *all* strings that satisfy the policy: it draws whole strings and
//! throws away those that do not satisfy it, because mending a string (putting one of each class in) would make some
//! passwords likelier than others.

mod check;
mod class;
mod generate;
mod policy;

pub use check::{Violation, check};
pub use class::CharacterClass;
pub use generate::generate;
pub use policy::{PasswordPolicy, PolicyError};

/// Most bytes of a password: the panels hash with bcrypt, which fails or truncates beyond.
pub const MAX_BYTES: usize = 72;

/// Fewest characters: what every password route of the panels asks for.
pub const MIN_LENGTH: usize = 8;
