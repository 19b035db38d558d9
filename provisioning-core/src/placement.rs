//! Choosing servers: a ranked list, and for each refused server the failing number.
