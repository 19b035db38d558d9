//! Orders that were provisioned, and a panel that answers everything as it should.

use std::time::Duration;

use jiff::Timestamp;
use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::{Fleet, FleetConfig, Observation, ServerConfig, ServerName};
use provisioning_core::order::{Customer, OrderItem, PaidOrder, PaymentEvidence, ProductCode};
use provisioning_core::plan::Plan;
use provisioning_core::plan::account::AccountState;
use provisioning_core::plan::action::Action;
use provisioning_core::plan::verb::Capabilities;
use provisioning_core::planner::{Inputs, plan};
use provisioning_core::run::Run;
use provisioning_core::run::account_reading::{AccountReading, PresentAccount};
use provisioning_core::run::directive::{Call, Directive, Request};
use provisioning_core::run::event::{CredentialSealed, Entry, Event, Intent};
use provisioning_core::run::facts::{
    Facts, HostingAccount, LoginReading, MarkReading, Proof, Verified,
};
use provisioning_core::run::outcome::Outcome;

/// How long a request may still arrive, in seconds.
pub(crate) const LONGEST: i64 = 60;

/// Midnight of 1 July 2027, and seconds after it.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_814_400_000 + second).unwrap()
}

pub(crate) const DAY: i64 = 24 * 60 * 60;

pub(crate) fn item(path: &str, code: &str, domain: &str) -> OrderItem {
    let item = OrderItem::new(path, ProductCode::new(code).unwrap());
    match domain {
        "" => item,
        domain => item.with_domain(domain.parse().unwrap()),
    }
}

pub(crate) fn order(items: Vec<OrderItem>) -> PaidOrder {
    let customer = Customer::new("jane@example.org".parse().unwrap());
    let evidence = PaymentEvidence::LookedUpAtProvider {
        provider: "stripe".to_owned(),
        reference: "pi_1".to_owned(),
    };
    let key = "migrahosting/shop/live/A-1001".parse().unwrap();
    PaidOrder::new(key, customer, items, evidence)
        .unwrap()
        .with_occurred_at(at(0))
}

pub(crate) fn catalog() -> Catalog {
    Catalog::from_toml(
        "shop.toml",
        r#"
            currency = "EUR"

            [[product]]
            code = "starter"
            name = "Starter"
            takes = "nextpanel-hosting"
            package = 1
            price = { monthly = "9.00" }

            [[product]]
            code = "growth"
            name = "Growth"
            takes = "nextpanel-hosting"
            package = 2
            price = { monthly = "19.00" }

            [[product]]
            code = "backups"
            name = "Daily backups"
            takes = "addon"
            price = { monthly = "2.00" }

            [[product]]
            code = "name"
            name = "Domain name"
            takes = "domain"
            price = { yearly = "12.00" }
        "#,
    )
    .unwrap()
}

pub(crate) fn fleet() -> Fleet {
    let server = |name: &str| {
        let url = format!("https://{name}.example.net:9000").parse().unwrap();
        ServerConfig::new(ServerName::new(name).unwrap(), url, 50).unwrap()
    };
    let config = FleetConfig::new([server("np-1"), server("np-2")]).unwrap();
    let counted = |accounts| Observation::Counted {
        accounts,
        reserved_uncounted: 0,
    };
    Fleet::new(config)
        .with_observation(&"np-1".parse().unwrap(), counted(3))
        .with_observation(&"np-2".parse().unwrap(), counted(4))
}

pub(crate) fn capabilities() -> Capabilities {
    let longest = Duration::from_secs(LONGEST.unsigned_abs());
    Capabilities::nextpanel(longest).and(Capabilities::nextpanel_lifecycle(longest))
}

pub(crate) fn inputs() -> Inputs {
    Inputs::new(capabilities())
}

/// Executors that only provision, as for a panel without suspension.
pub(crate) fn inputs_by_hand() -> Inputs {
    Inputs::new(Capabilities::nextpanel(Duration::from_secs(60)))
}

pub(crate) fn planned(items: Vec<OrderItem>) -> Plan {
    plan(&order(items), &catalog(), &fleet(), &inputs(), at(0)).unwrap()
}

