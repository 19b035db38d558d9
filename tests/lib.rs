//! Contract tests of the clients; the tests are in `contract.rs` and its modules.
