//! What an mPanel can be asked, and what a fault can be armed for.
//!
//! Not every generation serves each: [`MPanel::operations`](super::MPanel::operations) lists what one server serves.

use crate::Service;
use crate::operation::Access::{self, Bearer, BearerRole, Public, SharedSecret};
use crate::operation::Operation;

const fn get(name: &'static str, path: &'static str, access: Access) -> Operation {
    Operation::new(Service::MPanel, name, "GET", path, access)
}

const fn post(name: &'static str, path: &'static str, access: Access) -> Operation {
    Operation::new(Service::MPanel, name, "POST", path, access)
}

const fn put(name: &'static str, path: &'static str, access: Access) -> Operation {
    Operation::new(Service::MPanel, name, "PUT", path, access)
}

const fn patch(name: &'static str, path: &'static str, access: Access) -> Operation {
    Operation::new(Service::MPanel, name, "PATCH", path, access)
}

const fn delete(name: &'static str, path: &'static str, access: Access) -> Operation {
    Operation::new(Service::MPanel, name, "DELETE", path, access)
}

/// How the server is.
pub const HEALTH: Operation = get("health", "/api/health", Public);

/// Whether it is ready.
pub const READY: Operation = get("ready", "/api/ready", Public);

/// Whether it is alive.
pub const LIVE: Operation = get("live", "/api/live", Public);

/// What it is; tells the generations apart.
pub const ROOT: Operation = get("root", "/", Public);

/// How the server is, in detail.
pub const SYSTEM_HEALTH: Operation = get("system-health", "/api/system/health", Public);

/// Log in.
pub const LOGIN: Operation = post("login", "/api/auth/login", Public);

/// Exchange a refresh token for new tokens.
pub const REFRESH: Operation = post("refresh", "/api/auth/refresh", Public);

/// Log out, without effect.
pub const LOGOUT: Operation = post("logout", "/api/auth/logout", Bearer);

/// Who the caller is.
pub const ME: Operation = get("me", "/api/auth/me", Bearer);

/// The tenants the caller is a member of.
pub const MY_TENANTS: Operation = get("my-tenants", "/api/auth/me/tenants", Bearer);

/// Work in another tenant.
pub const SWITCH_TENANT: Operation = post("switch-tenant", "/api/auth/me/switch-tenant", Bearer);

/// The caller's role and permissions.
pub const MY_PERMISSIONS: Operation = get("my-permissions", "/api/auth/permissions", Bearer);

/// Create a user who has yet to set a password.
pub const REGISTER: Operation = post("register", "/api/auth/register", Public);

/// Replace a temporary password; the legacy gate wants a token, the router does not.
pub const SET_PASSWORD: Operation = post("set-password", "/api/auth/set-password", Bearer);

/// A stub that verifies nothing.
pub const VERIFY_SESSION: Operation = post("verify-session", "/api/auth/verify-session", Bearer);

/// List the customers the caller sees.
pub const LIST_CUSTOMERS: Operation = get("list-customers", "/api/customers", Bearer).look_up();

/// Create a customer.
pub const CREATE_CUSTOMER: Operation = post("create-customer", "/api/customers", Bearer);

/// Get one customer.
pub const GET_CUSTOMER: Operation = get("get-customer", "/api/customers/{id}", Bearer).look_up();

/// Change a customer.
pub const UPDATE_CUSTOMER: Operation = put("update-customer", "/api/customers/{id}", Bearer);

/// Delete a customer.
pub const DELETE_CUSTOMER: Operation = delete("delete-customer", "/api/customers/{id}", Bearer);

/// Add a domain to a customer.
pub const ADD_CUSTOMER_DOMAIN: Operation =
    post("add-customer-domain", "/api/customers/{id}/domains", Bearer);

/// List the subscriptions of one customer.
pub const LIST_SUBSCRIPTIONS: Operation =
    get("list-subscriptions", "/api/subscriptions", Bearer).look_up();

/// List what can be subscribed to.
pub const LIST_SUBSCRIPTION_PLANS: Operation = get(
    "list-subscription-plans",
    "/api/subscriptions/plans",
    Bearer,
);

/// Create a subscription.
pub const CREATE_SUBSCRIPTION: Operation =
    post("create-subscription", "/api/subscriptions", Bearer);

/// Get one subscription.
pub const GET_SUBSCRIPTION: Operation =
    get("get-subscription", "/api/subscriptions/{id}", Bearer).look_up();

