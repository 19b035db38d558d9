//! Problems found in input: each with its path, all reported at once.
