//! What is known of each route besides its operation.

use panel_http::Operation;
use provisioning_core::permission::Verb;

/// One route of mPanel: its operation, which servers have it, and what it takes to be permitted.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Route {
    /// Name, method, path, safety, time limits, credentials, contract section.
    pub operation: &'static Operation,
    /// Which servers have it.
    pub availability: Availability,
    /// What is done with it, as far as permissions tell it apart. None for routes nobody is refused at.
    pub verb: Option<Verb>,
}

/// Which servers have a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Availability {
    /// Both generations.
    Both,
    /// The legacy server only.
    Legacy,
    /// The TypeScript server only. A legacy server may have it as a tail that refuses legacy tokens.
    TypeScript,
    /// None that was seen: documents promise it.
    Documented,
}

impl Availability {
    /// For tables: `both`, `legacy`, `TypeScript`, `documented only`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::Legacy => "legacy",
            Self::TypeScript => "TypeScript",
            Self::Documented => "documented only",
        }
    }
}

impl Route {
    pub(crate) const fn both(operation: &'static Operation) -> Self {
        Self::new(operation, Availability::Both)
    }

    pub(crate) const fn legacy(operation: &'static Operation) -> Self {
        Self::new(operation, Availability::Legacy)
    }

    pub(crate) const fn typescript(operation: &'static Operation) -> Self {
        Self::new(operation, Availability::TypeScript)
    }

    pub(crate) const fn documented(operation: &'static Operation) -> Self {
        Self::new(operation, Availability::Documented)
    }

    const fn new(operation: &'static Operation, availability: Availability) -> Self {
        Self {
            operation,
            availability,
            verb: None,
        }
    }

    pub(crate) const fn asks(mut self, verb: Verb) -> Self {
        self.verb = Some(verb);
        self
    }
}

/// Routes that belong together.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Family {
    /// Heading in tables: `Customers`.
    pub name: &'static str,
    /// Its routes.
    pub routes: &'static [Route],
}

impl Family {
    pub(crate) const fn new(name: &'static str, routes: &'static [Route]) -> Self {
        Self { name, routes }
    }
}