/// Change a subscription.
pub const PATCH_SUBSCRIPTION: Operation =
    patch("patch-subscription", "/api/subscriptions/{id}", Bearer);

/// Cancel a subscription at once.
pub const CANCEL_SUBSCRIPTION: Operation = post(
    "cancel-subscription",
    "/api/subscriptions/{id}/cancel",
    Bearer,
);

/// Suspend a subscription.
pub const SUSPEND_SUBSCRIPTION: Operation = post(
    "suspend-subscription",
    "/api/subscriptions/{id}/suspend",
    Bearer,
);

/// Make a subscription active again.
pub const REACTIVATE_SUBSCRIPTION: Operation = post(
    "reactivate-subscription",
    "/api/subscriptions/{id}/reactivate",
    Bearer,
);

/// Move a subscription to another product.
pub const CHANGE_SUBSCRIPTION_PLAN: Operation = put(
    "change-subscription-plan",
    "/api/subscriptions/{id}/change-plan",
    Bearer,
);

/// List the subscriptions of all tenants.
pub const LIST_BILLING_SUBSCRIPTIONS: Operation = get(
    "list-billing-subscriptions",
    "/api/billing/subscriptions",
    BearerRole,
)
.look_up();

/// Get one subscription.
pub const GET_BILLING_SUBSCRIPTION: Operation = get(
    "get-billing-subscription",
    "/api/billing/subscriptions/{id}",
    BearerRole,
)
.look_up();

/// Make a subscription active.
pub const ACTIVATE_BILLING_SUBSCRIPTION: Operation = post(
    "activate-billing-subscription",
    "/api/billing/subscriptions/{id}/activate",
    BearerRole,
);

/// Cancel a subscription, at once or at the end of its period.
pub const CANCEL_BILLING_SUBSCRIPTION: Operation = post(
    "cancel-billing-subscription",
    "/api/billing/subscriptions/{id}/cancel",
    BearerRole,
);

/// List the websites of the tenant or of one customer.
pub const LIST_WEBSITES: Operation = get("list-websites", "/api/websites", Bearer).look_up();

/// Create a website.
pub const CREATE_WEBSITE: Operation = post("create-website", "/api/websites", Bearer);

/// Get one website.
pub const GET_WEBSITE: Operation = get("get-website", "/api/websites/{id}", Bearer).look_up();

/// Set columns of a website.
pub const UPDATE_WEBSITE: Operation = put("update-website", "/api/websites/{id}", Bearer);

/// Set the certificate of a website.
pub const UPDATE_WEBSITE_SSL: Operation =
    put("update-website-ssl", "/api/websites/{id}/ssl", Bearer);

/// Note a deployment.
pub const DEPLOY_WEBSITE: Operation = post("deploy-website", "/api/websites/{id}/deploy", Bearer);

/// List the servers.
pub const LIST_SERVERS: Operation = get("list-servers", "/api/servers", Bearer);

/// Add a server.
pub const CREATE_SERVER: Operation = post("create-server", "/api/servers", BearerRole);

/// Get one server.
pub const GET_SERVER: Operation = get("get-server", "/api/servers/{id}", Bearer);

/// Set columns of a server.
pub const UPDATE_SERVER: Operation = put("update-server", "/api/servers/{id}", BearerRole);

/// Mark a server as deleted.
pub const DELETE_SERVER: Operation = delete("delete-server", "/api/servers/{id}", BearerRole);

/// Record figures of a server.
pub const RECORD_SERVER_METRICS: Operation =
    post("record-server-metrics", "/api/servers/{id}/metrics", Bearer);

/// The latest figures of a server.
pub const GET_SERVER_METRICS: Operation =
    get("get-server-metrics", "/api/servers/{id}/metrics", Bearer);

/// List the servers with their tasks, without authentication.
pub const LIST_ADMIN_SERVERS: Operation = get("list-admin-servers", "/api/admin/servers", Public);

/// Add a server, without authentication.
pub const CREATE_ADMIN_SERVER: Operation =
    post("create-admin-server", "/api/admin/servers", Public);

/// Change a server, without authentication.
pub const PATCH_ADMIN_SERVER: Operation =
    patch("patch-admin-server", "/api/admin/servers/{id}", Public);

/// List all customers with their subscriptions, without authentication.
pub const LIST_ADMIN_CUSTOMERS: Operation =
    get("list-admin-customers", "/api/admin/customers", Public).look_up();

/// Get a customer with its subscriptions, without authentication.
pub const GET_ADMIN_CUSTOMER: Operation =
    get("get-admin-customer", "/api/admin/customers/{id}", Public).look_up();

