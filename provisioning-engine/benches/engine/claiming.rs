//! What it costs to take up a run, by how many are queued.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use provisioning_engine::store::{SqliteStore, Store};
use tempfile::TempDir;

use crate::panel::Panel;
use crate::shop::{engine, sqlite, submit};
use crate::{Effort, block_on, folder, median};

const FEW: usize = 1_000;
const BOUND: f64 = 1.5;

/// Claims of a turn; more than a worker has in flight are never claimed at once.
const CLAIMS: usize = 40;

pub(crate) fn run(effort: Effort) {
    let many = if effort.is_quick { 10_000 } else { 100_000 };
    block_on(async {
        let (few, many) = (Queue::of(FEW).await, Queue::of(many).await);
        for most in [1, 64] {
            let mut ratios = Vec::new();
            let (mut times_few, mut times_many) = (Vec::new(), Vec::new());
            for _ in 0..=effort.rounds {
                let (mut with_few, mut with_many) = (Vec::new(), Vec::new());
                for _ in 0..CLAIMS {
                    with_few.push(few.claim(most).await);
                    with_many.push(many.claim(most).await);
                }
                let (few, many) = (median(&mut with_few), median(&mut with_many));
                ratios.push(many / few);
                times_few.push(few);
                times_many.push(many);
            }
            println!(
                "claiming {most} of {FEW} takes {:.3} ms, of {} {:.3} ms, bound {BOUND} ratio={:.3}",
                median(&mut times_few) * 1e3,
                many.queued,
                median(&mut times_many) * 1e3,
                median(&mut ratios)
            );
        }
    });
}

struct Queue {
    store: Arc<SqliteStore>,
    queued: usize,
    _folder: TempDir,
}

impl Queue {
    async fn of(queued: usize) -> Self {
        let folder = folder();
        let store = sqlite(&folder).await;
        let engine = engine(Arc::clone(&store) as Arc<dyn Store>, &Panel::default());
        stream::iter(0..queued)
            .map(async |number| submit(&engine, number).await)
            .buffer_unordered(256)
            .for_each(async |_| {})
            .await;
        Self {
            store,
            queued,
            _folder: folder,
        }
    }

    /// Claims up to `most` of those that are due and gives them back, which is not part of the time.
    async fn claim(&self, most: u32) -> f64 {
        let now = Timestamp::now();
        let until = now + Duration::from_secs(30);
        let begun = Instant::now();
        let claims = self
            .store
            .claim_due("bench", now, until, most, &BTreeSet::new())
            .await
            .unwrap();
        let seconds = begun.elapsed().as_secs_f64();
        assert_eq!(claims.len(), most as usize);
        for claim in claims {
            self.store.release(&claim, None).await.unwrap();
        }
        seconds
    }
}
