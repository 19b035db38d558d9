//! Contract tests of `mpanel-client`.
