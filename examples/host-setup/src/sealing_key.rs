//! The key that seals passwords and orders in the state file: from the environment, or from a file beside it that is made
//! when it is first needed.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretSlice};
use sha2::{Digest, Sha256};

use provisioning_engine::seal::Sealer;

const KEY: &str = "PROVISIONING_SEALING_KEY";
const OLDER: &str = "PROVISIONING_SEALING_KEY_OLDER";

/// The sealer for a state file, and whether it also opens what an older key has sealed.
pub(crate) fn of_file(file: &Path) -> Result<(Sealer, bool), String> {
    let key = match text(KEY) {
        Some(text) => read(&text).map_err(|problem| format!("{KEY}: {problem}"))?,
        None => from_file(file)?,
    };
    with_older(&key)
}

/// The same for a database: there is no place beside it for a key.
pub(crate) fn of_environment() -> Result<(Sealer, bool), String> {
    let text = text(KEY).ok_or_else(|| {
        format!("{KEY} is not set: a database is sealed with a key from the environment, the same for everyone who works on it")
    })?;
    let key = read(&text).map_err(|problem| format!("{KEY}: {problem}"))?;
    with_older(&key)
}

fn with_older(key: &SecretSlice<u8>) -> Result<(Sealer, bool), String> {
    let sealer = Sealer::with_key(name(key), key).map_err(|error| format!("{KEY}: {error}"))?;
    let Some(older) = text(OLDER) else {
        return Ok((sealer, false));
    };
    let older = read(&older).map_err(|problem| format!("{OLDER}: {problem}"))?;
    let sealer = sealer
        .with_older(name(&older), &older)
        .map_err(|error| format!("{OLDER}: {error}"))?;
    Ok((sealer, true))
}

fn text(name: &str) -> Option<Zeroizing<String>> {
    env::var(name)
        .ok()
        .map(Zeroizing::new)
        .filter(|value| !value.trim().is_empty())
}

fn read(text: &str) -> Result<SecretSlice<u8>, String> {
    let bytes = STANDARD
        .decode(text.trim())
        .map_err(|_| "it is no base64 text".to_owned())?;
    if bytes.len() == 32 {
        Ok(SecretSlice::from(bytes))
    } else {
        Err(format!(
            "it has {} bytes and should have 32, such as `openssl rand -base64 32` makes",
            bytes.len()
        ))
    }
}

/// The same key always has the same name, and the name gives nothing of the key away.
fn name(key: &SecretSlice<u8>) -> String {
    let digest = Sha256::digest(key.expose_secret());
    digest.iter().take(4).fold(String::new(), |mut name, byte| {
        // Writing to a string does not fail.
        let _ = write!(name, "{byte:02x}");
        name
    })
}

fn from_file(file: &Path) -> Result<SecretSlice<u8>, String> {
    let path = beside(file);
    match fs::read_to_string(&path).map(Zeroizing::new) {
        Ok(text) => {
            is_private(&path)?;
            read(&text).map_err(|problem| format!("{}: {problem}", path.display()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // A new key would open nothing that is in there.
            if fs::metadata(file).is_ok_and(|found| found.len() > 0) {
                return Err(format!(
                    "{} is missing, and {} was sealed with it: put it back, or set {KEY}",
                    path.display(),
                    file.display()
                ));
            }
            make(&path).map_err(|error| {
                format!(
                    "{}: {error}: the key is made beside the state file; let this user write in that folder, name a file \
                     elsewhere, or set {KEY}",
                    path.display()
                )
            })?;
            from_file(file)
        }
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".key");
    PathBuf::from(name)
}

/// Makes a key. It is on the disk, whole, before its name is: a process that dies here leaves no half a key, and of two
/// that make one at once, one is taken.
fn make(path: &Path) -> io::Result<()> {
    let key = Zeroizing::new(rand::random::<[u8; 32]>());
    let text = Zeroizing::new(format!("{}\n", STANDARD.encode(key.as_slice())));
    let mut unnamed = path.as_os_str().to_owned();
    unnamed.push(format!(".{}", std::process::id()));
    let unnamed = PathBuf::from(unnamed);
    let mut file = private(&unnamed)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    let named = fs::hard_link(&unnamed, path);
    fs::remove_file(&unnamed)?;
    match named {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn private(path: &Path) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
}

#[cfg(not(unix))]
fn private(path: &Path) -> io::Result<fs::File> {
    fs::File::create(path)
}

#[cfg(unix)]
fn is_private(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path)
        .map_err(|error| format!("{}: {error}", path.display()))?
        .permissions()
        .mode();
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(format!(
            "{} can be read by others (mode {:o}): it opens every password in the state; chmod 600",
            path.display(),
            mode & 0o777
        ))
    }
}

#[cfg(not(unix))]
fn is_private(_: &Path) -> Result<(), String> {
    Ok(())
}
