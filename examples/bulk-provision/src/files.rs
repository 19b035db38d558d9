//! The files that are written: none of them is another file of the command, and each can be written, before anything is
//! sent.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::arguments::Arguments;

/// What keeps the files of results and credentials from being written.
pub(crate) fn problems(arguments: &Arguments) -> Vec<String> {
    let written = [
        ("--credentials-out", &arguments.credentials_out),
        ("--results", &arguments.results),
    ];
    let written: Vec<(&str, &Path)> = written
        .into_iter()
        .filter_map(|(option, path)| Some((option, path.as_deref()?)))
        .collect();
    let mut problems = Vec::new();
    for (position, (option, path)) in written.iter().enumerate() {
        let taken = others(arguments);
        let before = written.iter().take(position);
        let taken = taken
            .iter()
            .map(|(name, path)| (*name, path.as_path()))
            .chain(before.copied());
        for (name, other) in taken {
            if is_same(path, other) {
                problems.push(format!(
                    "{option}: {} is the file of {name} too, and would be overwritten: name another one",
                    path.display()
                ));
            }
        }
        if let Err(problem) = can_be_written(path) {
            problems.push(format!("{option}: {problem}"));
        }
    }
    problems
}

/// The other files of the command, with what they are.
fn others(arguments: &Arguments) -> Vec<(&'static str, PathBuf)> {
    let state = &arguments.state.state;
    let beside = |suffix: &str| {
        let mut name = state.clone().into_os_string();
        name.push(suffix);
        PathBuf::from(name)
    };
    let mut others = vec![("--state", state.clone())];
    others.extend([".key", "-wal", "-shm"].map(|suffix| ("--state", beside(suffix))));
    others.push(("the orders", PathBuf::from(&arguments.orders)));
    others.extend(arguments.catalog.clone().map(|path| ("--catalog", path)));
    others.extend(arguments.panels.fleet.clone().map(|path| ("--fleet", path)));
    others
}

/// Whether two paths name one file, whichever way they lead there, and whether or not it exists yet.
fn is_same(path: &Path, other: &Path) -> bool {
    match (place(path), place(other)) {
        (Some(path), Some(other)) => path == other,
        _ => false,
    }
}

fn place(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path)
        .or_else(|_| {
            let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
            Ok::<_, io::Error>(fs::canonicalize(folder_of(path))?.join(name))
        })
        .ok()
}

/// The folder a file is in or would be in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn can_be_written(path: &Path) -> Result<(), String> {
    let shown = path.display();
    match fs::metadata(path) {
        // A device would be replaced by a file, and a pipe cannot be gone on with.
        Ok(found) if !found.is_file() => {
            return Err(format!("{shown} is no regular file: name a file"));
        }
        _ => {}
    }
    let folder = folder_of(path);
    if !folder.is_dir() {
        return Err(format!(
            "there is no folder {}: make it, or name another file",
            folder.display()
        ));
    }
    NamedTempFile::new_in(folder).map(drop).map_err(|error| {
        format!(
            "{shown} cannot be written ({}): let this user write in that folder, or name a file elsewhere",
            error.kind()
        )
    })
}
