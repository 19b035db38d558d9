//! Which handler answers which operation.

use super::answer::{Answer, Handled};
use super::exchange::Exchange;
use super::unknown;
use super::{
    admin, api_keys, auth, billing_subscriptions, catalog, customers, dashboard, health, invoices,
    jobs, marketing, members, operations, order_webhook, orders, platform, products, public_plans,
    queue, roles, servers, stripe_completed, stripe_order, subscriptions, tasks, type_script_auth,
    users, websites, worker_route,
};
use crate::Operation;
use crate::operation::Access;

/// Answers a request: on a legacy server the gate first, unless the route lies before it.
pub(super) fn answer(exchange: &mut Exchange<'_>) -> Handled {
    let Some(operation) = exchange.operation else {
        return unknown::answer(exchange);
    };
    exchange.spoil_tokens();
    if exchange.is_legacy() && !is_before_the_gate(exchange, &operation) {
        exchange.pass_gate()?;
    }
    handle(exchange, &operation)
}

fn is_before_the_gate(exchange: &Exchange<'_>, operation: &Operation) -> bool {
    match *operation {
        operations::STRIPE_ORDER | operations::ORDER_CREATED => true,
        // Passes the gate, and is then taken for an id by a router that wants a token.
        operations::GET_PRODUCT => exchange.parameter() == "public",
        operation => operation.access() == Access::Public,
    }
}

