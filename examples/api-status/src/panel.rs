//! The panel, from MPANEL_*.

use std::env;

use mpanel_client::Mpanel;
use panel_http::{Login, RequestBudget, RetryPolicy};
use secrecy::SecretString;

use crate::{arguments::Arguments, exit::Stop};

const URL: &str = "MPANEL_URL";
const EMAIL: &str = "MPANEL_EMAIL";
const PASSWORD: &str = "MPANEL_PASSWORD";
const TOKEN: &str = "MPANEL_TOKEN";
const MARKETING_KEY: &str = "MPANEL_MARKETING_KEY";

/// A panel that can be asked.
pub(crate) struct Panel {
    pub(crate) client: Mpanel,
    /// The same without the login.
    pub(crate) anonymous: Mpanel,
    pub(crate) budget: RequestBudget,
    pub(crate) has_marketing_key: bool,
}

impl Panel {
    /// The panel the environment names. Nothing is sent.
    pub(crate) fn from_environment(arguments: &Arguments) -> Result<Self, Stop> {
        let mut problems = Vec::new();
        let mut required = |name| {
            let value = read(name, &mut problems);
            if value.is_none() && env::var_os(name).is_none() {
                problems.push(format!("{name} is not set"));
            }
            value
        };
        let (url, email, password) = (required(URL), required(EMAIL), required(PASSWORD));
        let token = read(TOKEN, &mut problems);
        let marketing_key = read(MARKETING_KEY, &mut problems);
        let (Some(url), Some(email), Some(password), true) =
            (url, email, password, problems.is_empty())
        else {
            return Err(Stop::bad_inputs(problems));
        };
        let budget = RequestBudget::new(arguments.budget).with_floor(arguments.floor);
        let anonymous = || {
            let mut builder = Mpanel::builder(&url)
                // A table says what one request brought; a repetition would hide it, and cost the panel another.
                .with_client(|client| {
                    client
                        .request_budget(&budget)
                        .retry_policy(RetryPolicy::never())
                });
            if let Some(token) = &token {
                builder = builder.provisioning_token(&SecretString::from(token.as_str()));
            }
            if let Some(key) = &marketing_key {
                builder = builder.marketing_key(&SecretString::from(key.as_str()));
            }
            if arguments.allow_plain_http {
                builder = builder.allow_plain_http();
            }
            builder
        };
        let login = Login::new(email, SecretString::from(password));
        let told = |error| Stop::bad_input(format!("{URL}: {error}"));
        Ok(Self {
            client: anonymous().login(login).build().map_err(told)?,
            anonymous: anonymous().build().map_err(told)?,
            budget: budget.clone(),
            has_marketing_key: marketing_key.is_some(),
        })
    }
}

/// A variable. One that is set and empty is a secret that failed to arrive, not one that was left out.
fn read(name: &str, problems: &mut Vec<String>) -> Option<String> {
    let value = env::var_os(name)?;
    match value.into_string() {
        Ok(text) if !text.trim().is_empty() => Some(text),
        Ok(_) => {
            problems.push(format!("{name} is set, and empty"));
            None
        }
        Err(_) => {
            problems.push(format!("{name} is not text"));
            None
        }
    }
}
