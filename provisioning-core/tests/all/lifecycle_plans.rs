//! Plans for accounts that exist, as their golden files say: tree, Mermaid, every step explained, JSON.

use provisioning_core::fleet::ServerName;
use provisioning_core::order::PaymentEventKind;
use provisioning_core::payment::{
    Accounts, AllowedBy, PaymentState, Provisioning, RunPosition, TerminationGrounds,
};
use provisioning_core::plan::Plan;
use provisioning_core::plan::account::Package;
use provisioning_core::plan::action::{Action, SuspensionReason};
use provisioning_core::plan::id::{Operation, PlanId};
use provisioning_core::plan::verb::{Capabilities, VerbDeclaration, VerbName};
use provisioning_core::planner::Inputs;
use provisioning_core::planner::lifecycle::{
    NoAccount, Observed, Provisioned, change_package, next_generation, suspend, terminate,
    unsuspend,
};
use provisioning_core::run::Run;
use provisioning_core::run::journal::Journal;

use crate::fixtures::difference_to_golden;
use crate::hosted::{
    DAY, at, carried_out, catalog, inputs, inputs_by_hand, item, order, planned,
    starter_with_backups,
};

pub(crate) fn accounts() -> Vec<Provisioned> {
    things().accounts
}

pub(crate) fn things() -> Observed {
    Observed::of([&starter_with_backups()])
}

pub(crate) fn refund() -> SuspensionReason {
    SuspensionReason::Payment {
        event: PaymentEventKind::Refunded,
    }
}

pub(crate) fn grounds() -> TerminationGrounds {
    let state = PaymentState::default().with(PaymentEventKind::Refunded, at(DAY));
    let position = RunPosition {
        provisioning: Provisioning::Settled,
        accounts: Accounts::Suspended {
            since: at(DAY),
            for_payment: true,
            carried_out: true,
        },
        amendment: None,
    };
    let by = AllowedBy::Human {
        name: "ines".into(),
    };
    let grace = std::time::Duration::from_secs(30 * DAY.unsigned_abs());
    TerminationGrounds::establish(&state, &position, grace, by, at(40 * DAY)).unwrap()
}

fn growth() -> Package {
    let code = "growth".parse().unwrap();
    Package::of(catalog().find(&code).unwrap())
}

fn with_change_package() -> Inputs {
    let declaration = VerbDeclaration {
        needs: None,
        ..Capabilities::nextpanel_lifecycle(std::time::Duration::from_secs(60))
            .declaration(VerbName::SUSPEND_ACCOUNT)
            .unwrap()
            .clone()
    };
    Inputs::new(
        Capabilities::nextpanel_lifecycle(std::time::Duration::from_secs(60))
            .with_verb(VerbName::CHANGE_PACKAGE, declaration),
    )
}

/// Every lifecycle plan by name, each with executors and by hand.
fn plans() -> Vec<(&'static str, Plan)> {
    let key = order(vec![item("items[0]", "starter", "")]).key().clone();
    let (accounts, things) = (accounts(), things());
    let later = at(2 * DAY);
    let by_hand = inputs_by_hand();
    vec![
        (
            "suspend",
            suspend(&key, &things, &refund(), &inputs(), later).unwrap(),
        ),
        (
            "suspend_by_hand",
            suspend(&key, &things, &refund(), &by_hand, later).unwrap(),
        ),
        (
            "unsuspend",
            unsuspend(&key, &things, &inputs().with_generation(2), later).unwrap(),
        ),
        (
            "unsuspend_by_hand",
            unsuspend(&key, &things, &by_hand, later).unwrap(),
        ),
        // NextPanel has no endpoint for it.
        (
            "change_package",
            change_package(&key, &accounts, &growth(), &inputs(), later).unwrap(),
        ),
        (
            "change_package_declared",
            change_package(&key, &accounts, &growth(), &with_change_package(), later).unwrap(),
        ),
        (
            "terminate",
            terminate(&key, &things, &grounds(), &inputs(), at(40 * DAY)).unwrap(),
        ),
        (
            "terminate_by_hand",
            terminate(&key, &things, &grounds(), &by_hand, at(40 * DAY)).unwrap(),
        ),
    ]
}

pub(crate) fn rendered(plan: &Plan) -> String {
    // The version of this build is no part of what is compared.
    let plan = &Plan {
        core: "0.0.0".to_owned(),
        ..plan.clone()
    };
    let explained: Vec<String> = plan
        .steps
        .iter()
        .map(|step| plan.explain(&step.path).unwrap())
        .collect();
    format!(
        "{}\n{}\n{}\n\n{}\n",
        plan.to_tree(),
        plan.to_mermaid(),
        explained.join("\n\n"),
        plan.to_json().unwrap()
    )
}

