//! panel-http built with nothing but its feature `rustls`: see `tests/tls.rs`.
