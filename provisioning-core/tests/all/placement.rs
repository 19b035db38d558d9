//! Which server is chosen, and why the others are not.

use std::collections::BTreeSet;

use proptest::prelude::*;
use provisioning_core::fleet::{
    CountedAccount, Fleet, FleetConfig, Observation, Reservation, ReservedAccount, ServerConfig,
    ServerName, ServerState, uncounted_slots,
};
use provisioning_core::permission::{CredentialKind, Denial, Missing, Verb};
use provisioning_core::placement::{
    PlacementRequest, PlacementRule, RankedServer, ServerRefusal, rank, rank_with_refusals,
    refusals,
};
use provisioning_core::username::Username;

fn name(text: &str) -> ServerName {
    ServerName::new(text).unwrap()
}

fn server(text: &str, capacity: u32) -> ServerConfig {
    ServerConfig::new(
        name(text),
        format!("https://{text}.example.net").parse().unwrap(),
        capacity,
    )
    .unwrap()
}

fn counted(accounts: u32, reserved_uncounted: u32) -> Observation {
    Observation::Counted {
        accounts,
        reserved_uncounted,
    }
}

fn fleet(servers: impl IntoIterator<Item = (ServerConfig, Observation)>) -> Fleet {
    let (servers, observations): (Vec<ServerConfig>, Vec<Observation>) =
        servers.into_iter().unzip();
    let names: Vec<ServerName> = servers.iter().map(|server| server.name().clone()).collect();
    let fleet = Fleet::new(FleetConfig::new(servers).unwrap());
    names
        .iter()
        .zip(observations)
        .fold(fleet, |fleet, (name, observation)| {
            fleet.with_observation(name, observation)
        })
}

fn order(fleet: &Fleet, request: &PlacementRequest) -> Vec<String> {
    rank(fleet, request)
        .unwrap()
        .into_iter()
        .map(|server| server.name.to_string())
        .collect()
}

