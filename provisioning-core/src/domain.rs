//! Domain names as customers order them.
