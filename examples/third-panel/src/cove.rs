//! Cove, a panel that does not exist: `POST /accounts`, `GET /accounts`, `POST /sessions`. It stores a reference of ours
//! with each account and refuses a second account of the same name.

use std::collections::BTreeMap;
use std::time::Duration;

use panel_http::{Answer, Client, CredentialKind, DecodeError, EncodeError, Error};
use panel_http::{HttpMethod, RawRequest, RequestBody, Safety};
use provisioning_core::fleet::ServerName;
use provisioning_core::plan::action::CreateHostingAccount;
use provisioning_core::plan::verb::Capabilities;
use provisioning_core::run::outcome::Named;
use provisioning_engine::hosting::{AccountRow, HostingPanel};
use secrecy::SecretString;
use serde::Deserialize;

/// What every request but a login carries.
pub(crate) const TOKEN: &[CredentialKind] = &[CredentialKind::Header("authorization")];

/// Cove's servers, by the names the fleet has for them. `HostingExecutor::new(cove)` is the executor.
#[derive(Debug)]
pub struct Cove {
    /// A client of each, with its token.
    pub servers: BTreeMap<ServerName, Client>,
    /// After this long a request has arrived or never will.
    pub longest_duration: Duration,
}

/// An account as Cove shows it.
#[derive(Deserialize)]
struct Row {
    id: u64,
    name: String,
    reference: Option<String>,
    is_on: bool,
}

impl From<Row> for AccountRow {
    fn from(row: Row) -> Self {
        Self {
            remote_id: row.id.to_string(),
            username: row.name,
            mark: row.reference,
            active: row.is_on,
        }
    }
}

impl HostingPanel for Cove {
    fn capabilities(&self) -> Capabilities {
        // Cove refuses a second account of the same name, shows our reference, and changes nothing when it is read:
        // what core has declared for NextPanel is true of it as well.
        Capabilities::nextpanel(self.longest_duration)
    }

    fn client(&self, server: &ServerName) -> Option<&Client> {
        self.servers.get(server)
    }

    fn create(
        &self,
        new: &CreateHostingAccount,
        username: &str,
        password: &SecretString,
    ) -> Result<RawRequest, EncodeError> {
        let body = RequestBody::object(|body| {
            body.field("name", username)?;
            body.field("mail", new.email.as_str())?;
            body.field("reference", &new.mark)?;
            body.secret("password", password)
        })?;
        let post = RawRequest::new(HttpMethod::Post, "/accounts", Safety::NaturalKey);
        Ok(post.credentials(TOKEN).body(body))
    }

    fn list(&self) -> RawRequest {
        RawRequest::new(HttpMethod::Get, "/accounts", Safety::ReadOnly).credentials(TOKEN)
    }

    fn log_in(
        &self,
        username: &str,
        password: &SecretString,
    ) -> Result<Option<RawRequest>, EncodeError> {
        let body = RequestBody::object(|body| {
            body.field("name", username)?;
            body.secret("password", password)
        })?;
        let post = RawRequest::new(HttpMethod::Post, "/sessions", Safety::ReadOnly);
        Ok(Some(post.body(body)))
    }

    fn created(&self, answer: &Answer) -> Result<AccountRow, DecodeError> {
        answer.json::<Row>().map(AccountRow::from)
    }

    fn listed(&self, answer: &Answer) -> Result<Vec<AccountRow>, DecodeError> {
        let rows = answer.json::<Vec<Row>>()?;
        Ok(rows.into_iter().map(AccountRow::from).collect())
    }

    fn named(&self, refusal: &Error) -> Option<Named> {
        // Cove's only 409 is a name that is taken.
        let is_taken = refusal.status().is_some_and(|status| status == 409);
        is_taken.then_some(Named::UsernameTaken)
    }

    fn shows_marks(&self) -> bool {
        true
    }
}