pub(crate) fn record(run: &mut Run, second: i64, event: Event) {
    let entry = Entry {
        at: at(second),
        event,
    };
    run.apply(entry.clone())
        .unwrap_or_else(|error| panic!("{error}: {entry:?}"));
    let stored = serde_json::to_string(run.journal()).unwrap();
    let journal = provisioning_core::run::journal::Journal::from_json(&stored).unwrap();
    assert_eq!(&Run::replay(journal).unwrap(), run, "a replay is the run");
}

pub(crate) fn begin(run: &mut Run, second: i64, call: &Call) {
    let intent = Event::Intent(Intent {
        step: call.step.clone(),
        attempt: call.attempt,
        candidate: call.candidate,
        server: call.server.clone(),
        key: call.key,
    });
    record(run, second, intent);
}

pub(crate) fn came(run: &mut Run, second: i64, call: &Call, outcome: Outcome) {
    let event = Event::Outcome {
        step: call.step.clone(),
        attempt: call.attempt,
        outcome,
    };
    record(run, second, event);
}

/// The only call that is due.
pub(crate) fn due(run: &Run, second: i64) -> Call {
    match run.next(at(second)).as_slice() {
        [Directive::Call(call), ..] => call.clone(),
        other => panic!("no call is due: {other:?}"),
    }
}

/// What a panel answers where everything is as it should be.
fn good_answer(run: &Run, call: &Call, number: u32) -> Facts {
    match &call.request {
        Request::CreateHostingAccount { username, .. } => Facts::HostingAccount(HostingAccount {
            remote_id: (40 + number).to_string(),
            username: username.as_str().to_owned(),
            server: call.server.clone().unwrap(),
            proof: Proof::Created,
        }),
        Request::VerifyHostingAccount { account, .. } => Facts::Verified(Verified {
            remote_id: account.remote_id.clone(),
            username: account.username.clone(),
            active: true,
            mark: MarkReading::Ours,
            login: LoginReading::Proved,
            logins_work_here: true,
        }),
        Request::CheckAccount(known) => {
            let Action::CheckAccount(check) = &run.plan().step(&call.step).unwrap().action else {
                panic!("another step asks for a check");
            };
            Facts::AccountReading(match &check.expected {
                AccountState::Gone => AccountReading::Gone,
                expected => AccountReading::Present(PresentAccount {
                    remote_id: known.account.remote_id.clone(),
                    username: known.account.username.clone(),
                    mark: MarkReading::Ours,
                    active: Some(*expected != AccountState::Suspended),
                    package_id: None,
                }),
            })
        }
        _ => Facts::Nothing,
    }
}

/// Carries out everything that can be carried out, each call at its first try.
pub(crate) fn carry_out(run: &mut Run, second: i64) {
    while carry_out_one(run, second) {}
}

/// Carries out what is due first. Whether anything was.
pub(crate) fn carry_out_one(run: &mut Run, second: i64) -> bool {
    match run.next(at(second)).into_iter().next() {
        Some(Directive::Seal(spec)) => {
            let sealed = Event::CredentialSealed(CredentialSealed {
                credential: spec.id,
                key_id: "key-1".into(),
                sealed: "AAAA".into(),
            });
            record(run, second, sealed);
        }
        Some(Directive::Call(call)) => {
            let made = run.journal().entries.iter();
            let made = made.filter(|entry| matches!(entry.event, Event::Intent(_)));
            let number = u32::try_from(made.count()).unwrap() + 1;
            begin(run, second, &call);
            let facts = good_answer(run, &call, number);
            came(run, second, &call, Outcome::Ok { facts });
        }
        Some(Directive::Confirm(credential)) => {
            let by = "jane".to_owned();
            record(run, second, Event::CredentialConfirmed { credential, by });
        }
        Some(Directive::Erase(credential)) => {
            record(run, second, Event::CredentialErased { credential });
        }
        _ => return false,
    }
    true
}

/// A run of `plan` that was carried out.
pub(crate) fn carried_out(plan: Plan) -> Run {
    let mut run = Run::start(plan);
    carry_out(&mut run, 60);
    run
}

/// One starter account for shop.example, with backups.
pub(crate) fn starter_with_backups() -> Run {
    carried_out(planned(vec![
        item("items[0]", "starter", "shop.example"),
        item("items[1]", "backups", "shop.example"),
    ]))
}
