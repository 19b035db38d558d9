//! Orders, fleets and plans the tests begin with.

use std::sync::OnceLock;
use std::time::Duration;

use jiff::Timestamp;
use provisioning_core::catalog::Catalog;
use provisioning_core::domain::DomainName;
use provisioning_core::email::EmailAddress;
use provisioning_core::fleet::{Fleet, FleetConfig, Observation, ServerConfig, ServerName};
use provisioning_core::order::{
    Customer, OrderId, OrderItem, OrderKey, OrderMode, PaidOrder, PaymentEvidence, ProductCode,
    SourceName, TenantId,
};
use provisioning_core::plan::Plan;
use provisioning_core::plan::retry::RetryPolicy;
use provisioning_core::plan::verb::Capabilities;
use provisioning_core::planner::{Inputs, plan};

/// How long a request may still arrive in the model, in milliseconds.
pub(crate) const LONGEST: u64 = 5_000;

/// The instant at which every model begins, in milliseconds.
pub(crate) const START: i64 = 1_700_000_000_000;

pub(crate) fn at(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap()
}

pub(crate) fn server(name: &str) -> ServerName {
    ServerName::new(name).unwrap()
}

pub(crate) fn code(text: &str) -> ProductCode {
    ProductCode::new(text).unwrap()
}

/// A hosting item with a domain, or anything else with or without one.
pub(crate) fn item(index: usize, product: &str, domain: Option<&str>) -> OrderItem {
    let item = OrderItem::new(format!("items[{index}]"), code(product));
    match domain {
        Some(domain) => item.with_domain(DomainName::parse(domain).unwrap()),
        None => item,
    }
}

pub(crate) fn order_of(id: &str, items: Vec<OrderItem>) -> PaidOrder {
    let key = OrderKey::new(
        TenantId::new("migrahosting").unwrap(),
        SourceName::new("migrahosting.com").unwrap(),
        OrderMode::Live,
        OrderId::new(id).unwrap(),
    );
    let customer = Customer::new(EmailAddress::parse("jane.smith@example.com").unwrap())
        .with_full_name("Jane Smith")
        .with_stripe_customer_id("cus_9pQ");
    let evidence = PaymentEvidence::Operator {
        name: "support desk".into(),
    };
    PaidOrder::new(key, customer, items, evidence).unwrap()
}

/// Servers of these names and capacities, each with `accounts` on it.
pub(crate) fn fleet_of(servers: &[(&str, u32, u32)]) -> Fleet {
    let config = FleetConfig::new(servers.iter().map(|(name, capacity, _)| {
        let url = format!("https://{name}.example.net:9000").parse().unwrap();
        ServerConfig::new(server(name), url, *capacity).unwrap()
    }))
    .unwrap();
    let mut fleet = Fleet::new(config);
    for (name, _, accounts) in servers {
        let counted = Observation::Counted {
            accounts: *accounts,
            reserved_uncounted: 0,
        };
        assert!(fleet.observe(&server(name), counted));
    }
    fleet
}

/// Seconds instead of minutes, and fewer failures, so that a schedule reaches every end.
pub(crate) fn brisk() -> RetryPolicy {
    RetryPolicy {
        initial_ms: 1_000,
        cap_ms: 8_000,
        failures: 4,
        not_sent_per_server: 2,
    }
}

pub(crate) fn inputs() -> Inputs {
    Inputs::new(Capabilities::nextpanel(Duration::from_millis(LONGEST))).with_retry(brisk())
}

pub(crate) fn plan_of(items: Vec<OrderItem>, fleet: &Fleet) -> Plan {
    plan(
        &order_of("A-1001", items),
        &Catalog::migrahosting(),
        fleet,
        &inputs(),
        at(START),
    )
    .unwrap()
}

/// Create, verify, attach by hand, hand over; three servers.
pub(crate) fn four_steps() -> Plan {
    static PLAN: OnceLock<Plan> = OnceLock::new();
    PLAN.get_or_init(|| {
        plan_of(
            vec![item(0, "wp_growth", Some("example.com"))],
            &fleet_of(&[("np-1", 50, 3), ("np-2", 50, 4), ("np-3", 50, 5)]),
        )
    })
    .clone()
}

/// Two hosting accounts, two add-ons: eight steps, two servers.
pub(crate) fn eight_steps() -> Plan {
    static PLAN: OnceLock<Plan> = OnceLock::new();
    PLAN.get_or_init(|| {
        plan_of(
            vec![
                item(0, "wp_growth", Some("example.com")),
                item(1, "wp_growth", Some("example.net")),
                item(2, "firewall", Some("example.com")),
            ],
            &fleet_of(&[("np-1", 50, 3), ("np-2", 50, 4)]),
        )
    })
    .clone()
}
