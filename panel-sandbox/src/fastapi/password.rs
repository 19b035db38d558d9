//! What hashing with bcrypt makes of passwords (contract, section 6).

use super::Refusal;

const MAXIMUM_BYTES: usize = 72;

/// Refuses a password bcrypt would refuse.
pub(crate) fn check_password_bytes(password: &str) -> Result<(), Refusal> {
    if password.len() > MAXIMUM_BYTES {
        return Err(Refusal::new(
            500,
            "Internal server error: password cannot be longer than 72 bytes, \
             truncate manually if necessary (e.g. my_password[:72])",
        ));
    }
    Ok(())
}
