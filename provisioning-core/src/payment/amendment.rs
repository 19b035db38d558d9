//! What an order holds after it was amended.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::order::{Digest, OrderItem};

/// Which amendment: the later one counts, and of two of the same instant always the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AmendmentId {
    /// When the order was amended.
    pub occurred_at: Timestamp,
    /// Digest of the items.
    pub digest: Digest,
}

impl fmt::Display for AmendmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the amendment of {}", self.occurred_at)
    }
}

/// What an order holds from an instant on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    id: AmendmentId,
    items: Vec<OrderItem>,
}

impl Amendment {
    /// These items from this instant on.
    #[must_use]
    pub fn new(occurred_at: Timestamp, items: Vec<OrderItem>) -> Self {
        // Strings and numbers alone: this cannot fail to serialise.
        let bytes = serde_json::to_vec(&items).unwrap_or_default();
        Self {
            id: AmendmentId {
                occurred_at,
                digest: Digest::of(&bytes),
            },
            items,
        }
    }

    /// Which one it is.
    #[must_use]
    pub const fn id(&self) -> AmendmentId {
        self.id
    }

    /// Everything the order holds now.
    #[must_use]
    pub fn items(&self) -> &[OrderItem] {
        &self.items
    }
}
