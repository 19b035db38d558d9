//! An account as counting a server has shown it.

/// An account as counting a server has shown it: its username, and what stands where our mark would stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountedAccount<'a> {
    pub(super) username: &'a str,
    pub(super) mark: Option<&'a str>,
}

impl<'a> CountedAccount<'a> {
    /// An account of which the panel shows the username alone.
    #[must_use]
    pub const fn new(username: &'a str) -> Self {
        Self {
            username,
            mark: None,
        }
    }

    /// Adds the mark the panel shows, such as NextPanel's `billing_id`; none where it shows none.
    #[must_use]
    pub const fn with_mark(mut self, mark: Option<&'a str>) -> Self {
        self.mark = mark;
        self
    }
}
