//! Where runs are kept: in this process alone, or in a file, sealed with a key that lies beside it.

mod key;
mod left_behind;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use provisioning_engine::seal::Sealer;
use provisioning_engine::store::{MemoryStore, SqliteStore, Store};

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
        // The key first: a database without its key is of no use.
        let (sealer, rotates) = key::sealer(file)?;
        let store = SqliteStore::open(file)
            .await
            .map_err(|error| error.to_string())?;
        Ok(Self {
            store: Arc::new(store),
            sealer,
            rotates,
            file: Some(file.to_owned()),
        })
    }

    /// Where it is, for whoever wants to know what a crash would cost.
    pub(crate) fn describe(&self) -> String {
        match &self.file {
            None => "memory; a crash may leave an account whose password is lost".to_owned(),
            Some(file) => format!(
                "{}, sealed with key {}; the same command again goes on where this one ends",
                file.display(),
                self.sealer.key_id()
            ),
        }
    }
}
