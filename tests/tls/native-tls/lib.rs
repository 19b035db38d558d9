//! panel-http built with nothing but its feature `native-tls`: see `tests/tls.rs`.
