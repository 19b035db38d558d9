//! Every route this client knows.

use panel_http::Operation;

use crate::{
    admin, api_keys, auth, customers, dashboard, enterprise, health, invoices, jobs, marketing,
    order_entries, orders, products, public, roles,
    route::{Family, Route},
    servers, subscriptions, tasks, tenant_subscriptions, users, websites, worker,
};

/// Every route, by family. Tables of endpoints are made from it.
pub const FAMILIES: &[Family] = &[
    Family::new("Authentication", auth::ROUTES),
    Family::new("Health", health::ROUTES),
    Family::new("Customers", customers::ROUTES),
    Family::new("Subscriptions", subscriptions::ROUTES),
    Family::new("Websites", websites::ROUTES),
    Family::new("Servers", servers::ROUTES),
    Family::new("Provisioning tasks", tasks::ROUTES),
    Family::new("Provisioning jobs", jobs::ROUTES),
    Family::new("Worker", worker::ROUTES),
    Family::new("Order entries", order_entries::ROUTES),
    Family::new("Invoices", invoices::ROUTES),
    Family::new("Products and prices", products::ROUTES),
    Family::new("Orders", orders::ROUTES),
    Family::new("Users", users::ROUTES),
    Family::new("Dashboard", dashboard::ROUTES),
    Family::new("Administrator's lists", admin::ROUTES),
    Family::new("Tenant subscriptions", tenant_subscriptions::ROUTES),
    Family::new("Roles and permissions", roles::ROUTES),
    Family::new("API keys and webhooks", api_keys::ROUTES),
    Family::new("Public plans and checkout", public::ROUTES),
    Family::new("Marketing", marketing::ROUTES),
    Family::new("Enterprise reads", enterprise::ROUTES),
];

#[expect(
    clippy::indexing_slicing,
    reason = "it is evaluated by the compiler, where an index out of bounds is an error"
)]
const COUNT: usize = {
    let mut count = 0;
    let mut family = 0;
    while family < FAMILIES.len() {
        count += FAMILIES[family].routes.len();
        family += 1;
    }
    count
};

#[expect(
    clippy::indexing_slicing,
    reason = "it is evaluated by the compiler, where an index out of bounds is an error"
)]
const ALL: [&Operation; COUNT] = {
    let mut all = [&health::HEALTH; COUNT];
    let mut next = 0;
    let mut family = 0;
    while family < FAMILIES.len() {
        let routes = FAMILIES[family].routes;
        let mut route = 0;
        while route < routes.len() {
            all[next] = routes[route].operation;
            next += 1;
            route += 1;
        }
        family += 1;
    }
    all
};

/// Every operation, in the order of [`FAMILIES`].
pub const OPERATIONS: &[&Operation] = &ALL;

/// What is known of an operation, by its name.
#[must_use]
pub fn route_of(operation: &str) -> Option<&'static Route> {
    FAMILIES
        .iter()
        .flat_map(|family| family.routes)
        .find(|route| route.operation.name == operation)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = OPERATIONS.iter().map(|operation| operation.name).collect();
        assert_eq!(names.len(), OPERATIONS.len());
        for operation in OPERATIONS {
            assert!(operation.path.starts_with("/api/"), "{operation:?}");
            assert!(operation.contract.starts_with("mpanel "), "{operation:?}");
        }
    }

    #[test]
    fn whoever_may_be_refused_has_a_verb() {
        for route in FAMILIES.iter().flat_map(|family| family.routes) {
            if !route.operation.credentials.is_empty() {
                assert!(route.verb.is_some(), "{}", route.operation.name);
            }
        }
    }
}
