//! The panel, from MPANEL_* or the sandbox, and the catalog.

use std::{env, fs, path::Path};

use mpanel_client::Mpanel;
use panel_http::{Login, RequestBudget};
use panel_sandbox::mpanel::{self, MPanel, MPanelSettings, UserKind};
use provisioning_core::catalog::Catalog;
use secrecy::SecretString;

use crate::{
    arguments::{Arguments, Generation},
    exit::Stop,
};

const URL: &str = "MPANEL_URL";
const EMAIL: &str = "MPANEL_EMAIL";
const PASSWORD: &str = "MPANEL_PASSWORD";
const TOKEN: &str = "MPANEL_TOKEN";

/// A file larger than this is no catalog.
const LARGEST_CATALOG: u64 = 1024 * 1024;

/// A panel to work on.
pub(crate) struct Panel {
    pub(crate) client: Mpanel,
    /// Dropping it ends it.
    _sandbox: Option<MPanel>,
}

/// The panel that is meant. Nothing is sent.
pub(crate) async fn panel(arguments: &Arguments) -> Result<Panel, Stop> {
    let Some(generation) = arguments.sandbox else {
        return Ok(Panel {
            client: real(arguments)?,
            _sandbox: None,
        });
    };
    let set: Vec<&str> = [URL, EMAIL, PASSWORD, TOKEN]
        .into_iter()
        .filter(|name| env::var_os(name).is_some())
        .collect();
    if !set.is_empty() {
        return Err(Stop::bad_inputs(vec![format!(
            "--sandbox and a real panel do not mix, and set are: {}",
            set.join(", ")
        )]));
    }
    let generation = match generation {
        Generation::Legacy => mpanel::Generation::Legacy,
        Generation::Typescript => mpanel::Generation::TypeScript,
    };
    let sandbox = MPanel::start(MPanelSettings::new("sandbox", generation))
        .await
        .map_err(|error| Stop::fault(error.to_string()))?;
    let user = sandbox.user(UserKind::Admin);
    let client = Mpanel::builder(sandbox.url())
        .login(Login::new(user.email(), user.password().clone()))
        .build()
        .map_err(|error| Stop::fault(error.to_string()))?;
    Ok(Panel {
        client,
        _sandbox: Some(sandbox),
    })
}

/// The panel the environment names.
fn real(arguments: &Arguments) -> Result<Mpanel, Stop> {
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
    let (Some(url), Some(email), Some(password), true) =
        (url, email, password, problems.is_empty())
    else {
        problems.push("to see it without a panel, give --sandbox legacy".to_owned());
        return Err(Stop::bad_inputs(problems));
    };
    let budget = RequestBudget::new(arguments.budget);
    let mut builder = Mpanel::builder(&url)
        .login(Login::new(email, SecretString::from(password)))
        .with_client(|client| client.request_budget(&budget));
    if let Some(token) = token {
        builder = builder.provisioning_token(&SecretString::from(token));
    }
    if arguments.allow_plain_http {
        builder = builder.allow_plain_http();
    }
    builder
        .build()
        .map_err(|error| Stop::bad_inputs(vec![format!("{URL}: {error}")]))
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

/// The catalog: the file, or the one that is bundled.
pub(crate) fn catalog(path: Option<&Path>) -> Result<Catalog, Stop> {
    let Some(path) = path else {
        return Ok(Catalog::migrahosting());
    };
    let name = path.display().to_string();
    let told = |problem: String| Stop::bad_inputs(vec![problem]);
    let size = fs::metadata(path)
        .map_err(|error| told(format!("{name}: {error}")))?
        .len();
    if size > LARGEST_CATALOG {
        return Err(told(format!("{name}: {size} bytes: this is another file")));
    }
    let text = fs::read_to_string(path).map_err(|error| told(format!("{name}: {error}")))?;
    Catalog::from_toml(&name, &text).map_err(|error| {
        let lines = error.to_string();
        Stop::bad_inputs(lines.lines().map(str::to_owned).collect())
    })
}
