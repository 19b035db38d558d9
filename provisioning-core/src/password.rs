//! Password policies, generation and checking.
