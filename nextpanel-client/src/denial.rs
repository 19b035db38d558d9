//! A refusal that explains itself.

use panel_http::Error;
use provisioning_core::permission::{CredentialKind, Denial, Verb};

/// Reads the denial out of an error.
pub trait DenialExt {
    /// What is missing and how to mend it, if this error is a refusal in words that are known.
    ///
    /// `verb` is what was attempted; `credential` is what it was attempted with.
    fn denial(&self, verb: Verb, credential: CredentialKind) -> Option<Denial>;
}

impl DenialExt for Error {
    fn denial(&self, verb: Verb, credential: CredentialKind) -> Option<Denial> {
        // A web page is a proxy's answer: whatever it says, it says nothing about the key.
        if self.is_html() {
            return None;
        }
        let status = self.status()?.as_u16();
        Denial::from_response(
            credential,
            verb,
            status,
            self.server_message().unwrap_or_default(),
        )
    }
}
