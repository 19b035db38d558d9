//! The panel: from MPANEL_*, or a stand-in of the sandbox.

use std::env;

use mpanel_client::{Mpanel, MpanelBuilder};
use panel_http::{Login, RequestBudget, RetryPolicy};
use panel_sandbox::mpanel::{self, MPanel, MPanelSettings, UserKind};
use secrecy::SecretString;

use crate::{
    arguments::{Arguments, Generation},
    exit::Stop,
};

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
    /// Dropping it ends it.
    _sandbox: Option<MPanel>,
}

/// Where a panel is, and who asks.
struct Access {
    url: String,
    email: String,
    password: SecretString,
    token: Option<SecretString>,
    marketing_key: Option<SecretString>,
}

impl Panel {
    /// The panel that is meant. Nothing is sent.
    pub(crate) async fn new(arguments: &Arguments) -> Result<Self, Stop> {
        let Some(generation) = arguments.sandbox else {
            return Self::with(Access::from_environment()?, arguments, None);
        };
        let set: Vec<&str> = [URL, EMAIL, PASSWORD, TOKEN, MARKETING_KEY]
            .into_iter()
            .filter(|name| env::var_os(name).is_some())
            .collect();
        if !set.is_empty() {
            let problem = format!(
                "--sandbox and a real panel do not mix, and set are: {}",
                set.join(", ")
            );
            return Err(Stop::bad_input(problem));
        }
        let generation = match generation {
            Generation::Legacy => mpanel::Generation::Legacy,
            Generation::Typescript => mpanel::Generation::TypeScript,
        };
        let settings = MPanelSettings::new("sandbox", generation).without_limiter();
        let sandbox = MPanel::start(settings)
            .await
            .map_err(|error| Stop::fault(error.to_string()))?;
        Self::with(Access::of_sandbox(&sandbox), arguments, Some(sandbox))
    }

    fn with(access: Access, arguments: &Arguments, sandbox: Option<MPanel>) -> Result<Self, Stop> {
        let budget = RequestBudget::new(arguments.budget()).with_floor(arguments.floor);
        let login = Login::new(access.email.clone(), access.password.clone());
        let told = |error| Stop::bad_input(format!("{URL}: {error}"));
        Ok(Self {
            client: access
                .anonymous(arguments, &budget)
                .login(login)
                .build()
                .map_err(told)?,
            anonymous: access.anonymous(arguments, &budget).build().map_err(told)?,
            budget,
            has_marketing_key: access.marketing_key.is_some(),
            _sandbox: sandbox,
        })
    }
}

impl Access {
    fn from_environment() -> Result<Self, Stop> {
        let mut problems = Vec::new();
        let mut required = |name| {
            let value = read(name, &mut problems);
            if value.is_none() && env::var_os(name).is_none() {
                problems.push(format!("{name} is not set"));
            }
            value
        };
        let (url, email, password) = (required(URL), required(EMAIL), required(PASSWORD));
        let token = read(TOKEN, &mut problems).map(SecretString::from);
        let marketing_key = read(MARKETING_KEY, &mut problems).map(SecretString::from);
        match (url, email, password) {
            (Some(url), Some(email), Some(password)) if problems.is_empty() => Ok(Self {
                url,
                email,
                password: SecretString::from(password),
                token,
                marketing_key,
            }),
            _ => {
                problems.push("to see it without a panel, give --sandbox legacy".to_owned());
                Err(Stop::bad_inputs(problems))
            }
        }
    }

    fn of_sandbox(sandbox: &MPanel) -> Self {
        let user = sandbox.user(UserKind::Admin);
        Self {
            url: sandbox.url().to_owned(),
            email: user.email().to_owned(),
            password: user.password().clone(),
            token: sandbox.provisioning_token().cloned(),
            marketing_key: sandbox.marketing_key().cloned(),
        }
    }

    /// A client without login.
    fn anonymous(&self, arguments: &Arguments, budget: &RequestBudget) -> MpanelBuilder {
        let mut builder = Mpanel::builder(&self.url)
            // A table says what one request brought; a repetition would hide it, and cost the panel another.
            .with_client(|client| {
                client
                    .request_budget(budget)
                    .retry_policy(RetryPolicy::never())
            });
        if let Some(token) = &self.token {
            builder = builder.provisioning_token(token);
        }
        if let Some(key) = &self.marketing_key {
            builder = builder.marketing_key(key);
        }
        if arguments.allow_plain_http {
            builder = builder.allow_plain_http();
        }
        builder
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
