//! Requests that are none of the operations.

use wiremock::{Request, ResponseTemplate};

use super::backend::Backend;
use crate::catch_all;
use crate::fastapi::{Refusal, slash_redirect};
use crate::stand_in::StandIn;

/// What the real backend has below `/api/v1/` and this one has not, or has in part.
const LEFT_OUT: [&str; 26] = [
    "affiliates",
    "coupons",
    "credit-notes",
    "currencies",
    "customer",
    "dashboard",
    "dedicated-servers",
    "domain-pricing",
    "domain-providers",
    "domains",
    "email-templates",
    "events",
    "orders/{id}/automation",
    "pages",
    "payment-gateways",
    "payments/auto-charge",
    "payments/intent",
    "payments/manual-charge",
    "payments/retry",
    "recurring-billing",
    "reports",
    "security",
    "settings",
    "staff",
    "support",
    "tax-rules",
];

pub(super) fn answer(backend: &Backend, request: &Request) -> ResponseTemplate {
    let operations = backend.operations();
    if let Some(redirect) = slash_redirect(operations, request) {
        return redirect;
    }
    let path = request.url.path();
    let is_other_method = operations
        .iter()
        .any(|operation| operation.matches(operation.method(), path));
    if is_other_method {
        Refusal::new(405, "Method Not Allowed").into_answer()
    } else if is_left_out(path) {
        catch_all::unexpected(backend.service(), request)
    } else {
        Refusal::new(404, "Not Found").into_answer()
    }
}

fn is_left_out(path: &str) -> bool {
    let Some(rest) = path.strip_prefix("/api/v1/") else {
        return false;
    };
    LEFT_OUT.iter().any(|left_out| {
        let mut given = rest.split('/');
        left_out.split('/').all(|wanted| {
            given
                .next()
                .is_some_and(|segment| wanted.starts_with('{') || wanted == segment)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_told_from_what_does_not_exist() {
        for (path, expected) in [
            ("/api/v1/coupons/", true),
            ("/api/v1/customer/settings", true),
            ("/api/v1/orders/7/automation/3", true),
            ("/api/v1/orders/7/nonsense", false),
            ("/api/v1/customers/7/nonsense", false),
            ("/api/v1/payments/intent", true),
            ("/coupons/", false),
        ] {
            assert_eq!(is_left_out(path), expected, "{path}");
        }
    }
}
