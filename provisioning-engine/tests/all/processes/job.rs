//! What a worker process is told, and the engine it makes of it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use mpanel_client::Mpanel;
use nextpanel_client::panel::{Panel, PanelCredentials};
use panel_http::Login;
use panel_sandbox::PanelSandbox;
use panel_sandbox::mpanel::UserKind;
use panel_sandbox::nextpanel_panel::KeyKind;
use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::{FleetConfig, ServerConfig, ServerName};
use provisioning_core::payment::{PaymentPolicy, TerminationPolicy};
use provisioning_core::plan::mpanel::MpanelMode;
use provisioning_core::plan::retry::RetryPolicy;
use provisioning_core::plan::verb::MpanelOffer;
use provisioning_engine::Engine;
use provisioning_engine::mpanel::MpanelExecutor;
use provisioning_engine::nextpanel::NextPanelExecutor;
use provisioning_engine::store::Store;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::place::{StoreKind, open};
use crate::shop::{LONGEST, sealer};

/// What a worker process is told, on its standard input.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) kind: StoreKind,
    pub(super) place: String,
    pub(super) worker: String,
    pub(super) lease: Duration,
    pub(super) concurrency: usize,
    pub(super) panels: Vec<PanelAccess>,
    pub(super) mpanel: Option<MpanelAccess>,
    /// Orders it takes in before it works: id, e-mail address, items.
    pub(super) orders: Vec<(String, String, String)>,
    /// A worker that is not done by then says where it stands, and fails.
    pub(super) longest: Duration,
    /// Payment events it takes in, before it works or once everything is over.
    #[serde(default)]
    pub(super) events: Vec<Happens>,
    /// What the host asks once everything is over, one after the other.
    #[serde(default)]
    pub(super) asked: Vec<Asked>,
    /// How long after a suspension accounts may be removed, if that is not as usual.
    #[serde(default)]
    pub(super) grace: Option<Duration>,
    /// Where customers find their passwords: one line each, username and password.
    pub(super) inbox: PathBuf,
}

/// A payment event, and when it comes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Happens {
    pub(super) payload: String,
    pub(super) before_work: bool,
}

/// What a host asks for an order whose accounts were provided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Asked {
    Suspend,
    Unsuspend,
    ChangePackage,
    Terminate,
    Forget,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct PanelAccess {
    name: String,
    url: String,
    key_id: String,
    key_secret: String,
    capacity: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct MpanelAccess {
    url: String,
    email: String,
    password: String,
    provisioning_token: String,
    internal_key: String,
    tenant_slug: String,
    mode: MpanelMode,
}

pub(super) fn panels_of(panels: &PanelSandbox) -> Vec<PanelAccess> {
    let panels = panels.nextpanel_panels().iter();
    panels
        .map(|panel| {
            let key = panel.key(KeyKind::SuperAdmin);
            PanelAccess {
                name: panel.name().to_owned(),
                url: panel.url().to_owned(),
                key_id: key.id().to_owned(),
                key_secret: key.secret().expose_secret().to_owned(),
                capacity: u32::try_from(panel.capacity()).unwrap(),
            }
        })
        .collect()
}

pub(super) fn mpanel_of(panels: &PanelSandbox, mode: MpanelMode) -> MpanelAccess {
    let mpanel = &panels.mpanels()[0];
    let user = mpanel.user(UserKind::Admin);
    let text = |secret: Option<&SecretString>| secret.unwrap().expose_secret().to_owned();
    MpanelAccess {
        url: mpanel.url().to_owned(),
        email: user.email().to_owned(),
        password: user.password().expose_secret().to_owned(),
        provisioning_token: text(mpanel.provisioning_token()),
        internal_key: text(mpanel.internal_key()),
        tenant_slug: mpanel.tenant_slug(),
        mode,
    }
}

impl Job {
    /// The engine that does it. A store in hand is used, so that a test can look on; else the place is opened.
    pub(super) async fn engine(&self, store: Option<Arc<dyn Store>>) -> Engine {
        let store = match store {
            Some(store) => store,
            None => open(self.kind, &self.place).await,
        };
        let configs = self.panels.iter().map(|panel| {
            let name = ServerName::new(&panel.name).unwrap();
            ServerConfig::new(name, panel.url.parse().unwrap(), panel.capacity).unwrap()
        });
        let fleet = FleetConfig::new(configs)
            .unwrap()
            .with_preview_domain("preview.example.net")
            .unwrap();
        let clients = self.panels.iter().map(|panel| {
            let credentials =
                PanelCredentials::new(panel.key_id.clone().into(), panel.key_secret.clone().into());
            let client = Panel::builder(&panel.url, &credentials).no_proxy().build();
            (ServerName::new(&panel.name).unwrap(), client.unwrap())
        });
        let mut builder = Engine::builder_over(store, Catalog::migrahosting(), fleet)
            .sealer(sealer())
            .worker(&self.worker)
            .lease(self.lease)
            .plan_again(Duration::from_millis(200))
            .retry(RetryPolicy {
                initial_ms: 10,
                cap_ms: 100,
                ..RetryPolicy::default()
            })
            .executor(NextPanelExecutor::new(clients).longest_duration(LONGEST));
        if let Some(after) = self.grace {
            builder = builder.payment_policy(PaymentPolicy {
                termination: TerminationPolicy::AskHuman { after },
                ..PaymentPolicy::default()
            });
        }
        if let Some(access) = &self.mpanel {
            let client = Mpanel::builder(&access.url)
                .login(Login::new(&access.email, access.password.clone().into()))
                .provisioning_token(&access.provisioning_token.clone().into())
                .internal_key(&access.internal_key.clone().into())
                .no_proxy()
                .build()
                .unwrap();
            let offer = MpanelOffer::new(access.mode).with_longest_duration(LONGEST);
            let executor = MpanelExecutor::new(client, offer).with_tenant_slug(&access.tenant_slug);
            builder = builder.executor(executor);
        }
        builder.build().unwrap()
    }
}
