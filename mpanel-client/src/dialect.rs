//! Which spelling a server speaks, per resource.

use std::fmt;

/// The generation of an mPanel server (contract section 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Generation {
    /// The JavaScript server. Behind its own routes it may carry the TypeScript ones as a tail.
    Legacy,
    /// The TypeScript server. Behind its own routes it carries the legacy ones.
    TypeScript,
}

impl Generation {
    /// The dialect this generation speaks on a resource.
    #[must_use]
    pub const fn dialect(self, resource: Resource) -> Dialect {
        match (self, resource) {
            (
                _,
                Resource::Customers
                | Resource::Subscriptions
                | Resource::Websites
                | Resource::Servers
                | Resource::Invoices
                | Resource::Dashboard
                | Resource::Roles
                | Resource::ApiKeys
                | Resource::Marketing
                | Resource::Worker
                | Resource::Tasks,
            )
            | (
                Self::Legacy,
                Resource::Authentication
                | Resource::Products
                | Resource::Users
                | Resource::AdminCustomers,
            ) => Dialect::Legacy,
            // No legacy route exists: what there is, is TypeScript's.
            (_, Resource::Orders | Resource::Jobs | Resource::TenantSubscriptions)
            | (
                Self::TypeScript,
                Resource::Authentication
                | Resource::Products
                | Resource::Users
                | Resource::AdminCustomers,
            ) => Dialect::TypeScript,
        }
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Legacy => "legacy",
            Self::TypeScript => "TypeScript",
        })
    }
}

/// The spelling of one resource: names of fields, units of money, what is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// The JavaScript handlers: rows in `snake_case`, money in decimals.
    Legacy,
    /// The TypeScript modules: `camelCase`, money in cents.
    TypeScript,
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Legacy => "legacy",
            Self::TypeScript => "TypeScript",
        })
    }
}

/// What a dialect is a property of. The TypeScript server still serves most resources by the legacy handlers, so there is
/// no dialect of a whole server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Resource {
    /// `/api/auth`
    Authentication,
    /// `/api/customers`
    Customers,
    /// `/api/subscriptions`
    Subscriptions,
    /// `/api/billing/subscriptions`
    TenantSubscriptions,
    /// `/api/websites`
    Websites,
    /// `/api/servers`
    Servers,
    /// `/api/provisioning/tasks`
    Tasks,
    /// `/api/ops/provisioning/jobs`
    Jobs,
    /// `/api/worker`
    Worker,
    /// `/api/admin/customers`
    AdminCustomers,
    /// `/api/invoices`
    Invoices,
    /// `/api/products`
    Products,
    /// `/api/orders`
    Orders,
    /// `/api/users`
    Users,
    /// `/api/dashboard`
    Dashboard,
    /// `/api/roles`
    Roles,
    /// `/api/api-keys`
    ApiKeys,
    /// `/api/marketing`
    Marketing,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_typescript_server_serves_most_resources_by_the_legacy_handlers() {
        for (resource, legacy, typescript) in [
            (Resource::Customers, Dialect::Legacy, Dialect::Legacy),
            (Resource::Products, Dialect::Legacy, Dialect::TypeScript),
            (Resource::Users, Dialect::Legacy, Dialect::TypeScript),
            (Resource::Orders, Dialect::TypeScript, Dialect::TypeScript),
        ] {
            assert_eq!(Generation::Legacy.dialect(resource), legacy, "{resource:?}");
            assert_eq!(
                Generation::TypeScript.dialect(resource),
                typescript,
                "{resource:?}"
            );
        }
    }
}
