//! The program, on a file that a shop has written and a stand-in of its panel.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use mpanel_client::Mpanel;
use nextpanel_client::panel::{Panel as Client, PanelCredentials};
use panel_http::Login;
use panel_sandbox::mpanel::{Generation, MPanel, MPanelSettings, Subscription, UserKind};
use panel_sandbox::nextpanel_panel::{ApiKey, KeyKind, Panel, PanelSettings};
use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::{FleetConfig, ServerConfig, ServerName};
use provisioning_core::order::{Intake, PaymentEvidence, TenantId, read_order, read_payment_event};
use provisioning_core::plan::id::PlanId;
use provisioning_core::plan::mpanel::MpanelMode;
use provisioning_core::plan::verb::MpanelOffer;
use provisioning_engine::clock::Clock;
use provisioning_engine::mpanel::MpanelExecutor;
use provisioning_engine::nextpanel::NextPanelExecutor;
use provisioning_engine::seal::Sealer;
use provisioning_engine::store::{SqliteStore, Submitted};
use provisioning_engine::{Engine, RunOptions};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use tempfile::TempDir;

/// 32 bytes of 7, and what the program calls that key.
const KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
const KEY_NAME: &str = "4bb06f8e";

/// A clock some days ago.
#[derive(Debug)]
struct DaysAgo(i64);

impl Clock for DaysAgo {
    fn now(&self) -> Timestamp {
        ago(self.0)
    }
}

fn ago(days: i64) -> Timestamp {
    Timestamp::now() - SignedDuration::from_hours(days * 24)
}

struct Shop {
    panel: Panel,
    key: ApiKey,
    mpanel: Option<MPanel>,
    folder: TempDir,
}

