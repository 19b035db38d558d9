//! What nobody's executor does: listed, with what to do.

use super::{manual, paths_of, planned, planned_in_shop, roomy, with_preview};
use crate::sample::item;

#[test]
fn the_domain_is_attached_by_hand_and_named() {
    let plan = planned(vec![item(0, "wp_growth", Some("example.com"))], &roomy()).unwrap();
    let attach = manual(&plan, "attach/hosting/wp_growth/example.com");
    assert_eq!(attach.what, "attach example.com to the account");
    assert_eq!(
        attach.why,
        "NextPanel has no endpoint that attaches a domain to an account"
    );
    assert_eq!(
        attach.instructions,
        "on <server>, open the account <username> and add the domain example.com"
    );
    assert_eq!(attach.account, Some("hosting/wp_growth/example.com".into()));
}

#[test]
fn a_preview_domain_is_attached_under_the_username() {
    let fleet = with_preview(&[("np-1", 50, 3)]);
    let plan = planned(vec![item(0, "wp_growth", None)], &fleet).unwrap();
    assert_eq!(
        manual(&plan, "attach/hosting/wp_growth").what,
        "attach <username>.preview.example.net to the account"
    );
}

#[test]
fn an_add_on_belongs_to_the_hosting_of_its_domain_else_to_the_only_one() {
    let plan = planned(
        vec![
            item(0, "wp_growth", Some("example.com")),
            item(1, "wp_growth", Some("example.net")),
            item(2, "firewall", Some("example.net")),
            item(3, "daily_backups_30d", None).with_quantity(2),
        ],
        &roomy(),
    )
    .unwrap();
    let firewall = manual(&plan, "addon/firewall/example.net");
    assert_eq!(firewall.what, "addon firewall for example.net");
    assert_eq!(
        firewall.why,
        "no configured panel has an endpoint for add-ons"
    );
    assert_eq!(
        firewall.instructions,
        "set up Advanced firewall for example.net for the account <username> on <server>"
    );
    assert_eq!(
        firewall.account,
        Some("hosting/wp_growth/example.net".into())
    );
    // With two accounts and no domain of its own nobody can say whose it is.
    let backups = manual(&plan, "addon/daily_backups_30d");
    assert_eq!(backups.account, None);
    assert_eq!(
        backups.instructions,
        "set up Daily backups, kept for 30 days (2 times)"
    );

    let plan = planned(
        vec![
            item(0, "wp_growth", Some("example.com")),
            item(1, "daily_backups_30d", None),
        ],
        &roomy(),
    )
    .unwrap();
    assert_eq!(
        manual(&plan, "addon/daily_backups_30d").account,
        Some("hosting/wp_growth/example.com".into())
    );
}

#[test]
fn an_order_without_hosting_is_done_by_hand_and_hands_nothing_over() {
    let plan = planned(
        vec![item(0, "domain_registration", Some("example.org"))],
        &roomy(),
    )
    .unwrap();
    assert_eq!(paths_of(&plan), ["domain/domain_registration/example.org"]);
    assert_eq!(
        manual(&plan, "domain/domain_registration/example.org").instructions,
        "set up Domain registration for example.org"
    );
    assert!(plan.credentials.is_empty());

    let plan = planned_in_shop(vec![item(0, "vps", None)], &roomy()).unwrap();
    assert_eq!(
        manual(&plan, "manual/vps").instructions,
        "create the machine with the installer"
    );
}
