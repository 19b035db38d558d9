//! The provisioning plan: frozen choices, typed steps, and three renderings.
