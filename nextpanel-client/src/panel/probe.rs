//! Finding out what a key may do by doing it.

use std::fmt;

use jiff::Timestamp;
use panel_http::{Error, Kind};
use provisioning_core::catalog::AccountType;
use provisioning_core::password::{PasswordPolicy, generate};
use provisioning_core::permission::{Denial, Verb};
use provisioning_core::plan::id::{Mark, PlanId, StepPath};
use rand::RngExt;
use secrecy::SecretString;
use uuid::Uuid;

use super::account::AccountId;
use super::client::Panel;
use super::create::CreateAccount;
use super::find::AccountSearch;
use super::identity::ExpectedAccount;
use crate::DenialExt;
use crate::wrong_account::AccountActionError;

/// What creating an account on trial has shown.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CreateProbe {
    /// The random username that was used.
    pub username: String,
    /// Whether the key may create accounts.
    pub verdict: ProbeVerdict,
    /// The account, if it could not be removed again.
    pub leftover: Option<Leftover>,
}

/// Whether a key may create accounts.
#[derive(Debug, Clone)]
pub enum ProbeVerdict {
    /// It has just created one.
    Allowed,
    /// It was refused, for this reason.
    Denied(Box<Denial>),
    /// It failed for a reason that is not the key's, or in words that are not known.
    Undecided(Box<Error>),
}

/// An account a probe has made, or may have made, and could not remove.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Leftover {
    /// Its id; none if the panel's answer was lost and it was not found since.
    pub id: Option<AccountId>,
    /// Its username.
    pub username: String,
    /// Why it could not be removed.
    pub why: String,
    panel: String,
}

/// What is left and how to remove it, in one sentence.
impl fmt::Display for Leftover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            username,
            why,
            panel,
            ..
        } = self;
        match self.id {
            Some(id) => write!(
                f,
                "the account {username} with the id {id} is still on {panel} ({why}); remove it in the panel's user list, or send DELETE {panel}/api/v1/billing/accounts/{id} with a key of level SUPER_ADMIN"
            ),
            None => write!(
                f,
                "an account {username} may be on {panel}, or may yet appear there ({why}); look for this username in the panel's user list and remove it"
            ),
        }
    }
}

impl Panel {
    /// Creates an account under a random name, looks it up, and removes it.
    ///
    /// This is the only way to learn a key's rights from the panel itself: no route tells them. It is a write on a real
    /// panel, so it is never done unasked.
    pub async fn probe_create(&self) -> CreateProbe {
        let username = random_username();
        let mark = PlanId::from(Uuid::new_v4()).mark(&StepPath::from("probe"));
        let password = match random_password() {
            Ok(password) => password,
            Err(error) => return undecided(username, error),
        };
        let create = CreateAccount::new(
            &username,
            format!("{username}@example.com"),
            password,
            AccountType::Panel,
            mark,
            Timestamp::now(),
        )
        .set_full_name(Some("Permission probe".to_owned()));
        match self.call(create).await {
            Ok(account) => CreateProbe {
                leftover: self.clean_up(account.id, &username, mark).await.err(),
                username,
                verdict: ProbeVerdict::Allowed,
            },
            Err(error) => self.after_failure(username, mark, error).await,
        }
    }

    async fn after_failure(&self, username: String, mark: Mark, error: Error) -> CreateProbe {
        if let Some(denial) = error.denial(
            Verb::CreateAccount,
            provisioning_core::permission::CredentialKind::NextPanelApiKey,
        ) {
            return CreateProbe {
                username,
                verdict: ProbeVerdict::Denied(Box::new(denial)),
                leftover: None,
            };
        }
        if !may_have_created(&error) {
            return undecided(username, error);
        }
        let search = AccountSearch::new()
            .with_username(&username)
            .with_mark(mark);
        let found = match self.find(&search).await {
            Ok(result) => result.matches.into_iter().next(),
            Err(_) => None,
        };
        match found {
            Some(found) => CreateProbe {
                leftover: self.clean_up(found.account.id, &username, mark).await.err(),
                username,
                verdict: ProbeVerdict::Allowed,
            },
            None => CreateProbe {
                leftover: Some(self.leftover(None, &username, &error)),
                ..undecided(username, error)
            },
        }
    }

    async fn clean_up(&self, id: AccountId, username: &str, mark: Mark) -> Result<(), Leftover> {
        let expected = ExpectedAccount::new(username).with_billing_id(mark);
        let removed = self.delete(id, &expected).await;
        match removed {
            Ok(_) => Ok(()),
            // Somebody else was faster.
            Err(AccountActionError::Call(error)) if error.kind() == Kind::NotFound => Ok(()),
            Err(error) => Err(self.leftover(Some(id), username, &error)),
        }
    }

    fn leftover(&self, id: Option<AccountId>, username: &str, why: &dyn fmt::Display) -> Leftover {
        Leftover {
            id,
            username: username.to_owned(),
            why: why.to_string(),
            panel: self
                .client()
                .url("/")
                .to_string()
                .trim_end_matches('/')
                .to_owned(),
        }
    }
}

fn undecided(username: String, error: Error) -> CreateProbe {
    CreateProbe {
        username,
        verdict: ProbeVerdict::Undecided(Box::new(error)),
        leftover: None,
    }
}

fn may_have_created(error: &Error) -> bool {
    match error.kind() {
        Kind::Indeterminate | Kind::Decode | Kind::TooLarge => true,
        _ => error.delivery() == panel_http::Delivery::MaybeSent,
    }
}

/// 15 characters, the first a letter: what every panel takes.
fn random_username() -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut random = rand::rng();
    let tail = (0..10).filter_map(|_| {
        let place = random.random_range(0..LETTERS.len());
        LETTERS.get(place).copied().map(char::from)
    });
    format!("probe{}", tail.collect::<String>())
}

fn random_password() -> Result<SecretString, Error> {
    generate(&PasswordPolicy::default(), &mut rand::rng())
        .map_err(|error| Error::new(Kind::Encode, "panel.create_account").with_source(error))
}
