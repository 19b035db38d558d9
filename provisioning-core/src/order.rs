//! Paid orders: reading what shops and panels send, with evidence of payment and identity.