impl Shop {
    async fn open() -> Self {
        let panel = Panel::start(PanelSettings::new("np-1")).await.unwrap();
        Self {
            key: panel.key(KeyKind::SuperAdmin),
            panel,
            mpanel: None,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// One that records its accounts on an mPanel.
    async fn with_mpanel(generation: Generation) -> Self {
        let settings = MPanelSettings::new("mp", generation);
        Self {
            mpanel: Some(MPanel::start(settings).await.unwrap()),
            ..Self::open().await
        }
    }

    /// What the program is told of the mPanel.
    fn mpanel_variables(&self) -> Vec<(&'static str, String)> {
        let Some(mpanel) = &self.mpanel else {
            return Vec::new();
        };
        let user = mpanel.user(UserKind::Admin);
        let token = mpanel.provisioning_token().unwrap().expose_secret();
        vec![
            ("MPANEL_URL", mpanel.url().to_owned()),
            ("MPANEL_EMAIL", user.email().to_owned()),
            (
                "MPANEL_PASSWORD",
                user.password().expose_secret().to_owned(),
            ),
            ("MPANEL_TOKEN", token.to_owned()),
            ("MPANEL_MODE", "direct".to_owned()),
        ]
    }

    fn subscription(&self) -> Subscription {
        self.mpanel.as_ref().unwrap().subscriptions().remove(0)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("runs.sqlite3")
    }

    /// The shop's own engine, as it ran some days ago.
    async fn engine(&self, days_ago: i64) -> Engine {
        let name = ServerName::new("np-1").unwrap();
        let credentials =
            PanelCredentials::new(SecretString::from(self.key.id()), self.key.secret().clone());
        let client = Client::builder(self.panel.url(), &credentials)
            .no_proxy()
            .build()
            .unwrap();
        let server = ServerConfig::new(name.clone(), self.panel.url().parse().unwrap(), 9).unwrap();
        let fleet = FleetConfig::new([server])
            .unwrap()
            .with_preview_domain("preview.example.net")
            .unwrap();
        let store = SqliteStore::open(self.file()).await.unwrap();
        let key = SecretSlice::from(vec![7; 32]);
        let mut builder = Engine::builder(store, Catalog::migrahosting(), fleet)
            .executor(NextPanelExecutor::new([(name, client)]));
        if let Some(mpanel) = &self.mpanel {
            let user = mpanel.user(UserKind::Admin);
            let client = Mpanel::builder(mpanel.url())
                .login(Login::new(user.email(), user.password().clone()))
                .no_proxy()
                .build()
                .unwrap();
            let offer = MpanelOffer::new(MpanelMode::Direct);
            builder = builder.executor(MpanelExecutor::new(client, offer));
        }
        builder
            .sealer(Sealer::with_key(KEY_NAME, &key).unwrap())
            .clock(DaysAgo(days_ago))
            .build()
            .unwrap()
    }

    /// An order that was provided.
    async fn sold(engine: &Engine, id: &str) -> PlanId {
        let run = Self::ordered(engine, id).await;
        engine.run(run, RunOptions::default()).await.unwrap();
        run
    }

    async fn ordered(engine: &Engine, id: &str) -> PlanId {
        let payload = format!(
            r#"{{"source":"shop.example","customerEmail":"{id}@example.com","items":[{{"code":"wp_growth"}}]}}"#
        );
        let intake = Intake::new(TenantId::new("shop").unwrap())
            .with_order_id(id)
            .with_evidence(PaymentEvidence::Operator {
                name: "tests".to_owned(),
            });
        let order = read_order(payload.as_bytes(), &intake).unwrap();
        match engine.submit(&order).await.unwrap() {
            Submitted::New { run } => run,
            other => panic!("{other:?}"),
        }
    }

    async fn happened(engine: &Engine, id: &str, event: &str, at: Timestamp) {
        let payload = format!(r#"{{"event":"{event}","orderId":"{id}","occurredAt":"{at}"}}"#);
        let intake = Intake::new(TenantId::new("shop").unwrap());
        let event = read_payment_event(payload.as_bytes(), &intake).unwrap();
        engine.payment_event(&event).await.unwrap();
    }

    async fn suspend_overdue(&self, arguments: &[&str]) -> Ended {
        self.suspend_overdue_with(arguments, self.mpanel_variables())
            .await
    }

    async fn suspend_overdue_with(
        &self,
        arguments: &[&str],
        mpanel: Vec<(&'static str, String)>,
    ) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_suspend-overdue"));
        command
            .args(["--url", self.panel.url(), "--server", "np-1"])
            .args(arguments)
            .arg("--state")
            .arg(self.file())
            .env("PROVISIONING_SEALING_KEY", KEY)
            .env("NEXTPANEL_API_KEY", self.key.id())
            .env("NEXTPANEL_API_SECRET", self.key.secret().expose_secret())
            .env("NO_PROXY", "*")
            .envs(mpanel);
        let output = tokio::task::spawn_blocking(move || command.output());
        Ended::of(
            tokio::time::timeout(Duration::from_secs(60), output)
                .await
                .unwrap()
                .unwrap()
                .unwrap(),
        )
    }

    fn is_active(&self, username: &str) -> bool {
        self.panel.account(username).unwrap().is_active
    }
}

struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ended {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    fn says(&self, code: i32, words: &[&str]) {
        let Self {
            code: found,
            out,
            err,
        } = self;
        assert_eq!(*found, Some(code), "{out}\n{err}");
        for word in words {
            assert!(
                out.contains(word) || err.contains(word),
                "`{word}` is not in:\n{out}\n{err}"
            );
        }
    }
}

/// Four days ago, when the shop took these events in, the failed payment was in its grace period.
#[tokio::test(flavor = "multi_thread")]
async fn overdue_accounts_are_listed_and_suspended_once_somebody_agrees() {
    let shop = Shop::open().await;
    let engine = shop.engine(4).await;
    for id in ["failed", "grace", "disputed", "paid"] {
        Shop::sold(&engine, id).await;
    }
    Shop::ordered(&engine, "early").await;
    Shop::happened(&engine, "failed", "payment_failed", ago(4)).await;
    Shop::happened(&engine, "grace", "payment_failed", ago(1)).await;
    Shop::happened(&engine, "disputed", "disputed", ago(4)).await;
    Shop::happened(&engine, "early", "refunded", ago(4)).await;
    engine.close().await;

    let dry = shop.suspend_overdue(&["--dry-run"]).await;
    dry.says(
        0,
        &[
            "shop/shop.example/live/failed",
            "suspend",
            "finish suspending",
            "wait until",
            "dry run: 2 of",
        ],
    );
    assert!(!dry.out.contains("live/paid"), "{}", dry.out);
    assert!(shop.is_active("failed") && shop.is_active("disputed"));

    let asked = shop.suspend_overdue(&[]).await;
    asked.says(4, &["say --yes", "nothing was changed or sent"]);
    assert!(shop.is_active("failed") && shop.is_active("disputed"));

    let done = shop.suspend_overdue(&["--yes"]).await;
    done.says(0, &["done", "suspended"]);
    assert!(!shop.is_active("failed") && !shop.is_active("disputed"));
    assert!(shop.is_active("grace") && shop.is_active("paid"));
    assert!(shop.panel.account("early").is_none());

    let again = shop.suspend_overdue(&["--yes"]).await;
    again.says(0, &["nothing to do now"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_somebody_else_is_left_alone_and_said_so() {
    let shop = Shop::open().await;
    let engine = shop.engine(0).await;
    Shop::sold(&engine, "gone").await;
    Shop::happened(&engine, "gone", "refunded", ago(0)).await;
    engine.close().await;
    let id = shop.panel.account("gone").unwrap().id;
    shop.panel.give_id_to_stranger(id, "victim").unwrap();
    let ended = shop.suspend_overdue(&["--yes"]).await;
    ended.says(3, &["needs attention", "victim"]);
    assert!(shop.is_active("victim"));
    let again = shop.suspend_overdue(&["--yes"]).await;
    again.says(3, &["decide", "nothing to do now"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_mpanel_has_is_suspended_with_the_account() {
    for generation in [Generation::Legacy, Generation::TypeScript] {
        let shop = Shop::with_mpanel(generation).await;
        let engine = shop.engine(4).await;
        Shop::sold(&engine, "both").await;
        Shop::happened(&engine, "both", "payment_failed", ago(4)).await;
        engine.close().await;
        let done = shop.suspend_overdue(&["--yes"]).await;
        done.says(0, &["done", "suspended"]);
        assert!(!shop.is_active("both"));
        assert_eq!(shop.subscription().status, "suspended");
    }
}

/// Nobody is told that everything is suspended where no mPanel is configured.
#[tokio::test(flavor = "multi_thread")]
async fn what_mpanel_has_is_said_by_hand_where_none_is_configured() {
    let shop = Shop::with_mpanel(Generation::Legacy).await;
    let engine = shop.engine(4).await;
    Shop::sold(&engine, "both").await;
    Shop::happened(&engine, "both", "payment_failed", ago(4)).await;
    engine.close().await;
    let done = shop.suspend_overdue_with(&["--yes"], Vec::new()).await;
    let subscription = shop.subscription();
    let by_hand = format!("suspend subscription {} of customer", subscription.id);
    done.says(3, &["by hand", &by_hand]);
    assert!(!shop.is_active("both"));
    assert_eq!(subscription.status, "active");
    let again = shop.suspend_overdue_with(&["--yes"], Vec::new()).await;
    again.says(3, &["decide", &by_hand, "nothing to do now"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_to_do_and_what_keeps_it_from_beginning() {
    let shop = Shop::open().await;
    shop.suspend_overdue(&[]).await.says(2, &["no such file"]);
    let engine = shop.engine(0).await;
    Shop::sold(&engine, "paid").await;
    engine.close().await;
    shop.suspend_overdue(&["--yes"])
        .await
        .says(0, &["every order is paid"]);
    let both = shop.suspend_overdue(&["--yes", "--dry-run"]).await;
    both.says(2, &["cannot be used with"]);
}
