//! Stand-ins, a place for the store, and a purchase; what has to exist in the end, whatever happened meanwhile.

use std::path::PathBuf;
use std::time::Duration;

use panel_sandbox::mpanel::{Generation, MPanelSettings};
use panel_sandbox::nextpanel_panel::PanelSettings;
use panel_sandbox::{PanelSandbox, WireSettings};
use provisioning_core::plan::mpanel::{MpanelMode, OrderEntry};
use provisioning_core::run::event::Answer;
use provisioning_core::run::status::Conclusion;
use provisioning_engine::store::{Standing, Wanted};
use tempfile::TempDir;

use super::job::{Job, mpanel_of, panels_of};
use super::worker::{Ended, work};
use crate::place::{Place, StoreKind, new_place};
use crate::shop::planned;

/// A run whose worker died waits that long. A worker that a busy machine holds up for longer counts as dead, and three dead
/// ones poison a run: on PostgreSQL each sign of life waits for a disk that the server's other sessions use as well.
pub(super) const fn lease(kind: StoreKind) -> Duration {
    match kind {
        StoreKind::Postgres => Duration::from_millis(1_000),
        _ => Duration::from_millis(500),
    }
}

/// How late replies come under the fault `delay`: later than the kill point amid a call.
const DELAY: Duration = Duration::from_millis(400);

/// Something that is bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purchase {
    /// One account on NextPanel and an add-on: the bundled order.
    Account,
    /// Two accounts on NextPanel, of which one under a domain of its own, and an add-on.
    Accounts,
    /// One account on NextPanel, recorded row by row on mPanel.
    Recorded,
    /// A plan that mPanel hosts, one that NextPanel does, an add-on and a domain, handed over to an entry of mPanel.
    Delegated(OrderEntry),
}

impl Purchase {
    const fn mode(self) -> Option<MpanelMode> {
        match self {
            Self::Account | Self::Accounts => None,
            Self::Recorded => Some(MpanelMode::Direct),
            Self::Delegated(entry) => Some(MpanelMode::Delegate(entry)),
        }
    }

    const fn items(self) -> &'static str {
        match self {
            Self::Account => {
                r#"{"code":"wp_growth","type":"hosting"},{"code":"daily_backups_30d","type":"addon"}"#
            }
            Self::Accounts => {
                r#"{"code":"wp_growth","domain":"bikes.example"},{"code":"wp_growth"},{"code":"daily_backups_30d"}"#
            }
            Self::Recorded => r#"{"code":"wp_growth","type":"hosting","domain":"ada.example"}"#,
            Self::Delegated(_) => {
                r#"{"code":"starter","type":"hosting"},{"code":"wp_growth","type":"addon"},
                {"code":"daily_backups_30d","type":"addon"},
                {"code":"domain_registration","type":"domain","domain":"bikes.example"}"#
            }
        }
    }

    const fn accounts(self) -> usize {
        match self {
            Self::Account | Self::Recorded | Self::Delegated(_) => 1,
            Self::Accounts => 2,
        }
    }

    fn generation(self) -> Generation {
        match self {
            Self::Delegated(OrderEntry::OrdersWebhook) => Generation::TypeScript,
            _ => Generation::Legacy,
        }
    }
}

/// How many of each thing there are on the panels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Census(Vec<(&'static str, usize)>);

pub(super) struct Scene {
    pub(super) panels: PanelSandbox,
    purchase: Purchase,
    kind: StoreKind,
    place_name: String,
    pub(super) place: Place,
    folder: TempDir,
}

