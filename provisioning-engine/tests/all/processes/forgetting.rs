//! SIGKILL amid forgetting an order of several runs: whoever forgets it next finishes it, and nothing personal is left.

use provisioning_engine::RunState;
use provisioning_engine::store::{Standing, Wanted};

use super::job::{Asked, Job};
use super::scene::{Purchase, Scene};
use super::worker::{Ended, work};
use crate::place::{StoreKind, on_every_lasting_store};

/// What a customer would not want to be found of an order that was forgotten: who it was, and what it held.
const PERSONAL: [&str; 3] = ["ada@example.com", "ada%40example.com", "sends spam"];

fn job(scene: &Scene, worker: &str, asked: &[Asked]) -> Job {
    Job {
        asked: asked.to_vec(),
        ..scene.job(worker)
    }
}

async fn killed_amid_forgetting_it_is_finished_by_forgetting_again(kind: StoreKind) {
    let mut came = Vec::new();
    for point in ["before-forgotten", "after-forgotten"] {
        // The order has two runs, and each is forgotten by itself.
        for time in 1..=2 {
            let what = format!("{point}:{time}");
            let scene = Scene::start(kind, Purchase::Account).await;
            let before = job(&scene, "worker-0", &[Asked::Suspend]);
            assert_eq!(work(&before, None).await, Ended::Done, "{what}");
            let kept = scene.place.dump().await;
            assert!(
                kept.contains("sends spam"),
                "the search finds what is there"
            );

            let killed = job(&scene, "worker-1", &[Asked::Forget]);
            let ended = work(&killed, Some(&what)).await;
            assert_eq!(ended, Ended::Killed, "{what}");
            came.push(standing(&scene).await);
            let worker = if time == 1 { "worker-1" } else { "worker-2" };
            let next = job(&scene, worker, &[Asked::Forget]);
            assert_eq!(work(&next, None).await, Ended::Done, "{what}");

            assert_eq!(standing(&scene).await, [Standing::Forgotten; 2], "{what}");
            let engine = scene.job("the test").engine(None).await;
            for listed in engine.list(Wanted::default()).await.unwrap() {
                let view = engine.inspect(listed.id).await.unwrap();
                let is_forgotten = matches!(view.state, RunState::Forgotten { .. });
                assert!(is_forgotten, "{what}: {view:#?}");
            }
            engine.close().await;
            let left = without_ids(&scene.place.dump().await);
            let inbox = std::fs::read_to_string(scene.inbox()).unwrap();
            let (username, password) = inbox.trim_end().split_once('\t').unwrap();
            for personal in PERSONAL.into_iter().chain([username, password]) {
                assert!(!left.contains(personal), "{what}: {personal} is left");
            }
            // Nothing was done to the panel for that.
            let panel = &scene.panels.nextpanel_panels()[0];
            let did = (panel.created_by_clients(), panel.times_suspended(username));
            assert_eq!((did, panel.times_deleted(username)), ((1, 1), 0), "{what}");
        }
    }
    // The first run goes last: as long as it is there, the others are found.
    let [over, gone] = [Standing::Over, Standing::Forgotten];
    assert_eq!(
        came,
        [[over, over], [over, gone], [over, gone], [gone, gone]]
    );
}

/// The text without the ids and digests in it, which stay and have any three letters among their digits now and then.
fn without_ids(text: &str) -> String {
    const UUID: usize = 36;
    const DIGEST: usize = 64;
    let is_uuid = |part: &[u8]| {
        part.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    };
    let mut bytes = text.as_bytes();
    let mut left = Vec::new();
    while let [first, rest @ ..] = bytes {
        if bytes.get(..UUID).is_some_and(is_uuid) {
            bytes = &bytes[UUID..];
        } else if bytes
            .get(..DIGEST)
            .is_some_and(|part| part.iter().all(u8::is_ascii_hexdigit))
        {
            bytes = &bytes[DIGEST..];
        } else {
            left.push(*first);
            bytes = rest;
        }
    }
    String::from_utf8_lossy(&left).into_owned()
}

/// Where the order's runs stand, the first one first.
async fn standing(scene: &Scene) -> Vec<Standing> {
    let engine = scene.job("the test").engine(None).await;
    let runs = engine.list(Wanted::default()).await.unwrap();
    engine.close().await;
    runs.iter().map(|run| run.standing).collect()
}

on_every_lasting_store!(killed_amid_forgetting_it_is_finished_by_forgetting_again,);
