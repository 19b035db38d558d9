//! mPanel from `MPANEL_*`.

use mpanel_client::Mpanel;
use panel_http::{Login, RetryPolicy};
use provisioning_core::permission::RemedyContext;
use provisioning_core::plan::mpanel::{MpanelMode, OrderEntry};
use provisioning_core::plan::verb::MpanelOffer;
use provisioning_engine::mpanel::MpanelExecutor;
use secrecy::SecretString;
use url::Url;

use crate::environment::{is_set, text};

const URL: &str = "MPANEL_URL";
const EMAIL: &str = "MPANEL_EMAIL";
const PASSWORD: &str = "MPANEL_PASSWORD";
const TOKEN: &str = "MPANEL_TOKEN";
const MODE: &str = "MPANEL_MODE";
const INTERNAL_KEY: &str = "MPANEL_INTERNAL_KEY";
const TENANT: &str = "MPANEL_TENANT";

/// An mPanel that orders go to.
#[derive(Debug)]
pub struct ConfiguredMpanel {
    /// Its executor.
    pub executor: MpanelExecutor,
    /// Its address.
    pub url: Url,
    /// How orders get there.
    pub mode: MpanelMode,
}

impl ConfiguredMpanel {
    /// The mPanel of the environment, if any variable of the group is set.
    ///
    /// # Errors
    /// Everything that is missing or wrong, a sentence each. Nothing is sent.
    pub fn from_environment(retry: &RetryPolicy) -> Result<Option<Self>, Vec<String>> {
        configured(retry)
    }

    pub(super) fn remedy_context(&self) -> RemedyContext {
        RemedyContext::new()
            .with_server("mPanel")
            .with_panel_url(&self.url)
            .with_variables(EMAIL, PASSWORD)
    }
}

/// The mPanel, if any variable of the group is set.
pub(super) fn configured(retry: &RetryPolicy) -> Result<Option<ConfiguredMpanel>, Vec<String>> {
    let group = [URL, EMAIL, PASSWORD, TOKEN, MODE];
    if !group.into_iter().any(is_set) {
        return Ok(None);
    }
    let mut problems = Vec::new();
    let missing: Vec<&str> = group
        .into_iter()
        .filter(|name| text(name).is_none())
        .collect();
    if !missing.is_empty() {
        problems.push(format!(
            "{URL}, {EMAIL}, {PASSWORD}, {TOKEN} and {MODE} belong together; not set, empty or not text: {}",
            missing.join(", ")
        ));
    }
    let url = text(URL).and_then(|url| {
        Url::parse(&url)
            .map_err(|error| problems.push(format!("{URL}: {error}")))
            .ok()
    });
    let mode = text(MODE).and_then(|mode| {
        mode.parse::<MpanelMode>()
            .map_err(|error| problems.push(format!("{MODE}: {error}")))
            .ok()
    });
    let (internal_key, tenant) = (text(INTERNAL_KEY), text(TENANT));
    if mode == Some(MpanelMode::Delegate(OrderEntry::OrdersWebhook)) {
        for (name, value) in [(INTERNAL_KEY, &internal_key), (TENANT, &tenant)] {
            if value.is_none() {
                problems.push(format!("{MODE}=orders-webhook wants {name}: it is not set"));
            }
        }
    }
    let (Some(url), Some(mode), Some(email), Some(password), Some(token), true) = (
        url,
        mode,
        text(EMAIL),
        text(PASSWORD).map(SecretString::from),
        text(TOKEN).map(SecretString::from),
        problems.is_empty(),
    ) else {
        return Err(problems);
    };
    let mut builder = Mpanel::builder(url.as_str())
        .login(Login::new(email, password))
        .provisioning_token(&token)
        .with_client(|client| client.retry_policy(*retry));
    if let Some(key) = internal_key {
        builder = builder.internal_key(&SecretString::from(key));
    }
    let client = builder
        .build()
        .map_err(|error| vec![format!("{URL}: {error}")])?;
    let mut executor = MpanelExecutor::new(client, MpanelOffer::new(mode));
    if let Some(tenant) = tenant {
        executor = executor.with_tenant_slug(tenant);
    }
    Ok(Some(ConfiguredMpanel {
        executor,
        url,
        mode,
    }))
}
