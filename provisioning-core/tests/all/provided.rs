//! What a host's executor provides beside hosting accounts.

use provisioning_core::order::OrderItem;
use provisioning_core::payment::Amendment;
use provisioning_core::plan::Plan;
use provisioning_core::plan::action::{Action, Provide};
use provisioning_core::plan::verb::{Effect, LookUpBy, VerbDeclaration, VerbName, WhenForeign};
use provisioning_core::planner::lifecycle::Observed;
use provisioning_core::planner::{Inputs, plan, plan_amended};
use provisioning_core::run::Run;
use provisioning_core::run::attention::Attention;
use provisioning_core::run::directive::{Directive, Request};
use provisioning_core::run::event::{Answer, Event};
use provisioning_core::run::facts::{Facts, LoginReading, MarkReading, Proof, Provided};
use provisioning_core::run::finding::{Finding, Match};
use provisioning_core::run::outcome::Outcome;
use provisioning_core::run::step_state::Phase;

use crate::hosted::{
    DAY, at, begin, came, capabilities, carry_out, catalog, fleet, inputs, item, order, record,
};

const STEP: &str = "domain/name/shop.example";

/// Executors of which one registers domains.
fn with_domains() -> Inputs {
    let verb = VerbDeclaration {
        effect: Effect::Create,
        look_up: LookUpBy::NaturalKey {
            refuses_second: true,
        },
        destroys_data: false,
        longest_duration_ms: 10_000,
        when_foreign: WhenForeign::Reject,
        needs: None,
    };
    Inputs::new(capabilities().with_verb(VerbName::PROVIDE_DOMAIN, verb))
}

fn items() -> Vec<OrderItem> {
    vec![
        item("items[0]", "starter", "shop.example"),
        item("items[1]", "name", "shop.example"),
    ]
}

fn planned(inputs: &Inputs) -> Plan {
    plan(&order(items()), &catalog(), &fleet(), inputs, at(0)).unwrap()
}

fn provide(plan: &Plan) -> &Provide {
    match plan.step(&STEP.into()).map(|step| &step.action) {
        Some(Action::Provide(provide)) => provide,
        other => panic!("{other:?}"),
    }
}

fn provided(remote_id: &str, proof: Proof) -> Facts {
    Facts::Provided(Provided {
        remote_id: remote_id.into(),
        proof,
    })
}

fn phase(run: &Run) -> &Phase {
    &run.step(&STEP.into()).unwrap().phase
}

/// The account is there and verified; the domain is next.
fn at_the_domain() -> Run {
    let mut run = Run::start(planned(&with_domains()));
    loop {
        match run.next(at(60)).into_iter().next() {
            Some(Directive::Call(call)) if call.step == STEP.into() => return run,
            Some(_) => {}
            None => panic!("it is never asked for"),
        }
        crate::hosted::carry_out_one(&mut run, 60);
    }
}

#[test]
fn a_kind_that_an_executor_offers_is_a_step_of_its_own_and_by_hand_otherwise() {
    let by_hand = planned(&inputs());
    let step = by_hand.step(&STEP.into()).unwrap();
    assert!(matches!(step.action, Action::Manual(_)));
    let plan = planned(&with_domains());
    let step = plan.step(&STEP.into()).unwrap();
    assert_eq!(step.verb.as_ref().unwrap().longest_duration_ms, 10_000);
    let account = "hosting/starter/shop.example";
    assert_eq!(step.needs, [format!("verify/{account}").as_str().into()]);
    let provide = provide(&plan);
    assert_eq!(provide.account, Some(account.into()));
    assert_eq!(provide.domain.as_ref().unwrap().as_str(), "shop.example");
    assert_eq!(provide.mark, plan.id.mark(&STEP.into()));
    assert!(
        plan.to_mermaid()
            .contains("provide domain name for shop.example")
    );
}

#[test]
fn what_can_be_looked_up_by_nothing_is_left_to_a_person() {
    let alone = order(vec![OrderItem::new("items[0]", "name".parse().unwrap())]);
    let plan = plan(&alone, &catalog(), &fleet(), &with_domains(), at(0)).unwrap();
    assert!(matches!(plan.steps[0].action, Action::Manual(_)));
}

