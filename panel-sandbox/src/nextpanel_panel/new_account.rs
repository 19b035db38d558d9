//! What a new account is made of, and what the panel demands of it.

use secrecy::SecretString;
use serde_json::{Value, json};

use crate::fastapi::{Fields, Refusal, check_password_bytes};

const MINIMUM_PASSWORD_CHARACTERS: usize = 8;

/// What a new account is made of.
pub(super) struct NewAccount {
    pub(super) username: String,
    pub(super) email: String,
    pub(super) password: SecretString,
    pub(super) full_name: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) company: Option<String>,
    pub(super) package_id: Option<i64>,
    pub(super) is_admin: bool,
    pub(super) billing_id: Option<String>,
    pub(super) metadata: Option<Value>,
    pub(super) is_stranger: bool,
}

impl NewAccount {
    /// Reads the body of a create, naming everything that is wrong with it.
    pub(super) fn read(body: &Value) -> Result<Self, Refusal> {
        let mut fields = Fields::of(body)?;
        let username = fields.required_string("username");
        fields.minimum_length("username", 1);
        let email = fields.required_string("email");
        if body
            .get("email")
            .and_then(Value::as_str)
            .is_some_and(|email| !email.contains('@'))
        {
            let message =
                "value is not a valid email address: An email address must have an @-sign.";
            fields.problem("value_error", "email", message, json!(email));
        }
        let password = fields.required_string("password");
        fields.minimum_length("password", MINIMUM_PASSWORD_CHARACTERS);
        let full_name = fields.optional_string("full_name");
        let phone = fields.optional_string("phone");
        let company = fields.optional_string("company");
        let package_id = fields.optional_integer("package_id");
        let is_admin = fields.boolean("is_admin");
        let billing_id = fields.optional_string("billing_id");
        let metadata = fields.optional_object("metadata");
        fields.finish()?;
        check_password_bytes(&password)?;
        Ok(Self {
            username,
            email,
            password: SecretString::from(password),
            full_name,
            phone,
            company,
            package_id,
            is_admin,
            billing_id,
            metadata,
            is_stranger: false,
        })
    }
}
