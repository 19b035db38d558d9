//! Contract tests of `nextpanel-client`.