/// List the tenants, for platform administrators.
pub const LIST_TENANT_OVERVIEW: Operation =
    get("list-tenant-overview", "/api/admin/customers", BearerRole);

/// Set the status of a subscription, without authentication.
pub const SET_ADMIN_SUBSCRIPTION_STATUS: Operation = patch(
    "set-admin-subscription-status",
    "/api/admin/subscriptions/{id}/status",
    Public,
);

/// List the products, without authentication.
pub const LIST_PUBLIC_PRODUCTS: Operation =
    get("list-public-products", "/api/products/public", Public);

/// The prices of a product, without authentication.
pub const GET_PUBLIC_PRICING: Operation =
    get("get-public-pricing", "/api/products/pricing/{code}", Public);

/// Get one price.
pub const GET_PRICE: Operation = get("get-price", "/api/products/prices/{id}", BearerRole);

/// List the products.
pub const LIST_PRODUCTS: Operation = get("list-products", "/api/products", Bearer);

/// Create a product.
pub const CREATE_PRODUCT: Operation = post("create-product", "/api/products", BearerRole);

/// Get one product: by id in the legacy dialect, by code in the TypeScript one.
pub const GET_PRODUCT: Operation = get("get-product", "/api/products/{id}", Bearer);

/// Set columns of a product.
pub const UPDATE_PRODUCT: Operation = put("update-product", "/api/products/{id}", BearerRole);

/// Change a product.
pub const PATCH_PRODUCT: Operation = patch("patch-product", "/api/products/{code}", BearerRole);

/// Delete a product.
pub const DELETE_PRODUCT: Operation = delete("delete-product", "/api/products/{id}", BearerRole);

/// List the prices of a product.
pub const LIST_PRICES: Operation = get("list-prices", "/api/products/{code}/prices", BearerRole);

/// Add a price to a product.
pub const CREATE_PRICE: Operation = post("create-price", "/api/products/{code}/prices", BearerRole);

/// List the provisioning tasks.
pub const LIST_TASKS: Operation =
    get("list-tasks", "/api/provisioning/tasks", BearerRole).look_up();

/// Get one task, or one job of the queue.
pub const GET_TASK: Operation =
    get("get-task", "/api/provisioning/tasks/{id}", BearerRole).look_up();

/// Work on a failed task again.
pub const RETRY_TASK: Operation = post("retry-task", "/api/provisioning/retry/{id}", BearerRole);

/// Figures of queue and tasks.
pub const PROVISIONING_STATS: Operation =
    get("provisioning-stats", "/api/provisioning/stats", BearerRole);

/// List the failed jobs of the queue.
pub const LIST_FAILED_JOBS: Operation =
    get("list-failed-jobs", "/api/provisioning/failed", BearerRole);

/// Forget the failed jobs of the queue.
pub const CLEAR_FAILED_JOBS: Operation =
    delete("clear-failed-jobs", "/api/provisioning/failed", BearerRole);

/// Queue a job that provisions a service.
pub const PROVISION_SERVICE: Operation = post(
    "provision-service",
    "/api/provisioning/provision",
    BearerRole,
);

/// Claim the oldest pending task, without authentication.
pub const CLAIM_TASK: Operation = post("claim-task", "/api/worker/tasks/claim", Public);

/// Complete a task, without authentication.
pub const COMPLETE_TASK: Operation =
    post("complete-task", "/api/worker/tasks/{id}/complete", Public);

/// Get a task, without authentication.
pub const GET_WORKER_TASK: Operation =
    get("get-worker-task", "/api/worker/tasks/{id}", Public).look_up();

/// Order entry B (contract, section 8), without authentication.
pub const STRIPE_COMPLETED: Operation = post(
    "stripe-completed",
    "/api/public/orders/stripe-completed",
    Public,
);

/// Order entry C.
pub const STRIPE_ORDER: Operation = post("stripe-order", "/api/provisioning/stripe", SharedSecret);

/// Order entry D; on a legacy server only through the TypeScript tail.
pub const ORDER_WEBHOOK: Operation = post("order-webhook", "/api/orders/webhook", SharedSecret);

/// Order entry A; only where it is set up.
pub const ORDER_CREATED: Operation = post(
    "order-created",
    "/api/provisioning/webhooks/order-created",
    SharedSecret,
);

/// Create an order that is not paid yet.
pub const CREATE_ORDER: Operation = post("create-order", "/api/orders", BearerRole);

