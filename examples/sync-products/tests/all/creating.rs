//! What is missing is created once, and what is there stays as it is.

use panel_sandbox::mpanel::{Generation, MPanel, MPanelSettings, UserKind};

use super::program::{CatalogFile, GENERATIONS, ended, for_user, run, started, writes};

#[tokio::test]
async fn the_difference_is_shown_and_nothing_is_sent() {
    for generation in GENERATIONS {
        let panel = started(generation).await;
        let shop = CatalogFile::shop();
        let shown = run(&panel, &shop, "").await.exits(5);
        let shown = shown.says("to be created: 2 products. Nothing was: give --yes");
        for (code, state) in [
            ("starter", "same"),
            ("wp_growth", "other price"),
            ("wp_agency", "missing"),
            ("addon-cdn-basic", "missing"),
            ("domain_registration", "only on panel"),
        ] {
            let line = shown.stdout.lines().find(|line| line.starts_with(code));
            let line = line.unwrap_or_else(|| panic!("{generation:?} {code}: {shown:#?}"));
            assert!(line.contains(state), "{generation:?}: {line}");
        }
        assert!(
            shown
                .stdout
                .contains("1 product of the catalog has no price and is left out")
        );
        assert_eq!(writes(&panel), 0);
    }
}

#[tokio::test]
async fn what_is_missing_is_created_and_a_second_run_creates_nothing() {
    for generation in GENERATIONS {
        let panel = started(generation).await;
        let shop = CatalogFile::shop();
        // The other price is for a person.
        let created = run(&panel, &shop, "--yes --json").await.exits(5);
        assert_eq!(created.state("wp_agency", "monthly"), "created");
        assert_eq!(created.state("addon-cdn-basic", "monthly"), "created");
        assert_eq!(created.state("wp_growth", "monthly"), "other_price");
        // Product and price, or product and its code.
        assert_eq!(writes(&panel), 4, "{generation:?}");

        let again = run(&panel, &shop, "--yes --json").await.exits(5);
        for code in ["starter", "wp_agency", "addon-cdn-basic"] {
            assert_eq!(again.state(code, "monthly"), "same", "{generation:?}");
        }
        assert_eq!(writes(&panel), 4, "{generation:?}");
        // An order that names the code finds what was made.
        assert!(panel.product("wp_agency").is_some(), "{generation:?}");
    }
}

#[tokio::test]
async fn a_price_that_is_missing_is_created_where_a_product_has_several() {
    let catalog = || {
        CatalogFile::new(
            r#"
[[product]]
code = "starter"
takes = "mpanel-hosting"
price = { monthly = "19.99", yearly = "199.00" }

[[product]]
code = "mail-pro"
name = "Mail Pro"
takes = "mailbox"
price = { monthly = "4.00", yearly = "40.00" }
"#,
        )
    };
    let panel = started(Generation::TypeScript).await;
    let created = run(&panel, &catalog(), "--yes --json").await.exits(0);
    for (code, cycle) in [
        ("starter", "yearly"),
        ("mail-pro", "monthly"),
        ("mail-pro", "yearly"),
    ] {
        assert_eq!(created.state(code, cycle), "created", "{code} {cycle}");
    }
    run(&panel, &catalog(), "--yes").await.exits(0);
    assert_eq!(writes(&panel), 4, "three prices and a product");

    let panel = started(Generation::Legacy).await;
    let created = run(&panel, &catalog(), "--yes --json").await.exits(5);
    assert_eq!(created.state("mail-pro", "monthly"), "created");
    assert_eq!(created.state("starter", "yearly"), "for_a_person");
    assert_eq!(created.state("mail-pro", "yearly"), "for_a_person");
}

#[tokio::test]
async fn another_spelling_on_the_panel_is_found_and_not_made_twice() {
    for generation in GENERATIONS {
        let panel = started(generation).await;
        let catalog = CatalogFile::new(
            "[[product]]\ncode = \"wp-growth\"\ntakes = \"nextpanel-hosting\"\nprice = { monthly = \"49.99\" }\n",
        );
        let shown = run(&panel, &catalog, "--yes --json").await.exits(5);
        assert_eq!(shown.state("wp-growth", "monthly"), "for_a_person");
        assert_eq!(writes(&panel), 0);
    }
}

#[tokio::test]
async fn a_server_without_the_columns_of_codes_keeps_them_beside_the_product() {
    let settings = MPanelSettings::new("main", Generation::Legacy)
        .with_columns(panel_sandbox::mpanel::Columns::Base);
    let panel = MPanel::start(settings).await.unwrap();
    let shop = CatalogFile::shop();
    let created = run(&panel, &shop, "--yes --json").await;
    assert_eq!(created.state("wp_agency", "monthly"), "created");
    let before = writes(&panel);
    let again = run(&panel, &shop, "--yes --json").await;
    assert_eq!(again.state("wp_agency", "monthly"), "same");
    assert_eq!(writes(&panel), before);
}

#[tokio::test]
async fn a_user_who_may_not_create_is_told_what_is_missing() {
    for generation in GENERATIONS {
        let panel = started(generation).await;
        let shop = CatalogFile::shop();
        let kind = match generation {
            Generation::Legacy => UserKind::Customer,
            // BILLING may read, and not write.
            Generation::TypeScript => UserKind::UpperCaseSuperAdmin,
        };
        let mut command = for_user(&panel, kind);
        command.arg("--catalog").arg(&shop.path).arg("--yes");
        let refused = ended(command).await.exits(3);
        assert!(refused.stderr.contains("1. "), "{refused:#?}");
        assert_eq!(
            panel
                .product("wp_agency")
                .map(|found| found.id().to_owned()),
            None
        );
    }
}

#[tokio::test]
async fn what_does_not_fit_the_budget_is_created_by_the_next_run() {
    for generation in GENERATIONS {
        let panel = started(generation).await;
        let shop = CatalogFile::shop();
        run(&panel, &shop, "--yes --budget 4").await.exits(4);
        assert!(panel.requests().len() <= 4);
        let rest = run(&panel, &shop, "--yes --json").await.exits(5);
        for code in ["wp_agency", "addon-cdn-basic"] {
            let state = rest.state(code, "monthly");
            assert!(
                state == "same" || state == "created",
                "{generation:?} {state}"
            );
        }
        assert_eq!(writes(&panel), 4, "{generation:?}");
    }
}
