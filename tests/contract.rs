//! Contract tests of the clients.
