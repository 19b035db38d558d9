//! Submitting every order: stored, sealed, before anything is sent.

use futures_util::{StreamExt as _, stream};
use provisioning_engine::store::Submitted as Answer;
use provisioning_engine::{Engine, EngineError};

use crate::orders::BulkOrder;
use crate::results::Submitted;

/// How many submissions are under way at once: the store commits them together.
const AT_ONCE: usize = 64;

/// What became of the submissions.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) submitted: Vec<Submitted>,
    /// How many of them nobody knew before.
    pub(crate) new: usize,
    /// Orders that were not taken.
    pub(crate) refused: Vec<Refused>,
}

/// An order for which nothing was done.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) line: u64,
    pub(crate) order_id: String,
    /// The same for all orders that are refused for it.
    pub(crate) cause: &'static str,
    /// What is known of this one.
    pub(crate) why: String,
    /// What to do.
    pub(crate) remedy: &'static str,
}

pub(crate) async fn submit(engine: &Engine, orders: &[BulkOrder]) -> Result<Taken, EngineError> {
    let mut taken = Taken::default();
    let mut answers = stream::iter(orders)
        .map(|bulk| async move { (bulk, engine.submit(&bulk.order).await) })
        .buffered(AT_ONCE);
    while let Some((bulk, answer)) = answers.next().await {
        let order_id = bulk.order.key().id().as_str().to_owned();
        let run = match answer? {
            Answer::New { run } => {
                taken.new += 1;
                run
            }
            Answer::Existing { run, .. } => run,
            Answer::Conflict { run, through } => {
                taken.refused.push(Refused {
                    line: bulk.line(),
                    order_id,
                    cause: "the same id is known with other content: products, domains or customer",
                    why: format!("{through} belongs to run {run} with other content"),
                    remedy: "give each order its own id, or look at the run with `inspect show ORDER`; nothing was done for \
                             these lines",
                });
                continue;
            }
            // An answer of a newer engine: nothing is known of it, so nothing is done.
            _ => continue,
        };
        taken.submitted.push(Submitted {
            line: bulk.line(),
            order_id,
            run,
        });
    }
    Ok(taken)
}
