//! Users: customers and administrators are rows of the same table.

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::moment::Moment;
use super::state::State;
use super::{AdminLogin, Resource, email};
use crate::fastapi::{Fields, Refusal, check_password_bytes};

const MINIMUM_PASSWORD_CHARACTERS: usize = 8;

/// A user. What is serialised is what every answer about users begins with.
#[derive(Debug, Clone, Serialize)]
pub(super) struct User {
    pub(super) email: String,
    /// Nothing only where something has gone wrong; then no list of customers can be answered.
    pub(super) full_name: Option<String>,
    pub(super) company_name: Option<String>,
    pub(super) id: String,
    pub(super) is_active: bool,
    pub(super) is_admin: bool,
    pub(super) created_at: Moment,
    #[serde(skip)]
    pub(super) updated_at: Option<Moment>,
    #[serde(skip)]
    password: SecretString,
}

impl User {
    pub(super) fn has_password(&self, password: &str) -> bool {
        self.password.expose_secret() == password
    }

    /// Sets a password, which must be one that can be hashed.
    pub(super) fn set_password(&mut self, password: &str) -> Result<(), Refusal> {
        check_password_bytes(password)?;
        self.password = SecretString::from(password);
        Ok(())
    }

    pub(super) fn add_administrator(state: &mut State, login: &AdminLogin) {
        NewUser {
            email: login.email().to_owned(),
            full_name: Some("Administrator".to_owned()),
            company_name: None,
            password: login.password().clone(),
            is_active: true,
            is_admin: true,
        }
        .insert(state);
    }
}

/// What a new user is made of.
pub(super) struct NewUser {
    pub(super) email: String,
    pub(super) full_name: Option<String>,
    pub(super) company_name: Option<String>,
    pub(super) password: SecretString,
    pub(super) is_active: bool,
    pub(super) is_admin: bool,
}

impl NewUser {
    /// Reads what registering, customers and administrators' users have in common.
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        let email = email::required(fields);
        let password = fields.required_string("password");
        fields.minimum_length("password", MINIMUM_PASSWORD_CHARACTERS);
        Self {
            email,
            full_name: Some(fields.required_string("full_name")),
            company_name: fields.optional_string("company_name"),
            password: SecretString::from(password),
            is_active: true,
            is_admin: false,
        }
    }

    /// Adds the user, unless the address is taken or the password cannot be hashed.
    pub(super) fn add(self, state: &mut State) -> Result<&User, Refusal> {
        if state.user_by_email(&self.email).is_some() {
            return Err(Refusal::new(400, "Email already registered"));
        }
        check_password_bytes(self.password.expose_secret())?;
        Ok(self.insert(state))
    }

    pub(super) fn insert(self, state: &mut State) -> &User {
        state.note_creation(Resource::Users, &self.email);
        let user = User {
            id: state.new_id(),
            email: self.email,
            full_name: self.full_name,
            company_name: self.company_name,
            is_active: self.is_active,
            is_admin: self.is_admin,
            created_at: state.by_database(),
            updated_at: None,
            password: self.password,
        };
        state.users.push_mut(user)
    }
}
