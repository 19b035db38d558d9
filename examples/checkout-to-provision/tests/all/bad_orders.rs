//! Orders that are none: found before anything is sent or stored, every problem at once.

use std::fs::File;

use tempfile::TempDir;

use crate::program::{Ended, program, run};
use crate::silent_server::SilentServer;

/// Gives the program this order, once on the sandbox and once with a real panel configured, and asserts both times that
/// it ends with this exit code, that nothing was sent, and that nothing is on standard output. The ending on the sandbox.
#[track_caller]
fn refused(order: &str, exit: i32) -> Ended {
    let server = SilentServer::start();
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("order.json"), order).unwrap();
    let real = "order.json --order-id A-1 --paid-by operator --state memory --confirm-saved";
    let real = program(real.split(' '))
        .dir(dir.path())
        .env("NEXTPANEL_URL", server.url())
        .env("NEXTPANEL_API_KEY", "npk_canary")
        .env("NEXTPANEL_API_SECRET", "nps_canary")
        .env("NEXTPANEL_CAPACITY", "10")
        .env("NEXTPANEL_PREVIEW_DOMAIN", "preview.shop.example")
        .run()
        .exits(exit)
        .has_no_result();
    server.was_left_alone();
    let ended = program("order.json --order-id A-1 --confirm-saved".split(' '))
        .dir(dir.path())
        .run()
        .exits(exit)
        .has_no_result()
        .says("not started; nothing was sent or stored:\n");
    assert_eq!(real.stderr, ended.stderr);
    ended
}

/// An order with these items.
fn items(items: &str) -> String {
    format!(
        r#"{{"source": "shop.example", "customerEmail": "buyer@shop.example", "items": {items}}}"#
    )
}

#[test]
fn a_missing_file_is_named() {
    run("nowhere/order.json --order-id A-1")
        .exits(2)
        .has_no_result()
        .says("nowhere/order.json: ");
}

#[test]
fn a_directory_is_no_order() {
    let dir = TempDir::new().unwrap();
    program([
        dir.path().as_os_str(),
        "--order-id".as_ref(),
        "A-1".as_ref(),
    ])
    .run()
    .exits(2)
    .has_no_result()
    .says(&dir.path().display().to_string());
}

#[test]
fn an_empty_file_is_no_order() {
    refused("", 2).says("order.json: the order is empty");
    refused(" \n", 2).says("order.json: the order is empty");
}

#[test]
fn text_that_is_not_json_is_located() {
    refused("{\"items\":\n  oops}", 2).says("order.json: the order is not JSON: line 2, column 3");
    refused("{\"items\": [", 2).says("it ends too early");
}

#[test]
fn bytes_that_are_not_utf_8_are_located() {
    program(["-", "--order-id", "A-1"])
        .stdin(b"{\"source\": \"\xff\"}".to_vec())
        .run()
        .exits(2)
        .has_no_result()
        .says("standard input: the order is not UTF-8 text: byte 13");
}

#[test]
fn a_list_of_orders_is_not_an_order() {
    refused("[{}, {}, {}]", 2).says("not a list of 3: send orders one by one");
}

#[test]
fn a_file_of_50_megabytes_is_refused_with_its_size() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("dump.json");
    File::create(&path)
        .unwrap()
        .set_len(50 * 1024 * 1024)
        .unwrap();
    program([path.as_os_str()])
        .run()
        .exits(2)
        .has_no_result()
        .says("dump.json: the order has 52428800 bytes, more than the 1048576 an order may have");
}

#[test]
fn standard_input_is_not_read_beyond_the_limit() {
    program(["-"])
        .stdin(vec![b' '; 3 * 1024 * 1024])
        .run()
        .exits(2)
        .has_no_result()
        .says("standard input: larger than the 1048576 bytes an order may have");
}

#[test]
fn an_order_without_items_is_refused() {
    refused(&items("[]"), 2).says("order.json: items: is empty");
    refused(
        r#"{"customerEmail": "buyer@shop.example", "source": "shop.example"}"#,
        2,
    )
    .says("order.json: items: is missing");
}

#[test]
fn an_unknown_product_names_the_near_match() {
    refused(&items(r#"[{"code": "wp_grwth"}]"#), 2).says(
        "order.json: items[0]: the product code wp_grwth is not in the catalog migrahosting: did you mean wp_growth?",
    );
}

#[test]
fn two_plans_for_one_domain_are_refused() {
    let two = r#"[{"code": "wp_growth", "domain": "Shop.example"}, {"code": "wp-growth", "domain": "shop.example"}]"#;
    refused(&items(two), 2).says(
        "order.json: items[1]: shop.example already gets the hosting plan wp_growth (items[0])",
    );
}

#[test]
fn everything_that_is_wrong_is_told_at_once_by_path() {
    let order = r#"{"source": "shop.example", "customerEmail": "secret person at shop", "items": [
        {"code": "wp_grwth", "domain": "a.example"},
        {"code": "wp_growth", "domain": "not a domain"},
        {"code": "wp_growth", "domain": "b.example"},
        {"code": "wp_growth", "domain": "b.example"}]}"#;
    let ended = refused(order, 2)
        .says("  order.json: customerEmail: is not an e-mail address")
        .says("  order.json: items[1].domain: ")
        .says("  order.json: items[0]: the product code")
        .says("  order.json: items[3]: b.example already gets the hosting plan")
        .never_says("secret person");
    assert_eq!(ended.stderr.lines().count(), 5, "{ended:#?}");
}

#[test]
fn an_order_without_id_says_how_to_give_it_one() {
    program(["-"])
        .stdin(items(r#"[{"code": "wp_growth"}]"#))
        .run()
        .exits(2)
        .has_no_result()
        .says("standard input: the order carries no id of its own")
        .says("--order-id ID");
}

#[test]
fn an_order_that_is_not_paid_is_no_mistake_and_not_finished() {
    let unpaid = r#"{"source": "shop.example", "customerEmail": "buyer@shop.example", "paymentStatus": "unpaid",
        "items": [{"code": "wp_growth"}]}"#;
    let ended = refused(unpaid, 4).says("the order is not paid: paymentStatus is \"unpaid\"");
    assert_eq!(ended.stderr.lines().count(), 2, "{ended:#?}");
}

#[test]
fn an_order_is_read_from_standard_input() {
    program(["-", "--order-id", "A-1", "--confirm-saved"])
        .stdin(items(
            r#"[{"code": "wp_growth", "domain": "shop.example"}]"#,
        ))
        .run()
        .exits(0)
        .says("order default/shop.example/live/A-1 from standard input")
        .says("item      wp_growth (WordPress Growth) for shop.example")
        .says("domain    shop.example")
        .says("done except 1 manual step: attach/hosting/wp_growth/shop.example");
}

#[test]
fn mistakes_in_order_catalog_and_fault_are_told_together() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("order.json"), items("[]")).unwrap();
    program("order.json --catalog none.toml --fault nonsense".split(' '))
        .dir(dir.path())
        .run()
        .exits(2)
        .has_no_result()
        .says("  --fault: there is no fault `nonsense`")
        .says("  none.toml: ")
        .says("  order.json: items: is empty")
        .says("  order.json: the order carries no id of its own");
}
