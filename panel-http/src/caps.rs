/// Largest bodies a client reads, in bytes after decompression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    body: usize,
    error_body: usize,
    row: usize,
    list: u64,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            body: 16 * 1024 * 1024,
            error_body: 64 * 1024,
            row: 256 * 1024,
            list: 1024 * 1024 * 1024,
        }
    }
}

impl Caps {
    /// Largest body of a successful reply (default 16 MiB). A larger one is [`Kind::TooLarge`](crate::Kind::TooLarge).
    #[must_use]
    pub const fn with_body(mut self, bytes: usize) -> Self {
        self.body = bytes;
        self
    }

    /// How much of an error reply is read (default 64 KiB). The rest is left unread; the status is never lost to it.
    #[must_use]
    pub const fn with_error_body(mut self, bytes: usize) -> Self {
        self.error_body = bytes;
        self
    }

    /// Largest row of a list that is read as it arrives (default 256 KiB).
    #[must_use]
    pub const fn with_row(mut self, bytes: usize) -> Self {
        self.row = bytes;
        self
    }

    /// Most that is read of a list that is read as it arrives (default 1 GiB).
    #[must_use]
    pub const fn with_list(mut self, bytes: u64) -> Self {
        self.list = bytes;
        self
    }

    /// Largest row of a list that is read as it arrives.
    #[must_use]
    pub const fn row(&self) -> usize {
        self.row
    }

    /// Most that is read of a list that is read as it arrives.
    #[must_use]
    pub const fn list(&self) -> u64 {
        self.list
    }

    /// Largest body of a successful reply.
    #[must_use]
    pub const fn body(&self) -> usize {
        self.body
    }

    /// How much of an error reply is read.
    #[must_use]
    pub const fn error_body(&self) -> usize {
        self.error_body
    }
}