/// List the orders.
pub const LIST_ORDERS: Operation = get("list-orders", "/api/orders", BearerRole).look_up();

/// Get one order.
pub const GET_ORDER: Operation = get("get-order", "/api/orders/{id}", BearerRole).look_up();

/// Mark an order as paid.
pub const PAY_ORDER: Operation = post("pay-order", "/api/orders/{id}/pay", BearerRole);

/// Cancel an order.
pub const CANCEL_ORDER: Operation = post("cancel-order", "/api/orders/{id}/cancel", BearerRole);

/// Mark an order as failed.
pub const FAIL_ORDER: Operation = post("fail-order", "/api/orders/{id}/fail", BearerRole);

/// List the jobs.
pub const LIST_JOBS: Operation =
    get("list-jobs", "/api/ops/provisioning/jobs", BearerRole).look_up();

/// Get one job.
pub const GET_JOB: Operation =
    get("get-job", "/api/ops/provisioning/jobs/{id}", BearerRole).look_up();

/// Always an error.
pub const RETRY_JOB: Operation = post(
    "retry-job",
    "/api/ops/provisioning/jobs/{id}/retry",
    BearerRole,
);

/// Cancel a job.
pub const CANCEL_JOB: Operation = post(
    "cancel-job",
    "/api/ops/provisioning/jobs/{id}/cancel",
    BearerRole,
);

/// List the queues.
pub const LIST_QUEUES: Operation = get("list-queues", "/api/ops/provisioning/queues", BearerRole);

/// One queue with its recent jobs.
pub const GET_QUEUE: Operation = get(
    "get-queue",
    "/api/ops/provisioning/queues/{name}",
    BearerRole,
);

/// List the invoices of one customer.
pub const LIST_INVOICES: Operation = get("list-invoices", "/api/invoices", Bearer);

/// List what is due.
pub const LIST_DUE_INVOICES: Operation = get("list-due-invoices", "/api/invoices/due", BearerRole);

/// Create an invoice.
pub const CREATE_INVOICE: Operation = post("create-invoice", "/api/invoices", BearerRole);

/// Get one invoice with its lines.
pub const GET_INVOICE: Operation = get("get-invoice", "/api/invoices/{id}", Bearer);

/// Begin the payment of an invoice.
pub const PAY_INVOICE: Operation = post("pay-invoice", "/api/invoices/{id}/pay", Bearer);

/// Mark an invoice as paid.
pub const MARK_INVOICE_PAID: Operation = post(
    "mark-invoice-paid",
    "/api/invoices/{id}/mark-paid",
    BearerRole,
);

/// List the users.
pub const LIST_USERS: Operation = get("list-users", "/api/users", BearerRole);

/// Create a user.
pub const CREATE_USER: Operation = post("create-user", "/api/users", BearerRole);

/// Get one user.
pub const GET_USER: Operation = get("get-user", "/api/users/{id}", BearerRole);

/// Change a user.
pub const UPDATE_USER: Operation = put("update-user", "/api/users/{id}", BearerRole);

/// Set the status of a user.
pub const SET_USER_STATUS: Operation =
    patch("set-user-status", "/api/users/{id}/status", BearerRole);

/// Delete a user.
pub const DELETE_USER: Operation = delete("delete-user", "/api/users/{id}", BearerRole);

/// Invite somebody into the tenant.
pub const INVITE_USER: Operation = post("invite-user", "/api/users/invite", BearerRole);

/// Set the tenant role of a user.
pub const SET_USER_ROLE: Operation = patch("set-user-role", "/api/users/{id}/role", BearerRole);

/// Suspend a user.
pub const SUSPEND_USER: Operation = post("suspend-user", "/api/users/{id}/suspend", BearerRole);

/// Make a user active again.
pub const REACTIVATE_USER: Operation =
    post("reactivate-user", "/api/users/{id}/reactivate", BearerRole);

/// Counts of the tenant.
pub const DASHBOARD_STATS: Operation = get("dashboard-stats", "/api/dashboard/stats", Bearer);

/// How the services are.
pub const DASHBOARD_SERVICE_HEALTH: Operation = get(
    "dashboard-service-health",
    "/api/dashboard/service-health",
    Bearer,
);

/// What renews soon.
pub const DASHBOARD_RENEWALS: Operation =
    get("dashboard-renewals", "/api/dashboard/renewals", Bearer);

