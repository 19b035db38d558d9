//! Usernames: candidates derived from a domain or e-mail, within a panel's rules.
