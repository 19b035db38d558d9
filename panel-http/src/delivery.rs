use std::fmt;

/// How far a request is known to have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Delivery {
    /// No byte of it reached the server: it was not carried out.
    NotSent,
    /// It may have reached the server and may have been carried out; no answer came back.
    MaybeSent,
    /// The server, or something in front of it, answered with a status.
    Answered,
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSent => "not sent",
            Self::MaybeSent => "maybe sent",
            Self::Answered => "answered",
        })
    }
}