/// What the dashboard offers.
pub const DASHBOARD_QUICK_ACTIONS: Operation = get(
    "dashboard-quick-actions",
    "/api/dashboard/quick-actions",
    Bearer,
);

/// List the caller's API keys.
pub const LIST_API_KEYS: Operation = get("list-api-keys", "/api/api-keys/keys", Bearer);

/// Create an API key, which no route takes.
pub const CREATE_API_KEY: Operation = post("create-api-key", "/api/api-keys/keys", Bearer);

/// Revoke an API key.
pub const REVOKE_API_KEY: Operation = delete("revoke-api-key", "/api/api-keys/keys/{id}", Bearer);

/// List the caller's webhooks, secrets included.
pub const LIST_WEBHOOKS: Operation = get("list-webhooks", "/api/api-keys/webhooks", Bearer);

/// Create a webhook.
pub const CREATE_WEBHOOK: Operation = post("create-webhook", "/api/api-keys/webhooks", Bearer);

/// Delete a webhook.
pub const DELETE_WEBHOOK: Operation =
    delete("delete-webhook", "/api/api-keys/webhooks/{id}", Bearer);

/// List the roles.
pub const LIST_ROLES: Operation = get("list-roles", "/api/roles", BearerRole);

/// List the permissions.
pub const LIST_PERMISSIONS: Operation =
    get("list-permissions", "/api/roles/permissions/all", BearerRole);

/// Get one role with its permissions.
pub const GET_ROLE: Operation = get("get-role", "/api/roles/{id}", BearerRole);

/// List the users of a role.
pub const LIST_ROLE_USERS: Operation = get("list-role-users", "/api/roles/{id}/users", BearerRole);

/// Create a role.
pub const CREATE_ROLE: Operation = post("create-role", "/api/roles", BearerRole);

/// Delete a role.
pub const DELETE_ROLE: Operation = delete("delete-role", "/api/roles/{id}", BearerRole);

/// Replace the permissions of a role.
pub const SET_ROLE_PERMISSIONS: Operation = put(
    "set-role-permissions",
    "/api/roles/{id}/permissions",
    BearerRole,
);

/// List what is for sale, without authentication.
pub const LIST_PUBLIC_PLANS: Operation = get("list-public-plans", "/api/public/plans", Public);

/// Change a role.
pub const UPDATE_ROLE: Operation = put("update-role", "/api/roles/{id}", BearerRole);

/// Change a webhook.
pub const UPDATE_WEBHOOK: Operation = put("update-webhook", "/api/api-keys/webhooks/{id}", Bearer);

/// List what was sent by a webhook.
pub const LIST_WEBHOOK_DELIVERIES: Operation = get(
    "list-webhook-deliveries",
    "/api/api-keys/webhooks/{id}/deliveries",
    Bearer,
);

/// Get one invoice as a document.
pub const GET_INVOICE_PDF: Operation = get("get-invoice-pdf", "/api/invoices/{id}/pdf", Bearer);

/// The figures of an administrator.
pub const ADMIN_DASHBOARD: Operation = get("admin-dashboard", "/api/admin/dashboard", BearerRole);

/// List all subscriptions, without authentication.
pub const LIST_ADMIN_SUBSCRIPTIONS: Operation = get(
    "list-admin-subscriptions",
    "/api/admin/subscriptions",
    Public,
);

/// Change a price.
pub const PATCH_PRICE: Operation = patch("patch-price", "/api/products/prices/{id}", BearerRole);

/// Delete a price.
pub const DELETE_PRICE: Operation = delete("delete-price", "/api/products/prices/{id}", BearerRole);

/// Get one tenant.
pub const GET_TENANT_OVERVIEW: Operation = get(
    "get-tenant-overview",
    "/api/admin/customers/{id}",
    BearerRole,
);

/// List the workers, which are made up.
pub const LIST_WORKERS: Operation =
    get("list-workers", "/api/ops/provisioning/workers", BearerRole);

/// List the tenant's CloudPod jobs.
pub const LIST_TENANT_JOBS: Operation =
    get("list-tenant-jobs", "/api/provisioning/jobs", BearerRole);

/// List the tenant's CloudPods.
pub const LIST_CLOUD_PODS: Operation =
    get("list-cloud-pods", "/api/provisioning/cloudpods", BearerRole);

/// Get one CloudPod.
pub const GET_CLOUD_POD: Operation = get(
    "get-cloud-pod",
    "/api/provisioning/cloudpods/{id}",
    BearerRole,
);

