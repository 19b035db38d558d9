//! Orders that cannot be planned: every reason at once, in numbers.

use std::time::Duration;

use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::{Fleet, Observation};
use provisioning_core::order::ItemKind;
use provisioning_core::permission::{CredentialKind, Denial, Missing, Verb};
use provisioning_core::placement::PlacementRule;
use provisioning_core::plan::verb::{Capabilities, VerbName};
use provisioning_core::planner::rejection::Reason;
use provisioning_core::planner::{Inputs, check, plan};
use provisioning_core::username::UsernameProfile;

use super::{creations, planned, planned_in_shop, roomy, shop, with_preview};
use crate::sample::{START, at, fleet_of, inputs, item, order_of, server};

#[test]
fn an_unknown_product_is_refused_with_what_it_may_have_meant() {
    let refused = planned(
        vec![
            item(0, "wp_grwth", Some("example.com")),
            item(1, "zzz", None),
        ],
        &roomy(),
    )
    .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "items[0]: the product code wp_grwth is not in the catalog migrahosting: did you mean wp_growth?\n\
         items[1]: the product code zzz is not in the catalog migrahosting: nothing in it is spelled like that"
    );
    assert!(!refused.may_pass(), "time does not mend it");
    assert_eq!(refused.problems().len(), 2);
}

#[test]
fn two_plans_for_one_domain_are_refused_however_they_are_written() {
    let refused = planned(
        vec![
            item(0, "wp_growth", Some("example.com")),
            item(1, "wp_growth", Some("EXAMPLE.com")),
        ],
        &roomy(),
    )
    .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "items[1]: example.com already gets the hosting plan wp_growth (items[0]): one domain can have one hosting plan"
    );
    let refused = planned(
        vec![item(0, "wp_growth", Some("example.com")).with_quantity(2)],
        &roomy(),
    )
    .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "items[0]: example.com would get the hosting plan wp_growth 2 times: one domain can have one hosting plan"
    );
}

#[test]
fn what_a_product_requires_and_excludes_is_checked_over_the_whole_order() {
    let fleet = roomy();
    let refused = planned_in_shop(vec![item(0, "backups", None)], &fleet).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "items[0]: backups is sold only together with small"
    );
    let small = || item(0, "small", Some("example.com"));
    assert!(planned_in_shop(vec![small(), item(1, "backups", None)], &fleet).is_ok());
    let refused = planned_in_shop(
        vec![small(), item(1, "backups", None), item(2, "Shield", None)],
        &fleet,
    )
    .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "items[2]: Shield cannot be sold together with backups"
    );
}

#[test]
fn a_quantity_outside_its_bounds_is_refused_for_whatever_was_bought() {
    let fleet = with_preview(&[("np-1", 200, 0)]);
    for product in ["wp_growth", "firewall"] {
        let at_most =
            |quantity| planned(vec![item(0, product, None).with_quantity(quantity)], &fleet);
        assert!(at_most(100).is_ok());
        assert_eq!(
            at_most(101).unwrap_err().to_string(),
            "items[0].quantity: 101 is not between 1 and 100"
        );
    }
}

#[test]
fn a_full_fleet_is_refused_with_every_servers_number_and_may_pass() {
    let mut fleet = fleet_of(&[
        ("np-1", 2, 2),
        ("np-2", 5, 0),
        ("np-3", 5, 0),
        ("np-4", 5, 0),
    ]);
    let denial = Denial::new(
        Missing::Revoked,
        Verb::ListAccounts,
        CredentialKind::NextPanelApiKey,
    );
    fleet.observe(
        &server("np-2"),
        Observation::KeyDenied {
            denial: Box::new(denial),
        },
    );
    fleet.observe(&server("np-3"), Observation::Incomplete { seen: 4 });
    fleet.observe(
        &server("np-4"),
        Observation::Offline {
            text: "connection refused".into(),
        },
    );
    let refused = planned(vec![item(0, "wp_growth", Some("example.com"))], &fleet).unwrap_err();
    let text = refused.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "items[0]: no server can take the account");
    assert_eq!(lines[1], "  np-1: full: 2 of 2 used (0 reserved), needs 1");
    assert!(
        lines[2].starts_with("  np-2: not counted: it refuses our key: "),
        "{text}"
    );
    assert!(lines[3].contains("could not be shown to be whole (4 seen)"));
    assert!(lines[4].contains("it does not answer: connection refused"));
    assert_eq!(lines.len(), 5);
    assert!(refused.may_pass());
    assert!(refused.problems().is_empty());
}

#[test]
fn a_server_that_was_not_taken_stands_in_the_plan_with_its_number() {
    let plan = planned(
        vec![item(0, "wp_growth", Some("example.com"))],
        &fleet_of(&[("np-1", 3, 3), ("np-2", 5, 0)]),
    )
    .unwrap();
    assert_eq!(plan.refused_servers.len(), 1);
    assert_eq!(
        plan.refused_servers[0].to_string(),
        "np-1: full: 3 of 3 used (0 reserved), needs 1"
    );
}

#[test]
fn a_plan_names_a_few_of_thousands_of_servers_and_counts_the_rest() {
    let names: Vec<String> = (0..2_000).map(|n| format!("np-{n:04}")).collect();
    let servers: Vec<(&str, u32, u32)> = names
        .iter()
        .enumerate()
        .map(|(n, name)| (name.as_str(), 2, if n == 7 { 0 } else { 2 }))
        .collect();
    let items = || {
        vec![
            item(0, "wp_growth", Some("example.com")),
            item(1, "wp_growth", Some("example.net")),
        ]
    };
    let plan = planned(items(), &fleet_of(&servers)).unwrap();
    assert_eq!(plan.refused_servers.len(), 16);
    assert_eq!(plan.notes, ["1983 more servers could not be taken"]);
    assert!(plan.to_json().unwrap().len() < 16_384);
}

