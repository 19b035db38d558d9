//! What the steps are called, and where hosting lives.

use provisioning_core::plan::action::HostingDomain;
use provisioning_core::plan::step::Criticality;

use super::{creations, paths_of, planned, roomy, with_preview};
use crate::sample::item;

#[test]
fn each_account_is_created_verified_attached_and_handed_over() {
    let plan = planned(
        vec![
            item(0, "WP-Growth", Some("Example.COM")),
            item(1, "firewall", Some("example.com")),
        ],
        &roomy(),
    )
    .unwrap();
    assert_eq!(
        paths_of(&plan),
        [
            "hosting/wp_growth/example.com",
            "verify/hosting/wp_growth/example.com",
            "attach/hosting/wp_growth/example.com",
            "addon/firewall/example.com",
            "hand-over"
        ]
    );
    let needs: Vec<Vec<&str>> = plan
        .steps
        .iter()
        .map(|step| step.needs.iter().map(|need| need.as_str()).collect())
        .collect();
    let hosting = "hosting/wp_growth/example.com";
    assert_eq!(
        needs,
        [
            vec![],
            vec![hosting],
            vec![hosting],
            vec![hosting],
            vec!["verify/hosting/wp_growth/example.com"]
        ]
    );
    let required: Vec<bool> = plan
        .steps
        .iter()
        .map(|step| step.criticality == Criticality::Required)
        .collect();
    assert_eq!(required, [true, true, false, false, true]);
}

#[test]
fn hosting_without_a_domain_takes_the_orders_only_domain_item() {
    let plan = planned(
        vec![
            item(0, "wp_growth", None),
            item(1, "domain_registration", Some("example.org")),
        ],
        &roomy(),
    )
    .unwrap();
    assert_eq!(
        paths_of(&plan)[0],
        "hosting/wp_growth/example.org",
        "{:?}",
        paths_of(&plan)
    );
    assert_eq!(paths_of(&plan)[3], "domain/domain_registration/example.org");
    assert_eq!(creations(&plan)[0].usernames[0].as_str(), "example");
}

#[test]
fn of_two_domain_items_neither_is_meant() {
    let items = || {
        vec![
            item(0, "wp_growth", None),
            item(1, "domain_registration", Some("example.org")),
            item(2, "domain_registration", Some("example.net")),
        ]
    };
    let refused = planned(items(), &roomy()).unwrap_err().to_string();
    assert_eq!(
        refused,
        "items[0].domain: wp_growth needs a domain: the item has none, the order has no single domain item, and the fleet has no preview_domain"
    );
    let fleet = with_preview(&[("np-1", 50, 3)]);
    let plan = planned(items(), &fleet).unwrap();
    assert_eq!(paths_of(&plan)[0], "hosting/wp_growth");
}

#[test]
fn the_preview_domain_stands_in_the_plan_and_not_in_the_paths() {
    let fleet = with_preview(&[("np-1", 50, 3)]);
    let plan = planned(vec![item(0, "wp_growth", None)], &fleet).unwrap();
    assert_eq!(paths_of(&plan)[0], "hosting/wp_growth");
    let create = creations(&plan)[0];
    assert!(matches!(&create.domain, HostingDomain::Preview { .. }));
    // Without a domain of its own the name comes from the customer's e-mail.
    let first = create.usernames[0].as_str();
    assert_eq!(first, "janesmith");
    assert_eq!(
        create.domain.for_username(first),
        "janesmith.preview.example.net"
    );
}

#[test]
fn equal_items_are_numbered_and_share_no_username() {
    let fleet = with_preview(&[("np-1", 50, 3), ("np-2", 50, 3)]);
    let plan = planned(vec![item(0, "wp_growth", None).with_quantity(2)], &fleet).unwrap();
    assert_eq!(
        paths_of(&plan),
        [
            "hosting/wp_growth#1",
            "verify/hosting/wp_growth#1",
            "attach/hosting/wp_growth#1",
            "hosting/wp_growth#2",
            "verify/hosting/wp_growth#2",
            "attach/hosting/wp_growth#2",
            "hand-over"
        ]
    );
    let [first, second] = creations(&plan)[..] else {
        panic!("two accounts")
    };
    assert_eq!(first.usernames[0].as_str(), "janesmith");
    assert_eq!((first.usernames.len(), second.usernames.len()), (8, 8));
    assert!(
        second
            .usernames
            .iter()
            .all(|name| !first.usernames.contains(name))
    );
    assert_ne!(first.mark, second.mark);
    assert_ne!(first.credential, second.credential);
    // What the first takes is taken: the second goes where there is more room.
    assert_eq!(first.servers[0].name.as_str(), "np-1");
    assert_eq!(second.servers[0].name.as_str(), "np-2");
}

#[test]
fn the_quantity_of_anything_but_hosting_is_one_piece_of_work() {
    let plan = planned(
        vec![
            item(0, "wp_growth", Some("example.com")),
            item(1, "daily_backups_30d", None).with_quantity(3),
        ],
        &roomy(),
    )
    .unwrap();
    assert!(paths_of(&plan).contains(&"addon/daily_backups_30d"));
}