/// List all CloudPod jobs.
pub const LIST_PLATFORM_JOBS: Operation = get(
    "list-platform-jobs",
    "/api/provisioning/platform/jobs",
    BearerRole,
);

/// List all CloudPods.
pub const LIST_PLATFORM_CLOUD_PODS: Operation = get(
    "list-platform-cloud-pods",
    "/api/provisioning/platform/cloudpods",
    BearerRole,
);

/// Try a CloudPod job again.
pub const RETRY_PLATFORM_JOB: Operation = post(
    "retry-platform-job",
    "/api/provisioning/platform/jobs/{id}/retry",
    BearerRole,
);

/// Cancel a CloudPod job.
pub const CANCEL_PLATFORM_JOB: Operation = post(
    "cancel-platform-job",
    "/api/provisioning/platform/jobs/{id}/cancel",
    BearerRole,
);

/// List the roles of the security module.
pub const LIST_SECURITY_ROLES: Operation =
    get("list-security-roles", "/api/security/rbac/roles", Bearer);

/// List the permissions of the security module.
pub const LIST_SECURITY_PERMISSIONS: Operation = get(
    "list-security-permissions",
    "/api/security/rbac/permissions",
    Bearer,
);

/// List the keys of the enterprise module: none.
pub const LIST_ENTERPRISE_API_KEYS: Operation = get(
    "list-enterprise-api-keys",
    "/api/enterprise/api-keys/api-keys",
    Public,
);

/// List the websites of the hosting module: none.
pub const LIST_HOSTING_WEBSITES: Operation =
    get("list-hosting-websites", "/api/hosting/websites", Public);

/// List the servers of the hosting module: always an error.
pub const LIST_HOSTING_SERVERS: Operation =
    get("list-hosting-servers", "/api/hosting/servers", Public);

/// List the catalog of the billing module: empty.
pub const LIST_BILLING_CATALOG: Operation = get(
    "list-billing-catalog",
    "/api/billing/products/catalog/public",
    Public,
);

/// Whether the services are said to be up.
pub const MARKETING_STATUS: Operation =
    get("marketing-status", "/api/marketing/status/public", Bearer);

/// The same for whoever has the marketing key.
pub const MARKETING_SYSTEM_STATUS: Operation = get(
    "marketing-system-status",
    "/api/marketing/status/system",
    SharedSecret,
);

/// Check a coupon.
pub const CHECK_COUPON: Operation = post(
    "check-coupon",
    "/api/marketing/validate-coupon",
    SharedSecret,
);

/// Get a checkout.
pub const GET_CHECKOUT_SESSION: Operation = get(
    "get-checkout-session",
    "/api/marketing/checkout-session",
    SharedSecret,
);

/// Get the order of a checkout.
pub const GET_ORDER_STATUS: Operation = get(
    "get-order-status",
    "/api/marketing/order-status/{id}",
    SharedSecret,
);

/// Report what came in.
pub const REVENUE_REPORT: Operation = get(
    "revenue-report",
    "/api/marketing/reports/revenue",
    SharedSecret,
);

/// Report who signed up.
pub const CUSTOMERS_REPORT: Operation = get(
    "customers-report",
    "/api/marketing/reports/customers",
    SharedSecret,
);

/// Report what is used.
pub const USAGE_REPORT: Operation =
    get("usage-report", "/api/marketing/reports/usage", SharedSecret);

/// List what is marketed.
pub const LIST_MARKETING_CATALOG: Operation = get(
    "list-marketing-catalog",
    "/api/marketing/products/catalog",
    SharedSecret,
);

/// Whether a product can be had.
pub const GET_AVAILABILITY: Operation = get(
    "get-availability",
    "/api/marketing/products/{id}/availability",
    SharedSecret,
);

/// List the services of a customer.
pub const LIST_CUSTOMER_SERVICES: Operation = get(
    "list-customer-services",
    "/api/marketing/customers/{id}/services",
    SharedSecret,
);

/// List the marketing keys.
pub const LIST_MARKETING_KEYS: Operation = get(
    "list-marketing-keys",
    "/api/marketing/admin/api-keys",
    BearerRole,
);

/// The operations that create what an order asks for: where a fault strikes that is armed without an operation.
pub(super) const CREATES: [Operation; 8] = [
    CREATE_CUSTOMER,
    CREATE_SUBSCRIPTION,
    CREATE_WEBSITE,
    STRIPE_COMPLETED,
    STRIPE_ORDER,
    ORDER_WEBHOOK,
    ORDER_CREATED,
    CREATE_ORDER,
];
