//! A panel whose list of products fails, or is empty.

use panel_sandbox::{
    Fault,
    mpanel::{Columns, Generation, MPanel, MPanelSettings, operations},
};

use super::program::{CatalogFile, GENERATIONS, run, started, writes};

fn pinned(id: &str) -> CatalogFile {
    CatalogFile::new(&format!(
        r#"
[[product]]
code = "starter"
takes = "mpanel-hosting"
price = {{ monthly = "19.99" }}
panel_product_id = "{id}"

[[product]]
code = "gone"
takes = "mpanel-hosting"
price = {{ monthly = "1.00" }}
panel_product_id = "00000000-0000-4000-8000-00000000dead"

[[product]]
code = "wp_agency"
takes = "nextpanel-hosting"
price = {{ monthly = "99.00" }}
"#
    ))
}

#[tokio::test]
async fn pinned_ids_are_used_and_the_plan_says_so() {
    for generation in GENERATIONS {
        let panel = started(generation).await;
        let id = panel.product("starter").unwrap().id().to_owned();
        panel
            .arm_for(Fault::Error500Once, operations::LIST_PRODUCTS, 1)
            .unwrap();
        let shown = run(&panel, &pinned(&id), "--yes --json").await.exits(5);
        let json = shown.json();
        assert!(json["products_broken"].as_str().unwrap().contains("500"));
        assert_eq!(shown.state("starter", "monthly"), "pinned");
        assert_eq!(json["lines"][0]["product_id"], id);
        assert_eq!(shown.state("gone", "monthly"), "for_a_person");
        assert_eq!(shown.state("wp_agency", "monthly"), "unknown");
        assert_eq!(writes(&panel), 0, "{generation:?}");
    }
}

#[tokio::test]
async fn the_table_says_that_pinned_ids_are_used() {
    let panel = started(Generation::Legacy).await;
    let id = panel.product("starter").unwrap().id().to_owned();
    panel
        .arm_for(Fault::Error500Once, operations::LIST_PRODUCTS, 1)
        .unwrap();
    run(&panel, &pinned(&id), "")
        .await
        .exits(5)
        .says("The panel's list of products cannot be believed: mpanel.list_products: 500")
        .says("Product ids pinned in the catalog are used; nothing is created.")
        .says("no id is pinned: set panel_product_id in the catalog");
}

/// The Prisma columns are missing: every route of products is a 500, those of one product, too.
#[tokio::test]
async fn an_id_that_cannot_be_read_is_used_unchecked() {
    let settings = MPanelSettings::new("main", Generation::TypeScript).with_columns(Columns::Base);
    let panel = MPanel::start(settings).await.unwrap();
    let catalog = CatalogFile::new(
        "[[product]]\ncode = \"starter\"\ntakes = \"mpanel-hosting\"\nprice = { monthly = \"19.99\" }\npanel_product_id = \"p-1\"\n",
    );
    let shown = run(&panel, &catalog, "--yes --json").await.exits(0);
    assert_eq!(shown.state("starter", "monthly"), "pinned");
    let note = shown.json()["lines"][0]["note"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(note.contains("unchecked"), "{note}");
}

#[tokio::test]
async fn an_empty_list_is_believed_only_if_somebody_says_so() {
    for generation in GENERATIONS {
        let settings = MPanelSettings::new("main", generation).with_products([]);
        let panel = MPanel::start(settings).await.unwrap();
        let shop = CatalogFile::shop();
        run(&panel, &shop, "--yes")
            .await
            .exits(5)
            .says("the panel lists no products at all");
        assert_eq!(writes(&panel), 0);
        let created = run(&panel, &shop, "--yes --panel-is-empty --json").await;
        assert_eq!(
            created.state("starter", "monthly"),
            "created",
            "{generation:?}"
        );
        let created = created.exits(0);
        assert!(created.json()["products_broken"].is_null());
    }
}
