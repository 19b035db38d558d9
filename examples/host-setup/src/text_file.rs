//! Reading the small text files of a configuration.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Far more than any catalog or fleet needs; what is larger is another file.
const MAX_BYTES: usize = 4 << 20;

/// The text of a file, and the name it is called in problems.
///
/// # Errors
/// A sentence that names the file, if it cannot be read, is larger than 4 MiB or is no UTF-8.
pub fn read(path: &Path) -> Result<(String, String), String> {
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| format!("{name}: {error}"))?;
    if bytes.len() > MAX_BYTES {
        return Err(format!(
            "{name}: larger than {MAX_BYTES} bytes: this is probably another file"
        ));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok((name, text)),
        Err(_) => Err(format!("{name}: not UTF-8 text")),
    }
}
