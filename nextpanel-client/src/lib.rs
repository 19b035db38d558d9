//! Typed async client for NextPanel: the hosting panel's API-key surface and the billing backend's bearer surface.
