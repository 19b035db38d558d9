//! Handing credentials over: shown until confirmed, then never again.
