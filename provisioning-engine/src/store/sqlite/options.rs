//! Where a file lies, and how it is opened.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::{busy, failure_at};
use crate::store::StoreError;

/// Statements that a connection keeps prepared: more than a store has.
const PREPARED: usize = 256;

/// Where a file lies, and what the host wants of it. Journal mode, durability, secure deletion and the time that another
/// process's write is waited for are the store's and cannot be changed.
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    path: PathBuf,
    most_pages: Option<u32>,
    is_read_only: bool,
}

impl SqliteOptions {
    /// The file at `path`; it is made if it is not there, on Unix for its owner alone (mode 0600). Always a file, whatever it is called: `:memory:`, an empty path
    /// and addresses (`file:...`) have no other meaning, as they have elsewhere with SQLite.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().to_owned(),
            most_pages: None,
            is_read_only: false,
        }
    }

    /// How many pages (of 4 KiB, unless the file was made otherwise) the file may have while it is open here. What does
    /// not fit is refused with [`StoreError::Full`], as on a full disk. A file that is larger already keeps what it has;
    /// its log (`-wal`) is beside it and does not count; 0 sets no limit.
    #[must_use]
    pub fn with_most_pages(mut self, most: u32) -> Self {
        self.most_pages = Some(most);
        self
    }

    /// Opens it without the right to write, to try out what a host does then: a store wants to write, and refuses with
    /// [`StoreError::ReadOnly`], as it refuses a file on a disk that is mounted so. To look into a file that others write,
    /// open it without this.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.is_read_only = true;
        self
    }

    /// Where the file lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The same as it is told to people.
    pub(crate) fn place(&self) -> String {
        self.path.display().to_string()
    }

    /// Opens the file, which is made if it is not there and may be written.
    pub(crate) fn connect(&self) -> Result<Connection, StoreError> {
        let flags = if self.is_read_only {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        } else {
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
        };
        self.connect_with(flags)
    }

    /// Opens a file that is there, only to read it.
    pub(crate) fn connect_to_read(&self) -> Result<Connection, StoreError> {
        self.connect_with(OpenFlags::SQLITE_OPEN_READ_ONLY)
    }

    /// Opens a file that is there and was left in the midst of a change: to undo that, one must be able to write.
    pub(crate) fn connect_to_mend(&self) -> Result<Connection, StoreError> {
        self.connect_with(if self.is_read_only {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        } else {
            OpenFlags::SQLITE_OPEN_READ_WRITE
        })
    }

    fn connect_with(&self, flags: OpenFlags) -> Result<Connection, StoreError> {
        // Absolute, no name has a meaning of its own.
        let path = std::path::absolute(&self.path).map_err(|error| StoreError::Unavailable {
            problem: format!("`{}` names no file: {error}", self.place()),
        })?;
        if flags.contains(OpenFlags::SQLITE_OPEN_CREATE) {
            make_private(&path);
        }
        let opened = || {
            // A connection is used by one thread at a time, so it needs no lock of its own.
            let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(&path, flags)?;
            busy::wait(&connection)?;
            connection.set_prepared_statement_cache_capacity(PREPARED);
            connection.pragma_update(None, "foreign_keys", true)?;
            if let Some(most) = self.most_pages {
                connection.pragma_update(None, "max_page_count", most)?;
            }
            Ok(connection)
        };
        opened().map_err(|error| failure_at(&self.place(), &error))
    }
}

/// Makes the file, if there is none, so that nobody else on the host reads it: customers' names and addresses are in it.
/// SQLite gives its log and its journal the same mode.
#[cfg(unix)]
fn make_private(path: &Path) {
    use std::os::unix::fs::OpenOptionsExt as _;
    // What is there already keeps its mode; what cannot be made is said by SQLite.
    let _ = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
}

#[cfg(not(unix))]
fn make_private(_: &Path) {}
