//! Catalog files: what they hold, and every mistake at once with its line.

use proptest::prelude::*;
use provisioning_core::catalog::{
    AccountType, AttachPolicy, Catalog, CatalogError, Product, Takes,
};
use provisioning_core::money::{Currency, Money};
use provisioning_core::order::{BillingCycle, ProductCode};

use crate::fixtures::{difference_to_golden, text};

fn code(text: &str) -> ProductCode {
    ProductCode::new(text).unwrap()
}

#[test]
fn a_catalog_holds_what_its_file_says() {
    let catalog = Catalog::from_toml("good.toml", &text("catalogs/good.toml")).unwrap();
    let yen = Currency::parse("JPY").unwrap();
    let reseller = Product::new(
        code("reseller_l"),
        "Reseller L",
        Takes::NextPanelHosting {
            package: Some(7),
            account_type: AccountType::Reseller,
        },
    )
    .with_other_code(code("old-reseller"))
    .with_price(BillingCycle::Monthly, Money::from_minor(1500, yen))
    .with_price(BillingCycle::Yearly, Money::from_minor(15_000, yen))
    .with_weight(4)
    .with_panel_product_id("9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d")
    .excluding(code("mini"));
    let mini = Product::new(
        code("mini"),
        "mini",
        Takes::NextPanelHosting {
            package: None,
            account_type: AccountType::Panel,
        },
    );
    let staging = Product::new(code("staging"), "staging", Takes::Addon)
        .with_price(BillingCycle::OneTime, Money::from_minor(300, yen))
        .requiring(code("reseller_l"))
        .requiring(code("mini"));
    let built = Catalog::new(
        "corner shop",
        yen,
        AttachPolicy::Attach,
        vec![reseller, mini, staging],
    )
    .unwrap();
    assert_eq!(catalog, built);
    for name in [
        "reseller_l",
        "RESELLER-L",
        "Old_Reseller",
        "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d",
    ] {
        assert_eq!(
            catalog
                .find(&code(name))
                .map(|product| product.code.as_str()),
            Some("reseller_l"),
            "{name}"
        );
    }
}

#[test]
fn every_mistake_is_told_at_once_with_its_line() {
    let error =
        Catalog::from_toml("many_mistakes.toml", &text("catalogs/many_mistakes.toml")).unwrap_err();
    let difference = difference_to_golden("catalogs/many_mistakes.golden", &error.to_string());
    assert_eq!(difference, None);
    let CatalogError::Invalid(problems) = error else {
        panic!("{error}");
    };
    assert!(
        problems
            .iter()
            .all(|problem| problem.path().starts_with("many_mistakes.toml:"))
    );
}

#[test]
fn a_syntax_error_stands_alone_with_its_line() {
    let error = Catalog::from_toml("shop.toml", "currency = \"USD\"\nattach = \n").unwrap_err();
    assert!(
        matches!(&error, CatalogError::Syntax(problem) if problem.path() == "shop.toml:2"),
        "{error}"
    );
    assert_eq!(error.problems().len(), 1);
}

#[test]
fn a_catalog_without_products_is_a_mistake() {
    let error = Catalog::from_toml("shop.toml", "").unwrap_err();
    assert_eq!(
        error.to_string(),
        "shop.toml:1: currency is missing: the code of all prices, such as currency = \"USD\"\n\
         shop.toml:1: there is no product: each one starts with [[product]]"
    );
}

#[test]
fn a_catalog_that_is_too_large_is_refused_with_its_size() {
    let error = Catalog::from_toml("shop.toml", &" ".repeat(5 << 20)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "shop.toml has 5242880 bytes, more than the 4194304 a catalog may have"
    );
}

#[test]
fn catalogs_built_in_code_are_checked_alike() {
    let product = Product::new(code("a"), "A", Takes::Dns)
        .with_weight(0)
        .with_price(BillingCycle::Monthly, Money::from_minor(1, Currency::EUR))
        .requiring(code("b"));
    let twice = Product::new(code("A"), "A", Takes::Ssl);
    let error =
        Catalog::new("x", Currency::USD, AttachPolicy::New, vec![product, twice]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "product[0].weight: must be from 1 to 1000\n\
         product[0].price.monthly: is in EUR, the catalog in USD\n\
         product[1].code: product A: the code A already means product a (case, _ and - do not count)\n\
         product[0].requires: product a: requires names b, which is no product here"
    );
    assert!(Catalog::new("x", Currency::USD, AttachPolicy::New, vec![]).is_err());
}

