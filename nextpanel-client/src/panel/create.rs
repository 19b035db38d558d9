//! `POST /api/v1/billing/accounts`.

use std::borrow::Cow;

use http::StatusCode;
use jiff::Timestamp;
use secrecy::SecretString;

use panel_http::Answer;
use panel_http::DecodeError;
use panel_http::EncodeError;
use panel_http::Endpoint;
use panel_http::Kind;
use panel_http::Operation;
use panel_http::RequestBody;
use provisioning_core::catalog::AccountType;
use provisioning_core::plan::id::Mark;

use super::account::Account;
use super::metadata::AccountMetadata;
use super::operations::CREATE_ACCOUNT;

/// Creates an account. The reply is the account with its id.
///
/// # Errors
/// Of the call: [`panel_http::Kind::Indeterminate`] when no whole answer came, and also when a 201 came without
/// a readable integer id: the account exists then, and only a look-up can name it. 400 "Username already exists" is
/// `Validation`; 401 and 403 carry a denial.
#[derive(Debug, Clone)]
pub struct CreateAccount {
    username: String,
    email: String,
    password: SecretString,
    full_name: Option<String>,
    phone: Option<String>,
    company: Option<String>,
    package_id: Option<i64>,
    mark: Mark,
    account_type: AccountType,
    metadata: AccountMetadata,
}

impl CreateAccount {
    /// An account of `account_type` under `username`, provably ours by `mark`.
    #[must_use]
    pub fn new(
        username: impl Into<String>,
        email: impl Into<String>,
        password: SecretString,
        account_type: AccountType,
        mark: Mark,
        planned_at: Timestamp,
    ) -> Self {
        Self {
            username: username.into(),
            email: email.into(),
            password,
            full_name: None,
            phone: None,
            company: None,
            package_id: None,
            mark,
            account_type,
            metadata: AccountMetadata::new(account_type, None, planned_at),
        }
    }

    /// The customer's name.
    #[must_use]
    pub fn set_full_name(mut self, full_name: Option<String>) -> Self {
        self.full_name = full_name;
        self
    }

    /// The customer's phone number.
    #[must_use]
    pub fn set_phone(mut self, phone: Option<String>) -> Self {
        self.phone = phone;
        self
    }

    /// The customer's company.
    #[must_use]
    pub fn set_company(mut self, company: Option<String>) -> Self {
        self.company = company;
        self
    }

    /// The panel's package. None is the panel's default.
    #[must_use]
    pub const fn set_package_id(mut self, package_id: Option<i64>) -> Self {
        self.package_id = package_id;
        self
    }

    /// What is written into the account's metadata.
    #[must_use]
    pub fn set_metadata(mut self, metadata: AccountMetadata) -> Self {
        self.metadata = metadata;
        self
    }
}

impl Endpoint for CreateAccount {
    const OPERATION: &'static Operation = &CREATE_ACCOUNT;
    type Reply = Account;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        // Fields and order as the billing backend sends them; nulls are sent, not left out.
        RequestBody::object(|body| {
            body.field("username", &self.username)?;
            body.field("email", &self.email)?;
            body.secret("password", &self.password)?;
            body.field("full_name", &self.full_name)?;
            body.field("phone", &self.phone)?;
            body.field("company", &self.company)?;
            body.field("package_id", &self.package_id)?;
            body.field("is_admin", &self.account_type.is_admin())?;
            body.field("billing_id", &self.mark)?;
            body.field("metadata", &self.metadata)
        })
    }

    /// What the server stores of ours and refuses a second time.
    fn key(&self) -> Option<Cow<'_, str>> {
        Some(self.username.as_str().into())
    }

    /// Exactly 201: any other success is no proof that an account was created (section 8).
    fn accepts(&self, status: StatusCode) -> bool {
        status == StatusCode::CREATED
    }

    fn decode(&self, answer: &Answer) -> Result<Account, DecodeError> {
        // A 201 says that an account was made; without its id only a look-up can say which.
        let open = |error: DecodeError| error.with_kind(Kind::Indeterminate);
        let account: Account = answer.json().map_err(open)?;
        if !account.has_username(&self.username) {
            return Err(open(DecodeError::unreadable(
                "username",
                "is another one than was asked for",
            )));
        }
        Ok(account)
    }
}
