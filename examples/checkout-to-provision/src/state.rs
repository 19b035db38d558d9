//! Where runs are kept: in this process alone, or in a file, sealed with a key that lies beside it.

mod left_behind;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use provisioning_engine::seal::Sealer;
use provisioning_engine::store::{MemoryStore, Store, StoreError};

use crate::exit::Stop;

/// Where runs of real panels are kept unless the command line says otherwise.
const DEFAULT_FILE: &str = "provisioning.sqlite3";

/// Where runs are to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kept {
    /// In this process only.
    Memory,
    /// In this file.
    File(PathBuf),
}

impl Kept {
    /// Where runs are kept that nobody has said anything about.
    pub(crate) fn by_default(on_sandbox: bool) -> Self {
        if on_sandbox {
            Self::Memory
        } else {
            Self::File(PathBuf::from(DEFAULT_FILE))
        }
    }
}

impl From<&str> for Kept {
    fn from(text: &str) -> Self {
        match text {
            "memory" => Self::Memory,
            file => Self::File(PathBuf::from(file)),
        }
    }
}

/// An opened store and what seals it.
pub(crate) struct State {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) sealer: Sealer,
    /// Whether an older key is at hand, so that what it sealed is to be sealed anew.
    pub(crate) rotates: bool,
    file: Option<PathBuf>,
}

impl State {
    /// Opens it; nothing else has happened yet.
    pub(crate) async fn open(kept: &Kept) -> Result<Self, Stop> {
        match kept {
            Kept::Memory => Ok(Self::in_memory()),
            Kept::File(file) => Self::in_file(file)
                .await
                .map_err(|problem| Stop::bad_input(vec![format!("--state: {problem}")])),
        }
    }

    /// A state that leaves nothing behind.
    pub(crate) fn in_memory() -> Self {
        Self {
            store: Arc::new(MemoryStore::new()),
            sealer: Sealer::for_this_process(),
            rotates: false,
            file: None,
        }
    }

    async fn in_file(file: &Path) -> Result<Self, String> {
        if file.as_os_str().is_empty() {
            return Err("it is empty: name a file, or say memory".to_owned());
        }
        let state = host_setup::state::State::in_file(file).await?;
        Ok(Self {
            store: state.store,
            sealer: state.sealer,
            rotates: state.rotates,
            file: Some(file.to_owned()),
        })
    }

    /// What to say about runs that wait for another key than the one at hand.
    pub(crate) async fn sealed_otherwise(&self) -> Result<Option<String>, StoreError> {
        let key = self.sealer.key_id();
        let runs = self.store.sealed_otherwise(key).await?;
        Ok((!runs.is_empty()).then(|| {
            format!(
                "orders sealed with another key than {key}: {}; what is still to do for them waits for that key",
                runs.len()
            )
        }))
    }

    /// Whether a later process finds the run again.
    pub(crate) const fn is_file(&self) -> bool {
        self.file.is_some()
    }

    /// What becomes of a run that this process leaves unfinished.
    pub(crate) const fn how_to_go_on(&self) -> &'static str {
        if self.is_file() {
            "the same command goes on where this one was stopped"
        } else {
            "the run ends with this process, and the same command plans the order anew"
        }
    }

    /// Where it is, for whoever wants to know what a crash would cost.
    pub(crate) fn describe(&self) -> String {
        match &self.file {
            None => "memory; a crash may leave an account whose password is lost, and another process does not notice \
                     that an id was given to two orders"
                .to_owned(),
            Some(file) => format!(
                "{}, sealed with key {}; the same command again goes on where this one ends",
                file.display(),
                self.sealer.key_id()
            ),
        }
    }
}