#[test]
fn the_pieces_of_one_item_share_the_room_and_say_so_once() {
    let fleet = with_preview(&[("np-1", 2, 0)]);
    let refused = planned(vec![item(0, "wp_growth", None).with_quantity(4)], &fleet).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "items[0]: no server can take the account\n  np-1: full: 0 of 2 used (2 reserved), needs 1"
    );
}

#[test]
fn a_heavy_product_takes_as_many_slots_as_its_weight() {
    let fleet = fleet_of(&[("np-1", 20, 5)]);
    let reseller =
        |count: usize| (0..count).map(|n| item(n, "reseller", Some(&format!("r{n}.example"))));
    let plan = planned_in_shop(reseller(1).collect(), &fleet).unwrap();
    assert_eq!(creations(&plan)[0].weight, 10);
    let refused = planned_in_shop(reseller(2).collect(), &fleet).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "items[1]: no server can take the account\n  np-1: full: 5 of 20 used (10 reserved), needs 10"
    );
}

#[test]
fn a_pinned_fleet_names_the_server_it_is_pinned_to() {
    let bare = fleet_of(&[("np-1", 3, 0), ("np-2", 1, 0)]);
    let config = bare
        .config()
        .clone()
        .with_rule(PlacementRule::Pinned(server("np-2")))
        .unwrap();
    let full = Observation::Counted {
        accounts: 1,
        reserved_uncounted: 0,
    };
    let fleet = Fleet::new(config).with_observation(&server("np-2"), full);
    let refused = planned(vec![item(0, "wp_growth", Some("example.com"))], &fleet).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "items[0]: no server can take the account\n  \
         np-1: not asked: placement is pinned to np-2\n  \
         np-2: full: 1 of 1 used (0 reserved), needs 1"
    );
}

#[test]
fn problems_and_lack_of_room_are_told_together() {
    let refused = planned(
        vec![
            item(0, "wp_growth", Some("example.com")),
            item(1, "wp_grwth", None),
        ],
        &fleet_of(&[("np-1", 1, 1)]),
    )
    .unwrap_err();
    assert!(matches!(
        refused.reasons.as_slice(),
        [Reason::Problem { .. }, Reason::NoServer { .. }]
    ));
    assert!(!refused.may_pass());
    let json = serde_json::to_string(&refused).unwrap();
    assert_eq!(
        serde_json::from_str::<provisioning_core::planner::rejection::Rejection>(&json).unwrap(),
        refused
    );
}

#[test]
fn a_panel_that_is_not_configured_is_said_before_anything_is_sent() {
    let starter = planned(vec![item(0, "starter", Some("example.com"))], &roomy()).unwrap_err();
    assert_eq!(
        starter.to_string(),
        "items[0]: starter is hosted by mPanel, which is not configured"
    );
    let order = order_of("A-1001", vec![item(0, "wp_growth", Some("example.com"))]);
    let with = |capabilities| {
        let problems = check(
            &order,
            &Catalog::migrahosting(),
            roomy().config(),
            &capabilities,
        );
        problems.unwrap_err().to_string()
    };
    assert!(
        with(Capabilities::none())
            .contains("wp_growth is hosted on NextPanel, which is not configured")
    );
    let all = Capabilities::nextpanel(Duration::from_secs(60));
    let create = all.declaration(VerbName::CREATE_ACCOUNT).cloned().unwrap();
    let creates_only = Capabilities::none().with_verb(VerbName::CREATE_ACCOUNT, create);
    assert!(with(creates_only).contains("does not declare `nextpanel.verify_account`"));
}

#[test]
fn username_rules_that_leave_no_name_are_a_reason() {
    let order = order_of("A-1001", vec![item(0, "wp_growth", Some("example.com"))]);
    let letters = ('a'..='z').map(String::from);
    let none = UsernameProfile::nextpanel().with_reserved_prefixes(letters);
    let inputs: Inputs = inputs().with_username_profile(none);
    let refused = plan(
        &order,
        &Catalog::migrahosting(),
        &roomy(),
        &inputs,
        at(START),
    )
    .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "items[0]: the rules for usernames leave no name for its account"
    );
}

#[test]
fn a_kind_that_differs_from_the_catalogs_is_a_note_and_the_catalog_wins() {
    let items = vec![
        item(0, "wp_growth", Some("example.com")).with_kind(ItemKind::Addon),
        item(1, "firewall", None).with_kind(ItemKind::Addon),
    ];
    let plan = planned(items, &roomy()).unwrap();
    assert_eq!(
        plan.notes,
        [
            "items[0]: the order calls wp_growth addon; the catalog says nextpanel-hosting, and that counts"
        ]
    );
    assert_eq!(creations(&plan).len(), 1);
}

#[test]
fn the_check_needs_no_server_to_have_been_counted() {
    let order = order_of("A-1001", vec![item(0, "small", Some("example.com"))]);
    let capabilities = Capabilities::nextpanel(Duration::from_secs(60));
    let config = roomy().config().clone();
    assert!(check(&order, &shop(), &config, &capabilities).is_ok());
}
