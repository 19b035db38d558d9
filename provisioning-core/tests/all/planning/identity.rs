//! Ids that stay what they are, and plans that depend on nothing but their arguments.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::{Just, Strategy, prop_assert_eq, proptest};
use provisioning_core::catalog::Catalog;
use provisioning_core::plan::Plan;
use provisioning_core::planner::plan;
use uuid::Uuid;

use super::{creations, planned, roomy, with_preview};
use crate::exactly_once::cases;
use crate::sample::{START, at, eight_steps, fleet_of, inputs, item, order_of};

/// Every UUID below was computed once. One that changes makes every order ever planned somebody else's.
#[test]
fn plan_ids_marks_and_keys_never_change() {
    let plan = planned(vec![item(0, "wp_growth", Some("example.com"))], &roomy()).unwrap();
    assert_eq!(plan.id.to_string(), "2308d734-6436-5d7f-b293-81bad810e274");
    assert_eq!(
        creations(&plan)[0].mark.to_string(),
        "1e25bde9-5f3a-581c-8ce4-cde1db2def3c"
    );
    let path = &plan.steps[0].path;
    let keys: Vec<String> = (0..2)
        .map(|candidate| plan.id.idempotency_key(path, candidate).to_string())
        .collect();
    assert_eq!(
        keys,
        [
            "50a23467-d844-5f49-b036-69b601c33aea",
            "aa811f6a-47e5-5ac3-9dfa-3f35b0f324b6"
        ]
    );
    let names: Vec<&str> = creations(&plan)[0]
        .usernames
        .iter()
        .map(|name| name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "example",
            "exampled7w",
            "exampleb8b",
            "example45c",
            "examplert3",
            "examples4r",
            "examplezjx",
            "examplep82"
        ]
    );
}

#[test]
fn a_generation_is_another_plan_and_another_mark() {
    let order = order_of("A-1001", vec![item(0, "wp_growth", Some("example.com"))]);
    let of = |generation| {
        let inputs = inputs().with_generation(generation);
        plan(
            &order,
            &Catalog::migrahosting(),
            &roomy(),
            &inputs,
            at(START),
        )
        .unwrap()
    };
    let (first, second) = (of(0), of(1));
    assert_ne!(first.id, second.id);
    assert_ne!(creations(&first)[0].mark, creations(&second)[0].mark);
    assert_eq!(second.generation, 1);
}

#[test]
fn marks_and_keys_of_one_plan_are_all_different() {
    let plan = eight_steps();
    let mut all: BTreeSet<Uuid> = BTreeSet::new();
    let mut count = 0;
    for step in &plan.steps {
        all.insert(*plan.id.mark(&step.path).as_uuid());
        count += 1;
        for candidate in 0..8 {
            all.insert(plan.id.idempotency_key(&step.path, candidate));
            count += 1;
        }
    }
    assert_eq!(all.len(), count);
}

#[test]
fn neither_time_nor_fleet_changes_an_id() {
    let items = || vec![item(0, "wp_growth", None)];
    let order = order_of("A-1001", items());
    let first = planned(items(), &with_preview(&[("np-1", 50, 3)])).unwrap();
    let other_fleet = with_preview(&[("np-9", 9, 1), ("np-8", 9, 2)]);
    let later = plan(
        &order,
        &Catalog::migrahosting(),
        &other_fleet,
        &inputs(),
        at(START + 86_400_000),
    )
    .unwrap();
    assert_eq!(first.id, later.id);
    assert_eq!(creations(&first)[0].mark, creations(&later)[0].mark);
    assert_eq!(
        creations(&first)[0].usernames,
        creations(&later)[0].usernames
    );
    assert_ne!(first.digests.fleet, later.digests.fleet);
    assert_eq!(first.digests.order, later.digests.order);
}

/// What an order's items may be, in any order.
fn shuffled() -> impl Strategy<Value = Vec<(&'static str, Option<&'static str>)>> {
    Just(vec![
        ("wp_growth", Some("example.com")),
        ("wp_growth", Some("example.net")),
        ("wp_growth", None),
        ("firewall", Some("example.com")),
        ("daily_backups_30d", None),
        ("domain_registration", Some("example.org")),
    ])
    .prop_shuffle()
}

/// Ids, marks and usernames by path.
fn identities(plan: &Plan) -> BTreeMap<String, (String, Vec<String>)> {
    creations(plan)
        .iter()
        .map(|create| {
            let names = create.usernames.iter().map(ToString::to_string).collect();
            (
                create.credential.to_string(),
                (create.mark.to_string(), names),
            )
        })
        .collect()
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn the_same_arguments_give_the_same_plan_and_the_order_of_items_changes_no_id(items in shuffled()) {
        let fleet = fleet_of(&[("np-1", 50, 3), ("np-2", 50, 4)]);
        let build = |items: &[(&str, Option<&str>)]| {
            let items = items.iter().enumerate().map(|(index, (code, domain))| item(index, code, *domain)).collect();
            planned(items, &fleet).unwrap()
        };
        let plan = build(&items);
        prop_assert_eq!(plan.to_json().unwrap(), build(&items).to_json().unwrap());

        let mut sorted = items.clone();
        sorted.sort_unstable();
        let straight = build(&sorted);
        prop_assert_eq!(plan.id, straight.id);
        prop_assert_eq!(identities(&plan), identities(&straight));
        let paths = |plan: &Plan| plan.steps.iter().map(|step| step.path.clone()).collect::<BTreeSet<_>>();
        prop_assert_eq!(paths(&plan), paths(&straight));

        let text = plan.to_json().unwrap();
        let read: Plan = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(read, plan);
    }
}
