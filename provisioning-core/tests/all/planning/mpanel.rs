//! Orders with mPanel configured: handed over to an entry, or recorded beside the account.

use std::time::Duration;

use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::Fleet;
use provisioning_core::order::{ItemKind, OrderItem};
use provisioning_core::plan::Plan;
use provisioning_core::plan::action::Action;
use provisioning_core::plan::action::mpanel::{MpanelAction, SubmitOrder};
use provisioning_core::plan::mpanel::{MpanelMode, OrderEntry};
use provisioning_core::plan::verb::{Capabilities, MpanelOffer};
use provisioning_core::planner::rejection::Rejection;
use provisioning_core::planner::{Inputs, plan};

use super::{paths_of, roomy, with_preview};
use crate::sample::{START, at, item, order_of};

fn planned(items: Vec<OrderItem>, fleet: &Fleet, mode: MpanelMode) -> Result<Plan, Rejection> {
    planned_with(items, fleet, &MpanelOffer::new(mode))
}

fn planned_with(
    items: Vec<OrderItem>,
    fleet: &Fleet,
    offer: &MpanelOffer,
) -> Result<Plan, Rejection> {
    let capabilities =
        Capabilities::nextpanel(Duration::from_secs(5)).and(Capabilities::mpanel(offer));
    plan(
        &order_of("A-1001", items),
        &Catalog::migrahosting(),
        fleet,
        &Inputs::new(capabilities),
        at(START),
    )
}

fn delegate(entry: OrderEntry) -> MpanelMode {
    MpanelMode::Delegate(entry)
}

fn submitted(plan: &Plan) -> &SubmitOrder {
    plan.steps
        .iter()
        .find_map(|step| match &step.action {
            Action::Mpanel(MpanelAction::SubmitOrder(submit)) => Some(submit.as_ref()),
            _ => None,
        })
        .expect("nothing is handed over")
}

fn codes(submit: &SubmitOrder) -> Vec<&str> {
    submit
        .items
        .iter()
        .map(|item| item.product.as_str())
        .collect()
}

fn needs<'a>(plan: &'a Plan, path: &str) -> Vec<&'a str> {
    let step = plan.step(&path.into()).expect(path);
    step.needs.iter().map(|need| need.as_str()).collect()
}

/// The long order as shops send it: a plan of either panel, one of them listed as an add-on, and one domain.
fn long() -> Vec<OrderItem> {
    vec![
        item(0, "starter", None).with_kind(ItemKind::Hosting),
        item(1, "wp_growth", None).with_kind(ItemKind::Addon),
        item(2, "daily_backups_30d", None).with_kind(ItemKind::Addon),
        item(3, "domain_registration", Some("techstartup.net")).with_kind(ItemKind::Domain),
    ]
}

#[test]
fn a_nextpanel_account_is_recorded_and_active_before_it_is_handed_over() {
    let items = vec![item(0, "wp_growth", Some("example.com"))];
    let plan = planned(items, &roomy(), MpanelMode::Direct).unwrap();
    let path = "hosting/wp_growth/example.com";
    assert_eq!(
        paths_of(&plan),
        [
            "mpanel/customer",
            "mpanel/subscription/hosting/wp_growth/example.com",
            "mpanel/pending/hosting/wp_growth/example.com",
            "mpanel/website/hosting/wp_growth/example.com",
            path,
            "verify/hosting/wp_growth/example.com",
            "mpanel/active/hosting/wp_growth/example.com",
            "attach/hosting/wp_growth/example.com",
            "hand-over",
        ]
    );
    assert_eq!(
        needs(&plan, path),
        ["mpanel/website/hosting/wp_growth/example.com"]
    );
    assert_eq!(
        needs(&plan, "mpanel/active/hosting/wp_growth/example.com"),
        ["verify/hosting/wp_growth/example.com"]
    );
    assert_eq!(
        needs(&plan, "hand-over"),
        [
            "verify/hosting/wp_growth/example.com",
            "mpanel/active/hosting/wp_growth/example.com"
        ]
    );
    let json = plan.to_json().unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&json).unwrap(), plan);
}

#[test]
fn a_website_under_the_preview_domain_waits_for_the_username() {
    let fleet = with_preview(&[("np-1", 50, 3)]);
    let items = vec![item(0, "wp_growth", None)];
    let plan = planned(items, &fleet, MpanelMode::Direct).unwrap();
    assert_eq!(
        needs(&plan, "mpanel/website/hosting/wp_growth"),
        ["mpanel/pending/hosting/wp_growth", "hosting/wp_growth"]
    );
    assert_eq!(
        needs(&plan, "hosting/wp_growth"),
        ["mpanel/pending/hosting/wp_growth"]
    );
}

#[test]
fn what_mpanel_hosts_is_handed_over_and_watched() {
    let items = vec![item(0, "starter", Some("example.com"))];
    let plan = planned(items, &roomy(), delegate(OrderEntry::StripeCompleted)).unwrap();
    assert_eq!(paths_of(&plan), ["mpanel/order", "watch/mpanel/order"]);
    let submit = submitted(&plan);
    assert_eq!(codes(submit), ["starter"]);
    assert!(!submit.needs_customer);
    assert!(plan.credentials.is_empty());
}

