//! Contract tests of the clients: one module per endpoint family, fixtures beside them.

mod mpanel;
mod nextpanel;
