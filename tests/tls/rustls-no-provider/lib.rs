//! panel-http built with nothing but its feature `rustls-no-provider`: see `tests/tls.rs`.
