//! A new generation: what is ordered now, less what is there.

use provisioning_core::order::OrderItem;
use provisioning_core::payment::Amendment;
use provisioning_core::plan::Plan;
use provisioning_core::plan::action::{Action, Manual};
use provisioning_core::planner::lifecycle::Observed;
use provisioning_core::planner::{plan_amended, rejection::Rejection};
use provisioning_core::run::Run;
use provisioning_core::run::event::Event;
use provisioning_core::run::status::{Conclusion, RunStatus};

use crate::fixtures::difference_to_golden;
use crate::hosted::{
    DAY, at, carried_out, catalog, fleet, inputs, item, order, planned, record,
    starter_with_backups,
};

fn amended(observed: &Observed, items: Vec<OrderItem>, generation: u32) -> Result<Plan, Rejection> {
    plan_amended(
        &order(vec![item("items[0]", "starter", "shop.example")]),
        Some(&Amendment::new(at(DAY), items)),
        observed,
        &catalog(),
        &fleet(),
        &inputs().with_generation(generation),
        at(DAY),
    )
}

fn paths(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.path.as_str()).collect()
}

fn manual<'a>(plan: &'a Plan, path: &str) -> &'a Manual {
    match plan.step(&path.into()).map(|step| &step.action) {
        Some(Action::Manual(manual)) => manual,
        other => panic!("{path}: {other:?}\n{}", plan.to_tree()),
    }
}

#[test]
fn what_is_there_gets_no_step() {
    let observed = Observed::of([&starter_with_backups()]);
    let plan = amended(
        &observed,
        vec![
            item("items[0]", "Starter", "shop.example"),
            item("items[1]", "backups", "shop.example"),
        ],
        1,
    )
    .unwrap();
    assert_eq!(paths(&plan), Vec::<&str>::new());
    let run = Run::start(plan);
    assert_eq!(run.status(at(DAY)), RunStatus::Over(Conclusion::Done));
}

#[test]
fn what_is_new_is_added_and_what_is_no_longer_ordered_is_left_to_a_person() {
    let run = starter_with_backups();
    let plan = amended(
        &Observed::of([&run]),
        vec![
            item("items[0]", "growth", "blog.example"),
            item("items[1]", "name", "blog.example"),
        ],
        1,
    )
    .unwrap();
    let removed = manual(&plan, "remove/hosting/starter/shop.example");
    assert!(
        removed.what.contains("account 41 (`shop`) on np-1"),
        "{}",
        removed.what
    );
    assert!(
        !plan
            .steps
            .iter()
            .any(|step| matches!(step.action.in_substance(), Action::TerminateAccount(_))),
        "nothing is terminated by an amendment"
    );
    assert_ne!(plan.id, run.plan().id);
    assert_eq!(
        (plan.generation, plan.amendment.unwrap().occurred_at),
        (1, at(DAY))
    );
    let difference = difference_to_golden("lifecycle/amended.golden", &plan.to_tree());
    assert_eq!(difference, None);
}

#[test]
fn another_hosting_product_for_the_same_domain_changes_the_package() {
    let observed = Observed::of([&starter_with_backups()]);
    let plan = amended(
        &observed,
        vec![
            item("items[0]", "growth", "shop.example"),
            item("items[1]", "backups", "shop.example"),
        ],
        1,
    )
    .unwrap();
    assert_eq!(paths(&plan), ["change_package/hosting/growth/shop.example"]);
    let change = &plan.steps[0].action;
    assert!(
        matches!(change, Action::Manual(_)),
        "NextPanel has no endpoint for it"
    );
    let Action::ChangePackage(change) = change.in_substance() else {
        panic!("{change:?}");
    };
    assert_eq!(change.to.package_id, Some(2));
    // Once somebody has done it, it is what is there.
    let first = starter_with_backups();
    let mut second = Run::start(plan.clone());
    let step = plan.steps[0].path.clone();
    let by = "ines".to_owned();
    record(&mut second, DAY, Event::ManualConfirmed { step, by });
    let observed = Observed::of([&first, &second]);
    assert_eq!(observed.accounts[0].package.product.as_str(), "growth");
    let again = amended(
        &observed,
        vec![
            item("items[0]", "growth", "shop.example"),
            item("items[1]", "backups", "shop.example"),
        ],
        2,
    )
    .unwrap();
    assert_eq!(paths(&again), Vec::<&str>::new());
}

