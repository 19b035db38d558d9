//! mPanel: from MPANEL_*, or a stand-in of the sandbox.

use std::env;
use std::time::Duration;

use secrecy::SecretString;
use serde::Serialize;
use url::Url;

use mpanel_client::{Mpanel, MpanelBuilder};
use panel_http::{Login, RetryPolicy};
use panel_sandbox::mpanel::{Generation, MPanel, MPanelSettings, UserKind};
use provisioning_core::permission::RemedyContext;
use provisioning_core::plan::mpanel::{MpanelMode, OrderEntry};
use provisioning_core::plan::verb::MpanelOffer;
use provisioning_engine::mpanel::MpanelExecutor;

use super::sandbox::LONGEST_DURATION;
use crate::arguments::Arguments;

const URL: &str = "MPANEL_URL";
const EMAIL: &str = "MPANEL_EMAIL";
const PASSWORD: &str = "MPANEL_PASSWORD";
const TOKEN: &str = "MPANEL_TOKEN";
const MODE: &str = "MPANEL_MODE";
const INTERNAL_KEY: &str = "MPANEL_INTERNAL_KEY";
const TENANT: &str = "MPANEL_TENANT";

/// What the sandbox does where nothing says otherwise: an entry that both generations have.
const SANDBOX_MODE: MpanelMode = MpanelMode::Delegate(OrderEntry::StripeCompleted);

/// An mPanel that orders go to.
pub(crate) struct ConfiguredMpanel {
    pub(crate) executor: MpanelExecutor,
    pub(crate) url: Url,
    pub(crate) mode: MpanelMode,
}

impl ConfiguredMpanel {
    /// What a remedy should name. The sandbox reads no login from anywhere.
    pub(crate) fn remedy_context(&self, on_sandbox: bool) -> RemedyContext {
        let context = RemedyContext::new()
            .with_server("mPanel")
            .with_panel_url(&self.url);
        if on_sandbox {
            context
        } else {
            context.with_variables(EMAIL, PASSWORD)
        }
    }
}

/// What the environment says about mPanel.
pub(crate) struct MpanelEnvironment {
    url: Option<String>,
    email: Option<String>,
    password: Option<SecretString>,
    token: Option<SecretString>,
    mode: Option<String>,
}

impl MpanelEnvironment {
    pub(super) fn read() -> Self {
        Self {
            url: text(URL),
            email: text(EMAIL),
            password: text(PASSWORD).map(SecretString::from),
            token: text(TOKEN).map(SecretString::from),
            mode: text(MODE),
        }
    }

    /// Whether a real mPanel is meant: any variable of the group, and one that is set and empty as well, as for NextPanel.
    /// The mode alone may be about the sandbox's.
    pub(super) fn is_meant(&self, arguments: &Arguments) -> bool {
        let is_set = |name: &str| env::var_os(name).is_some();
        [URL, EMAIL, PASSWORD, TOKEN].into_iter().any(is_set)
            || (is_set(MODE) && arguments.sandbox.is_none())
    }

    /// The mode of the sandbox's mPanel.
    pub(super) fn sandbox_mode(&self) -> Result<MpanelMode, String> {
        self.mode
            .as_deref()
            .map_or(Ok(SANDBOX_MODE), |mode| mode.parse())
            .map_err(|error| format!("{MODE}: {error}"))
    }

