//! The administrator every backend has from the start, whom no request can make.

use secrecy::SecretString;

use crate::made_up::characters;

/// The first administrator.
#[derive(Debug, Clone)]
pub struct AdminLogin {
    email: String,
    password: SecretString,
}

impl AdminLogin {
    pub(super) fn of(backend: &str) -> Self {
        let password = characters(&format!("{backend} administrator"), 20);
        Self {
            email: "root@billing.example".to_owned(),
            password: SecretString::from(password),
        }
    }

    /// The e-mail address.
    pub fn email(&self) -> &str {
        &self.email
    }

    /// The password.
    pub fn password(&self) -> &SecretString {
        &self.password
    }
}
