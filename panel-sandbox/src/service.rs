//! The services a fault can belong to.

use std::fmt;

/// A service of the two panels. A [`Fault`](crate::Fault) says which of them it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Service {
    /// The NextPanel hosting panel: API key and secret (NextPanel contract, section 8).
    NextPanelPanel,
    /// The NextPanel billing backend: bearer token (NextPanel contract, sections 1 to 7).
    NextPanelBilling,
    /// mPanel, either generation (mPanel contract).
    MPanel,
}

impl fmt::Display for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NextPanelPanel => "the NextPanel panel",
            Self::NextPanelBilling => "the NextPanel billing backend",
            Self::MPanel => "mPanel",
        })
    }
}