#[test]
fn the_digest_is_that_of_the_content_and_not_of_the_file() {
    let read = |text: &str| Catalog::from_toml("shop.toml", text).unwrap().digest();
    let a = "[[product]]\ncode = \"a\"\ntakes = \"addon\"\nprice = { monthly = \"1.50\" }\n";
    let b = "[[product]]\ncode = \"b\"\ntakes = \"ssl\"\n";
    let first = read(&format!("currency = \"USD\"\n{a}{b}"));
    let second = read(&format!(
        "# a shop\nattach = \"ask\"\ncurrency = 'usd'\n{b}\n{}",
        a.replace("1.50", "1.5")
    ));
    assert_eq!(first, second);
    for other in [
        format!("currency = \"EUR\"\n{a}{b}"),
        format!("currency = \"USD\"\nattach = \"new\"\n{a}{b}"),
        format!("currency = \"USD\"\n{a}"),
        format!("currency = \"USD\"\n{}{b}", a.replace("1.50", "1.51")),
    ] {
        assert_ne!(first, read(&other));
    }
}

#[test]
fn migrahosting_sells_what_its_documents_name() {
    let catalog = Catalog::migrahosting();
    assert_eq!(catalog.name(), "migrahosting");
    assert_eq!(catalog.attach_policy(), AttachPolicy::Ask);
    let price = |name: &str| {
        let product = catalog
            .find(&code(name))
            .unwrap_or_else(|| panic!("{name}"));
        product
            .price(&BillingCycle::Monthly)
            .map(|price| price.to_string())
    };
    assert_eq!(price("starter").as_deref(), Some("19.99 USD"));
    assert_eq!(price("wp_growth").as_deref(), Some("49.99 USD"));
    assert_eq!(price("addon-backups-daily").as_deref(), Some("4.99 USD"));
    let takes = |name: &str| &catalog.find(&code(name)).unwrap().takes;
    assert_eq!(
        takes("starter"),
        &Takes::MpanelHosting {
            server: Some("srv1".to_owned())
        }
    );
    assert_eq!(
        takes("wp-growth"),
        &Takes::NextPanelHosting {
            package: None,
            account_type: AccountType::Panel
        }
    );
    for (names, kind) in [
        (
            "firewall daily-backups-30d ADDON_DAILY_BACKUPS addon-cdn-basic ADDON_CDN ADDON_MONITORING",
            "addon",
        ),
        (
            "domain_registration domain_transfer domain_privacy",
            "domain",
        ),
        ("ADDON_PREMIUM_SSL addon-ssl", "ssl"),
        (
            "mail-basic mail-pro mail-business plan_email_pro",
            "mailbox",
        ),
        (
            "student premium business shared-pro hosting-business plan_premium_hosting",
            "mpanel-hosting",
        ),
        (
            "wp-starter wp-business wp-agency wordpress-starter plan_wp_growth",
            "nextpanel-hosting",
        ),
        (
            "vps-essential vps-3 cloud-start cloudpods-premium storage-team backup-1tb-multi dedicated-pro",
            "manual",
        ),
    ] {
        for name in names.split(' ') {
            assert_eq!(takes(name).as_str(), kind, "{name}");
        }
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in ".{0,400}") {
        let _ = Catalog::from_toml("x.toml", &text);
    }

    #[test]
    fn no_damage_to_a_good_file_panics(at in 0usize..4000, length in 0usize..80, put in ".{0,12}") {
        let good = include_str!("../../src/catalog/migrahosting.toml");
        let mut characters: Vec<char> = good.chars().take(4000 + 80).collect();
        let end = (at + length).min(characters.len());
        characters.splice(at.min(end)..end, put.chars());
        let damaged: String = characters.into_iter().collect();
        let _ = Catalog::from_toml("x.toml", &damaged);
    }
}
