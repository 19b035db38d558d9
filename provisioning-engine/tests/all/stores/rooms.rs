//! Places on servers: taken in the transaction that stores the plan, by as many as there is room for.

use provisioning_core::fleet::{Reservation, ReservedAccount, ServerName};
use provisioning_core::plan::id::PlanId;
use provisioning_core::run::Run;
use provisioning_core::run::event::Entry;
use provisioning_engine::store::{
    Claim, FreeSlots, Projection, Room, Standing, StoreError, StoredState,
};
use uuid::Uuid;

use super::desk::{a_plan, append, at, claim, intent, places, planned, room, sealed, submit};
use crate::place::{StoreKind, new_store, on_every_store};

async fn of_many_who_counted_the_same_room_as_many_get_in_as_there_is_room_for(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let mut claims = Vec::new();
    for number in 0..20 {
        let run = submit(&store, &format!("{number}"), at(number)).await;
        claims.push((number, claim(&store, run, at(100)).await));
    }
    let counted = store.reservations(None).await.unwrap();
    let planning: Vec<_> = claims
        .into_iter()
        .map(|(number, claim)| {
            let store = store.clone();
            let room = room(counted.version, 7);
            tokio::spawn(async move {
                let plan = a_plan(&number.to_string());
                let places = places(&plan, at(100));
                store.planned(&claim, plan, places, &room).await
            })
        })
        .collect();
    let mut taken = 0;
    for planned in planning {
        match planned.await.unwrap() {
            Ok(()) => taken += 1,
            Err(StoreError::RoomTaken(server)) => assert_eq!(server.as_str(), "np-1"),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(taken, 7);
    assert_eq!(
        store.reservations(None).await.unwrap().reservations.len(),
        7
    );
}

async fn whoever_counts_afterwards_sees_what_was_taken_and_who_comes_late_is_not_charged_twice(
    kind: StoreKind,
) {
    let (store, _folder) = new_store(kind).await;
    let first = submit(&store, "1", at(0)).await;
    let second = submit(&store, "2", at(0)).await;
    let before = store.reservations(None).await.unwrap();
    let claimed = claim(&store, first, at(0)).await;
    let plan = a_plan("1");
    let taken = places(&plan, at(0));
    store
        .planned(&claimed, plan.clone(), taken, &room(before.version, 1))
        .await
        .unwrap();
    let after = store.reservations(Some(second)).await.unwrap();
    assert!(after.version > before.version);
    assert_eq!(after.reservations.len(), 1);
    assert!(
        store
            .reservations(Some(first))
            .await
            .unwrap()
            .reservations
            .is_empty()
    );

    let claimed_too = claim(&store, second, at(0)).await;
    let other = a_plan("2");
    let wanted = places(&other, at(0));
    // Counted before the first took its place: one free then is none now.
    let refused = store
        .planned(
            &claimed_too,
            other.clone(),
            wanted.clone(),
            &room(before.version, 1),
        )
        .await
        .unwrap_err();
    assert!(matches!(refused, StoreError::RoomTaken(_)), "{refused}");
    // Counted afterwards: one free is one free.
    store
        .planned(&claimed_too, other, wanted, &room(after.version, 1))
        .await
        .unwrap();
    let again = store
        .planned(
            &claimed,
            plan,
            Projection::default(),
            &room(after.version, 1),
        )
        .await
        .unwrap_err();
    assert!(matches!(again, StoreError::Planned(_)), "{again}");
}

async fn a_run_that_is_over_gives_its_places_back(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let run = submit(&store, "1", at(0)).await;
    let claimed = claim(&store, run, at(0)).await;
    let plan = a_plan("1");
    let taken = places(&plan, at(0));
    store
        .planned(&claimed, plan, taken, &room(9, 1))
        .await
        .unwrap();
    let over = Projection {
        standing: Standing::Over,
        ..Projection::default()
    };
    store.append(&claimed, &[], over, None).await.unwrap();
    assert!(
        store
            .reservations(None)
            .await
            .unwrap()
            .reservations
            .is_empty()
    );
}

/// The same places, with something else known of their accounts.
fn known(projection: &Projection, account: ReservedAccount, slots: u32) -> Projection {
    let reservations = projection.reservations.iter().cloned();
    Projection {
        reservations: reservations
            .map(|place| {
                place
                    .with_slots(slots)
                    .with_mark(PlanId::from(Uuid::nil()).mark(&"hosting".into()))
                    .with_account(account)
            })
            .collect(),
        ..projection.clone()
    }
}

async fn what_becomes_known_of_an_account_moves_no_place(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let run = submit(&store, "1", at(0)).await;
    let claimed = claim(&store, run, at(0)).await;
    let plan = a_plan("1");
    let expected = known(&places(&plan, at(0)), ReservedAccount::Expected, 3);
    store
        .planned(&claimed, plan, expected.clone(), &room(9, 3))
        .await
        .unwrap();
    let planned = store.reservations(None).await.unwrap();
    assert_eq!(planned.reservations, expected.reservations);
    for account in ReservedAccount::ALL {
        let now = known(&expected, account, 3);
        store
            .append(&claimed, &[], now.clone(), None)
            .await
            .unwrap();
        let held = store.reservations(None).await.unwrap();
        assert_eq!(held.reservations, now.reservations, "{account}");
        assert_eq!(held.version, planned.version, "{account}");
    }
    let given_back = Projection::default();
    store.append(&claimed, &[], given_back, None).await.unwrap();
    let held = store.reservations(None).await.unwrap();
    assert!(held.version > planned.version);
    assert!(held.reservations.is_empty());
}

/// A count may take long: a run that was planned, made its account and ended meanwhile is in neither the list that was
/// read nor among the places held.
async fn a_count_begun_before_a_run_began_and_ended_is_not_built_upon(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let quick = submit(&store, "1", at(0)).await;
    let slow = submit(&store, "2", at(0)).await;
    let before = store.reservations(None).await.unwrap();
    let claimed = claim(&store, quick, at(0)).await;
    let plan = a_plan("1");
    let expected = known(&places(&plan, at(0)), ReservedAccount::Expected, 1);
    store
        .planned(&claimed, plan, expected.clone(), &room(before.version, 1))
        .await
        .unwrap();
    let left = known(&expected, ReservedAccount::Left, 1);
    store.append(&claimed, &[], left, None).await.unwrap();
    let after = store.reservations(None).await.unwrap();
    assert!(after.reservations.is_empty(), "the panel's count has it");

    let claimed = claim(&store, slow, at(0)).await;
    let plan = a_plan("2");
    let wanted = places(&plan, at(0));
    let counted_before = room(before.version, 1);
    let refused = store
        .planned(&claimed, plan.clone(), wanted.clone(), &counted_before)
        .await
        .unwrap_err();
    assert!(matches!(refused, StoreError::RoomTaken(_)), "{refused}");
    store
        .planned(&claimed, plan, wanted, &room(after.version, 1))
        .await
        .unwrap();
}

/// The places of a run that has moved to another server.
fn moved_to(places: &Projection, server: &str) -> Projection {
    let moved = |place: &Reservation| {
        let server = ServerName::new(server).unwrap();
        Reservation::new(server, place.username().clone(), place.holder())
    };
    Projection {
        reservations: places.reservations.iter().map(moved).collect(),
        ..places.clone()
    }
}

/// Runs that leave a server for the last place of another one have all counted it; the first to begin its call takes it.
async fn of_two_who_move_to_the_same_last_place_the_first_takes_it(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let mut moving = Vec::new();
    for id in ["1", "2"] {
        let (claim, mut run) = planned(&store, id, at(0)).await;
        let event = sealed(&run, "bytes");
        append(&store, &claim, &mut run, event, at(1))
            .await
            .unwrap();
        let held_here = places(run.plan(), at(1));
        let nowhere = Projection {
            reservations: Vec::new(),
            ..held_here.clone()
        };
        store.append(&claim, &[], nowhere, None).await.unwrap();
        moving.push((claim, run, moved_to(&held_here, "np-2")));
    }
    let version = store.reservations(None).await.unwrap().version;
    let free = FreeSlots { slots: 1, version };
    let counted = Room {
        servers: [(ServerName::new("np-2").unwrap(), free)].into(),
    };
    let [(first, first_run, firsts), (second, second_run, seconds)] = &moving[..] else {
        panic!()
    };
    let begin = async |claim: &Claim, run: &Run, places: &Projection, room: &Room| {
        let event = intent(run, at(2));
        let entry = Entry { at: at(2), event };
        let entries = std::slice::from_ref(&entry);
        store
            .append(claim, entries, places.clone(), Some(room))
            .await
    };
    begin(first, first_run, firsts, &counted).await.unwrap();
    let refused = begin(second, second_run, seconds, &counted).await;
    let refused = refused.unwrap_err();
    assert!(
        matches!(&refused, StoreError::RoomTaken(server) if server.as_str() == "np-2"),
        "{refused}"
    );
    // Nothing of it was stored, and the place is the first one's.
    let journal = store.load(second.run).await.unwrap();
    let StoredState::Planned(journal) = journal.state else {
        panic!("{journal:?}")
    };
    assert_eq!(journal.entries.len(), 1, "{journal:?}");
    let held = store.reservations(None).await.unwrap();
    assert_eq!(held.reservations, firsts.reservations);
    // Whoever has the place goes on without counting anew, and whoever has counted more room gets in.
    store
        .append(first, &[], firsts.clone(), Some(&counted))
        .await
        .unwrap();
    let (server, version) = (ServerName::new("np-2").unwrap(), held.version);
    let free = FreeSlots { slots: 1, version };
    let more = Room {
        servers: [(server, free)].into(),
    };
    begin(second, second_run, seconds, &more).await.unwrap();
    let held = store.reservations(None).await.unwrap();
    assert_eq!(held.reservations.len(), 2);
}

on_every_store!(
    of_two_who_move_to_the_same_last_place_the_first_takes_it,
    of_many_who_counted_the_same_room_as_many_get_in_as_there_is_room_for,
    whoever_counts_afterwards_sees_what_was_taken_and_who_comes_late_is_not_charged_twice,
    a_run_that_is_over_gives_its_places_back,
    what_becomes_known_of_an_account_moves_no_place,
    a_count_begun_before_a_run_began_and_ended_is_not_built_upon,
);
