//! What the program is told.

use std::path::PathBuf;

use clap::Parser;
use url::Url;

/// Suspend what is not paid any more.
///
/// The sealing key is PROVISIONING_SEALING_KEY (32 bytes, base64), else the file beside the state with `.key` after its
/// name. A panel's key and secret are NEXTPANEL_API_KEY and NEXTPANEL_API_SECRET, or what the fleet file names. An mPanel is
/// MPANEL_URL, MPANEL_EMAIL, MPANEL_PASSWORD, MPANEL_TOKEN and MPANEL_MODE.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    /// The file with the runs.
    #[arg(long, default_value = "provisioning.sqlite3")]
    pub(crate) state: PathBuf,

    /// The servers, as a fleet file.
    #[arg(long, conflicts_with = "url")]
    pub(crate) fleet: Option<PathBuf>,

    /// The only server, such as `https://np-1.example.com:9000`
    #[arg(long, env = "NEXTPANEL_URL")]
    pub(crate) url: Option<Url>,

    /// What the runs call the only server; its host name unless said otherwise.
    #[arg(long, requires = "url")]
    pub(crate) server: Option<String>,

    /// Days an account goes on serving after a payment that was due did not arrive.
    #[arg(long, default_value_t = 3)]
    pub(crate) grace_days: u32,

    /// Only say what would be done.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Do it without asking.
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) yes: bool,
}
