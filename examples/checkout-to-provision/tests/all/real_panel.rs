//! The program against a panel of the test's own: what it does there, counted there.

use panel_sandbox::mpanel::{MPanel, MPanelSettings, UserKind};
use panel_sandbox::nextpanel_panel::{ApiKey, KeyKind, Panel, PanelSettings, operations};
use panel_sandbox::{Fault, PanelSandbox, PanelSandboxBuilder, Service};
use provisioning_core::username::{UsernameProfile, check};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::password::is_password;
use crate::program::{Ended, Program, program};

/// What real panels want said.
pub(crate) const SAID: &str = "- --order-id A-1 --paid-by operator --state memory --confirm-saved";

pub(crate) const ORDER: &str = r#"{"source": "shop.example", "stripeCustomerId": "cus_shop1",
    "customerEmail": "buyer@mail.example", "items": [{"code": "wp_growth", "domain": "ada-shop.example"}]}"#;

/// A panel that runs in the test's process and is real to the program.
pub(crate) struct RealPanel(PanelSandbox);

impl RealPanel {
    pub(crate) async fn start() -> Self {
        Self::with(PanelSettings::new("srv1")).await
    }

    pub(crate) async fn with(settings: PanelSettings) -> Self {
        Self::of(PanelSandbox::builder().nextpanel_panel(settings)).await
    }

    /// With an mPanel beside it.
    pub(crate) async fn beside(mpanel: MPanelSettings, settings: PanelSettings) -> Self {
        let panels = PanelSandbox::builder().nextpanel_panel(settings);
        Self::of(panels.mpanel(mpanel)).await
    }

    async fn of(panels: PanelSandboxBuilder) -> Self {
        Self(panels.start().await.unwrap())
    }

    pub(crate) fn panel(&self) -> &Panel {
        &self.0.nextpanel_panels()[0]
    }

    /// The mPanel beside it, if there is one.
    pub(crate) fn mpanel(&self) -> Option<&MPanel> {
        self.0.mpanels().first()
    }

    pub(crate) fn key(&self) -> ApiKey {
        self.panel().key(KeyKind::SuperAdmin)
    }

    /// The program with this panel configured and an order on standard input.
    pub(crate) fn program(&self, arguments: &str) -> Program {
        let program = program(arguments.split_whitespace()).stdin(ORDER);
        self.environment()
            .into_iter()
            .fold(program, |program, (name, value)| program.env(name, value))
    }

