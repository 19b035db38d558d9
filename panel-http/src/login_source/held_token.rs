use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use crate::{credential::Credential, token_grant::TokenGrant, token_lifetime::token_lifetime};

/// A token is renewed this long before it expires, or a tenth of its life, whichever is shorter.
const LONGEST_MARGIN: Duration = Duration::from_secs(30);

/// A token, and how long it is good for.
pub(super) struct HeldToken {
    credential: Credential,
    refresh_token: Option<SecretString>,
    margin: Duration,
    renew_at: Instant,
    /// None where the clock does not reach that far.
    expires_at: Option<Instant>,
    is_unused: bool,
    is_refused: bool,
}

impl HeldToken {
    pub(super) fn new(
        credential: Credential,
        refresh_token: Option<SecretString>,
        grant: &TokenGrant,
        documented: Duration,
        now: Instant,
    ) -> Self {
        let token = grant.access_token().expose_secret();
        let lifetime = token_lifetime(grant.expires_in(), token, documented);
        let margin = (lifetime / 10).min(LONGEST_MARGIN);
        let expires_at = now.checked_add(lifetime);
        Self {
            credential,
            refresh_token,
            margin,
            renew_at: expires_at
                .and_then(|end| end.checked_sub(margin))
                .unwrap_or(now),
            expires_at,
            is_unused: true,
            is_refused: false,
        }
    }

    pub(super) const fn credential(&self) -> &Credential {
        &self.credential
    }

    pub(super) const fn refresh_token(&self) -> Option<&SecretString> {
        self.refresh_token.as_ref()
    }

    pub(super) fn drop_refresh_token(&mut self) {
        self.refresh_token = None;
    }

    pub(super) fn take(&mut self) -> Credential {
        self.is_unused = false;
        self.credential.clone()
    }

    pub(super) fn is_fresh(&self, now: Instant) -> bool {
        let is_young = self.expires_at.is_none() || now < self.renew_at;
        !self.is_refused && (self.is_unused || is_young)
    }

    pub(super) fn is_valid(&self, now: Instant) -> bool {
        let is_alive = self.expires_at.is_none_or(|end| now < end);
        !self.is_refused && (self.is_unused || is_alive)
    }

    pub(super) const fn is_refused(&self) -> bool {
        self.is_refused
    }

    pub(super) const fn refuse(&mut self) {
        self.is_refused = true;
    }

    /// A renewal failed: the next one is tried after a while, not with every call until the token expires.
    pub(super) fn postpone_renewal(&mut self, now: Instant) {
        if let Some(later) = now.checked_add(self.margin / 4) {
            self.renew_at = self.renew_at.max(later);
        }
    }
}
