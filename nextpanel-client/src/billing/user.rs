//! Users of the billing backend: customers and administrators.

use serde::Deserialize;

use super::endpoint::{endpoint, private_debug};
use super::id::CustomerId;
use super::password::{NewPassword, PasswordRefused};
use crate::{Field, Timestamp};

/// A user (section 4.2).
#[derive(Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// Its id.
    pub id: CustomerId,
    /// E-mail address. The part before the `@` has a case: `Ann@` and `ann@` are two users.
    #[serde(default)]
    pub email: Field<String>,
    /// Name.
    #[serde(default)]
    pub full_name: Field<String>,
    /// Company.
    #[serde(default)]
    pub company_name: Field<String>,
    /// Whether the user may log in. A token that was given before keeps working.
    #[serde(default)]
    pub is_active: Field<bool>,
    /// Whether the user is an administrator.
    #[serde(default)]
    pub is_admin: Field<bool>,
    /// When the user was created.
    #[serde(default)]
    pub created_at: Field<Timestamp>,
}

private_debug!(User: id, is_active, is_admin);

endpoint! {
    /// Registers a user, who is no administrator whatever is sent.
    ///
    /// # Errors
    /// Of the call: [`panel_http::Kind::Validation`] "Email already registered".
    pub struct Register: REGISTER -> User {
        required { email: String, full_name: String }
        secret { password: NewPassword }
        optional {
            /// Company.
            set_company_name company_name: String,
        }
        key email
    }
}

endpoint! {
    /// Reads the user who is logged in.
    pub struct GetMe: GET_ME -> User {}
}

endpoint! {
    /// Changes the user who is logged in. What is not set stays.
    pub struct UpdateMe: UPDATE_ME -> User {
        optional {
            /// Name, at least two letters: less is a 500.
            set_full_name full_name: String,
            /// Company.
            set_company_name company_name: String,
        }
    }
}

/// Changes the password of the user who is logged in. Both passwords are always sent: without the present one the backend
/// ignores the new one and answers 200 (section 6).
#[derive(Debug, Clone)]
pub struct ChangeMyPassword {
    current_password: secrecy::SecretString,
    new_password: NewPassword,
}

impl ChangeMyPassword {
    /// From the present password to a new one.
    ///
    /// # Errors
    /// [`PasswordRefused::MissingClass`] without a lower-case letter, an upper-case letter and a digit.
    pub fn new(
        current_password: secrecy::SecretString,
        new_password: NewPassword,
    ) -> Result<Self, PasswordRefused> {
        new_password.check_classes()?;
        Ok(Self {
            current_password,
            new_password,
        })
    }
}

impl panel_http::Endpoint for ChangeMyPassword {
    const OPERATION: &'static panel_http::Operation = &super::operations::UPDATE_ME;
    type Reply = User;

    fn body(&self) -> Result<panel_http::RequestBody, panel_http::EncodeError> {
        panel_http::RequestBody::object(|body| {
            body.secret("current_password", &self.current_password)?;
            body.secret("new_password", self.new_password.secret())
        })
    }

    fn decode(&self, answer: &panel_http::Answer) -> Result<User, panel_http::DecodeError> {
        answer.json()
    }
}