#[test]
fn one_more_of_the_same_gets_one_more_account() {
    let fleet = {
        let plain = fleet();
        let config = plain
            .config()
            .clone()
            .with_preview_domain("preview.example.net")
            .unwrap();
        let mut fleet = provisioning_core::fleet::Fleet::new(config);
        for (server, observation) in plain.servers() {
            fleet.observe(server.name(), observation.clone());
        }
        fleet
    };
    let first = order(vec![item("items[0]", "starter", "")]);
    let plan =
        provisioning_core::planner::plan(&first, &catalog(), &fleet, &inputs(), at(0)).unwrap();
    let observed = Observed::of([&carried_out(plan)]);
    let two = vec![item("items[0]", "starter", "").with_quantity(2)];
    let amendment = Amendment::new(at(DAY), two);
    let inputs = inputs().with_generation(1);
    let plan = plan_amended(
        &first,
        Some(&amendment),
        &observed,
        &catalog(),
        &fleet,
        &inputs,
        at(DAY),
    )
    .unwrap();
    let created = plan
        .steps
        .iter()
        .filter(|step| matches!(step.action, Action::CreateHostingAccount(_)))
        .count();
    assert_eq!(created, 1, "{}", plan.to_tree());
    assert!(!plan.to_tree().contains("remove/"), "{}", plan.to_tree());
}

#[test]
fn a_new_add_on_names_the_account_that_is_there() {
    let first = carried_out(planned(vec![item("items[0]", "starter", "shop.example")]));
    let plan = amended(
        &Observed::of([&first]),
        vec![
            item("items[0]", "starter", "shop.example"),
            item("items[1]", "backups", "shop.example"),
        ],
        1,
    )
    .unwrap();
    assert_eq!(paths(&plan), ["addon/backups/shop.example"]);
    let instructions = &manual(&plan, "addon/backups/shop.example").instructions;
    assert!(
        instructions.contains("account shop on np-1"),
        "{instructions}"
    );
}

#[test]
fn an_add_on_that_is_no_longer_ordered_or_more_often_is_listed() {
    let observed = Observed::of([&starter_with_backups()]);
    let starter = item("items[0]", "starter", "shop.example");
    let plan = amended(&observed, vec![starter.clone()], 1).unwrap();
    assert_eq!(paths(&plan), ["remove/addon/backups/shop.example"]);
    let three = item("items[1]", "backups", "shop.example").with_quantity(3);
    let plan = amended(&observed, vec![starter.clone(), three], 1).unwrap();
    assert_eq!(paths(&plan), ["addon/backups/shop.example"]);
    assert!(
        manual(&plan, "addon/backups/shop.example")
            .what
            .contains("3 times")
    );

    // What a person has removed is ordered anew afterwards.
    let first = starter_with_backups();
    let mut second = Run::start(amended(&observed, vec![starter.clone()], 1).unwrap());
    let confirmed = Event::ManualConfirmed {
        step: "remove/addon/backups/shop.example".into(),
        by: "ines".into(),
    };
    record(&mut second, DAY, confirmed);
    let backups = item("items[1]", "backups", "shop.example");
    let plan = amended(&Observed::of([&first, &second]), vec![starter, backups], 2).unwrap();
    assert_eq!(paths(&plan), ["addon/backups/shop.example"]);
}

#[test]
fn the_work_of_a_cancelled_run_is_planned_again() {
    let mut cancelled = Run::start(planned(vec![
        item("items[0]", "starter", "shop.example"),
        item("items[1]", "backups", "shop.example"),
    ]));
    let event = Event::Cancelled {
        by: "ines".into(),
        reason: "a typing error".into(),
    };
    record(&mut cancelled, 1, event);
    let observed = Observed::of([&cancelled]);
    assert_eq!(observed, Observed::default());
    // A resubmit: the same order, a new generation.
    let first = order(vec![
        item("items[0]", "starter", "shop.example"),
        item("items[1]", "backups", "shop.example"),
    ]);
    let again = inputs().with_generation(1);
    let plan = plan_amended(
        &first,
        None,
        &observed,
        &catalog(),
        &fleet(),
        &again,
        at(DAY),
    )
    .unwrap();
    assert_eq!(paths(&plan), paths(cancelled.plan()));
    assert_ne!(plan.id, cancelled.plan().id);
    assert_eq!(plan.amendment, None);
}

#[test]
fn an_amendment_that_cannot_be_planned_says_why() {
    let observed = Observed::of([&starter_with_backups()]);
    let rejection = amended(&observed, vec![], 1).unwrap_err();
    assert!(
        rejection.to_string().contains("items: is empty"),
        "{rejection}"
    );
    let unknown = vec![item("items[0]", "startr", "shop.example")];
    let rejection = amended(&observed, unknown, 1).unwrap_err();
    assert!(rejection.to_string().contains("starter"), "{rejection}");
}
