//! How the stores that speak SQL declare their statements: by name, in one place each, so that a test prepares them all.

/// Declares statements by name, and all of them together.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:literal;)+) => {
        $($(#[$doc])* pub(super) const $name: &str = $sql;)+

        /// Every statement with its name.
        #[cfg(test)]
        pub(super) const ALL: &[(&str, &str)] = &[$((stringify!($name), $name)),+];
    };
}
pub(in crate::store) use statements;