#[test]
fn every_plan_is_rendered_as_its_golden_file_says() {
    let differences: Vec<String> = plans()
        .iter()
        .filter_map(|(name, plan)| {
            difference_to_golden(&format!("lifecycle/{name}.golden"), &rendered(plan))
        })
        .collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn every_plan_reads_back_from_its_json() {
    for (name, plan) in plans() {
        let stored = plan.to_json().unwrap();
        assert_eq!(
            serde_json::from_str::<Plan>(&stored).unwrap(),
            plan,
            "{name}"
        );
        let run = Run::start(plan);
        let journal = serde_json::to_string(run.journal()).unwrap();
        assert_eq!(
            Run::replay(Journal::from_json(&journal).unwrap()).unwrap(),
            run,
            "{name}"
        );
    }
}

#[test]
fn the_plan_id_comes_from_order_operation_and_generation() {
    let key = order(vec![item("items[0]", "starter", "")]).key().clone();
    for (operation, generation, plan) in plans()
        .into_iter()
        .map(|(_, plan)| (plan.operation, plan.generation, plan))
    {
        assert_eq!(plan.id, PlanId::new(&key, operation, generation));
    }
    let ids: std::collections::BTreeSet<PlanId> = [
        Operation::Provision,
        Operation::Suspend,
        Operation::Unsuspend,
        Operation::ChangePackage,
        Operation::Terminate,
    ]
    .into_iter()
    .flat_map(|operation| (0..3).map(move |generation| (operation, generation)))
    .map(|(operation, generation)| PlanId::new(&key, operation, generation))
    .collect();
    assert_eq!(ids.len(), 15);
}

#[test]
fn the_next_generation_counts_per_operation() {
    let key = order(vec![item("items[0]", "starter", "")]).key().clone();
    let suspended = |generation| {
        let inputs = inputs().with_generation(generation);
        Run::start(suspend(&key, &things(), &refund(), &inputs, at(DAY)).unwrap())
    };
    let (provisioned, first, third) = (starter_with_backups(), suspended(0), suspended(2));
    let runs = [&provisioned, &first, &third];
    assert_eq!(next_generation(runs, Operation::Suspend), 3);
    assert_eq!(next_generation(runs, Operation::Provision), 1);
    assert_eq!(next_generation(runs, Operation::Terminate), 0);
}

#[test]
fn without_accounts_there_is_no_plan() {
    let key = order(vec![item("items[0]", "starter", "")]).key().clone();
    assert_eq!(
        suspend(&key, &Observed::default(), &refund(), &inputs(), at(0)),
        Err(NoAccount)
    );
    assert_eq!(
        terminate(&key, &Observed::default(), &grounds(), &inputs(), at(0)),
        Err(NoAccount)
    );
}

#[test]
fn what_was_provisioned_is_read_from_the_runs() {
    let run = starter_with_backups();
    let observed = Observed::of([&run]);
    let [account] = observed.accounts.as_slice() else {
        panic!("{observed:?}");
    };
    assert_eq!(account.step.as_str(), "hosting/starter/shop.example");
    assert_eq!(account.account.remote_id, "41");
    assert_eq!(account.account.server, ServerName::new("np-1").unwrap());
    assert_eq!(account.package.package_id, Some(1));
    assert_eq!(account.mark, run.plan().id.mark(&account.step));
    let [work] = observed.work.as_slice() else {
        panic!("{observed:?}");
    };
    assert_eq!(work.step.as_str(), "addon/backups/shop.example");
}

#[test]
fn what_was_terminated_or_moved_is_no_longer_observed_as_it_was() {
    let run = starter_with_backups();
    let key = run.plan().order.clone();
    let moved = carried_out(
        change_package(
            &key,
            &accounts(),
            &growth(),
            &with_change_package(),
            at(DAY),
        )
        .unwrap(),
    );
    let after = Observed::of([&run, &moved]);
    assert_eq!(after.accounts[0].package, growth());
    let gone = carried_out(terminate(&key, &after, &grounds(), &inputs(), at(DAY)).unwrap());
    assert_eq!(Observed::of([&run, &moved, &gone]).accounts, []);
    // A plan alone changes nothing.
    let planned = Run::start(gone.plan().clone());
    assert_eq!(Observed::of([&run, &moved, &planned]).accounts.len(), 1);
}

#[test]
fn two_accounts_get_a_step_each_and_nothing_in_common() {
    let run = carried_out(planned(vec![
        item("items[0]", "starter", "shop.example"),
        item("items[1]", "growth", "blog.example"),
    ]));
    let both = Observed::of([&run]);
    let plan = suspend(&run.plan().order, &both, &refund(), &inputs(), at(DAY)).unwrap();
    let paths: Vec<&str> = plan.steps.iter().map(|step| step.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "suspend/hosting/starter/shop.example",
            "verify/suspend/hosting/starter/shop.example",
            "suspend/hosting/growth/blog.example",
            "verify/suspend/hosting/growth/blog.example",
        ]
    );
    assert!(plan.credentials.is_empty());
    // The same path in two generations does not make one step of two.
    let mut twice = both.clone();
    twice.accounts = vec![both.accounts[0].clone(), both.accounts[0].clone()];
    let plan = suspend(&run.plan().order, &twice, &refund(), &inputs(), at(DAY)).unwrap();
    let unique: std::collections::BTreeSet<_> = plan.steps.iter().map(|step| &step.path).collect();
    assert_eq!(unique.len(), 4);
}

#[test]
fn what_an_executor_does_not_read_back_is_noted() {
    let declaration = Capabilities::nextpanel_lifecycle(std::time::Duration::from_secs(60))
        .declaration(VerbName::SUSPEND_ACCOUNT)
        .unwrap()
        .clone();
    let only = Inputs::new(Capabilities::none().with_verb(VerbName::SUSPEND_ACCOUNT, declaration));
    let key = order(vec![item("items[0]", "starter", "")]).key().clone();
    let plan = suspend(&key, &things(), &refund(), &only, at(DAY)).unwrap();
    assert_eq!(plan.steps.len(), 1);
    assert!(matches!(plan.steps[0].action, Action::SuspendAccount(_)));
    assert!(
        plan.notes[0].contains("is not read back"),
        "{:?}",
        plan.notes
    );
}
