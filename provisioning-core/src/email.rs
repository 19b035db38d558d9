//! E-mail addresses as customers give them.
