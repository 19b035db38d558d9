//! Reading fixtures and comparing with golden files.

#![expect(
    clippy::disallowed_methods,
    reason = "the crate reads no files; its tests read their fixtures"
)]

use std::path::{Path, PathBuf};

/// The bytes of `tests/fixtures/<name>`.
pub(crate) fn bytes(name: &str) -> Vec<u8> {
    let path = folder().join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The text of `tests/fixtures/<name>`.
pub(crate) fn text(name: &str) -> String {
    String::from_utf8(bytes(name)).unwrap()
}

/// Every file below a folder, in the order of their names.
pub(crate) fn files_below(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| (path.display().to_string(), std::fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// What differs between `tests/fixtures/<name>` and what came out. The latter is written beside the build, to be looked at
/// and copied.
pub(crate) fn difference_to_golden(name: &str, actual: &str) -> Option<String> {
    let path = folder().join(name);
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    if golden.trim_end() == actual.trim_end() {
        return None;
    }
    let written = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(written.parent().unwrap()).unwrap();
    std::fs::write(&written, format!("{}\n", actual.trim_end())).unwrap();
    Some(format!(
        "{} differs from what came out: {}",
        path.display(),
        written.display()
    ))
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}
