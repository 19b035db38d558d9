//! What the billing backend can be asked, and what a fault can be armed for.

mod administration;
mod auth;
mod customers;
mod hosting;
mod insights;
mod invoices;
mod licenses;
mod orders;
mod payments;
mod plans;
mod subscriptions;

pub use self::administration::*;
pub use self::auth::*;
pub use self::customers::*;
pub use self::hosting::*;
pub use self::insights::*;
pub use self::invoices::*;
pub use self::licenses::*;
pub use self::orders::*;
pub use self::payments::*;
pub use self::plans::*;
pub use self::subscriptions::*;

use crate::operation::Access;
use crate::{Operation, Service};

const fn operation(
    name: &'static str,
    method: &'static str,
    path: &'static str,
    access: Access,
) -> Operation {
    Operation::new(Service::NextPanelBilling, name, method, path, access)
}

/// For anybody, token or not.
const fn open(name: &'static str, method: &'static str, path: &'static str) -> Operation {
    operation(name, method, path, Access::Public)
}

/// For any token.
const fn user(name: &'static str, method: &'static str, path: &'static str) -> Operation {
    operation(name, method, path, Access::Bearer)
}

/// For the token of an administrator.
const fn admin(name: &'static str, method: &'static str, path: &'static str) -> Operation {
    operation(name, method, path, Access::BearerRole)
}

/// For anybody; reads from a panel with the key the backend keeps for it.
const fn key_read(name: &'static str, method: &'static str, path: &'static str) -> Operation {
    operation(name, method, path, Access::KeyRead)
}

/// For anybody; changes something on a panel with the key the backend keeps for it.
const fn key_write(name: &'static str, method: &'static str, path: &'static str) -> Operation {
    operation(name, method, path, Access::KeyWrite)
}
