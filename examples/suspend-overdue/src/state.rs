//! The engine over the file with the runs.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provisioning_core::catalog::Catalog;
use provisioning_core::payment::PaymentPolicy;
use provisioning_engine::Engine;
use provisioning_engine::seal::Sealer;
use provisioning_engine::store::SqliteStore;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretSlice};
use sha2::{Digest, Sha256};

use crate::arguments::Arguments;
use crate::panels;

const KEY: &str = "PROVISIONING_SEALING_KEY";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) async fn engine(arguments: &Arguments) -> Result<Engine, String> {
    let file = &arguments.state;
    // Opening makes a file that is not there, and an empty one would say that every order is paid.
    if !file.is_file() {
        return Err(format!("{}: there is no such file", file.display()));
    }
    let sealer = sealer(file)?;
    let (fleet, executor) = panels::read(arguments)?;
    let mpanel = panels::mpanel()?;
    let store = SqliteStore::open(file)
        .await
        .map_err(|error| error.to_string())?;
    let policy = PaymentPolicy {
        failed_payment_grace: DAY * arguments.grace_days,
        ..PaymentPolicy::default()
    };
    let mut builder = Engine::builder(store, Catalog::migrahosting(), fleet).executor(executor);
    if let Some(mpanel) = mpanel {
        builder = builder.executor(mpanel);
    }
    builder
        .sealer(sealer)
        .payment_policy(policy)
        .build()
        .map_err(|error| error.to_string())
}

/// The key that `checkout-to-provision` sealed with: the same name for the same key.
fn sealer(file: &Path) -> Result<Sealer, String> {
    let (place, text) = match env::var(KEY) {
        Ok(text) if !text.trim().is_empty() => (KEY.to_owned(), Zeroizing::new(text)),
        _ => {
            let path = beside(file);
            let place = path.display().to_string();
            let text = fs::read_to_string(&path)
                .map_err(|error| format!("{place}: {error}; or set {KEY}"))?;
            (place, Zeroizing::new(text))
        }
    };
    let bytes = STANDARD
        .decode(text.trim())
        .map_err(|_| format!("{place}: it is no base64 text"))?;
    let key = SecretSlice::from(bytes);
    Sealer::with_key(name(&key), &key).map_err(|error| format!("{place}: {error}"))
}

fn name(key: &SecretSlice<u8>) -> String {
    let digest = Sha256::digest(key.expose_secret());
    digest
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".key");
    PathBuf::from(name)
}
