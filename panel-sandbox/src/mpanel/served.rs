//! Which generation serves what (contract, section 1).

use super::operations::*;
use super::{Generation, MPanelSettings};
use crate::Operation;

/// Served by both generations.
const BOTH: [Operation; 84] = [
    HEALTH,
    READY,
    LIVE,
    ROOT,
    LOGIN,
    ME,
    MY_PERMISSIONS,
    REGISTER,
    SET_PASSWORD,
    VERIFY_SESSION,
    LIST_CUSTOMERS,
    CREATE_CUSTOMER,
    GET_CUSTOMER,
    UPDATE_CUSTOMER,
    DELETE_CUSTOMER,
    ADD_CUSTOMER_DOMAIN,
    LIST_SUBSCRIPTIONS,
    LIST_SUBSCRIPTION_PLANS,
    CREATE_SUBSCRIPTION,
    GET_SUBSCRIPTION,
    PATCH_SUBSCRIPTION,
    CANCEL_SUBSCRIPTION,
    SUSPEND_SUBSCRIPTION,
    REACTIVATE_SUBSCRIPTION,
    CHANGE_SUBSCRIPTION_PLAN,
    LIST_WEBSITES,
    CREATE_WEBSITE,
    GET_WEBSITE,
    UPDATE_WEBSITE,
    UPDATE_WEBSITE_SSL,
    DEPLOY_WEBSITE,
    LIST_SERVERS,
    CREATE_SERVER,
    GET_SERVER,
    UPDATE_SERVER,
    DELETE_SERVER,
    RECORD_SERVER_METRICS,
    GET_SERVER_METRICS,
    LIST_ADMIN_SERVERS,
    CREATE_ADMIN_SERVER,
    PATCH_ADMIN_SERVER,
    SET_ADMIN_SUBSCRIPTION_STATUS,
    LIST_PRODUCTS,
    CREATE_PRODUCT,
    GET_PRODUCT,
    DELETE_PRODUCT,
    LIST_TASKS,
    GET_TASK,
    RETRY_TASK,
    PROVISIONING_STATS,
    LIST_FAILED_JOBS,
    CLEAR_FAILED_JOBS,
    PROVISION_SERVICE,
    CLAIM_TASK,
    COMPLETE_TASK,
    GET_WORKER_TASK,
    STRIPE_COMPLETED,
    STRIPE_ORDER,
    LIST_INVOICES,
    LIST_DUE_INVOICES,
    CREATE_INVOICE,
    GET_INVOICE,
    PAY_INVOICE,
    MARK_INVOICE_PAID,
    LIST_USERS,
    GET_USER,
    DASHBOARD_STATS,
    DASHBOARD_SERVICE_HEALTH,
    DASHBOARD_RENEWALS,
    DASHBOARD_QUICK_ACTIONS,
    LIST_API_KEYS,
    CREATE_API_KEY,
    REVOKE_API_KEY,
    LIST_WEBHOOKS,
    CREATE_WEBHOOK,
    DELETE_WEBHOOK,
    LIST_ROLES,
    LIST_PERMISSIONS,
    GET_ROLE,
    LIST_ROLE_USERS,
    CREATE_ROLE,
    DELETE_ROLE,
    SET_ROLE_PERMISSIONS,
    LIST_PUBLIC_PLANS,
];

/// Served by the JavaScript server only.
const LEGACY: [Operation; 8] = [
    SYSTEM_HEALTH,
    LIST_ADMIN_CUSTOMERS,
    GET_ADMIN_CUSTOMER,
    UPDATE_PRODUCT,
    CREATE_USER,
    UPDATE_USER,
    SET_USER_STATUS,
    DELETE_USER,
];

/// Served by the TypeScript server only.
pub(super) const TYPE_SCRIPT: [Operation; 32] = [
    REFRESH,
    LOGOUT,
    MY_TENANTS,
    SWITCH_TENANT,
    LIST_BILLING_SUBSCRIPTIONS,
    GET_BILLING_SUBSCRIPTION,
    ACTIVATE_BILLING_SUBSCRIPTION,
    CANCEL_BILLING_SUBSCRIPTION,
    LIST_TENANT_OVERVIEW,
    LIST_PUBLIC_PRODUCTS,
    GET_PUBLIC_PRICING,
    GET_PRICE,
    PATCH_PRODUCT,
    LIST_PRICES,
    CREATE_PRICE,
    ORDER_WEBHOOK,
    CREATE_ORDER,
    LIST_ORDERS,
    GET_ORDER,
    PAY_ORDER,
    CANCEL_ORDER,
    FAIL_ORDER,
    LIST_JOBS,
    GET_JOB,
    RETRY_JOB,
    CANCEL_JOB,
    LIST_QUEUES,
    GET_QUEUE,
    INVITE_USER,
    SET_USER_ROLE,
    SUSPEND_USER,
    REACTIVATE_USER,
];

/// What a server with these settings serves, fixed paths before those with parameters.
pub(super) fn served(settings: &MPanelSettings) -> Vec<Operation> {
    let mut served: Vec<Operation> = match settings.generation {
        Generation::Legacy => BOTH.into_iter().chain(LEGACY).collect(),
        Generation::TypeScript => BOTH.into_iter().chain(TYPE_SCRIPT).collect(),
    };
    if settings.generation == Generation::Legacy && settings.has_type_script_tail {
        served.push(ORDER_WEBHOOK);
    }
    if settings.serves_order_created {
        served.push(ORDER_CREATED);
    }
    served.sort_by_key(|operation| operation.path().matches('{').count());
    served
}
