//! How long a request may still arrive after it was sent: PROVISIONING_LONGEST_REQUEST.

use std::env;
use std::time::Duration;

const VARIABLE: &str = "PROVISIONING_LONGEST_REQUEST";

/// What is set, if anything is; else each panel takes what it is known to take.
pub(super) fn longest_request() -> Result<Option<Duration>, String> {
    let Some(text) = env::var_os(VARIABLE) else {
        return Ok(None);
    };
    let text = text.to_string_lossy();
    let seconds = text.trim().parse::<f64>().ok();
    seconds
        .filter(|seconds| *seconds > 0.0)
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .map(Some)
        .ok_or_else(|| format!("{VARIABLE}: `{text}` is no number of seconds"))
}
