//! Typed async client for every mPanel in the wild: both server generations, every dialect.
