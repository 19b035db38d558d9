//! Catalogs and fleets with mistakes: file, line, what is wrong, all at once.

use tempfile::TempDir;

use crate::program::{Ended, program};

/// Runs with this catalog.
#[track_caller]
fn with_catalog(text: &[u8]) -> Ended {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("shop.toml"), text).unwrap();
    program(["--catalog", "shop.toml"])
        .dir(dir.path())
        .run()
        .exits(2)
        .has_no_result()
        .says("not started; nothing was sent or stored:\n")
}

/// Makes a dry run with this fleet and an order that is right.
#[track_caller]
fn with_fleet(text: &[u8]) -> Ended {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("servers.toml"), text).unwrap();
    std::fs::write(
        dir.path().join("order.json"),
        r#"{"customerEmail": "buyer@shop.example", "items": [{"code": "wp_growth", "domain": "shop.example"}]}"#,
    )
    .unwrap();
    program(
        "order.json --order-id A-1 --paid-by operator --dry-run --fleet servers.toml".split(' '),
    )
    .dir(dir.path())
    .run()
    .exits(2)
    .has_no_result()
    .says("not started; nothing was sent or stored:\n")
}

#[test]
fn every_mistake_in_a_catalog_has_its_line() {
    let ended = with_catalog(
        b"currency = \"USD\"\n\n[[product]]\ncode = \"small\"\ntakes = \"space\"\n\n[[product]]\ncode = \"big plan\"\ntakes = \"addon\"\ncolour = 3\n",
    )
    .says("  shop.toml:5: product small: takes \"space\" is none of ")
    .says("  shop.toml:8: product 2: code is not a product code")
    .says("  shop.toml:10: product 2: unknown key \"colour\"");
    assert_eq!(ended.stderr.lines().count(), 4, "{ended:#?}");
}

#[test]
fn a_syntax_error_in_a_catalog_stands_alone() {
    let ended = with_catalog(b"currency = \"USD\"\nprices = [\n[[product]]\ncode = 3\n")
        .says("  shop.toml:");
    assert_eq!(ended.stderr.lines().count(), 2, "{ended:#?}");
}

#[test]
fn a_catalog_that_is_no_text_is_named() {
    with_catalog(b"name = \"\xff\"\n").says("  shop.toml: not UTF-8 text");
}

#[test]
fn a_missing_catalog_is_named() {
    program(["--catalog", "nowhere.toml"])
        .run()
        .exits(2)
        .has_no_result()
        .says("  nowhere.toml: ");
}

#[test]
fn products_of_a_catalog_of_ones_own_are_sold() {
    let dir = TempDir::new().unwrap();
    std::fs::write(
        dir.path().join("shop.toml"),
        "currency = \"EUR\"\n\n[[product]]\ncode = \"studio\"\nname = \"Studio\"\ntakes = \"nextpanel-hosting\"\n",
    )
    .unwrap();
    let order = r#"{"customerEmail": "buyer@shop.example", "items": [{"code": "studio"}]}"#;
    let sold = |catalog: &[&str]| {
        program(
            ["-", "--order-id", "A-1", "--confirm-saved"]
                .iter()
                .chain(catalog),
        )
        .dir(dir.path())
        .stdin(order)
        .run()
    };
    sold(&["--catalog", "shop.toml"])
        .exits(0)
        .says("item      studio (Studio)");
    sold(&[])
        .exits(2)
        .says("the product code studio is not in the catalog");
}

#[test]
fn every_mistake_in_a_fleet_has_its_line() {
    let ended = with_fleet(
        b"rule = \"nearest\"\n\n[[server]]\nname = \"one\"\nurl = \"ftp://one.example\"\ncapacity = 0\n",
    )
    .says("  servers.toml:1: rule: ")
    .says("  servers.toml:5: ")
    .says("  servers.toml:6: ");
    assert_eq!(ended.stderr.lines().count(), 4, "{ended:#?}");
}

#[test]
fn a_syntax_error_in_a_fleet_stands_alone() {
    let ended = with_fleet(b"rule = [\n").says("  servers.toml:1: ");
    assert_eq!(ended.stderr.lines().count(), 2, "{ended:#?}");
}

#[test]
fn a_mistake_in_a_fleet_does_not_hide_one_in_the_order() {
    let dir = TempDir::new().unwrap();
    program("- --order-id A-1 --paid-by operator --dry-run --fleet nowhere.toml".split(' '))
        .dir(dir.path())
        .stdin(r#"{"customerEmail": "buyer@shop.example", "items": [{"code": "wp_grwth"}]}"#)
        .run()
        .exits(2)
        .has_no_result()
        .says("  nowhere.toml: ")
        .says("  standard input: items[0]: the product code wp_grwth is not in the catalog");
}