fn reasons(fleet: &Fleet, request: &PlacementRequest) -> Vec<String> {
    refusals(fleet, request)
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn under(rule: PlacementRule) -> PlacementRequest {
    PlacementRequest::new().with_rule(rule)
}

#[test]
fn each_rule_orders_the_same_fleet_its_own_way() {
    let fleet = fleet([
        (server("big", 1_000), counted(90, 0)),
        (server("small", 10), counted(5, 0)),
        (server("middle", 100), counted(60, 10)),
        (server("empty", 50), counted(0, 0)),
    ]);
    assert_eq!(
        order(&fleet, &under(PlacementRule::LeastAccounts)),
        ["empty", "small", "middle", "big"]
    );
    assert_eq!(
        order(&fleet, &under(PlacementRule::LeastFull)),
        ["empty", "big", "small", "middle"]
    );
    assert_eq!(
        order(&fleet, &under(PlacementRule::FillFirst)),
        ["small", "middle", "empty", "big"]
    );
    assert_eq!(
        order(&fleet, &under(PlacementRule::Pinned(name("middle")))),
        ["middle"]
    );
}

#[test]
fn the_fleets_own_rule_applies_unless_the_request_has_one() {
    let config = FleetConfig::new([server("a", 10), server("b", 10)])
        .unwrap()
        .with_rule(PlacementRule::FillFirst)
        .unwrap();
    let fleet = Fleet::new(config)
        .with_observation(&name("a"), counted(1, 0))
        .with_observation(&name("b"), counted(5, 0));
    assert_eq!(order(&fleet, &PlacementRequest::new()), ["b", "a"]);
    assert_eq!(
        order(&fleet, &under(PlacementRule::LeastAccounts)),
        ["a", "b"]
    );
}

#[test]
fn weights_are_shares() {
    let heavy = server("heavy", 100).with_weight(3).unwrap();
    let fleet = fleet([
        (heavy, counted(29, 0)),
        (server("light", 100), counted(10, 0)),
    ]);
    // 29 accounts at weight 3 are fewer than 10 at weight 1, 31 are not.
    assert_eq!(
        order(&fleet, &under(PlacementRule::LeastAccounts)),
        ["heavy", "light"]
    );
    assert_eq!(
        order(&fleet, &under(PlacementRule::LeastFull)),
        ["heavy", "light"]
    );
    assert_eq!(
        order(&fleet, &under(PlacementRule::FillFirst)),
        ["heavy", "light"]
    );
    let fleet = fleet.with_observation(&name("heavy"), counted(31, 0));
    assert_eq!(
        order(&fleet, &under(PlacementRule::LeastAccounts)),
        ["light", "heavy"]
    );
}

#[test]
fn a_ranked_server_says_why_in_numbers() {
    let fleet = fleet([
        (server("a", 50), counted(3, 0)),
        (server("b", 80).with_weight(2).unwrap(), counted(30, 5)),
    ]);
    let why = |rule| -> Vec<String> {
        rank(&fleet, &under(rule))
            .unwrap()
            .into_iter()
            .map(|server| server.why)
            .collect()
    };
    assert_eq!(
        why(PlacementRule::LeastAccounts),
        [
            "least accounts: 3 of 50 used, 47 free",
            "least accounts: 30 of 80 used, 5 reserved, 45 free, weight 2"
        ]
    );
    assert_eq!(
        why(PlacementRule::LeastFull),
        [
            "least full: 3 of 50 used, 47 free (6.0 %)",
            "least full: 30 of 80 used, 5 reserved, 45 free (43.7 %), weight 2"
        ]
    );
    assert_eq!(
        why(PlacementRule::Pinned(name("a"))),
        ["pinned: 3 of 50 used, 47 free"]
    );
    let ranked = rank(&fleet, &PlacementRequest::new()).unwrap().remove(1);
    assert_eq!(
        (ranked.free, ranked.accounts, ranked.capacity),
        (45, 30, 80)
    );
}

#[test]
fn every_refused_server_says_what_is_in_the_way() {
    let denial = Denial::new(
        Missing::SuperAdminRights,
        Verb::ListAccounts,
        CredentialKind::NextPanelApiKey,
    );
    let fleet = fleet([
        (server("a-full", 50), counted(48, 1)),
        (
            server("b-draining", 50).with_state(ServerState::Draining),
            counted(0, 0),
        ),
        (
            server("c-disabled", 50).with_state(ServerState::Disabled),
            counted(0, 0),
        ),
        (
            server("d-elsewhere", 50).with_location("us").unwrap(),
            counted(0, 0),
        ),
        (server("e-nowhere", 50), counted(0, 0)),
        (
            server("f-offline", 50),
            Observation::Offline {
                text: "connection refused".into(),
            },
        ),
        (
            server("g-denied", 50),
            Observation::KeyDenied {
                denial: Box::new(denial),
            },
        ),
        (
            server("h-failed", 50),
            Observation::CountFailed { text: "500".into() },
        ),
        (
            server("i-incomplete", 50),
            Observation::Incomplete { seen: 1_000 },
        ),
        (server("j-unseen", 50), Observation::NotObserved),
        (server("k-excluded", 50), counted(0, 0)),
    ]);
    let request = PlacementRequest::new()
        .with_weight(2)
        .with_excluded([name("k-excluded")]);
    assert_eq!(order(&fleet, &request), ["d-elsewhere", "e-nowhere"]);
    assert_eq!(
        reasons(&fleet, &request),
        [
            "a-full: full: 48 of 50 used (1 reserved), needs 2",
            "b-draining: draining: takes no new accounts",
            "c-disabled: disabled",
            "f-offline: not counted: it does not answer: connection refused",
            "g-denied: not counted: it refuses our key: not permitted to list hosting accounts: \
             the NextPanel API key lacks super admin rights (permission level SUPER_ADMIN)",
            "h-failed: not counted: its accounts could not be counted: 500",
            "i-incomplete: not counted: its list of accounts could not be shown to be whole (1000 seen), \
             so it cannot be counted",
            "j-unseen: not counted: its accounts were not counted yet",
            "k-excluded: left out by the request",
        ]
    );
    let picky = request.with_location("us").with_tags(["ssd", "gpu"]);
    let refused = rank(&fleet, &picky).unwrap_err();
    assert_eq!(refused.len(), 11);
    let words: Vec<String> = refused.iter().map(ToString::to_string).collect();
    assert_eq!(words[0], "a-full: has no location, us is asked for");
    assert_eq!(words[3], "d-elsewhere: lacks the tags gpu, ssd");
    let elsewhere = reasons(&fleet, &PlacementRequest::new().with_location("eu"));
    assert_eq!(elsewhere[3], "d-elsewhere: stands in us, eu is asked for");
}

#[test]
fn a_pinned_rule_asks_nobody_else() {
    let fleet = fleet([
        (server("a", 5), counted(5, 0)),
        (server("b", 5), counted(0, 0)),
    ]);
    let refused = rank(&fleet, &under(PlacementRule::Pinned(name("a")))).unwrap_err();
    let words: Vec<String> = refused.iter().map(ToString::to_string).collect();
    assert_eq!(
        words,
        [
            "a: full: 5 of 5 used (0 reserved), needs 1",
            "b: not asked: placement is pinned to a"
        ]
    );
    let nobody = rank(&fleet, &under(PlacementRule::Pinned(name("z")))).unwrap_err();
    assert_eq!(
        nobody[0].to_string(),
        "z: unknown: no server of that name is configured"
    );
    let pinned_and_excluded = under(PlacementRule::Pinned(name("b"))).with_excluded([name("b")]);
    assert!(rank(&fleet, &pinned_and_excluded).is_err());
}

#[test]
fn slots_taken_by_the_same_order_count() {
    let fleet = fleet([
        (server("a", 10), counted(0, 0)),
        (server("b", 10), counted(1, 0)),
    ]);
    let request = PlacementRequest::new();
    assert_eq!(order(&fleet, &request), ["a", "b"]);
    let second = request
        .clone()
        .with_taken(name("a"), 1)
        .with_taken(name("a"), 1);
    assert_eq!(order(&fleet, &second), ["b", "a"]);
    let full = request
        .with_taken(name("a"), 10)
        .with_taken(name("nobody"), 5);
    assert_eq!(order(&fleet, &full), ["b"]);
    assert_eq!(
        reasons(&fleet, &full),
        ["a: full: 0 of 10 used (10 reserved), needs 1"]
    );
}

#[test]
fn numbers_at_the_edge_do_not_wrap_around() {
    let fleet = fleet([
        (server("a", 10), counted(u32::MAX, u32::MAX)),
        (server("b", 10), counted(0, 0)),
    ]);
    assert_eq!(fleet.free(&name("a")), Some(0));
    assert_eq!(order(&fleet, &PlacementRequest::new().with_limit(0)), ["b"]);
    let heavy = PlacementRequest::new()
        .with_weight(u32::MAX)
        .with_taken(name("b"), u32::MAX);
    assert_eq!(reasons(&fleet, &heavy).len(), 2);
}

#[test]
fn an_empty_fleet_refuses_with_nobody_to_blame() {
    assert_eq!(rank(&fleet([]), &PlacementRequest::new()), Err(vec![]));
}

#[test]
fn an_observation_of_an_unknown_server_adds_none() {
    let mut fleet = fleet([(server("a", 10), counted(0, 0))]);
    assert!(!fleet.observe(&name("ghost"), counted(0, 0)));
    assert_eq!(fleet.observation(&name("ghost")), None);
    assert_eq!(fleet.free(&name("ghost")), None);
    assert_eq!(fleet.servers().len(), 1);
}

#[test]
fn ranked_servers_and_refusals_survive_a_journal() {
    let fleet = fleet([
        (server("a", 10), counted(0, 0)),
        (
            server("b", 10),
            Observation::Offline {
                text: "timeout".into(),
            },
        ),
    ]);
    let ranked = rank(&fleet, &PlacementRequest::new()).unwrap();
    let stored = serde_json::to_string(&ranked).unwrap();
    assert_eq!(
        serde_json::from_str::<Vec<RankedServer>>(&stored).unwrap(),
        ranked
    );
    let refused = refusals(&fleet, &PlacementRequest::new());
    let stored = serde_json::to_string(&refused).unwrap();
    assert_eq!(
        serde_json::from_str::<Vec<ServerRefusal>>(&stored).unwrap(),
        refused
    );
    for rule in [
        PlacementRule::LeastAccounts,
        PlacementRule::Pinned(name("a")),
    ] {
        let stored = serde_json::to_string(&rule).unwrap();
        assert_eq!(
            serde_json::from_str::<PlacementRule>(&stored).unwrap(),
            rule
        );
    }
}

fn any_rule() -> impl Strategy<Value = PlacementRule> {
    prop_oneof![
        Just(PlacementRule::LeastAccounts),
        Just(PlacementRule::LeastFull),
        Just(PlacementRule::FillFirst),
        (0usize..8).prop_map(|at| PlacementRule::Pinned(name(&format!("s{at}")))),
    ]
}

fn any_server() -> impl Strategy<Value = (ServerConfig, Observation)> {
    let observation = prop_oneof![
        6 => (0u32..12, 0u32..4).prop_map(|(accounts, reserved)| counted(accounts, reserved)),
        1 => Just(Observation::NotObserved),
        1 => Just(Observation::Incomplete { seen: 3 }),
    ];
    let state = prop_oneof![
        6 => Just(ServerState::Open),
        1 => Just(ServerState::Draining),
        1 => Just(ServerState::Disabled),
    ];
    (1u32..12, 1u32..4, state, 0usize..3, 0u8..4, observation).prop_map(
        |(capacity, weight, state, location, tags, observation)| {
            let mut config = server("placeholder", capacity)
                .with_weight(weight)
                .unwrap()
                .with_state(state);
            if let Some(location) = ["eu", "us"].get(location) {
                config = config.with_location(*location).unwrap();
            }
            let tags: Vec<&str> = ["ssd", "php"]
                .into_iter()
                .enumerate()
                .filter(|(bit, _)| tags & (1 << bit) != 0)
                .map(|(_, tag)| tag)
                .collect();
            (config.with_tags(tags).unwrap(), observation)
        },
    )
}

/// Servers named by their place, because names must differ.
fn named(servers: Vec<(ServerConfig, Observation)>) -> Vec<(ServerConfig, Observation)> {
    servers
        .into_iter()
        .enumerate()
        .map(|(at, (config, observation))| {
            let mut named = server(&format!("s{at}"), config.capacity())
                .with_weight(config.weight())
                .unwrap()
                .with_state(config.state())
                .with_tags(config.tags().iter().cloned())
                .unwrap();
            if let Some(location) = config.location() {
                named = named.with_location(location).unwrap();
            }
            (named, observation)
        })
        .collect()
}

fn any_request() -> impl Strategy<Value = PlacementRequest> {
    (
        1u32..4,
        proptest::option::of(prop_oneof![Just("eu"), Just("us"), Just("mars")]),
        proptest::collection::btree_set(prop_oneof![Just("ssd"), Just("php"), Just("gpu")], 0..2),
        proptest::collection::btree_set(0usize..8, 0..3),
        proptest::option::of(any_rule()),
        proptest::collection::vec((0usize..8, 0u32..4), 0..3),
    )
        .prop_map(|(weight, location, tags, excluded, rule, taken)| {
            let mut request = PlacementRequest::new()
                .with_weight(weight)
                .with_tags(tags)
                .with_excluded(excluded.into_iter().map(|at| name(&format!("s{at}"))));
            if let Some(location) = location {
                request = request.with_location(location);
            }
            if let Some(rule) = rule {
                request = request.with_rule(rule);
            }
            taken.into_iter().fold(request, |request, (at, slots)| {
                request.with_taken(name(&format!("s{at}")), slots)
            })
        })
}

proptest! {
    #[test]
    fn ranking_and_refusing_at_once_is_ranking_and_refusing(
        servers in proptest::collection::vec(any_server(), 0..8),
        request in any_request(),
    ) {
        let fleet = fleet(named(servers));
        let apart = rank(&fleet, &request).map(|ranked| (ranked, refusals(&fleet, &request)));
        prop_assert_eq!(rank_with_refusals(&fleet, &request), apart);
    }

    #[test]
    fn every_server_is_either_ranked_or_refused_and_never_over_its_capacity(
        servers in proptest::collection::vec(any_server(), 0..8),
        request in any_request(),
    ) {
        let fleet = fleet(named(servers));
        let request = request.with_limit(100);
        let refused: BTreeSet<ServerName> = refusals(&fleet, &request)
            .into_iter()
            .map(|refusal| refusal.name)
            .filter(|name| fleet.config().server(name).is_some())
            .collect();
        let ranked = rank(&fleet, &request).unwrap_or_default();
        let names: BTreeSet<ServerName> = ranked.iter().map(|server| server.name.clone()).collect();
        prop_assert_eq!(names.len(), ranked.len());
        prop_assert!(names.is_disjoint(&refused));
        prop_assert_eq!(names.len() + refused.len(), fleet.servers().len());
        for server in &ranked {
            prop_assert!(server.free >= request.weight());
            prop_assert!(server.free <= fleet.free(&server.name).unwrap());
            prop_assert_eq!(fleet.config().server(&server.name).unwrap().state(), ServerState::Open);
        }
    }

    #[test]
    fn the_order_in_which_servers_are_configured_makes_no_difference(
        servers in proptest::collection::vec(any_server(), 0..8),
        request in any_request(),
        shuffle in any::<u64>(),
    ) {
        let servers = named(servers);
        let mut shuffled = servers.clone();
        shuffled.sort_by_key(|(server, _)| {
            let byte = server.name().as_str().as_bytes()[1];
            shuffle.rotate_left(u32::from(byte) * 7) % 101
        });
        prop_assert_eq!(rank(&fleet(servers.clone()), &request), rank(&fleet(shuffled), &request));
        prop_assert_eq!(rank(&fleet(servers.clone()), &request), rank(&fleet(servers), &request));
    }

    #[test]
    fn a_short_list_is_the_beginning_of_the_long_one(
        servers in proptest::collection::vec(any_server(), 0..8),
        request in any_request(),
        limit in 1usize..5,
    ) {
        let fleet = fleet(named(servers));
        if let Ok(all) = rank(&fleet, &request.clone().with_limit(100)) {
            let few = rank(&fleet, &request.with_limit(limit)).unwrap();
            prop_assert_eq!(&few, &all[..limit.min(all.len())]);
        }
    }

    #[test]
    fn the_ranking_is_the_one_that_sorting_by_the_rule_gives(
        servers in proptest::collection::vec(any_server(), 0..8),
        rule in any_rule(),
    ) {
        let fleet = fleet(named(servers));
        let Ok(ranked) = rank(&fleet, &under(rule.clone())) else { return Ok(()) };
        let load = |server: &RankedServer| {
            let weight = f64::from(fleet.config().server(&server.name).unwrap().weight());
            let used = f64::from(server.capacity - server.free);
            match rule {
                PlacementRule::LeastAccounts => (used / weight, 0.0),
                PlacementRule::LeastFull => (used / f64::from(server.capacity) / weight, 0.0),
                PlacementRule::FillFirst => (-weight, f64::from(server.free)),
                _ => (0.0, 0.0),
            }
        };
        for pair in ranked.windows(2) {
            let (before, after) = (load(&pair[0]), load(&pair[1]));
            let equal = (before.0 - after.0).abs() < 1e-9 && (before.1 - after.1).abs() < 1e-9;
            prop_assert!(
                if equal { pair[0].name < pair[1].name } else { before < after },
                "{:?}", pair
            );
        }
    }

    /// Orders are placed on counts that may be old, accounts appear late or never, runs end, panels are recounted.
    #[test]
    fn capacity_is_never_exceeded_however_old_the_counts_are(
        capacities in proptest::collection::vec(1u32..5, 1..4),
        events in proptest::collection::vec((0u8..6, any::<prop::sample::Index>()), 0..80),
    ) {
        let servers: Vec<ServerConfig> =
            capacities.iter().enumerate().map(|(at, capacity)| server(&format!("s{at}"), *capacity)).collect();
        let mut fleet = Fleet::new(FleetConfig::new(servers).unwrap());
        let mut panels = vec![Panel::default(); capacities.len()];
        let mut held: Vec<Reservation> = Vec::new();
        let mut orders = 0;
        let at_server = |reservation: &Reservation| reservation.server().as_str()[1..].parse::<usize>().unwrap();
        for (event, pick) in events {
            match event {
                0 | 1 => {
                    for (at, panel) in panels.iter().enumerate() {
                        let Some(seen) = &panel.seen else { continue };
                        let name = name(&format!("s{at}"));
                        let reserved = uncounted_slots(
                            held.iter().chain(&panel.ended_since),
                            &name,
                            seen.iter().map(|username| CountedAccount::new(username)),
                        );
                        fleet.observe(&name, counted(seen.len() as u32, reserved));
                    }
                    if let Ok(ranked) = rank(&fleet, &PlacementRequest::new()) {
                        let username = Username::new(format!("user{orders}")).unwrap();
                        held.push(Reservation::new(ranked[0].name.clone(), username, format!("run {orders}")));
                        orders += 1;
                    }
                }
                // A create arrives at its panel, perhaps long after it was sent.
                2 | 3 if !held.is_empty() => {
                    let reservation = &held[pick.index(held.len())];
                    panels[at_server(reservation)].accounts.insert(reservation.username().to_string());
                }
                // A run whose account is there ends, and its reservation with it.
                4 if !held.is_empty() => {
                    let at = pick.index(held.len());
                    let panel = &mut panels[at_server(&held[at])];
                    if panel.accounts.contains(held[at].username().as_str()) {
                        let ended = held.remove(at).with_account(ReservedAccount::Established);
                        panel.ended_since.push(ended);
                    }
                }
                5 => {
                    let panel = &mut panels[pick.index(capacities.len())];
                    panel.seen = Some(panel.accounts.clone());
                    panel.ended_since.clear();
                }
                _ => {}
            }
            for (at, panel) in panels.iter().enumerate() {
                // Everything that is there plus everything that may still come.
                let mut all = panel.accounts.clone();
                all.extend(held.iter().filter(|held| at_server(held) == at).map(|held| held.username().to_string()));
                prop_assert!(all.len() as u32 <= capacities[at], "s{} holds {:?}", at, all);
            }
        }
    }
}

/// One panel of the model, and what is known of it.
#[derive(Clone, Default)]
struct Panel {
    accounts: BTreeSet<String>,
    /// The accounts when it was last counted, if ever.
    seen: Option<BTreeSet<String>>,
    /// Reservations that ended after that.
    ended_since: Vec<Reservation>,
}
