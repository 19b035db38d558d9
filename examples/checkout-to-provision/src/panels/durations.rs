//! What the environment says about time: PROVISIONING_LONGEST_REQUEST and PROVISIONING_FIRST_PAUSE.

use std::env;
use std::time::Duration;

/// How long a request may still arrive after it was sent. If it is not set, each panel takes what it is known to take.
pub(super) fn longest_request() -> Result<Option<Duration>, String> {
    seconds("PROVISIONING_LONGEST_REQUEST")
}

/// The pause before something is tried a second time.
pub(super) fn first_pause() -> Result<Option<Duration>, String> {
    seconds("PROVISIONING_FIRST_PAUSE")
}

fn seconds(variable: &str) -> Result<Option<Duration>, String> {
    let Some(text) = env::var_os(variable) else {
        return Ok(None);
    };
    let text = text.to_string_lossy();
    let seconds = text.trim().parse::<f64>().ok();
    seconds
        .filter(|seconds| *seconds > 0.0)
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .map(Some)
        .ok_or_else(|| format!("{variable}: `{text}` is no number of seconds"))
}