impl Scene {
    pub(super) async fn start(kind: StoreKind, purchase: Purchase) -> Self {
        let wire = || WireSettings::new().with_delay(DELAY);
        let mut builder =
            PanelSandbox::builder().nextpanel_panel(PanelSettings::new("np-1").with_wire(wire()));
        if purchase.mode().is_some() {
            let settings = MPanelSettings::new("mp", purchase.generation())
                .with_order_created(true)
                .with_tasks_of_stripe_orders(true)
                .with_wire(wire());
            builder = builder.mpanel(settings);
        }
        let (place_name, place) = new_place(kind).await;
        Self {
            panels: builder.start().await.unwrap(),
            purchase,
            kind,
            place_name,
            place,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(super) fn inbox(&self) -> PathBuf {
        self.folder.path().join("inbox")
    }

    pub(super) fn job(&self, worker: &str) -> Job {
        Job {
            kind: self.kind,
            place: self.place_name.clone(),
            worker: worker.to_owned(),
            lease: lease(self.kind),
            concurrency: 8,
            panels: panels_of(&self.panels),
            mpanel: self
                .purchase
                .mode()
                .map(|mode| mpanel_of(&self.panels, mode)),
            orders: vec![(
                "K-1".to_owned(),
                "ada@example.com".to_owned(),
                self.purchase.items().to_owned(),
            )],
            longest: Duration::from_secs(60),
            events: Vec::new(),
            asked: Vec::new(),
            grace: None,
            inbox: self.inbox(),
        }
    }

    /// Lets a worker bring everything to its end. What it asks is answered by somebody who looks at the panel.
    pub(super) async fn finish(&self, worker: &str) {
        let mut answered = Vec::new();
        while answered.len() < 3 {
            match work(&self.job(worker), None).await {
                Ended::Done => return,
                Ended::Asks => answered.push(self.answer().await),
                Ended::Killed => panic!("nobody killed it"),
            }
        }
        panic!("it asks again and again: {answered:#?}");
    }

    /// What a person does whom the run asks: looks what is there, and says so. What was asked and answered.
    pub(super) async fn answer(&self) -> String {
        self.panels.settle().await;
        let engine = self.job("a person").engine(None).await;
        let run = engine.list(Wanted::default()).await.unwrap().remove(0).id;
        let view = engine.inspect(run).await.unwrap();
        let parked = planned(&view).parked();
        let [(step, attention)] = &parked[..] else {
            panic!("{parked:#?}");
        };
        let found = self.panels.mpanels()[0].public_orders();
        let answer = match &found[..] {
            // Its worker was slower than the run was patient.
            _ if !attention.may_exist() => Answer::TryAgain,
            [] => Answer::SendAgain,
            [one] => Answer::Exists {
                remote_id: format!(
                    "customer:{} {}",
                    one.customer_id,
                    one.subscription_ids.join(" ")
                ),
                username: None,
            },
            more => panic!("made {} times", more.len()),
        };
        for _ in 0..100 {
            let answering = engine.answer(run, (*step).clone(), answer.clone(), "kim");
            match answering.await {
                Ok(_) => {
                    engine.close().await;
                    return format!("{step}: {attention}: {answer:?}");
                }
                // The worker's lease; or the request may still arrive.
                Err(error) if error.is_about_one_run() => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(error) => panic!("{error}"),
            }
        }
        panic!("the answer {answer:?} is never taken");
    }

    pub(super) fn census(&self) -> Census {
        let panels = self.panels.nextpanel_panels().iter();
        let made = panels.map(|panel| panel.created_by_clients()).sum();
        let mut census = vec![("accounts", made)];
        for mpanel in self.panels.mpanels() {
            census.extend([
                ("customers", mpanel.customers().len()),
                ("subscriptions", mpanel.subscriptions().len()),
                ("websites", mpanel.websites().len()),
                ("tasks", mpanel.tasks().len()),
                ("jobs", mpanel.jobs().len()),
                ("orders", mpanel.orders().len()),
                ("stripe orders", mpanel.stripe_orders().len()),
                ("public orders", mpanel.public_orders().len()),
            ]);
        }
        Census(census)
    }

    /// That the run is over and done, that each account was made once, and that the customer has the password of it.
    pub(super) async fn is_finished(&self, what: &str) {
        let engine = self.job("the test").engine(None).await;
        let runs = engine.list(Wanted::default()).await.unwrap();
        assert_eq!(runs.len(), 1, "{what}");
        assert_eq!(runs[0].standing, Standing::Over, "{what}");
        // Whoever died after its last entry leaves a lease that ends by itself.
        let ends = jiff::Timestamp::now() + lease(self.kind);
        let lease = runs[0].lease.as_ref();
        assert!(lease.is_none_or(|lease| lease.until <= ends), "{what}");
        let view = engine.inspect(runs[0].id).await.unwrap();
        let conclusion = crate::shop::status(&view);
        assert!(
            matches!(
                conclusion,
                provisioning_core::run::status::RunStatus::Over(
                    Conclusion::Done | Conclusion::DoneExceptManual { .. }
                )
            ),
            "{what}: {conclusion:?}"
        );
        engine.close().await;

        let panel = &self.panels.nextpanel_panels()[0];
        let accounts = panel.accounts();
        assert_eq!(accounts.len(), self.purchase.accounts(), "{what}");
        assert_eq!(panel.created_by_clients(), accounts.len(), "{what}");
        let inbox = std::fs::read_to_string(self.inbox()).unwrap_or_default();
        for account in accounts {
            let mark = account.billing_id.as_deref().unwrap();
            assert_eq!(panel.times_created_for(mark), 1, "{what}");
            let delivered: Vec<_> = inbox
                .lines()
                .filter_map(|line| line.split_once('\t'))
                .filter(|(username, _)| *username == account.username)
                .collect();
            assert!(!delivered.is_empty(), "{what}: {}", account.username);
            for (username, password) in delivered {
                assert!(panel.password_is(username, password), "{what}: {username}");
            }
        }
        for mpanel in self.panels.mpanels() {
            let mut unexpected = mpanel.unexpected_requests();
            // How a client tells the generations apart: one of them serves this route.
            unexpected.retain(|request| request.path() != "/api/status");
            assert!(unexpected.is_empty(), "{what}: {unexpected:#?}");
        }
    }
}