/// Where the two generations have a route of the same path, each in its own dialect.
fn by_dialect<'a>(
    exchange: &mut Exchange<'a>,
    legacy: fn(&mut Exchange<'a>) -> Handled,
    type_script: fn(&mut Exchange<'a>) -> Handled,
) -> Handled {
    if exchange.is_legacy() {
        legacy(exchange)
    } else {
        type_script(exchange)
    }
}

fn handle(exchange: &mut Exchange<'_>, operation: &Operation) -> Handled {
    match *operation {
        operations::HEALTH => health::health(exchange),
        operations::READY => health::ready(exchange),
        operations::LIVE => health::live(exchange),
        operations::ROOT => health::root(exchange),
        operations::SYSTEM_HEALTH => health::system_health(exchange),
        operations::LOGIN => by_dialect(exchange, auth::login, type_script_auth::login),
        operations::REFRESH => type_script_auth::refresh(exchange),
        operations::LOGOUT => type_script_auth::logout(exchange),
        operations::ME => by_dialect(exchange, auth::me, type_script_auth::me),
        operations::MY_TENANTS => type_script_auth::my_tenants(exchange),
        operations::SWITCH_TENANT => type_script_auth::switch_tenant(exchange),
        operations::MY_PERMISSIONS => auth::permissions(exchange),
        operations::REGISTER => auth::register(exchange),
        operations::SET_PASSWORD => auth::set_password(exchange),
        operations::VERIFY_SESSION => auth::verify_session(exchange),
        operations::LIST_CUSTOMERS => customers::list(exchange),
        operations::CREATE_CUSTOMER => customers::create(exchange),
        operations::GET_CUSTOMER => customers::get(exchange),
        operations::UPDATE_CUSTOMER => customers::update(exchange),
        operations::DELETE_CUSTOMER => customers::delete(exchange),
        operations::ADD_CUSTOMER_DOMAIN => customers::add_domain(exchange),
        operations::LIST_SUBSCRIPTIONS => subscriptions::list(exchange),
        operations::LIST_SUBSCRIPTION_PLANS => subscriptions::plans(exchange),
        operations::CREATE_SUBSCRIPTION => subscriptions::create(exchange),
        operations::GET_SUBSCRIPTION => subscriptions::get(exchange),
        operations::PATCH_SUBSCRIPTION => subscriptions::patch(exchange),
        operations::CANCEL_SUBSCRIPTION => {
            subscriptions::set_status(exchange, "cancelled", "cancel")
        }
        operations::SUSPEND_SUBSCRIPTION => {
            subscriptions::set_status(exchange, "suspended", "suspend")
        }
        operations::REACTIVATE_SUBSCRIPTION => {
            subscriptions::set_status(exchange, "active", "reactivate")
        }
        operations::CHANGE_SUBSCRIPTION_PLAN => subscriptions::change_plan(exchange),
        operations::LIST_BILLING_SUBSCRIPTIONS => billing_subscriptions::list(exchange),
        operations::GET_BILLING_SUBSCRIPTION => billing_subscriptions::get(exchange),
        operations::ACTIVATE_BILLING_SUBSCRIPTION => billing_subscriptions::activate(exchange),
        operations::CANCEL_BILLING_SUBSCRIPTION => billing_subscriptions::cancel(exchange),
        operations::LIST_WEBSITES => websites::list(exchange),
        operations::CREATE_WEBSITE => websites::create(exchange),
        operations::GET_WEBSITE => websites::get(exchange),
        operations::UPDATE_WEBSITE => websites::update(exchange),
        operations::UPDATE_WEBSITE_SSL => websites::update_ssl(exchange),
        operations::DEPLOY_WEBSITE => websites::deploy(exchange),
        operations::LIST_SERVERS => servers::list(exchange),
        operations::CREATE_SERVER => servers::create(exchange),
        operations::GET_SERVER => servers::get(exchange),
        operations::UPDATE_SERVER => servers::update(exchange),
        operations::DELETE_SERVER => servers::delete(exchange),
        operations::RECORD_SERVER_METRICS => servers::record_metrics(exchange),
        operations::GET_SERVER_METRICS => servers::metrics(exchange),
        operations::LIST_ADMIN_SERVERS => admin::list_servers(exchange),
        operations::CREATE_ADMIN_SERVER => admin::create_server(exchange),
        operations::PATCH_ADMIN_SERVER => admin::patch_server(exchange),
        operations::LIST_ADMIN_CUSTOMERS => admin::list_customers(exchange),
        operations::GET_ADMIN_CUSTOMER => admin::get_customer(exchange),
        operations::LIST_TENANT_OVERVIEW => dashboard::tenants(exchange),
        operations::SET_ADMIN_SUBSCRIPTION_STATUS => subscriptions::set_admin_status(exchange),
        operations::LIST_PUBLIC_PRODUCTS => catalog::list_public(exchange),
        operations::GET_PUBLIC_PRICING => catalog::pricing(exchange),
        operations::GET_PRICE => catalog::get_price(exchange),
        operations::LIST_PRODUCTS => by_dialect(exchange, products::list, catalog::list),
        operations::CREATE_PRODUCT => by_dialect(exchange, products::create, catalog::create),
        operations::GET_PRODUCT => by_dialect(exchange, products::get, catalog::get),
        operations::UPDATE_PRODUCT => products::update(exchange),
        operations::PATCH_PRODUCT => catalog::patch(exchange),
        operations::DELETE_PRODUCT => by_dialect(exchange, products::delete, catalog::delete),
        operations::LIST_PRICES => catalog::list_prices(exchange),
        operations::CREATE_PRICE => catalog::create_price(exchange),
        operations::LIST_TASKS => tasks::list_tasks(exchange),
        operations::GET_TASK => tasks::get_task(exchange),
        operations::RETRY_TASK => queue::retry(exchange),
        operations::PROVISIONING_STATS => queue::stats(exchange),
        operations::LIST_FAILED_JOBS => queue::list_failed(exchange),
        operations::CLEAR_FAILED_JOBS => queue::clear_failed(exchange),
        operations::PROVISION_SERVICE => queue::provision(exchange),
        operations::CLAIM_TASK => worker_route::claim(exchange),
        operations::COMPLETE_TASK => worker_route::complete(exchange),
        operations::GET_WORKER_TASK => worker_route::get(exchange),
        operations::STRIPE_COMPLETED => stripe_completed::stripe_completed(exchange),
        operations::STRIPE_ORDER => stripe_order::create(exchange),
        operations::ORDER_WEBHOOK => order_webhook::webhook(exchange),
        operations::ORDER_CREATED => stripe_completed::order_created(exchange),
        operations::CREATE_ORDER => orders::create(exchange),
        operations::LIST_ORDERS => orders::list(exchange),
        operations::GET_ORDER => orders::get(exchange),
        operations::PAY_ORDER => orders::pay(exchange),
        operations::CANCEL_ORDER => orders::cancel(exchange),
        operations::FAIL_ORDER => orders::fail(exchange),
        operations::LIST_JOBS => jobs::list(exchange),
        operations::GET_JOB => jobs::get(exchange),
        operations::RETRY_JOB => jobs::retry(exchange),
        operations::CANCEL_JOB => jobs::cancel(exchange),
        operations::LIST_QUEUES => jobs::list_queues(exchange),
        operations::GET_QUEUE => jobs::get_queue(exchange),
        operations::LIST_INVOICES => invoices::list(exchange),
        operations::LIST_DUE_INVOICES => invoices::list_due(exchange),
        operations::CREATE_INVOICE => invoices::create(exchange),
        operations::GET_INVOICE => invoices::get(exchange),
        operations::PAY_INVOICE => invoices::pay(exchange),
        operations::MARK_INVOICE_PAID => invoices::mark_paid(exchange),
        operations::LIST_USERS => by_dialect(exchange, users::list, members::list),
        operations::CREATE_USER => users::create(exchange),
        operations::GET_USER => by_dialect(exchange, users::get, members::get),
        operations::UPDATE_USER => users::update(exchange),
        operations::SET_USER_STATUS => users::set_status(exchange),
        operations::DELETE_USER => users::delete(exchange),
        operations::INVITE_USER => members::invite(exchange),
        operations::SET_USER_ROLE => members::set_role(exchange),
        operations::SUSPEND_USER => members::set_status(exchange, "suspended"),
        operations::REACTIVATE_USER => members::set_status(exchange, "active"),
        operations::DASHBOARD_STATS => dashboard::stats(exchange),
        operations::DASHBOARD_SERVICE_HEALTH => dashboard::service_health(exchange),
        operations::DASHBOARD_RENEWALS => dashboard::renewals(exchange),
        operations::DASHBOARD_QUICK_ACTIONS => dashboard::quick_actions(exchange),
        operations::LIST_API_KEYS => api_keys::list(exchange),
        operations::CREATE_API_KEY => api_keys::create(exchange),
        operations::REVOKE_API_KEY => api_keys::revoke(exchange),
        operations::LIST_WEBHOOKS => api_keys::list_webhooks(exchange),
        operations::CREATE_WEBHOOK => api_keys::create_webhook(exchange),
        operations::DELETE_WEBHOOK => api_keys::delete_webhook(exchange),
        operations::LIST_ROLES => roles::list(exchange),
        operations::LIST_PERMISSIONS => roles::list_permissions(exchange),
        operations::GET_ROLE => roles::get(exchange),
        operations::LIST_ROLE_USERS => roles::list_users(exchange),
        operations::CREATE_ROLE => roles::create(exchange),
        operations::DELETE_ROLE => roles::delete(exchange),
        operations::SET_ROLE_PERMISSIONS => roles::set_permissions(exchange),
        operations::LIST_PUBLIC_PLANS => public_plans::list(exchange),
        operations::UPDATE_ROLE => roles::update(exchange),
        operations::UPDATE_WEBHOOK => api_keys::update_webhook(exchange),
        operations::LIST_WEBHOOK_DELIVERIES => api_keys::list_deliveries(exchange),
        operations::GET_INVOICE_PDF => invoices::pdf(exchange),
        operations::ADMIN_DASHBOARD => dashboard::admin(exchange),
        operations::LIST_ADMIN_SUBSCRIPTIONS => admin::list_subscriptions(exchange),
        operations::PATCH_PRICE => catalog::patch_price(exchange),
        operations::DELETE_PRICE => catalog::delete_price(exchange),
        operations::GET_TENANT_OVERVIEW => platform::tenant(exchange),
        operations::LIST_WORKERS => platform::workers(exchange),
        operations::LIST_TENANT_JOBS | operations::LIST_CLOUD_PODS => platform::of_tenant(exchange),
        operations::GET_CLOUD_POD => platform::cloud_pod(exchange),
        operations::LIST_PLATFORM_JOBS | operations::LIST_PLATFORM_CLOUD_PODS => {
            platform::of_platform(exchange)
        }
        operations::RETRY_PLATFORM_JOB | operations::CANCEL_PLATFORM_JOB => platform::job(exchange),
        operations::LIST_SECURITY_ROLES => platform::roles(exchange),
        operations::LIST_SECURITY_PERMISSIONS => platform::permissions(exchange),
        operations::LIST_ENTERPRISE_API_KEYS | operations::LIST_BILLING_CATALOG => {
            platform::nothing()
        }
        operations::LIST_HOSTING_WEBSITES => platform::hosting_websites(),
        operations::LIST_HOSTING_SERVERS => platform::hosting_servers(exchange),
        operations::MARKETING_STATUS => marketing::status(exchange),
        operations::MARKETING_SYSTEM_STATUS => marketing::system_status(exchange),
        operations::CHECK_COUPON => marketing::check_coupon(exchange),
        operations::GET_CHECKOUT_SESSION => marketing::session(exchange),
        operations::GET_ORDER_STATUS => marketing::order_status(exchange),
        operations::REVENUE_REPORT | operations::CUSTOMERS_REPORT | operations::USAGE_REPORT => {
            marketing::report(exchange)
        }
        operations::LIST_MARKETING_CATALOG => marketing::catalog(exchange),
        operations::GET_AVAILABILITY => marketing::availability(exchange),
        operations::LIST_CUSTOMER_SERVICES => marketing::services(exchange),
        operations::LIST_MARKETING_KEYS => marketing::list_keys(exchange),
        _ => Err(Answer::error(
            500,
            "panel-sandbox: an operation without a handler",
        )),
    }
}
