//! What the program says of either generation is what the contract says of it (sections 7 and 11), with the role `admin`
//! on the legacy server and `OWNER` on the TypeScript one.

use std::collections::BTreeSet;

use panel_http::Safety;
use panel_sandbox::mpanel::Generation;

use super::program::{roomy, row, run};

const W: &str = "working";
const E: &str = "error";
const N: &str = "not_implemented";
const F: &str = "forbidden";
const P: &str = "not_probed";

/// Operation, verdict on the legacy server, verdict on the TypeScript one, section of the contract.
const EXPECTED: &[(&str, &str, &str, &str)] = &[
    ("mpanel.log_in", W, W, "2.3"),
    ("mpanel.refresh_token", P, P, "2.3"),
    ("mpanel.get_me", W, W, "2.3"),
    (
        "mpanel.get_permissions",
        W,
        E,
        "2.2: it reads the claim `id`, which a TypeScript token does not have",
    ),
    ("mpanel.verify_session", W, W, "2.3"),
    ("mpanel.list_tenants", N, W, "2.3"),
    ("mpanel.switch_tenant", N, W, "2.3"),
    ("mpanel.health", W, W, "7"),
    ("mpanel.ready", W, W, "7"),
    ("mpanel.live", W, W, "7"),
    ("mpanel.system_health", W, N, "7: a legacy route"),
    ("mpanel.list_customers", W, W, "7"),
    ("mpanel.get_customer", W, W, "7"),
    ("mpanel.list_customer_subscriptions", N, N, "7, 11"),
    ("mpanel.list_customer_websites", N, N, "7, 11"),
    ("mpanel.list_customer_invoices", N, N, "7, 11"),
    ("mpanel.list_subscriptions", W, W, "7"),
    ("mpanel.get_subscription", W, W, "7"),
    ("mpanel.list_plans", W, W, "7"),
    ("mpanel.list_websites", W, W, "7"),
    ("mpanel.get_website", W, W, "7"),
    ("mpanel.list_servers", W, W, "7"),
    ("mpanel.get_server", W, W, "7"),
    ("mpanel.get_server_metrics", W, W, "7"),
    ("mpanel.list_admin_servers", W, W, "7"),
    (
        "mpanel.list_tasks",
        W,
        F,
        "7: the role has to be exactly `admin`, and no TypeScript token has it",
    ),
    ("mpanel.get_task", W, F, "7"),
    ("mpanel.get_queue_job", W, F, "7"),
    ("mpanel.get_task_log", N, N, "7, 11"),
    ("mpanel.get_provisioning_summary", N, N, "7, 11"),
    ("mpanel.get_queue_stats", W, F, "7"),
    ("mpanel.list_failed_jobs", W, F, "7"),
    ("mpanel.list_jobs", N, F, "7: OWNER is refused"),
    ("mpanel.get_job", N, F, "7"),
    ("mpanel.list_job_queues", N, F, "7"),
    ("mpanel.get_job_queue", N, F, "7"),
    ("mpanel.list_workers", N, F, "7"),
    ("mpanel.list_tenant_jobs", N, W, "7"),
    ("mpanel.list_cloud_pods", N, W, "7"),
    ("mpanel.get_cloud_pod", N, W, "7"),
    ("mpanel.list_platform_jobs", N, F, "7"),
    ("mpanel.list_platform_cloud_pods", N, F, "7"),
    ("mpanel.get_worker_task", W, W, "7"),
    ("mpanel.list_invoices", W, W, "7"),
    ("mpanel.get_invoice", W, W, "7"),
    ("mpanel.list_due_invoices", W, F, "7: admin or manager"),
    ("mpanel.get_invoice_pdf", W, W, "7"),
    ("mpanel.list_products", W, W, "7"),
    ("mpanel.get_product", W, W, "7"),
    (
        "mpanel.get_product_by_code",
        P,
        W,
        "7: on the legacy server the same path takes ids only",
    ),
    (
        "mpanel.list_public_products",
        F,
        W,
        "7: its legacy router wants a token after all",
    ),
    ("mpanel.get_pricing", N, W, "7"),
    ("mpanel.list_prices", N, W, "7"),
    ("mpanel.get_price", N, W, "7"),
    ("mpanel.list_orders", N, W, "7: TypeScript only"),
    ("mpanel.get_order", N, W, "7"),
    ("mpanel.list_users", W, W, "7"),
    ("mpanel.list_admin_users", N, N, "7, 11"),
    ("mpanel.get_user", W, W, "7"),
    ("mpanel.get_dashboard_stats", W, W, "7"),
    ("mpanel.get_service_health", W, W, "7"),
    ("mpanel.list_renewals", W, W, "7"),
    ("mpanel.list_quick_actions", W, W, "7"),
    (
        "mpanel.get_admin_dashboard",
        W,
        F,
        "7: admin or super_admin",
    ),
    ("mpanel.get_dashboard_summary", N, N, "7, 11"),
    (
        "mpanel.list_admin_customers",
        W,
        F,
        "7: a platform administrator",
    ),
    ("mpanel.get_admin_customer", W, F, "7"),
    ("mpanel.list_admin_subscriptions", W, W, "7"),
    ("mpanel.list_tenant_subscriptions", N, W, "7"),
    ("mpanel.get_tenant_subscription", N, W, "7"),
    (
        "mpanel.list_roles",
        F,
        F,
        "7: the permission roles.read, which `admin` lacks",
    ),
    ("mpanel.get_role", F, F, "7"),
    ("mpanel.list_permissions", F, F, "7"),
    ("mpanel.list_role_users", F, F, "7"),
    ("mpanel.list_security_roles", N, W, "7"),
    ("mpanel.list_security_permissions", N, W, "7"),
    ("mpanel.list_api_keys", W, W, "7"),
    ("mpanel.list_webhooks", W, W, "7"),
    ("mpanel.list_webhook_deliveries", W, W, "7"),
    ("mpanel.list_public_plans", W, W, "7: public on both"),
    ("mpanel.marketing_status", W, W, "7"),
    ("mpanel.marketing_system_status", W, W, "7"),
    ("mpanel.check_coupon", W, W, "7"),
    ("mpanel.get_checkout_session", W, W, "7"),
    ("mpanel.get_order_status", W, W, "7"),
    ("mpanel.get_revenue_report", W, W, "7"),
    ("mpanel.get_customers_report", W, W, "7"),
    ("mpanel.get_usage_report", W, W, "7"),
    ("mpanel.list_marketing_catalog", W, W, "7"),
    ("mpanel.get_product_availability", W, W, "7"),
    ("mpanel.list_customer_services", W, W, "7"),
    ("mpanel.list_marketing_keys", W, F, "7"),
    ("mpanel.list_enterprise_api_keys", N, W, "7"),
    ("mpanel.list_hosting_websites", N, W, "6"),
    ("mpanel.list_hosting_servers", N, E, "6: always a 500"),
    ("mpanel.list_billing_catalog", N, W, "6"),
];

