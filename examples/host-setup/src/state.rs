//! Where runs are kept: in a SQLite file, sealed with a key that lies beside it, or in a PostgreSQL database.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use provisioning_engine::seal::Sealer;
use provisioning_engine::store::{PostgresStore, SqliteStore, Store};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use url::Url;

use crate::environment::text;
use crate::sealing_key;

/// Where runs are kept unless the command line says otherwise.
pub const DEFAULT_FILE: &str = "provisioning.sqlite3";

/// The database in which runs are kept, where the command line names no place.
const DATABASE_URL: &str = "PROVISIONING_DATABASE_URL";

/// Where runs are kept, as the command line says it.
#[derive(Debug, Clone, Args)]
pub struct StateArguments {
    /// The SQLite file in which runs are kept.
    #[arg(long, value_name = "FILE", default_value = DEFAULT_FILE, global = true)]
    pub state: PathBuf,

    /// The PostgreSQL database in which runs are kept instead, such as
    /// `postgres://user:password@host/database?sslmode=verify-full`. PROVISIONING_DATABASE_URL keeps the password out of
    /// the list of processes.
    #[arg(long, value_name = "URL", conflicts_with = "state", global = true)]
    pub database_url: Option<SecretString>,
}

impl StateArguments {
    /// The database that is meant, if one is. A file that was named outright wins over the environment.
    fn database(&self) -> Option<SecretString> {
        let names_a_file = self.state != Path::new(DEFAULT_FILE);
        self.database_url.clone().or_else(|| {
            (!names_a_file)
                .then(|| text(DATABASE_URL))
                .flatten()
                .map(SecretString::from)
        })
    }
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
        if let Some(url) = arguments.database() {
            let (sealer, rotates) = sealing_key::of_environment()?;
            return Ok(Self {
                store: Arc::new(database(&url).await?),
                sealer,
                rotates,
                place: place_of(&url),
            });
        }
        Self::in_file(&arguments.state).await
    }

    /// Opens a SQLite file, sealed with the key beside it, and makes both if there are none.
    ///
    /// # Errors
    /// As [`State::open`].
    pub async fn in_file(file: &Path) -> Result<Self, String> {
        may_be_a_file(file)?;
        let is_new = !fs::metadata(file).is_ok_and(|found| found.len() > 0);
        let (store, (sealer, rotates)) = if is_new {
            // A database without its key is of no use, so none is made.
            let key = sealing_key::of_file(file)?;
            (opened(file).await?, key)
        } else {
            // What is no state of ours was not sealed by us, so its key is not to be asked for.
            (opened(file).await?, sealing_key::of_file(file)?)
        };
        Ok(Self {
            store: Arc::new(store),
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
        if let Some(url) = arguments.database() {
            return Ok(Self {
                store: Arc::new(database(&url).await?),
                sealer: seals_nothing()?,
                rotates: false,
                place: place_of(&url),
            });
        }
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

/// What keeps this from being a file, in words of whoever named it.
fn may_be_a_file(file: &Path) -> Result<(), String> {
    if file.as_os_str().is_empty() {
        return Err("the name of the state file is empty: name a file".to_owned());
    }
    if file.is_dir() {
        return Err(format!("{} is a folder: name a file in it", file.display()));
    }
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => Err(format!(
            "there is no folder {}: make it, or name another file",
            folder.display()
        )),
        _ => Ok(()),
    }
}

/// A sealer for a program that seals and opens nothing: its key opens nothing that is there.
fn seals_nothing() -> Result<Sealer, String> {
    let key = SecretSlice::from(rand::random::<[u8; 32]>().to_vec());
    Sealer::with_key("none", &key).map_err(|error| error.to_string())
}

async fn database(url: &SecretString) -> Result<PostgresStore, String> {
    PostgresStore::open(url.expose_secret())
        .await
        .map_err(|error| error.to_string())
}

/// A database's host and name, without whoever logs in there.
fn place_of(url: &SecretString) -> String {
    match Url::parse(url.expose_secret()) {
        Ok(url) => format!(
            "PostgreSQL {}{}",
            url.host_str().unwrap_or("localhost"),
            url.path()
        ),
        Err(_) => "PostgreSQL".to_owned(),
    }
}

async fn opened(file: &Path) -> Result<SqliteStore, String> {
    SqliteStore::open(file)
        .await
        .map_err(|error| error.to_string())
}