#[test]
fn it_is_asked_for_with_the_account_it_belongs_to() {
    let mut run = at_the_domain();
    let call = crate::hosted::due(&run, 60);
    let Request::Provide { provide, account } = &call.request else {
        panic!("{call:?}")
    };
    assert_eq!(provide.product.as_str(), "name");
    assert_eq!(account.as_ref().unwrap().username, "shop");
    begin(&mut run, 60, &call);
    let facts = provided("dom-7", Proof::Created);
    came(
        &mut run,
        61,
        &call,
        Outcome::Ok {
            facts: facts.clone(),
        },
    );
    assert_eq!(*phase(&run), Phase::Done(facts));
}

#[test]
fn an_answer_without_an_id_is_no_answer() {
    let mut run = at_the_domain();
    let call = crate::hosted::due(&run, 60);
    begin(&mut run, 60, &call);
    let facts = provided("", Proof::Created);
    came(&mut run, 61, &call, Outcome::Ok { facts });
    assert!(matches!(phase(&run), Phase::LookingUp { .. }));
}

#[test]
fn an_unknown_outcome_is_looked_up_by_its_domain_and_adopted_by_its_mark() {
    let mut run = at_the_domain();
    let call = crate::hosted::due(&run, 60);
    begin(&mut run, 60, &call);
    let text = "the connection was reset".to_owned();
    came(&mut run, 61, &call, Outcome::Unknown { text });
    let directives = run.next(at(62));
    let [Directive::LookUp(look_up), ..] = &directives[..] else {
        panic!("{directives:?}")
    };
    assert_eq!(look_up.username, "shop.example");
    assert_eq!(look_up.mark, provide(run.plan()).mark);
    let finding = Finding::Read {
        matches: vec![Match {
            remote_id: "dom-7".into(),
            username: "shop.example".into(),
            mark: MarkReading::Ours,
            login: LoginReading::NotTried,
            bound_to: None,
        }],
        whole: true,
        shows_marks: true,
    };
    let step = STEP.into();
    record(&mut run, 62, Event::LookedUp { step, finding });
    let adopted = provided("dom-7", Proof::MarkReadsBack);
    assert_eq!(*phase(&run), Phase::Done(adopted));
}

#[test]
fn what_is_somebody_elses_asks_and_so_does_what_cannot_be_told_until_a_person_names_ours() {
    for (mark, shows_marks) in [(MarkReading::Other, true), (MarkReading::Nothing, false)] {
        let mut run = at_the_domain();
        let call = crate::hosted::due(&run, 60);
        begin(&mut run, 60, &call);
        let text = "the connection was reset".to_owned();
        came(&mut run, 61, &call, Outcome::Unknown { text });
        let found = Match {
            remote_id: "dom-1".into(),
            username: "shop.example".into(),
            mark,
            login: LoginReading::NotTried,
            bound_to: None,
        };
        let finding = Finding::Read {
            matches: vec![found.clone()],
            whole: true,
            shows_marks,
        };
        let step = STEP.into();
        record(&mut run, 62, Event::LookedUp { step, finding });
        if mark == MarkReading::Other {
            assert_eq!(*phase(&run), Phase::Parked(Attention::Foreign));
            continue;
        }
        let matches = vec![found];
        assert_eq!(
            *phase(&run),
            Phase::Parked(Attention::NotProvable { matches })
        );
        let answer = Answer::Exists {
            remote_id: "dom-1".into(),
            username: None,
        };
        let (step, by) = (STEP.into(), "jo".to_owned());
        record(&mut run, 63, Event::HumanAnswered { step, answer, by });
        let said = Proof::SaidBy { by: "jo".into() };
        assert_eq!(*phase(&run), Phase::Done(provided("dom-1", said)));
    }
}

#[test]
fn a_new_generation_does_not_provide_it_again() {
    let mut run = at_the_domain();
    let call = crate::hosted::due(&run, 60);
    begin(&mut run, 60, &call);
    let facts = provided("dom-7", Proof::Created);
    came(&mut run, 61, &call, Outcome::Ok { facts });
    carry_out(&mut run, 62);
    let mut more = items();
    more.push(item("items[2]", "backups", "shop.example"));
    let amended = plan_amended(
        &order(items()),
        Some(&Amendment::new(at(DAY), more)),
        &Observed::of([&run]),
        &catalog(),
        &fleet(),
        &with_domains().with_generation(1),
        at(DAY),
    )
    .unwrap();
    let paths: Vec<_> = amended
        .steps
        .iter()
        .map(|step| step.path.as_str())
        .collect();
    assert_eq!(paths, ["addon/backups/shop.example"]);
}
