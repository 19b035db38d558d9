//! What is declared of a verb that two executors offer: only what is true of either.

use std::time::Duration;

use provisioning_core::plan::verb::{
    Capabilities, Effect, LookUpBy, VerbDeclaration, VerbName, WhenForeign,
};

fn declared(capabilities: &Capabilities, verb: &str) -> VerbDeclaration {
    capabilities.declaration(verb).unwrap().clone()
}

#[test]
fn a_verb_of_two_executors_is_only_as_safe_as_the_less_safe_of_them() {
    let [short, long] = [1, 60].map(Duration::from_secs);
    let create = VerbName::CREATE_ACCOUNT;
    let one = declared(&Capabilities::nextpanel(short), create);
    let careless = VerbDeclaration {
        look_up: LookUpBy::NaturalKey {
            refuses_second: false,
        },
        destroys_data: true,
        when_foreign: WhenForeign::Reject,
        needs: None,
        ..declared(&Capabilities::nextpanel(long), create)
    };
    let expected = VerbDeclaration {
        when_foreign: WhenForeign::AskHuman,
        ..careless.clone()
    };
    for (first, second) in [(&one, &careless), (&careless, &one)] {
        assert_eq!(first.or(second), expected);
    }
    assert_eq!(one.or(&one), one);
    let blind = VerbDeclaration {
        look_up: LookUpBy::Nothing,
        effect: Effect::Change,
        ..one.clone()
    };
    let both = blind.or(&one);
    assert_eq!(
        (both.look_up, both.effect),
        (LookUpBy::Nothing, Effect::Create)
    );
}

#[test]
fn executors_side_by_side_offer_what_either_does() {
    let long = Duration::from_secs(60);
    let [first, second] = [Duration::from_secs(1), long].map(Capabilities::nextpanel);
    let suspends = Capabilities::nextpanel_lifecycle(long);
    let all = first.beside(second).beside(suspends.clone());
    let create = declared(&all, VerbName::CREATE_ACCOUNT);
    assert_eq!(create.longest_duration(), long);
    let suspend = VerbName::SUSPEND_ACCOUNT;
    assert_eq!(declared(&all, suspend), declared(&suspends, suspend));
}
