//! Orders with mPanel: the samples on either generation, both modes, and a real one from the environment.

use panel_sandbox::PanelSandbox;
use panel_sandbox::mpanel::{Generation, MPanel, MPanelSettings, UserKind};
use secrecy::ExposeSecret;

use crate::program::{Ended, Program, program, run};
use crate::silent_server::SilentServer;

const SAMPLES: [(&str, &str); 4] = [
    ("order-created.json", "--order-id S-1"),
    ("order-created-long.json", "--order-id S-2"),
    ("provisioning-stripe.json", ""),
    ("stripe-checkout-completed.json", ""),
];

const GENERATIONS: [&str; 2] = ["legacy", "typescript"];

/// What one order may cost, of the 100 requests that mPanel lets through in 15 minutes.
pub(crate) const MOST_REQUESTS: u64 = 14;

const STARTER: &str = r#"{"source": "shop.example", "stripeCustomerId": "cus_shop2",
    "customerEmail": "buyer@mail.example", "items": [{"code": "starter", "domain": "ada-shop.example"}]}"#;

const ALL_SAID: &str = "- --order-id A-1 --paid-by operator --state memory --confirm-saved";

pub(crate) fn sample(name: &str) -> String {
    format!("{}/samples/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_sample_runs_to_its_end_on_each_generation() {
    for generation in GENERATIONS {
        for (name, more) in SAMPLES {
            let ended = run(&format!(
                "{} {more} --sandbox {generation} --json --confirm-saved",
                sample(name)
            ))
            .exits(0);
            let result = ended.json();
            let held = &result["sandbox"]["mpanel"];
            assert_eq!(held["customers"], 1, "{name}: {result:#}");
            assert_eq!(held["active"], held["subscriptions"], "{name}: {result:#}");
            let requests = held["requests"].as_u64().unwrap();
            assert!(requests <= MOST_REQUESTS, "{name}: {requests}");
            let accounts = result["sandbox"]["accounts"].as_array().unwrap().len();
            let is_mpanels_alone = name == "provisioning-stripe.json";
            assert_eq!(
                accounts,
                usize::from(!is_mpanels_alone),
                "{name}: {result:#}"
            );
        }
    }
}

#[test]
fn every_entry_takes_the_long_order() {
    for (generation, entry, settles) in [
        ("legacy", "provisioning/stripe", true),
        ("legacy", "stripe-completed", true),
        ("legacy", "orders/webhook", true),
        ("legacy", "order-created", true),
        // A TypeScript server shows nobody what becomes of this entry's orders.
        ("typescript", "provisioning/stripe", false),
        ("typescript", "stripe-completed", true),
        ("typescript", "orders/webhook", true),
        ("typescript", "order-created", true),
    ] {
        let arguments = format!(
            "{} --order-id S-2 --sandbox {generation} --json --confirm-saved",
            sample("order-created-long.json")
        );
        let ended = program(arguments.split_whitespace())
            .env("MPANEL_MODE", entry)
            .run()
            .exits(if settles { 0 } else { 4 });
        let held = &ended.json()["sandbox"]["mpanel"];
        assert_eq!(held["orders"], 1, "{generation} {entry}: {held}");
        assert!(
            held["requests"].as_u64().unwrap() <= MOST_REQUESTS,
            "{held}"
        );
    }
}

fn direct(arguments: &str) -> Ended {
    program(arguments.split_whitespace())
        .env("MPANEL_MODE", "direct")
        .run()
}

#[test]
fn in_direct_mode_the_account_is_recorded_and_the_plan_says_how() {
    for generation in GENERATIONS {
        let ended = direct(&format!("--sandbox {generation} --confirm-saved"))
            .exits(0)
            .says("mpanel:  direct")
            .says("set the subscription on mPanel to pending_provisioning")
            .says("1 subscription (1 active), 1 website");
        let at = |text: &str| ended.stdout.find(text).unwrap_or_else(|| panic!("{text}"));
        let pending = at("done     mpanel/pending/hosting/wp_growth");
        let account = at("done     hosting/wp_growth");
        let verified = at("done     verify/hosting/wp_growth");
        let active = at("done     mpanel/active/hosting/wp_growth");
        assert!(pending < account && account < verified && verified < active);
        assert!(active < at("\npassword of the hosting account"));
    }
}

#[test]
fn in_direct_mode_what_mpanel_hosts_is_refused_before_anything_is_sent() {
    direct(&format!(
        "{} --order-id S-2 --sandbox legacy",
        sample("order-created-long.json")
    ))
    .exits(2)
    .has_no_result()
    .says("items[0]: starter is hosted by mPanel, which provides only what is handed over")
    .says("the mode is direct: choose an entry");
}

#[test]
fn an_order_that_needs_a_panel_that_is_not_configured_is_bad_input() {
    run(&format!(
        "{} --order-id S-2",
        sample("order-created-long.json")
    ))
    .exits(2)
    .has_no_result()
    .says("items[0]: starter is hosted by mPanel, which is not configured");
}

#[test]
fn a_session_that_is_not_paid_is_not_an_order() {
    let event = std::fs::read_to_string(sample("stripe-checkout-completed.json")).unwrap();
    let unpaid = event.replace(
        r#""payment_status": "paid""#,
        r#""payment_status": "unpaid""#,
    );
    assert_ne!(unpaid, event);
    for generation in GENERATIONS {
        program(["-", "--sandbox", generation])
            .stdin(unpaid.clone())
            .run()
            .exits(4)
            .says("not started; nothing was sent or stored")
            .says("paid");
    }
}

#[test]
fn a_dry_run_shows_the_exact_requests_with_places_for_what_is_not_known() {
    direct("--sandbox legacy --dry-run")
        .exits(0)
        .says("/api/customers")
        .says("\"customerId\":\"{mpanel/customer.id}\"")
        .says("/api/subscriptions/{mpanel/subscription/hosting/wp_growth.id}")
        .says("no write was sent");
    run(&format!(
        "{} --order-id S-2 --sandbox typescript --dry-run",
        sample("order-created-long.json")
    ))
    .exits(0)
    .says("/api/public/orders/stripe-completed")
    .says("at most 6 times, until it is settled");
}

#[test]
fn an_unknown_mode_names_all() {
    program(["--sandbox", "legacy"])
        .env("MPANEL_MODE", "delegate")
        .run()
        .exits(2)
        .has_no_result()
        .says("MPANEL_MODE: `delegate` is no mode of mPanel: direct, or the entry")
        .says("orders-webhook, order-created");
}

const GROUP: [&str; 5] = [
    "MPANEL_URL",
    "MPANEL_EMAIL",
    "MPANEL_PASSWORD",
    "MPANEL_TOKEN",
    "MPANEL_MODE",
];

#[test]
fn some_but_not_all_of_the_group_names_what_is_missing() {
    let server = SilentServer::start();
    for set in 1_u8..31 {
        let mut run = program(ALL_SAID.split(' ')).stdin(STARTER);
        let mut missing = Vec::new();
        for (bit, name) in GROUP.into_iter().enumerate() {
            if set & (1 << bit) == 0 {
                missing.push(name);
                continue;
            }
            let value = match name {
                "MPANEL_URL" => server.url(),
                "MPANEL_MODE" => "stripe-completed".to_owned(),
                _ => "canary".to_owned(),
            };
            run = run.env(name, value);
        }
        run.run()
            .exits(2)
            .has_no_result()
            .says(&format!(
                "belong together; not set, empty or not text: {}\n",
                missing.join(", ")
            ))
            .never_says("canary");
    }
    server.was_left_alone();
}

#[test]
fn a_variable_that_is_set_and_empty_is_missing_and_never_means_the_sandbox() {
    for name in GROUP {
        program(["--confirm-saved"])
            .env(name, "")
            .run()
            .exits(2)
            .has_no_result()
            .says("belong together; not set, empty or not text: MPANEL_URL, MPANEL_EMAIL, ");
    }
}

#[test]
fn stand_ins_and_real_panels_never_mix() {
    let server = SilentServer::start();
    real(&server.url(), &format!("{ALL_SAID} --sandbox legacy"))
        .run()
        .exits(2)
        .has_no_result()
        .says("--sandbox asks for stand-ins, and real panels are configured");
    server.was_left_alone();
}

#[test]
fn the_webhook_wants_its_own_key_and_the_tenant() {
    let server = SilentServer::start();
    real(&server.url(), ALL_SAID)
        .env("MPANEL_MODE", "orders/webhook")
        .run()
        .exits(2)
        .says("MPANEL_MODE=orders-webhook wants MPANEL_INTERNAL_KEY")
        .says("MPANEL_MODE=orders-webhook wants MPANEL_TENANT");
    server.was_left_alone();
}

#[test]
fn mpanel_alone_has_no_accounts_to_make() {
    let server = SilentServer::start();
    real(&server.url(), ALL_SAID)
        .stdin(STARTER.replace("starter", "wp_growth"))
        .run()
        .exits(2)
        .has_no_result()
        .says("items[0]: wp_growth is hosted on NextPanel, which is not configured");
    server.was_left_alone();
}

/// The program with a real mPanel of this address, and an order for what it hosts.
fn real(url: &str, arguments: &str) -> Program {
    program(arguments.split_whitespace())
        .stdin(STARTER)
        .env("MPANEL_URL", url)
        .env("MPANEL_EMAIL", "ops@hosting.example")
        .env("MPANEL_PASSWORD", "canary-password")
        .env("MPANEL_TOKEN", "canary-token")
        .env("MPANEL_MODE", "stripe-completed")
}

async fn start(generation: Generation) -> PanelSandbox {
    PanelSandbox::builder()
        .mpanel(MPanelSettings::new("mp", generation))
        .start()
        .await
        .unwrap()
}

fn run_on(mpanel: &MPanel, user: UserKind, arguments: &str) -> Ended {
    let user = mpanel.user(user);
    let token = mpanel.provisioning_token().unwrap().expose_secret();
    let password = user.password().expose_secret();
    let ended = tokio::task::block_in_place(|| {
        real(mpanel.url(), arguments)
            .env("MPANEL_EMAIL", user.email())
            .env("MPANEL_PASSWORD", password)
            .env("MPANEL_TOKEN", token)
            .run()
    });
    ended.never_says(token).never_says(password)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_mpanel_takes_the_order_and_is_watched_until_it_is_done() {
    for generation in [Generation::Legacy, Generation::TypeScript] {
        let panels = start(generation).await;
        let mpanel = &panels.mpanels()[0];
        // The pauses of a real panel: one task seen unfinished costs up to 3 seconds.
        run_on(mpanel, UserKind::Admin, ALL_SAID)
            .exits(0)
            .says("real panels: mPanel (http://127.0.0.1:")
            .never_says("sandbox");
        assert_eq!(mpanel.public_orders().len(), 1);
        assert!(mpanel.tasks().iter().all(|task| task.status == "success"));
        assert!(mpanel.requests().len() as u64 <= MOST_REQUESTS);
        assert!(mpanel.unexpected_requests().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_not_exactly_admin_is_told_so_with_the_way_out() {
    let panels = start(Generation::Legacy).await;
    run_on(
        &panels.mpanels()[0],
        UserKind::UpperCaseSuperAdmin,
        ALL_SAID,
    )
    .exits(3)
    .says("denied: not permitted to read provisioning tasks")
    .says("exactly `admin`")
    .says("  1. ");
    assert_eq!(panels.mpanels()[0].public_orders().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_sends_nothing_to_mpanel() {
    let panels = start(Generation::Legacy).await;
    let mpanel = &panels.mpanels()[0];
    run_on(
        mpanel,
        UserKind::Admin,
        "- --order-id A-1 --paid-by operator --dry-run",
    )
    .exits(0);
    assert!(mpanel.requests().is_empty());
}