    /// The mPanel, if any variable of the group is set. Nothing is sent.
    pub(super) fn configured(
        &self,
        arguments: &Arguments,
        longest_request: Option<Duration>,
    ) -> Result<Option<ConfiguredMpanel>, Vec<String>> {
        if !self.is_meant(arguments) {
            return Ok(None);
        }
        let missing: Vec<&str> = [
            (URL, self.url.is_none()),
            (EMAIL, self.email.is_none()),
            (PASSWORD, self.password.is_none()),
            (TOKEN, self.token.is_none()),
            (MODE, self.mode.is_none()),
        ]
        .into_iter()
        .filter_map(|(name, is_missing)| is_missing.then_some(name))
        .collect();
        let mut problems = Vec::new();
        if !missing.is_empty() {
            problems.push(format!(
                "{URL}, {EMAIL}, {PASSWORD}, {TOKEN} and {MODE} belong together; not set, empty or not text: {}",
                missing.join(", ")
            ));
        }
        let url = self.url.as_deref().and_then(|url| {
            Url::parse(url)
                .map_err(|error| problems.push(format!("{URL}: {error}")))
                .ok()
        });
        let mode = self.mode.as_deref().and_then(|mode| {
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
        let (Some(url), Some(mode), Some(email), Some(password), Some(token)) =
            (url, mode, &self.email, &self.password, &self.token)
        else {
            return Err(problems);
        };
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut builder = Mpanel::builder(url.as_str())
            .login(Login::new(email.clone(), password.clone()))
            .provisioning_token(token);
        if let Some(key) = internal_key {
            builder = builder.internal_key(&SecretString::from(key));
        }
        let client = patient(builder, arguments)
            .build()
            .map_err(|error| vec![format!("{URL}: {error}")])?;
        let mut offer = MpanelOffer::new(mode);
        if let Some(longest) = longest_request {
            offer = offer.with_longest_duration(longest);
        }
        let mut executor = MpanelExecutor::new(client, offer);
        if let Some(tenant) = tenant {
            executor = executor.with_tenant_slug(tenant);
        }
        Ok(Some(ConfiguredMpanel {
            executor,
            url,
            mode,
        }))
    }
}

/// A variable that is set and not empty.
fn text(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// As for NextPanel: a pause longer than --wait is the run's to wait out.
fn patient(builder: MpanelBuilder, arguments: &Arguments) -> MpanelBuilder {
    let policy = RetryPolicy::default();
    let longest = policy.longest_hint().min(arguments.wait());
    builder.with_client(|client| client.retry_policy(policy.with_longest_hint(longest)))
}

/// The sandbox's mPanel before it runs.
#[derive(Clone, Copy)]
pub(super) struct SandboxMpanel {
    pub(super) generation: Generation,
    pub(super) mode: MpanelMode,
}

impl SandboxMpanel {
    pub(super) fn settings(self) -> MPanelSettings {
        MPanelSettings::new("mpanel", self.generation)
            .with_order_created(true)
            .with_tasks_of_stripe_orders(true)
    }

    pub(super) fn offer(self) -> MpanelOffer {
        MpanelOffer::new(self.mode).with_longest_duration(LONGEST_DURATION)
    }

    /// The executor over the running stand-in.
    pub(super) fn configured(
        self,
        running: &MPanel,
        arguments: &Arguments,
    ) -> Result<ConfiguredMpanel, String> {
        let user = running.user(UserKind::Admin);
        let mut builder = Mpanel::builder(running.url())
            .login(Login::new(user.email(), user.password().clone()))
            .no_proxy();
        if let Some(token) = running.provisioning_token() {
            builder = builder.provisioning_token(token);
        }
        if let Some(key) = running.internal_key() {
            builder = builder.internal_key(key);
        }
        let client = patient(builder, arguments)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(ConfiguredMpanel {
            executor: MpanelExecutor::new(client, self.offer())
                .with_tenant_slug(running.tenant_slug()),
            url: Url::parse(running.url()).map_err(|error| error.to_string())?,
            mode: self.mode,
        })
    }
}

/// What the sandbox's mPanel holds, counted on the stand-in.
#[derive(Debug, Serialize)]
pub(crate) struct HeldOnMpanel {
    pub(crate) customers: usize,
    pub(crate) orders: usize,
    pub(crate) subscriptions: usize,
    pub(crate) active: usize,
    pub(crate) websites: usize,
    pub(crate) tasks: usize,
    pub(crate) requests: usize,
}

impl HeldOnMpanel {
    pub(super) fn of(running: &MPanel) -> Self {
        let subscriptions = running.subscriptions();
        let stripe_orders = running.stripe_orders();
        Self {
            customers: running.customers().len(),
            orders: stripe_orders.len() + running.public_orders().len() + running.orders().len(),
            subscriptions: subscriptions.len()
                + stripe_orders
                    .iter()
                    .map(|order| order.subscriptions.len())
                    .sum::<usize>(),
            active: subscriptions
                .iter()
                .filter(|subscription| subscription.status == "active")
                .count(),
            websites: running.websites().len(),
            tasks: running.tasks().len() + running.jobs().len(),
            requests: running.requests().len(),
        }
    }

    /// In words.
    pub(crate) fn describe(&self) -> String {
        let counted = |count: usize, one: &str| {
            let plural = if count == 1 { "" } else { "s" };
            format!("{count} {one}{plural}")
        };
        format!(
            "{}, {}, {} ({} active), {} and {}, after {}",
            counted(self.customers, "customer"),
            counted(self.orders, "order"),
            counted(self.subscriptions, "subscription"),
            self.active,
            counted(self.websites, "website"),
            counted(self.tasks, "task"),
            counted(self.requests, "request"),
        )
    }
}
