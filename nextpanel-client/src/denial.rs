//! A refusal that explains itself.

use std::error::Error as _;

use http::StatusCode;
use panel_http::Error;
use provisioning_core::permission::{CredentialKind, Denial, Missing, Verb};

use crate::{billing, panel};

/// Reads the denial out of an error of either service.
pub trait DenialExt {
    /// What is missing and how to mend it, if this error is a refusal in words that are known.
    ///
    /// `verb` is what was attempted; `credential` is what it was attempted with.
    fn denial(&self, verb: Verb, credential: CredentialKind) -> Option<Denial>;

    /// The same, with verb and credential from the operation the error is of.
    ///
    /// It sees three more things: a refusal of the login that a call made first; an action through the billing backend
    /// that failed for the backend's own key; and, on routes of the billing backend that show a user only what is the
    /// user's own, a 404, which there means "not there" or "not yours" alike. The last is marked
    /// [assumed](Denial::is_assumed).
    fn explain(&self) -> Option<Denial>;
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

    fn explain(&self) -> Option<Denial> {
        if self.status().is_none() {
            // The call was never made: its login was.
            return self.source()?.downcast_ref::<Self>()?.explain();
        }
        let (verb, credential) = attempted(self.operation())?;
        self.denial(verb, credential)
            .or_else(|| hidden(self, verb, credential))
    }
}

/// What an operation is for, and with what it is called.
fn attempted(operation: &str) -> Option<(Verb, CredentialKind)> {
    if let Some(verb) = panel::operations::verb_of(operation) {
        let credential = match verb {
            Verb::LogIn | Verb::CreateApiKey => CredentialKind::NextPanelAccount,
            _ => CredentialKind::NextPanelApiKey,
        };
        return Some((verb, credential));
    }
    let verb = billing::operations::verb_of(operation)?;
    let credential = match verb {
        Verb::BillingProvision | Verb::BillingManageAccounts => CredentialKind::NextPanelApiKey,
        _ => CredentialKind::NextPanelBillingToken,
    };
    Some((verb, credential))
}

/// Where the billing backend hides what is not one's own, even from administrators (CONTRACT-nextpanel 4.5, 4.6, 4.8).
fn hidden(error: &Error, verb: Verb, credential: CredentialKind) -> Option<Denial> {
    let is_owners = matches!(
        verb,
        Verb::BillingReadOwnLicences
            | Verb::BillingManageSubscriptions
            | Verb::BillingManageInvoices
    );
    let message = error.server_message()?;
    let is_hidden = is_owners
        && error.status() == Some(StatusCode::NOT_FOUND)
        // A route that is not there at all says no more than this.
        && !message.eq_ignore_ascii_case("not found");
    is_hidden.then(|| {
        Denial::new(Missing::NotOwner, verb, credential)
            .with_assumed(true)
            .with_answer(StatusCode::NOT_FOUND.as_u16(), message)
    })
}
