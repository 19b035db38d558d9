//! The servers accounts can be placed on: their configuration and what was observed of them.