    /// What configures these panels; the mode of mPanel aside.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let key = self.key();
        let mut environment = vec![
            ("NEXTPANEL_URL", self.panel().url().to_owned()),
            ("NEXTPANEL_API_KEY", key.id().to_owned()),
            (
                "NEXTPANEL_API_SECRET",
                key.secret().expose_secret().to_owned(),
            ),
            ("NEXTPANEL_CAPACITY", "10".to_owned()),
        ];
        if let Some(mpanel) = self.mpanel() {
            let user = mpanel.user(UserKind::Admin);
            let token = mpanel.provisioning_token().unwrap();
            environment.extend([
                ("MPANEL_URL", mpanel.url().to_owned()),
                ("MPANEL_EMAIL", user.email().to_owned()),
                (
                    "MPANEL_PASSWORD",
                    user.password().expose_secret().to_owned(),
                ),
                ("MPANEL_TOKEN", token.expose_secret().to_owned()),
            ]);
        }
        environment
    }

    /// Runs it while the panel answers.
    pub(crate) fn run(&self, arguments: &str) -> Ended {
        self.run_it(self.program(arguments))
    }

    pub(crate) fn run_it(&self, program: Program) -> Ended {
        let ended = tokio::task::block_in_place(|| program.run());
        self.shows_no_key_in(&ended);
        ended
    }

    /// Runs it to its end or to its death.
    pub(crate) fn run_or_die(&self, program: Program) -> Result<Ended, Ended> {
        let ended = tokio::task::block_in_place(|| program.run_or_die());
        let (Ok(said) | Err(said)) = &ended;
        self.shows_no_key_in(said);
        ended
    }

    pub(crate) async fn settle(&self) {
        self.0.settle().await;
    }

    pub(crate) fn heal(&self) {
        self.0.heal();
    }

    fn shows_no_key_in(&self, ended: &Ended) {
        for kind in KeyKind::ALL {
            let key = self.panel().key(kind);
            assert!(!ended.all().contains(key.id()), "{ended:#?}");
            assert!(
                !ended.all().contains(key.secret().expose_secret()),
                "{ended:#?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_becomes_one_account_and_its_password_works() {
    let real = RealPanel::start().await;
    let ended = real
        .run(SAID)
        .exits(0)
        .says("real panels: 127.0.0.1 (http://127.0.0.1:")
        .says("state: memory; a crash may leave an account whose password is lost")
        .says("order default/shop.example/live/A-1 from standard input")
        .never_says("sandbox")
        .never_says("assumed");
    let panel = real.panel();
    let accounts = panel.accounts();
    assert_eq!(accounts.len(), 1, "{accounts:#?}");
    let account = &accounts[0];
    assert_eq!(account.email, "buyer@mail.example");
    assert!(account.billing_id.is_some() && account.is_active && !account.is_admin);
    let metadata = account.metadata.as_ref().unwrap();
    assert_eq!(metadata["billing_customer_id"], "cus_shop1");
    let password = ended.password();
    assert!(is_password(&password), "{password}");
    assert!(panel.password_is(&account.username, &password));
    assert_eq!(ended.all().matches(&password).count(), 1);
    assert_eq!(panel.created_by_clients(), 1);
    assert_eq!(panel.requests_for(&operations::CREATE_ACCOUNT).len(), 1);
    assert!(
        panel.unexpected_requests().is_empty(),
        "{:#?}",
        panel.unexpected_requests()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn key_and_secret_go_with_every_request_that_wants_them_and_with_no_login() {
    let real = RealPanel::start().await;
    real.run(SAID).exits(0);
    let (key, panel) = (real.key(), real.panel());
    assert!(panel.requests().len() >= 3);
    for request in panel.requests() {
        let is_login = request.operation() == Some(operations::LOGIN);
        assert_eq!(
            request.header_is("x-api-key", key.id()),
            !is_login,
            "{request:?}"
        );
        assert_eq!(
            request.header_is("x-api-secret", key.secret().expose_secret()),
            !is_login,
            "{request:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_username_is_one_the_panel_takes() {
    let real = RealPanel::start().await;
    real.run(SAID).exits(0);
    let username = &real.panel().accounts()[0].username;
    assert_eq!(check(username, &UsernameProfile::nextpanel()), []);
    assert!(username.starts_with("adashop"), "{username}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_json_result_names_the_account_that_the_panel_holds() {
    let real = RealPanel::start().await;
    let result = real.run(&format!("{SAID} --json")).exits(0).json();
    let account = &real.panel().accounts()[0];
    let hosting = &result["hosting"][0];
    assert_eq!(hosting["account_id"], account.id.to_string());
    assert_eq!(hosting["username"], json!(account.username));
    assert_eq!(hosting["domain"], "ada-shop.example");
    let password = result["credentials"][0]["password"].as_str().unwrap();
    assert!(real.panel().password_is(&account.username, password));
    assert!(result.get("sandbox").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_any_fault_there_is_one_account_at_most_and_no_secret_was_shown() {
    for fault in Fault::ALL {
        if !fault.applies_to(Service::NextPanelPanel) {
            continue;
        }
        let real = RealPanel::start().await;
        real.panel().arm(fault).unwrap();
        let ended = real.run(&format!("{SAID} --wait 5"));
        real.0.settle().await;
        let panel = real.panel();
        let made = panel.created_by_clients();
        assert_eq!(made, usize::from(ended.exit == 0), "{fault}: {ended:#?}");
        assert!(
            panel.unexpected_requests().is_empty(),
            "{fault}: {:#?}",
            panel.unexpected_requests()
        );
        assert!(panel.followed_redirects().is_empty(), "{fault}");
        if ended.exit == 0 {
            let password = ended.password();
            assert_eq!(
                ended.all().matches(&password).count(),
                1,
                "{fault}: {ended:#?}"
            );
            let ours: Vec<_> = panel
                .accounts()
                .into_iter()
                .filter(|account| !account.is_stranger)
                .collect();
            assert!(panel.password_is(&ours[0].username, &password), "{fault}");
        } else {
            assert_eq!(
                ended.lines_with("password of the hosting account `"),
                0,
                "{fault}: {ended:#?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_is_adopted_wherever_anything_proves_the_account_ours() {
    for (shows_marks, accounts_log_in) in
        [(true, true), (true, false), (false, true), (false, false)]
    {
        let settings = PanelSettings::new("srv1")
            .with_billing_id_in_rows(shows_marks)
            .with_accounts_may_log_in(accounts_log_in);
        let real = RealPanel::with(settings).await;
        real.panel().arm(Fault::LostReply).unwrap();
        let ended = real.run(SAID);
        let panel = real.panel();
        assert_eq!(panel.created_by_clients(), 1);
        let ended = if shows_marks || accounts_log_in {
            ended.exits(0).says("ours      found by look-up: ")
        } else {
            // Nothing proves it: a human is asked, and nothing is made or taken.
            ended
                .exits(4)
                .says("needs attention: ")
                .says("it exists with id X")
        };
        assert_eq!(ended.lines_with("call     hosting/"), 1, "{ended:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_lacks_rights_names_the_environment_variables_in_its_remedy() {
    let real = RealPanel::start().await;
    let key = real.panel().key(KeyKind::Admin);
    let program = real
        .program(SAID)
        .env("NEXTPANEL_API_KEY", key.id())
        .env("NEXTPANEL_API_SECRET", key.secret().expose_secret());
    real.run_it(program)
        .exits(3)
        .says("SUPER_ADMIN")
        .says("127.0.0.1, this machine's address")
        .says("NEXTPANEL_API_KEY and NEXTPANEL_API_SECRET");
    assert!(real.panel().accounts().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_finds_the_first_ones_account_and_makes_no_other() {
    let real = RealPanel::start().await;
    real.run(SAID).exits(0);
    // The first process took the password with it, so this one has none to hand over.
    real.run(SAID)
        .exits(4)
        .says("this order has an account already")
        .says("adashop on 127.0.0.1, account 1")
        .never_says("password of the hosting account `");
    assert_eq!(real.panel().created_by_clients(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panel_without_room_is_not_written_to() {
    let real = RealPanel::start().await;
    real.panel().add_stranger("neighbour").unwrap();
    let program = real.program(SAID).env("NEXTPANEL_CAPACITY", "1");
    real.run_it(program)
        .exits(4)
        .says("127.0.0.1: full: 1 of 1 used (0 reserved), needs 1");
    assert!(
        real.panel()
            .requests_for(&operations::CREATE_ACCOUNT)
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panel_that_is_not_there_is_said_to_be_offline_and_the_order_kept() {
    let real = RealPanel::start().await;
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let program = real.program(SAID).env("NEXTPANEL_URL", closed);
    real.run_it(program)
        .exits(4)
        .says("it does not answer")
        .says("nothing was made for this order");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_file_names_servers_and_their_keys() {
    let sandbox = PanelSandbox::builder()
        .nextpanel_panel(PanelSettings::new("one"))
        .nextpanel_panel(PanelSettings::new("two"))
        .start()
        .await
        .unwrap();
    let [one, two] = sandbox.nextpanel_panels() else {
        panic!("two panels");
    };
    one.add_stranger("neighbour").unwrap();
    let dir = tempfile::TempDir::new().unwrap();
    let server = |name: &str, panel: &Panel| {
        format!(
            "[[server]]\nname = \"{name}\"\nurl = \"{}\"\ncapacity = 5\napi_key_env = \"KEY_{name}\"\napi_secret_env = \"SECRET_{name}\"\n",
            panel.url()
        )
    };
    std::fs::write(
        dir.path().join("fleet.toml"),
        server("one", one) + &server("two", two),
    )
    .unwrap();
    let arguments = format!("{SAID} --fleet fleet.toml");
    let mut run = program(arguments.split(' ')).dir(dir.path()).stdin(ORDER);
    for (name, panel) in [("one", one), ("two", two)] {
        let key = panel.key(KeyKind::SuperAdmin);
        run = run
            .env(&format!("KEY_{name}"), key.id())
            .env(&format!("SECRET_{name}"), key.secret().expose_secret());
    }
    tokio::task::block_in_place(|| run.run())
        .exits(0)
        .says("real panels: one (http://127.0.0.1:")
        .says("on two: least accounts: 0 of 5 used");
    assert_eq!((one.created_by_clients(), two.created_by_clients()), (0, 1));
}
