//! The file of credentials: what is in it is on the disk before it counts as saved.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, Terminator, WriterBuilder};
use zeroize::Zeroizing;

const HEADER: [&str; 7] = [
    "order_id",
    "run",
    "credential",
    "opens",
    "panel",
    "username",
    "password",
];

/// One credential for the file.
pub(crate) struct Row {
    pub(crate) order_id: String,
    pub(crate) run: String,
    pub(crate) credential: String,
    pub(crate) opens: String,
    pub(crate) panel: String,
    pub(crate) username: String,
    pub(crate) password: Zeroizing<String>,
}

/// The file, opened for appending.
#[derive(Debug)]
pub(crate) struct CredentialsFile {
    path: PathBuf,
    file: File,
    /// Run and credential of every row that is on the disk.
    known: HashSet<(String, String)>,
}

impl CredentialsFile {
    /// Makes the file, readable by its owner alone, or goes on with one of an earlier time. Half a row at its end, which
    /// a crash left behind, is taken off: it was never counted as saved.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        let failed = |error: io::Error| format!("{}: {error}", path.display());
        let mut file = open_private(path).map_err(failed)?;
        must_be_private(path, &file)?;
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text).map_err(failed)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        if whole < text.len() {
            file.set_len(whole as u64).map_err(failed)?;
        }
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        let mut credentials = Self {
            path: path.to_owned(),
            file,
            known: HashSet::new(),
        };
        if whole == 0 {
            let header = text_of([HEADER.map(str::to_owned)]).map_err(failed)?;
            credentials.write(header.as_bytes()).map_err(failed)?;
        } else {
            let whole = text.get(..whole).unwrap_or_default();
            credentials.known =
                known_rows(whole).map_err(|problem| format!("{}: {problem}", path.display()))?;
        }
        Ok(credentials)
    }

    /// Appends what is not there yet and waits until it is on the disk.
    pub(crate) fn append(&mut self, rows: &[Row]) -> Result<(), String> {
        let new: Vec<&Row> = rows
            .iter()
            .filter(|row| {
                !self
                    .known
                    .contains(&(row.run.clone(), row.credential.clone()))
            })
            .collect();
        let failed = |error: io::Error| {
            format!(
                "{}: {error}; what is not in it stays sealed in the state, and is written the next time",
                self.path.display()
            )
        };
        if new.is_empty() {
            return Ok(());
        }
        let text = text_of(new.iter().map(|row| {
            [
                row.order_id.clone(),
                row.run.clone(),
                row.credential.clone(),
                row.opens.clone(),
                row.panel.clone(),
                row.username.clone(),
                row.password.to_string(),
            ]
        }))
        .map_err(failed)?;
        let written = self.file.write_all(text.as_bytes());
        let written = written.and_then(|()| self.file.sync_data());
        written.map_err(failed)?;
        for row in new {
            self.known.insert((row.run.clone(), row.credential.clone()));
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.file.sync_all()
    }
}

/// Rows as CSV text, which is wiped from memory after use.
fn text_of(rows: impl IntoIterator<Item = [String; 7]>) -> io::Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::new());
    {
        let mut writer = WriterBuilder::new()
            .terminator(Terminator::Any(b'\n'))
            .from_writer(&mut *bytes);
        for row in rows {
            let row = row.map(Zeroizing::new);
            writer.write_record(row.iter().map(|field| field.as_bytes()))?;
        }
        writer.flush()?;
    }
    String::from_utf8(std::mem::take(&mut *bytes))
        .map(Zeroizing::new)
        .map_err(io::Error::other)
}

fn known_rows(text: &str) -> Result<HashSet<(String, String)>, String> {
    let mut reader = ReaderBuilder::new().from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| error.to_string())?;
    if *header != HEADER[..] {
        return Err(
            "this is no file of credentials: name another one with --credentials-out".to_owned(),
        );
    }
    reader
        .records()
        .map(|record| {
            let record = record.map_err(|error| error.to_string())?;
            let field = |position| record.get(position).unwrap_or_default().to_owned();
            Ok((field(1), field(2)))
        })
        .collect()
}

#[cfg(unix)]
fn open_private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

#[cfg(not(unix))]
fn open_private(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

#[cfg(unix)]
fn must_be_private(path: &Path, file: &File) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = file
        .metadata()
        .map_err(|error| format!("{}: {error}", path.display()))?
        .permissions()
        .mode();
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(format!(
            "{} can be read by others (mode {:o}), and passwords go into it: chmod 600",
            path.display(),
            mode & 0o777
        ))
    }
}

#[cfg(not(unix))]
fn must_be_private(_: &Path, _: &File) -> Result<(), String> {
    Ok(())
}
