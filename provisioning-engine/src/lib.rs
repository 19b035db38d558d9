//! Drives provisioning runs with the panel clients, durably: intent before every call, look-up after every unknown outcome.
