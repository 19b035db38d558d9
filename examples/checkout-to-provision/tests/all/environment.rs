//! Real panels: nothing is assumed, and nothing is sent until everything is said.

use tempfile::TempDir;

use crate::program::{Program, program, run};
use crate::real_panel::{ORDER, SAID};
use crate::silent_server::SilentServer;

const GROUP: [&str; 3] = ["NEXTPANEL_URL", "NEXTPANEL_API_KEY", "NEXTPANEL_API_SECRET"];

const ALL_FLAGS: [&str; 3] = ["ORDER.json", "--paid-by operator", "--confirm-saved"];

/// With a panel of this address configured, whole.
fn configured(arguments: &str, url: &str) -> Program {
    program(arguments.split_whitespace())
        .stdin(ORDER)
        .env("NEXTPANEL_URL", url)
        .env("NEXTPANEL_API_KEY", "npk_canary")
        .env("NEXTPANEL_API_SECRET", "nps_canary")
        .env("NEXTPANEL_CAPACITY", "10")
}

#[test]
fn some_but_not_all_of_the_group_names_what_is_missing() {
    let server = SilentServer::start();
    for set in 1_u8..7 {
        let mut run = program(SAID.split(' '))
            .stdin(ORDER)
            .env("NEXTPANEL_CAPACITY", "10");
        let mut missing = Vec::new();
        for (bit, name) in GROUP.into_iter().enumerate() {
            if set & (1 << bit) == 0 {
                missing.push(name);
            } else {
                run = run.env(
                    name,
                    if bit == 0 {
                        server.url()
                    } else {
                        "canary".to_owned()
                    },
                );
            }
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
fn a_variable_of_the_group_is_enough_to_keep_away_from_the_sandbox() {
    let ended = program([""; 0])
        .env("NEXTPANEL_API_KEY", "npk_canary")
        .run()
        .exits(2)
        .has_no_result();
    ended
        .says("not set, empty or not text: NEXTPANEL_URL, NEXTPANEL_API_SECRET")
        .says("ORDER.json is missing")
        .never_says("sandbox");
}

#[test]
fn a_variable_that_is_set_and_empty_is_missing_and_never_means_the_sandbox() {
    program([""; 0])
        .env("NEXTPANEL_URL", "")
        .env("NEXTPANEL_API_KEY", " ")
        .run()
        .exits(2)
        .says("not set, empty or not text: NEXTPANEL_URL, NEXTPANEL_API_KEY, NEXTPANEL_API_SECRET");
}

#[test]
fn every_flag_that_real_panels_want_is_named_at_once_and_nothing_is_sent() {
    let server = SilentServer::start();
    let mut ended = configured("", &server.url()).run().exits(2).has_no_result();
    for flag in ALL_FLAGS {
        ended = ended.says(&format!("  {flag} is missing: "));
    }
    ended.says("the bundled sample never goes to a real panel");
    server.was_left_alone();
}

#[test]
fn each_flag_that_is_missing_is_missed() {
    let server = SilentServer::start();
    for (left_out, missing) in [
        (" --paid-by operator", "--paid-by operator is missing"),
        (" --confirm-saved", "--confirm-saved is missing"),
        (" --order-id A-1", "--order-id ID"),
    ] {
        configured(&SAID.replace(left_out, ""), &server.url())
            .run()
            .exits(2)
            .has_no_result()
            .says(missing);
    }
    server.was_left_alone();
}

#[test]
fn the_bundled_sample_never_goes_to_a_real_panel() {
    let server = SilentServer::start();
    for arguments in [
        "--order-id A-1 --paid-by operator --state memory --confirm-saved",
        "--order-id A-1 --paid-by operator --dry-run",
        "--dry-run --json",
    ] {
        configured(arguments, &server.url())
            .run()
            .exits(2)
            .says("ORDER.json is missing: the bundled sample never goes to a real panel");
    }
    server.was_left_alone();
}

#[test]
fn a_fault_is_for_the_sandbox_only() {
    let server = SilentServer::start();
    configured(&format!("{SAID} --fault lost-reply --heal"), &server.url())
        .run()
        .exits(2)
        .has_no_result()
        .says("--fault is for the sandbox");
    server.was_left_alone();
}

#[test]
fn the_capacity_is_asked_for_and_has_to_be_a_number() {
    let server = SilentServer::start();
    configured(SAID, &server.url())
        .env("NEXTPANEL_CAPACITY", "")
        .run()
        .exits(2)
        .says("NEXTPANEL_CAPACITY is not set: how many accounts may the panel hold?");
    for wrong in ["plenty", "-1", "0", "1.5"] {
        configured(SAID, &server.url())
            .env("NEXTPANEL_CAPACITY", wrong)
            .run()
            .exits(2)
            .has_no_result()
            .says("NEXTPANEL_CAPACITY");
    }
    server.was_left_alone();
}

#[test]
fn durations_have_to_be_numbers_of_seconds() {
    let server = SilentServer::start();
    let names = ["PROVISIONING_LONGEST_REQUEST", "PROVISIONING_FIRST_PAUSE"];
    let wrongs = ["", "soon", "-1", "0", "nan", "1e300"];
    for (name, wrong) in names
        .iter()
        .flat_map(|name| wrongs.map(|wrong| (name, wrong)))
    {
        configured(SAID, &server.url())
            .env(name, wrong)
            .run()
            .exits(2)
            .has_no_result()
            .says(&format!("{name}: `{wrong}` is no number of seconds"));
    }
    server.was_left_alone();
}

#[test]
fn an_address_that_is_none_or_not_safe_is_refused() {
    for (url, why) in [
        ("panel.example", "NEXTPANEL_URL"),
        ("ftp://panel.example", "NEXTPANEL_URL"),
        ("http://panel.example", "http"),
    ] {
        configured(SAID, url)
            .run()
            .exits(2)
            .has_no_result()
            .says(why);
    }
}

#[test]
fn an_address_with_credentials_in_it_does_not_show_them() {
    configured(SAID, "http://admin:canary-password@127.0.0.1:9")
        .run()
        .never_says("canary-password");
}

#[test]
fn a_preview_domain_that_is_none_is_refused() {
    configured(SAID, "http://127.0.0.1:9")
        .env("NEXTPANEL_PREVIEW_DOMAIN", "not a domain")
        .run()
        .exits(2)
        .has_no_result()
        .says("NEXTPANEL_PREVIEW_DOMAIN: ");
}

#[test]
fn hosting_without_a_domain_wants_a_preview_domain() {
    configured(SAID, "http://127.0.0.1:9")
        .stdin(r#"{"customerEmail": "buyer@mail.example", "items": [{"code": "wp_growth"}]}"#)
        .run()
        .exits(2)
        .has_no_result()
        .says("items[0].domain: wp_growth needs a domain");
}

#[test]
fn a_fleet_file_wants_the_keys_it_names() {
    let server = SilentServer::start();
    let dir = TempDir::new().unwrap();
    std::fs::write(
        dir.path().join("fleet.toml"),
        format!(
            "[[server]]\nname = \"one\"\nurl = \"{0}\"\ncapacity = 5\napi_key_env = \"KEY_ONE\"\napi_secret_env = \"SECRET_ONE\"\n\n\
             [[server]]\nname = \"two\"\nurl = \"{0}/two\"\ncapacity = 5\n",
            server.url()
        ),
    )
    .unwrap();
    let arguments = format!("{SAID} --fleet fleet.toml");
    program(arguments.split(' '))
        .dir(dir.path())
        .stdin(ORDER)
        .env("KEY_ONE", "npk_canary")
        .run()
        .exits(2)
        .has_no_result()
        .says("  server one: SECRET_ONE is not set")
        .says("  server two: name the environment variables in api_key_env and api_secret_env")
        .never_says("npk_canary");
    server.was_left_alone();
}

#[test]
fn a_fleet_file_and_a_single_panel_exclude_each_other() {
    configured(&format!("{SAID} --fleet fleet.toml"), "http://127.0.0.1:9")
        .run()
        .exits(2)
        .has_no_result()
        .says("NEXTPANEL_URL and --fleet both name servers");
}

#[test]
fn a_mistake_in_the_environment_does_not_hide_one_in_the_order() {
    program(SAID.split(' '))
        .stdin(r#"{"customerEmail": "buyer@mail.example", "items": [{"code": "wp_grwth"}]}"#)
        .env("NEXTPANEL_URL", "http://127.0.0.1:9")
        .run()
        .exits(2)
        .has_no_result()
        .says("not set, empty or not text: NEXTPANEL_API_KEY, NEXTPANEL_API_SECRET")
        .says("NEXTPANEL_CAPACITY is not set")
        .says("items[0]: the product code wp_grwth is not in the catalog");
}

#[test]
fn proxies_of_the_environment_do_not_come_between_program_and_sandbox() {
    let proxy = SilentServer::start();
    let mut program = program(["--confirm-saved"]);
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        program = program.env(name, proxy.url());
    }
    program.run().exits(0);
    proxy.was_left_alone();
}

#[test]
fn with_nothing_set_the_sandbox_is_used() {
    run("").says("sandbox: no panel is configured (NEXTPANEL_URL)");
}
