//! Asking what is under way to come to a good end.

use tokio::sync::watch;

/// Whether whoever drives runs wants them to stop before their next call.
#[derive(Debug, Clone)]
pub(super) struct Stop(Option<watch::Receiver<bool>>);

impl Stop {
    /// Nobody will ask.
    pub(super) const fn never() -> Self {
        Self(None)
    }

    pub(super) const fn when(asked: watch::Receiver<bool>) -> Self {
        Self(Some(asked))
    }

    pub(super) fn is_asked(&self) -> bool {
        self.0.as_ref().is_some_and(|asked| *asked.borrow())
    }

    /// Waits until somebody asks.
    pub(super) async fn asked(&mut self) {
        if let Some(asked) = &mut self.0
            && asked.wait_for(|asked| *asked).await.is_ok()
        {
            return;
        }
        // Nobody can ask, or whoever could is gone.
        std::future::pending().await
    }
}
