//! `--dry-run`: the plan and the exact requests, and not a single write.

use panel_sandbox::nextpanel_panel::operations;
use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Ended, program, run};
use crate::real_panel::{ORDER, RealPanel, SAID};
use crate::silent_server::SilentServer;

const FORMATS: [&str; 3] = ["tree", "json", "mermaid"];

#[test]
fn the_tree_lists_plan_reads_and_requests() {
    let ended = run("--dry-run")
        .exits(0)
        .says("\u{251c}\u{2500} hosting/wp_growth (required)")
        .says("reads sent while planning\n  GET http://127.0.0.1:")
        .says("/api/v1/billing/accounts?skip=0&limit=1000")
        .says("requests of the plan, none of them sent\n  POST http://127.0.0.1:")
        .says("/api/v1/billing/accounts/{hosting/wp_growth.id}")
        .says("      x-api-key: [secret]\n      x-api-secret: [secret]\n")
        .says(r#""password":"[secret]""#)
        .says("dry run: no write was sent and nothing was stored")
        .never_says("sealed")
        .never_says("the sandbox holds");
    assert_eq!(ended.stderr, "");
}

#[test]
fn json_is_one_object_and_the_words_are_on_standard_error() {
    for arguments in ["--dry-run --format json", "--dry-run --json"] {
        let ended = run(arguments).exits(0);
        let shown = ended.json();
        assert_eq!(shown["dry_run"], true);
        assert_eq!(shown["plan"]["steps"].as_array().map(Vec::len), Some(5));
        assert_eq!(shown["requests"][0]["method"], "POST");
        assert!(
            shown["reads_sent"]
                .as_array()
                .unwrap()
                .iter()
                .all(|read| read["writes"] == false)
        );
        assert!(
            ended.stderr.contains("order default/migrahosting.com"),
            "{ended:#?}"
        );
    }
}

#[test]
fn mermaid_is_a_flowchart_and_nothing_else() {
    let ended = run("--dry-run --format mermaid").exits(0);
    assert!(ended.stdout.starts_with("flowchart TD\n"), "{ended:#?}");
    assert!(
        ended
            .stdout
            .lines()
            .skip(1)
            .all(|line| line.starts_with("    s")),
        "{ended:#?}"
    );
    assert!(
        !ended.stdout.contains("<username>"),
        "mermaid would take it for a tag: {ended:#?}"
    );
}

#[test]
fn a_format_that_contradicts_json_is_refused() {
    run("--dry-run --json --format tree")
        .exits(2)
        .says("--json is a format of its own");
}

#[test]
fn a_dry_run_that_is_denied_shows_the_remedy() {
    run("--dry-run --fault ip-refused")
        .exits(3)
        .says("denied: not permitted to list hosting accounts")
        .says("Add 127.0.0.1, this machine's address")
        .says("no write was sent");
    let shown = run("--dry-run --json --fault ip-refused").exits(3).json();
    assert!(shown["denied"][0]["remedy"].as_array().unwrap().len() >= 5);
}

#[test]
fn a_dry_run_without_room_says_so() {
    run("--dry-run --fault server-full")
        .exits(4)
        .says("np-fra-1: full: 50 of 50 used");
    let shown = run("--dry-run --json --fault server-full").exits(4).json();
    assert_eq!(shown["exit"], 4);
    assert!(
        shown["rejected"][0]
            .as_str()
            .unwrap()
            .contains("np-ams-1: full")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reads_that_are_listed_are_the_ones_that_are_sent_and_there_is_no_write() {
    for format in FORMATS {
        let real = RealPanel::start().await;
        let dry = format!("- --order-id A-1 --paid-by operator --dry-run --format {format}");
        real.run(&dry).exits(0);
        let requests = real.panel().requests();
        assert!(!requests.is_empty());
        for request in &requests {
            assert_eq!(
                request.operation(),
                Some(operations::LIST_ACCOUNTS),
                "{request:?}"
            );
            assert_eq!(request.query_parameter("limit").as_deref(), Some("1000"));
        }
        assert!(real.panel().accounts().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_requests_that_are_shown_are_the_ones_that_are_sent() {
    let real = RealPanel::start().await;
    let shown = real
        .run("- --order-id A-1 --paid-by operator --dry-run --json")
        .exits(0)
        .json();
    real.run(SAID).exits(0);
    let panel = real.panel();
    let sent: Vec<_> = panel
        .requests()
        .into_iter()
        .filter(|request| request.operation() != Some(operations::LIST_ACCOUNTS))
        .collect();
    let shown = shown["requests"].as_array().unwrap();
    assert_eq!(shown.len(), sent.len());
    for (shown, sent) in shown.iter().zip(&sent) {
        assert_eq!(shown["method"], sent.method());
        let id = panel.accounts()[0].id.to_string();
        let path = shown["url"]
            .as_str()
            .unwrap()
            .strip_prefix(panel.url())
            .unwrap()
            .replace("{hosting/wp_growth/ada-shop.example.id}", &id);
        assert_eq!(path, sent.path());
        for header in shown["headers"].as_array().unwrap() {
            let (name, value) = (header[0].as_str().unwrap(), header[1].as_str());
            assert_eq!(sent.header(name), value, "{name}");
        }
        let mut shown = shown["body"].clone();
        let mut sent = sent.field("").unwrap_or(Value::Null);
        // The two runs are planned at different moments.
        for body in [&mut shown, &mut sent] {
            if let Some(moment) = body.pointer_mut("/metadata/created_at") {
                *moment = Value::Null;
            }
        }
        assert_eq!(shown, sent);
    }
}

fn with_fleet(url: &str, format: &str) -> Ended {
    let dir = TempDir::new().unwrap();
    std::fs::write(
        dir.path().join("fleet.toml"),
        format!(
            "[[server]]\nname = \"one\"\nurl = \"{url}\"\ncapacity = 5\napi_key_env = \"KEY_ONE\"\napi_secret_env = \"SECRET_ONE\"\n"
        ),
    )
    .unwrap();
    let arguments = format!(
        "- --order-id A-1 --paid-by operator --dry-run --fleet fleet.toml --format {format}"
    );
    program(arguments.split(' '))
        .dir(dir.path())
        .stdin(ORDER)
        .run()
}

#[test]
fn with_a_fleet_file_nothing_at_all_is_sent_and_no_key_is_needed() {
    for format in FORMATS {
        let server = SilentServer::start();
        let ended = with_fleet(&server.url(), format).exits(0);
        server.was_left_alone();
        match format {
            "tree" => drop(
                ended
                    .says("reads sent while planning\n  none\n")
                    .says("nothing was sent, so every server was taken for empty"),
            ),
            "json" => assert_eq!(ended.json()["reads_sent"], serde_json::json!([])),
            _ => {}
        }
    }
}

#[test]
fn a_dry_run_does_not_speak_of_a_state_it_does_not_keep() {
    with_fleet("http://127.0.0.1:9", "tree")
        .exits(0)
        .never_says("state: memory");
}
