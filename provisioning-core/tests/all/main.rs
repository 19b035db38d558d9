//! Behaviour of the crate's public interface, one module per family.
//!
//! The modules are `cfg(test)` so that their helpers may unwrap as the tests do.

#[cfg(test)]
mod catalog_files;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod fuzz_corpus;
#[cfg(test)]
mod order_errors;
#[cfg(test)]
mod order_payloads;
#[cfg(test)]
mod payment_events;
#[cfg(test)]
mod redaction;