#[tokio::test]
async fn the_verdicts_are_those_of_the_contract() {
    for generation in super::program::GENERATIONS {
        let panel = roomy(generation).await;
        let ended = run(&panel, "--budget 400 --format json").await.exits(0);
        let json = ended.json();
        let mut wrong = Vec::new();
        for (operation, legacy, type_script, section) in EXPECTED {
            let expected = match generation {
                Generation::Legacy => legacy,
                Generation::TypeScript => type_script,
            };
            let found = row(&json, operation);
            if found["verdict"] != **expected {
                wrong.push(format!(
                    "{operation}: {} and not {expected} (contract {section}): {}",
                    found["verdict"], found["note"]
                ));
            }
        }
        assert!(wrong.is_empty(), "{generation:?}: {wrong:#?}");
    }
}

/// A legacy server without its TypeScript tail, or with one whose login check is broken, lacks the same routes; it only
/// says so in other words.
#[tokio::test]
async fn a_tail_that_is_missing_or_broken_changes_no_verdict() {
    for settings in [
        super::program::roomy_settings(Generation::Legacy).with_type_script_tail(false),
        super::program::roomy_settings(Generation::Legacy).with_broken_type_script_auth(true),
    ] {
        let panel = super::program::start(settings).await;
        let ended = run(&panel, "--budget 400 --format json").await.exits(0);
        let json = ended.json();
        for (operation, legacy, _, section) in EXPECTED {
            let found = row(&json, operation);
            assert_eq!(
                found["verdict"], **legacy,
                "{operation} (contract {section}): {found}"
            );
        }
    }
}

#[test]
fn the_table_has_every_operation_that_reads() {
    let expected: BTreeSet<&str> = EXPECTED.iter().map(|row| row.0).collect();
    let reads: BTreeSet<&str> = mpanel_client::OPERATIONS
        .iter()
        .filter(|operation| operation.safety == Safety::ReadOnly)
        .map(|operation| operation.name)
        .collect();
    assert_eq!(expected, reads);
}
