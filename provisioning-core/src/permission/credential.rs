//! Kinds of credentials the panels know.

use std::fmt;

use serde::{Deserialize, Serialize};

/// With what a call proves who makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CredentialKind {
    /// Nothing: the route is open.
    None,
    /// `X-API-Key` with `X-API-Secret` on a NextPanel panel.
    NextPanelApiKey,
    /// Username and password of a hosting account on a NextPanel panel.
    NextPanelAccount,
    /// Bearer token of a user of the NextPanel billing backend.
    NextPanelBillingToken,
    /// Bearer token of an mPanel user, either generation.
    MpanelUser,
    /// `x-mpanel-token`, shared with an mPanel server.
    MpanelProvisioningToken,
    /// `x-internal-key`, shared with an mPanel server.
    MpanelInternalKey,
    /// `X-API-Key` (`mk_...`) for mPanel's marketing routes.
    MpanelMarketingKey,
}

impl fmt::Display for CredentialKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "no credential",
            Self::NextPanelApiKey => "NextPanel API key",
            Self::NextPanelAccount => "NextPanel account login",
            Self::NextPanelBillingToken => "NextPanel billing login",
            Self::MpanelUser => "mPanel login",
            Self::MpanelProvisioningToken => "mPanel provisioning token",
            Self::MpanelInternalKey => "mPanel internal key",
            Self::MpanelMarketingKey => "mPanel marketing key",
        })
    }
}
