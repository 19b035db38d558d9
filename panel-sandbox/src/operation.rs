//! Operations: what a request asks of a stand-in, told from its method and path.

use std::fmt;

use crate::Service;

/// Who may call an operation, as far as the faults need to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Access {
    /// Anybody.
    Public,
    /// A bearer token from a login.
    Bearer,
    /// A bearer token of somebody with a certain role.
    BearerRole,
    /// A secret that both sides know, in a header of its own.
    SharedSecret,
    /// An API key; changes nothing.
    KeyRead,
    /// An API key; changes something.
    KeyWrite,
}

/// One operation of one service. Each service module lists its own as constants, such as
/// [`CREATE_ACCOUNT`](crate::nextpanel_panel::operations::CREATE_ACCOUNT).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Operation {
    service: Service,
    name: &'static str,
    method: &'static str,
    path: &'static str,
    access: Access,
    look_up: bool,
    claims_username: bool,
}

impl Operation {
    pub(crate) const fn new(
        service: Service,
        name: &'static str,
        method: &'static str,
        path: &'static str,
        access: Access,
    ) -> Self {
        Self {
            service,
            name,
            method,
            path,
            access,
            look_up: false,
            claims_username: false,
        }
    }

    /// Marks an operation by which a client finds out whether an earlier request was carried out.
    pub(crate) const fn look_up(mut self) -> Self {
        self.look_up = true;
        self
    }

    /// Marks an operation that claims a username on the service.
    pub(crate) const fn claims_username(mut self) -> Self {
        self.claims_username = true;
        self
    }

    /// The service this operation belongs to.
    pub fn service(&self) -> Service {
        self.service
    }

    /// Its name, in kebab-case.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its HTTP method.
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// Its path, with `{...}` for each segment that varies.
    pub fn path(&self) -> &'static str {
        self.path
    }

    pub(crate) fn access(&self) -> Access {
        self.access
    }

    pub(crate) fn does_claim_username(&self) -> bool {
        self.claims_username
    }

    pub(crate) fn is_look_up(&self) -> bool {
        self.look_up
    }

    pub(crate) fn matches(&self, method: &str, path: &str) -> bool {
        self.method == method && self.segments(path, str::eq).is_some()
    }

    /// As Express matches: case and one slash at the end do not count.
    pub(crate) fn matches_loosely(&self, method: &str, path: &str) -> bool {
        self.method == method && self.loose_segments(path).is_some()
    }

    /// The value of the first `{...}` segment.
    pub(crate) fn path_parameter<'path>(&self, path: &'path str) -> Option<&'path str> {
        self.segments(path, str::eq)?.into_iter().next()
    }

    /// The value of the first `{...}` segment of a path that matches loosely.
    pub(crate) fn loose_path_parameter<'path>(&self, path: &'path str) -> Option<&'path str> {
        self.loose_segments(path)?.into_iter().next()
    }

    fn loose_segments<'path>(&self, path: &'path str) -> Option<Vec<&'path str>> {
        let without_slash = path.strip_suffix('/').filter(|rest| !rest.is_empty());
        self.segments(without_slash.unwrap_or(path), str::eq_ignore_ascii_case)
    }

    /// The values of the `{...}` segments, or nothing if the path is another one.
    fn segments<'path>(
        &self,
        path: &'path str,
        is_same: impl Fn(&str, &str) -> bool,
    ) -> Option<Vec<&'path str>> {
        let mut values = Vec::new();
        let mut given = path.split('/');
        for wanted in self.path.split('/') {
            let segment = given.next()?;
            if wanted.starts_with('{') {
                if segment.is_empty() {
                    return None;
                }
                values.push(segment);
            } else if !is_same(wanted, segment) {
                return None;
            }
        }
        given.next().is_none().then_some(values)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUSPEND: Operation = Operation::new(
        Service::NextPanelPanel,
        "suspend",
        "POST",
        "/accounts/{account_id}/suspend",
        Access::KeyWrite,
    );

    #[test]
    fn a_path_matches_segment_by_segment() {
        for (method, path, expected) in [
            ("POST", "/accounts/7/suspend", true),
            ("GET", "/accounts/7/suspend", false),
            ("POST", "/accounts//suspend", false),
            ("POST", "/accounts/7/suspend/", false),
            ("POST", "/accounts/7", false),
            ("POST", "/accounts/7/unsuspend", false),
        ] {
            assert_eq!(SUSPEND.matches(method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn loosely_neither_case_nor_a_last_slash_counts() {
        assert!(SUSPEND.matches_loosely("POST", "/Accounts/7/SUSPEND/"));
        assert!(!SUSPEND.matches_loosely("POST", "/accounts/7/suspend//"));
        assert_eq!(
            SUSPEND.loose_path_parameter("/ACCOUNTS/x7/suspend/"),
            Some("x7")
        );
    }

    #[test]
    fn the_varying_segment_is_the_parameter() {
        assert_eq!(SUSPEND.path_parameter("/accounts/x7/suspend"), Some("x7"));
        assert_eq!(SUSPEND.path_parameter("/accounts"), None);
    }
}
