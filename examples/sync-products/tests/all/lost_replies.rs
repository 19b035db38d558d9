//! A reply that was lost is looked up, and nothing is sent twice.

use panel_sandbox::{
    ArrivalOrder, Fault,
    mpanel::{Generation, MPanel, operations},
};

use super::program::{CatalogFile, GENERATIONS, run, started};

fn one() -> CatalogFile {
    CatalogFile::new(
        "[[product]]\ncode = \"wp_agency\"\ntakes = \"nextpanel-hosting\"\nprice = { monthly = \"99.00\" }\n",
    )
}

/// How many products of this code the panel has.
async fn count(panel: &MPanel) -> usize {
    let shown = run(panel, &one(), "--json").await;
    let json = shown.json();
    let lines = json["lines"].as_array().unwrap();
    lines
        .iter()
        .filter(|line| line["code"] == "wp_agency" && line["state"] == "same")
        .count()
}

#[tokio::test]
async fn what_was_made_is_found_and_not_made_again() {
    for generation in GENERATIONS {
        for fault in [Fault::LostReply, Fault::Html502, Fault::Truncated] {
            let panel = started(generation).await;
            panel.arm_for(fault, operations::CREATE_PRODUCT, 1).unwrap();
            let created = run(&panel, &one(), "--yes --json").await.exits(0);
            assert_eq!(created.state("wp_agency", "monthly"), "created");
            let created = created.json();
            let note = created["lines"][0]["note"].as_str().unwrap();
            assert!(
                note.contains("looked up"),
                "{generation:?} {fault:?}: {note}"
            );
            assert_eq!(panel.requests_for(&operations::CREATE_PRODUCT).len(), 1);
            assert_eq!(count(&panel).await, 1, "{generation:?} {fault:?}");
        }
    }
}

#[tokio::test]
async fn a_lost_price_is_found_and_not_made_again() {
    let panel = started(Generation::TypeScript).await;
    panel
        .arm_for(Fault::LostReply, operations::CREATE_PRICE, 1)
        .unwrap();
    run(&panel, &one(), "--yes").await.exits(0);
    assert_eq!(panel.requests_for(&operations::CREATE_PRICE).len(), 1);
}

#[tokio::test]
async fn what_is_not_there_yet_may_still_arrive_so_it_ends() {
    for generation in GENERATIONS {
        let panel = started(generation).await;
        panel
            .arm_for(
                Fault::LateArrival(ArrivalOrder::AfterResend),
                operations::CREATE_PRODUCT,
                1,
            )
            .unwrap();
        run(&panel, &one(), "--yes")
            .await
            .exits(4)
            .says("run this again");
        assert_eq!(panel.requests_for(&operations::CREATE_PRODUCT).len(), 1);
        panel.settle().await;
        // The late one has come; the next run adds what is missing of it and no second product.
        let next = run(&panel, &one(), "--yes --json").await.exits(0);
        assert_ne!(next.state("wp_agency", "monthly"), "missing");
        assert_eq!(count(&panel).await, 1, "{generation:?}");
        assert_eq!(panel.requests_for(&operations::CREATE_PRODUCT).len(), 1);
    }
}
