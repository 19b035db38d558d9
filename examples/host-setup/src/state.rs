//! Where runs are kept: in a SQLite file, sealed with a key that lies beside it, or in memory.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use provisioning_engine::seal::Sealer;
use provisioning_engine::store::{SqliteStore, Store};
use secrecy::SecretSlice;

use crate::sealing_key;

/// Where runs are kept unless the command line says otherwise.
pub const DEFAULT_FILE: &str = "provisioning.sqlite3";

/// Where runs are kept, as the command line says it.
#[derive(Debug, Clone, Args)]
pub struct StateArguments {
    /// The SQLite file in which runs are kept.
    #[arg(long, value_name = "FILE", default_value = DEFAULT_FILE)]
    pub state: PathBuf,
}

/// An opened store and what seals it.
#[derive(Debug)]
pub struct State {
    /// The store.
    pub store: Arc<dyn Store>,
    /// What seals it.
    pub sealer: Sealer,
    /// Whether an older key is at hand, so that what it sealed is to be sealed anew.
    pub rotates: bool,
    place: String,
}

impl State {
    /// Opens it, and makes file and key if there are none.
    ///
    /// # Errors
    /// A sentence that says what is wrong and what to do. Nothing was overwritten.
    pub async fn open(arguments: &StateArguments) -> Result<Self, String> {
        let file = &arguments.state;
        // The key first: a database without its key is of no use.
        let (sealer, rotates) = sealing_key::of_file(file)?;
        Ok(Self {
            store: Arc::new(opened(file).await?),
            sealer,
            rotates,
            place: file.display().to_string(),
        })
    }

    /// Opens what is there, for programs that look at runs and open nothing that is sealed: no key is needed, and no file
    /// is made.
    ///
    /// # Errors
    /// As [`State::open`]; besides, if there is no such file.
    pub async fn open_unsealed(arguments: &StateArguments) -> Result<Self, String> {
        let file = &arguments.state;
        if !file.exists() {
            return Err(format!(
                "{}: there is no such file; --state names the one the runs are kept in",
                file.display()
            ));
        }
        Ok(Self {
            store: Arc::new(opened(file).await?),
            sealer: seals_nothing()?,
            rotates: false,
            place: file.display().to_string(),
        })
    }

    /// Where it is and which key seals it.
    #[must_use]
    pub fn describe(&self) -> String {
        format!("{}, sealed with key {}", self.place, self.sealer.key_id())
    }
}

/// A sealer for a program that seals and opens nothing: its key opens nothing that is there.
fn seals_nothing() -> Result<Sealer, String> {
    let key = SecretSlice::from(rand::random::<[u8; 32]>().to_vec());
    Sealer::with_key("none", &key).map_err(|error| error.to_string())
}

async fn opened(file: &Path) -> Result<SqliteStore, String> {
    SqliteStore::open(file)
        .await
        .map_err(|error| error.to_string())
}
