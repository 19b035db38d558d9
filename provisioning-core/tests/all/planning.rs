//! From an order to a plan.

mod identity;
mod manual_steps;
mod mpanel;
mod paths;
mod refusals;

use provisioning_core::catalog::{AccountType, AttachPolicy, Catalog, Product, Takes};
use provisioning_core::fleet::Fleet;
use provisioning_core::money::Currency;
use provisioning_core::order::OrderItem;
use provisioning_core::plan::Plan;
use provisioning_core::plan::action::{Action, CreateHostingAccount, Manual};
use provisioning_core::planner::plan;
use provisioning_core::planner::rejection::Rejection;

use crate::sample::{START, at, code, fleet_of, inputs, order_of};

fn roomy() -> Fleet {
    fleet_of(&[("np-1", 50, 3), ("np-2", 50, 4)])
}

fn with_preview(servers: &[(&str, u32, u32)]) -> Fleet {
    let bare = fleet_of(servers);
    let config = bare
        .config()
        .clone()
        .with_preview_domain("preview.example.net")
        .unwrap();
    let mut fleet = Fleet::new(config);
    for (server, observation) in bare.servers() {
        fleet.observe(server.name(), observation.clone());
    }
    fleet
}

fn planned(items: Vec<OrderItem>, fleet: &Fleet) -> Result<Plan, Rejection> {
    plan(
        &order_of("A-1001", items),
        &Catalog::migrahosting(),
        fleet,
        &inputs(),
        at(START),
    )
}

fn paths_of(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.path.as_str()).collect()
}

fn creations(plan: &Plan) -> Vec<&CreateHostingAccount> {
    plan.steps
        .iter()
        .filter_map(|step| match &step.action {
            Action::CreateHostingAccount(create) => Some(create.as_ref()),
            _ => None,
        })
        .collect()
}

fn manual<'a>(plan: &'a Plan, path: &str) -> &'a Manual {
    match &plan.step(&path.into()).expect(path).action {
        Action::Manual(manual) => manual,
        other => panic!("{path} is not done by hand: {other:?}"),
    }
}

/// A catalog with a hosting product of each kind, and products that require and exclude each other.
fn shop() -> Catalog {
    let hosting = |account_type| Takes::NextPanelHosting {
        package: Some(4),
        account_type,
    };
    Catalog::new(
        "shop",
        Currency::USD,
        AttachPolicy::Ask,
        vec![
            Product::new(code("small"), "Small", hosting(AccountType::Panel)),
            Product::new(code("reseller"), "Reseller", hosting(AccountType::Reseller))
                .with_weight(10),
            Product::new(code("backups"), "Backups", Takes::Addon).requiring(code("small")),
            Product::new(code("shield"), "Shield", Takes::Addon).excluding(code("backups")),
            Product::new(
                code("vps"),
                "Virtual server",
                Takes::Manual {
                    what: "create the machine with the installer".into(),
                },
            ),
        ],
    )
    .unwrap()
}

fn planned_in_shop(items: Vec<OrderItem>, fleet: &Fleet) -> Result<Plan, Rejection> {
    plan(
        &order_of("A-1001", items),
        &shop(),
        fleet,
        &inputs(),
        at(START),
    )
}