#[test]
fn in_direct_mode_what_mpanel_hosts_is_refused_with_the_reason() {
    let refused = planned(
        vec![item(0, "starter", Some("example.com"))],
        &roomy(),
        MpanelMode::Direct,
    )
    .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "items[0]: starter is hosted by mPanel, which provides only what is handed over to an entry of its own; the \
         mode is direct: choose an entry"
    );
}

#[test]
fn an_entry_that_makes_work_of_each_item_never_gets_what_nextpanel_hosts() {
    let fleet = with_preview(&[("np-1", 50, 3)]);
    for (entry, expected, rows) in [
        (
            OrderEntry::StripeCompleted,
            vec!["starter", "daily_backups_30d", "domain_registration"],
            true,
        ),
        (
            OrderEntry::OrderCreated,
            vec!["starter", "daily_backups_30d", "domain_registration"],
            true,
        ),
        (OrderEntry::OrdersWebhook, vec!["starter"], true),
        (
            OrderEntry::ProvisioningStripe,
            vec![
                "starter",
                "wp_growth",
                "daily_backups_30d",
                "domain_registration",
            ],
            false,
        ),
    ] {
        let plan = planned(long(), &fleet, delegate(entry)).unwrap();
        let submit = submitted(&plan);
        assert_eq!(codes(submit), expected, "{entry}");
        assert_eq!(submit.needs_customer, rows, "{entry}");
        assert_eq!(
            paths_of(&plan).contains(&"mpanel/subscription/hosting/wp_growth"),
            rows,
            "{entry}"
        );
        assert!(paths_of(&plan).contains(&"hosting/wp_growth"), "{entry}");
        if rows {
            // The entry makes the customer; a second one of the same e-mail address would be refused.
            assert!(!paths_of(&plan).contains(&"mpanel/customer"), "{entry}");
            let needs = needs(&plan, "mpanel/subscription/hosting/wp_growth");
            assert_eq!(needs, ["mpanel/order"], "{entry}");
        }
    }
}

#[test]
fn the_plan_listed_as_an_add_on_leaves_the_domain_to_the_plan_it_came_with() {
    let fleet = with_preview(&[("np-1", 50, 3)]);
    let plan = planned(long(), &fleet, delegate(OrderEntry::StripeCompleted)).unwrap();
    let domains: Vec<_> = submitted(&plan)
        .items
        .iter()
        .map(|item| item.domain.as_ref().map(|domain| domain.as_str()))
        .collect();
    assert_eq!(
        domains,
        [Some("techstartup.net"), None, Some("techstartup.net")]
    );
    assert!(plan.step(&"hosting/wp_growth".into()).is_some());
}

#[test]
fn an_account_without_a_plan_of_mpanels_is_recorded_in_either_mode() {
    let items = || vec![item(0, "wp_growth", Some("example.com"))];
    let plan = planned(items(), &roomy(), delegate(OrderEntry::StripeCompleted)).unwrap();
    assert!(paths_of(&plan).contains(&"mpanel/customer"));
    let plan = planned(items(), &roomy(), delegate(OrderEntry::ProvisioningStripe)).unwrap();
    assert_eq!(codes(submitted(&plan)), ["wp_growth"]);
    assert!(!paths_of(&plan).contains(&"mpanel/customer"));
}

#[test]
fn an_entry_for_one_product_refuses_a_second_one() {
    let refused = planned(
        vec![
            item(0, "starter", Some("example.com")),
            item(1, "starter", Some("example.net")),
        ],
        &roomy(),
        delegate(OrderEntry::OrdersWebhook),
    )
    .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "items[1]: orders-webhook takes one product of one order, and starter is one too many: choose another entry"
    );
}

#[test]
fn what_has_no_price_is_refused_where_mpanel_would_keep_whatever_it_is_told() {
    let refused = planned(
        vec![item(0, "wp_pro", Some("example.com"))],
        &roomy(),
        MpanelMode::Direct,
    )
    .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "items[0]: mPanel records wp_pro with its price, and neither the order nor the catalog has one"
    );
}

#[test]
fn the_order_reference_stands_in_the_company_name_unless_it_is_switched_off() {
    let items = || vec![item(0, "wp_growth", Some("example.com"))];
    let company = |offer: MpanelOffer| {
        let plan = planned_with(items(), &roomy(), &offer).unwrap();
        match &plan.step(&"mpanel/customer".into()).unwrap().action {
            Action::Mpanel(MpanelAction::CreateCustomer(create)) => create.company_name.clone(),
            other => panic!("{other:?}"),
        }
    };
    let offer = MpanelOffer::new(MpanelMode::Direct);
    assert!(company(offer).starts_with("Jane Smith (order A-1001/"));
    assert_eq!(company(offer.with_order_reference(false)), "Jane Smith");
}
