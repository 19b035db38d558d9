//! Every operation of the billing backend that this client knows, one to a line.

use panel_http::{CredentialKind, HttpMethod, Operation, Safety, TimeoutClass};
use provisioning_core::permission::Verb;

const OPEN: &[CredentialKind] = &[];
const BEARER: &[CredentialKind] = &[CredentialKind::Bearer];

macro_rules! operations {
    ($($constant:ident $name:literal $method:ident $path:literal $safety:ident $credential:ident $verb:tt $section:literal;)+) => {
        $(
            pub(crate) const $constant: Operation = Operation::new(
                $name,
                HttpMethod::$method,
                $path,
                Safety::$safety,
            )
            .credentials($credential)
            .timeout(timeout_of($name))
            .contract(concat!("nextpanel ", $section));
        )+

        /// Every operation of the billing backend that this client knows, with its safety. Whatever else the backend has
        /// is asked for through [`Client::raw`](panel_http::Client::raw), see [`RAW`](super::RAW).
        pub const OPERATIONS: &[&Operation] = &[$(&$constant),+];

        /// What an operation is for, as far as permissions tell it apart.
        pub(crate) fn verb_of(operation: &str) -> Option<Verb> {
            match operation {
                $($name => verb!($verb),)+
                _ => None,
            }
        }
    };
}

macro_rules! verb {
    (-) => {
        None
    };
    ($verb:ident) => {
        Some(Verb::$verb)
    };
}

/// Upstream, a create takes up to 30 s and the status of each dead server 5 s, one after the other (section 4.10).
const fn timeout_of(name: &str) -> TimeoutClass {
    match name.as_bytes() {
        b"billing.provision" => TimeoutClass::Provision,
        b"billing.servers_status" => TimeoutClass::Queue,
        _ => TimeoutClass::Standard,
    }
}

// Constant, name, method, path, what a second sending does, credential, verb, section of the contract. Paths end in a
// slash exactly where the backend wants one: anything else is a redirect (section 1). Changes that add something, such
// as days, have an operation of their own beside the change that sets something, because only the latter may be resent.
operations! {
    HEALTH                       "billing.health"                        Get    "/health"                                                             ReadOnly   OPEN   -                          "4.1";
    ROOT                         "billing.root"                          Get    "/"                                                                   ReadOnly   OPEN   -                          "4.1";
    REGISTER                     "billing.register"                      Post   "/api/v1/auth/register"                                               NaturalKey OPEN   -                          "4.2";
    LOG_IN                       "billing.log_in"                        Post   "/api/v1/auth/login"                                                  ReadOnly   OPEN   BillingLogIn               "4.2";
    GET_ME                       "billing.get_me"                        Get    "/api/v1/auth/me"                                                     ReadOnly   BEARER BillingManageSelf          "4.2";
    UPDATE_ME                    "billing.update_me"                     Put    "/api/v1/auth/me"                                                     Idempotent BEARER BillingManageSelf          "4.2";
    LIST_CUSTOMERS               "billing.list_customers"                Get    "/api/v1/customers"                                                   ReadOnly   BEARER BillingReadCustomers       "4.3";
    CREATE_CUSTOMER              "billing.create_customer"               Post   "/api/v1/customers"                                                   NaturalKey BEARER BillingCreateCustomer      "4.3";
    CREATE_GUEST                 "billing.create_guest"                  Post   "/api/v1/customers/guest"                                             NaturalKey OPEN   BillingCreateCustomer      "4.3";
    CUSTOMER_STATISTICS          "billing.customer_statistics"           Get    "/api/v1/customers/stats"                                             ReadOnly   BEARER BillingReadCustomers       "4.3";
    GET_CUSTOMER                 "billing.get_customer"                  Get    "/api/v1/customers/{customer_id}"                                     ReadOnly   BEARER BillingReadCustomers       "4.3";
    UPDATE_CUSTOMER              "billing.update_customer"               Put    "/api/v1/customers/{customer_id}"                                     Idempotent BEARER BillingChangeCustomer      "4.3";
    DELETE_CUSTOMER              "billing.delete_customer"               Delete "/api/v1/customers/{customer_id}"                                     Idempotent BEARER BillingChangeCustomer      "4.3";
    LIST_CUSTOMER_LICENCES       "billing.list_customer_licences"        Get    "/api/v1/customers/{customer_id}/licenses"                            ReadOnly   BEARER BillingReadCustomers       "4.3";
    ADD_CUSTOMER_LICENCE         "billing.add_customer_licence"          Post   "/api/v1/customers/{customer_id}/licenses"                            Unsafe     BEARER BillingManageLicences      "4.3";
    UPDATE_CUSTOMER_LICENCE      "billing.update_customer_licence"       Put    "/api/v1/customers/{customer_id}/licenses/{license_id}"               Idempotent BEARER BillingManageLicences      "4.3";
    EXTEND_CUSTOMER_LICENCE      "billing.extend_customer_licence"       Put    "/api/v1/customers/{customer_id}/licenses/{license_id}"               Unsafe     BEARER BillingManageLicences      "4.3";
    CANCEL_CUSTOMER_LICENCE      "billing.cancel_customer_licence"       Delete "/api/v1/customers/{customer_id}/licenses/{license_id}"               Idempotent BEARER BillingManageLicences      "4.3";
    LIST_CUSTOMER_SUBSCRIPTIONS  "billing.list_customer_subscriptions"   Get    "/api/v1/customers/{customer_id}/subscriptions"                       ReadOnly   BEARER BillingReadCustomers       "4.3";
    UPDATE_CUSTOMER_SUBSCRIPTION "billing.update_customer_subscription"  Put    "/api/v1/customers/{customer_id}/subscriptions/{subscription_id}"     Idempotent BEARER BillingManageLicences      "4.3";
    EXTEND_CUSTOMER_SUBSCRIPTION "billing.extend_customer_subscription"  Put    "/api/v1/customers/{customer_id}/subscriptions/{subscription_id}"     Unsafe     BEARER BillingManageLicences      "4.3";
    LIST_CUSTOMER_DOMAINS        "billing.list_customer_domains"         Get    "/api/v1/customers/{customer_id}/domains"                             ReadOnly   BEARER BillingReadCustomers       "4.3";
    LIST_CUSTOMER_PAYMENTS       "billing.list_customer_payments"        Get    "/api/v1/customers/{customer_id}/payments"                            ReadOnly   BEARER BillingReadCustomers       "4.3";
    LIST_PLANS                   "billing.list_plans"                    Get    "/api/v1/plans/"                                                      ReadOnly   OPEN   -                          "4.4";
    CREATE_PLAN                  "billing.create_plan"                   Post   "/api/v1/plans/"                                                      Unsafe     BEARER BillingAdminister          "4.4";
    LIST_PLAN_CATEGORIES         "billing.list_plan_categories"          Get    "/api/v1/plans/categories"                                            ReadOnly   OPEN   -                          "4.4";
    PLAN_STATISTICS              "billing.plan_statistics"               Get    "/api/v1/plans/stats/summary"                                         ReadOnly   BEARER BillingAdminister          "4.4";
    GET_PLAN                     "billing.get_plan"                      Get    "/api/v1/plans/{plan_id}"                                             ReadOnly   OPEN   -                          "4.4";
    UPDATE_PLAN                  "billing.update_plan"                   Put    "/api/v1/plans/{plan_id}"                                             Idempotent BEARER BillingAdminister          "4.4";
    RETIRE_PLAN                  "billing.retire_plan"                   Delete "/api/v1/plans/{plan_id}"                                             Idempotent BEARER BillingAdminister          "4.4";
    LIST_PRODUCTS                "billing.list_products"                 Get    "/api/v1/products/"                                                   ReadOnly   OPEN   -                          "4.4";
    GET_PRODUCT                  "billing.get_product"                   Get    "/api/v1/products/{product_id}"                                       ReadOnly   OPEN   -                          "4.4";
    LIST_LICENCES                "billing.list_licences"                 Get    "/api/v1/licenses/"                                                   ReadOnly   BEARER BillingReadOwnLicences     "4.5";
    GET_LICENCE                  "billing.get_licence"                   Get    "/api/v1/licenses/{license_id}"                                       ReadOnly   BEARER BillingReadOwnLicences     "4.5";
    VALIDATE_LICENCE             "billing.validate_licence"              Post   "/api/v1/licenses/validate"                                           ReadOnly   OPEN   -                          "4.5";
    LIST_SUBSCRIPTIONS           "billing.list_subscriptions"            Get    "/api/v1/subscriptions/"                                              ReadOnly   BEARER BillingReadOwnLicences     "4.6";
    CREATE_SUBSCRIPTION          "billing.create_subscription"           Post   "/api/v1/subscriptions/"                                              Unsafe     BEARER BillingManageSubscriptions "4.6";
    GET_SUBSCRIPTION             "billing.get_subscription"              Get    "/api/v1/subscriptions/{subscription_id}"                             ReadOnly   BEARER BillingReadOwnLicences     "4.6";
    CHANGE_SUBSCRIPTION_PLAN     "billing.change_subscription_plan"      Put    "/api/v1/subscriptions/{subscription_id}"                             Idempotent BEARER BillingManageSubscriptions "4.6";
    CANCEL_SUBSCRIPTION          "billing.cancel_subscription"           Post   "/api/v1/subscriptions/{subscription_id}/cancel"                      Idempotent BEARER BillingManageSubscriptions "4.6";
    REACTIVATE_SUBSCRIPTION      "billing.reactivate_subscription"       Post   "/api/v1/subscriptions/{subscription_id}/reactivate"                  Idempotent BEARER BillingManageSubscriptions "4.6";
    LIST_ORDERS                  "billing.list_orders"                   Get    "/api/v1/orders"                                                      ReadOnly   BEARER BillingReadOrder           "4.7";
    CREATE_ORDER                 "billing.create_order"                  Post   "/api/v1/orders"                                                      Unsafe     BEARER BillingCreateOrder         "4.7";
    ORDER_STATISTICS             "billing.order_statistics"              Get    "/api/v1/orders/stats"                                                ReadOnly   BEARER BillingManageOrders        "4.7";
    GET_ORDER                    "billing.get_order"                     Get    "/api/v1/orders/{order_id}"                                           ReadOnly   BEARER BillingReadOrder           "4.7";
    SET_ORDER_STATUS             "billing.set_order_status"              Patch  "/api/v1/orders/{order_id}"                                           Idempotent BEARER BillingManageOrders        "4.7";
    UPDATE_ORDER                 "billing.update_order"                  Put    "/api/v1/orders/{order_id}"                                           Idempotent BEARER BillingReadOrder           "4.7";
    PAY_ORDER                    "billing.pay_order"                     Post   "/api/v1/orders/{order_id}/pay"                                       Unsafe     BEARER BillingManageOrders        "4.7";
    VOID_ORDER                   "billing.void_order"                    Post   "/api/v1/orders/{order_id}/void"                                      Idempotent BEARER BillingManageOrders        "4.7";
    REFUND_ORDER                 "billing.refund_order"                  Post   "/api/v1/orders/{order_id}/refund"                                    Unsafe     BEARER BillingManageOrders        "4.7";
    SEND_ORDER                   "billing.send_order"                    Post   "/api/v1/orders/{order_id}/send"                                      Unsafe     BEARER BillingReadOrder           "4.7";
    ORDER_PDF                    "billing.order_pdf"                     Get    "/api/v1/orders/{order_id}/pdf"                                       ReadOnly   BEARER BillingReadOrder           "4.7";
    LIST_INVOICES                "billing.list_invoices"                 Get    "/api/v1/invoices/"                                                   ReadOnly   BEARER BillingManageInvoices      "4.8";
    CREATE_INVOICE               "billing.create_invoice"                Post   "/api/v1/invoices/"                                                   Unsafe     BEARER BillingManageInvoices      "4.8";
    LIST_OVERDUE_INVOICES        "billing.list_overdue_invoices"         Get    "/api/v1/invoices/overdue"                                            ReadOnly   BEARER BillingManageInvoices      "4.8";
    INVOICE_STATISTICS           "billing.invoice_statistics"            Get    "/api/v1/invoices/stats/summary"                                      ReadOnly   BEARER BillingManageInvoices      "4.8";
    AGING_REPORT                 "billing.aging_report"                  Get    "/api/v1/invoices/stats/aging-report"                                 ReadOnly   BEARER BillingManageInvoices      "4.8";
    CREATE_INVOICE_TEMPLATE      "billing.create_invoice_template"       Post   "/api/v1/invoices/templates"                                          Unsafe     BEARER BillingManageInvoices      "4.8";
    LIST_INVOICE_TEMPLATES       "billing.list_invoice_templates"        Get    "/api/v1/invoices/templates"                                          ReadOnly   BEARER BillingManageInvoices      "4.8";
    GENERATE_INVOICE             "billing.generate_invoice"              Post   "/api/v1/invoices/templates/{template_id}/generate"                   Unsafe     BEARER BillingManageInvoices      "4.8";
    SEND_REMINDERS               "billing.send_reminders"                Post   "/api/v1/invoices/bulk/send-reminders"                                Unsafe     BEARER BillingManageInvoices      "4.8";
    MARK_OVERDUE                 "billing.mark_overdue"                  Post   "/api/v1/invoices/bulk/mark-overdue"                                  Idempotent BEARER BillingManageInvoices      "4.8";
    GET_INVOICE                  "billing.get_invoice"                   Get    "/api/v1/invoices/{invoice_id}"                                       ReadOnly   BEARER BillingManageInvoices      "4.8";
    UPDATE_INVOICE               "billing.update_invoice"                Put    "/api/v1/invoices/{invoice_id}"                                       Idempotent BEARER BillingManageInvoices      "4.8";
    DELETE_INVOICE               "billing.delete_invoice"                Delete "/api/v1/invoices/{invoice_id}"                                       Idempotent BEARER BillingManageInvoices      "4.8";
    PAY_INVOICE                  "billing.pay_invoice"                   Post   "/api/v1/invoices/{invoice_id}/pay"                                   Unsafe     BEARER BillingManageInvoices      "4.8";
    PAY_INVOICE_PARTIALLY        "billing.pay_invoice_partially"         Post   "/api/v1/invoices/{invoice_id}/partial-payment"                       Unsafe     BEARER BillingManageInvoices      "4.8";
    LIST_PARTIAL_PAYMENTS        "billing.list_partial_payments"         Get    "/api/v1/invoices/{invoice_id}/partial-payments"                      ReadOnly   BEARER BillingManageInvoices      "4.8";
    VOID_INVOICE                 "billing.void_invoice"                  Post   "/api/v1/invoices/{invoice_id}/void"                                  Idempotent BEARER BillingManageInvoices      "4.8";
    INVOICE_PDF                  "billing.invoice_pdf"                   Get    "/api/v1/invoices/{invoice_id}/pdf"                                   ReadOnly   BEARER BillingManageInvoices      "4.8";
    SEND_INVOICE                 "billing.send_invoice"                  Post   "/api/v1/invoices/{invoice_id}/send"                                  Unsafe     BEARER BillingManageInvoices      "4.8";
    SEND_INVOICE_REMINDER        "billing.send_invoice_reminder"         Post   "/api/v1/invoices/{invoice_id}/send-reminder"                         Unsafe     BEARER BillingManageInvoices      "4.8";
    LIST_PAYMENTS                "billing.list_payments"                 Get    "/api/v1/payments"                                                    ReadOnly   BEARER BillingReadPayments        "4.8";
    PAYMENT_STATISTICS           "billing.payment_statistics"            Get    "/api/v1/payments/stats/summary"                                      ReadOnly   BEARER BillingReadPayments        "4.8";
    PAYMENT_HISTORY              "billing.payment_history"               Get    "/api/v1/payments/history/{order_id}"                                 ReadOnly   BEARER BillingReadPayments        "4.8";
    CHARGE_QUEUE                 "billing.charge_queue"                  Get    "/api/v1/payments/auto-charge/queue"                                  ReadOnly   BEARER BillingReadPayments        "4.8";
    CREATE_PAYMENT_INTENT        "billing.create_payment_intent"         Post   "/api/v1/payments/intent"                                             Unsafe     BEARER BillingReadPayments        "4.8";
    CHARGE_MANUALLY              "billing.charge_manually"               Post   "/api/v1/payments/manual-charge"                                      Unsafe     BEARER BillingReadPayments        "4.8";
    RETRY_PAYMENT                "billing.retry_payment"                 Post   "/api/v1/payments/retry/{payment_id}"                                 Unsafe     BEARER BillingReadPayments        "4.8";
    GET_PAYMENT                  "billing.get_payment"                   Get    "/api/v1/payments/{payment_id}"                                       ReadOnly   BEARER BillingReadPayments        "4.8";
    LIST_USERS                   "billing.list_users"                    Get    "/api/v1/admin/users"                                                 ReadOnly   BEARER BillingAdminister          "4.9";
    CREATE_USER                  "billing.create_user"                   Post   "/api/v1/admin/users"                                                 NaturalKey BEARER BillingAdminister          "4.9";
    GET_USER                     "billing.get_user"                      Get    "/api/v1/admin/users/{user_id}"                                       ReadOnly   BEARER BillingAdminister          "4.9";
    UPDATE_USER                  "billing.update_user"                   Put    "/api/v1/admin/users/{user_id}"                                       Idempotent BEARER BillingAdminister          "4.9";
    DELETE_USER                  "billing.delete_user"                   Delete "/api/v1/admin/users/{user_id}"                                       Idempotent BEARER BillingAdminister          "4.9";
    LIST_ALL_LICENCES            "billing.list_all_licences"             Get    "/api/v1/admin/licenses"                                              ReadOnly   BEARER BillingAdminister          "4.9";
    SET_LICENCE_STATUS           "billing.set_licence_status"            Put    "/api/v1/admin/licenses/{license_id}/status"                          Idempotent BEARER BillingAdminister          "4.9";
    CREATE_PLAN_AS_ADMIN         "billing.create_plan_as_admin"          Post   "/api/v1/admin/plans"                                                 Unsafe     BEARER BillingAdminister          "4.9";
    UPDATE_PLAN_AS_ADMIN         "billing.update_plan_as_admin"          Put    "/api/v1/admin/plans/{plan_id}"                                       Idempotent BEARER BillingAdminister          "4.9";
    DELETE_PLAN_AS_ADMIN         "billing.delete_plan_as_admin"          Delete "/api/v1/admin/plans/{plan_id}"                                       Idempotent BEARER BillingAdminister          "4.9";
    ADMIN_STATISTICS             "billing.admin_statistics"              Get    "/api/v1/admin/stats"                                                 ReadOnly   BEARER BillingAdminister          "4.9";
    TEST_SERVER                  "billing.test_server"                   Post   "/api/v1/nextpanel/servers/test"                                      ReadOnly   OPEN   BillingManageServers       "4.10";
    ADD_SERVER                   "billing.add_server"                    Post   "/api/v1/nextpanel/servers"                                           NaturalKey OPEN   BillingManageServers       "4.10";
    LIST_SERVERS                 "billing.list_servers"                  Get    "/api/v1/nextpanel/servers"                                           ReadOnly   OPEN   BillingManageServers       "4.10";
    SERVERS_STATUS               "billing.servers_status"                Get    "/api/v1/nextpanel/servers/status"                                    ReadOnly   OPEN   BillingManageServers       "4.10";
    PROVISION                    "billing.provision"                     Post   "/api/v1/nextpanel/provision"                                         NaturalKey OPEN   BillingProvision           "4.10";
    SUSPEND_ACCOUNT              "billing.suspend_account"               Post   "/api/v1/nextpanel/accounts/{account_id}/suspend"                     Idempotent OPEN   BillingManageAccounts      "4.10";
    UNSUSPEND_ACCOUNT            "billing.unsuspend_account"             Post   "/api/v1/nextpanel/accounts/{account_id}/unsuspend"                   Idempotent OPEN   BillingManageAccounts      "4.10";
    DELETE_ACCOUNT               "billing.delete_account"                Delete "/api/v1/nextpanel/accounts/{account_id}"                             Idempotent OPEN   BillingManageAccounts      "4.10";
    ACCOUNT_STATISTICS           "billing.account_statistics"            Get    "/api/v1/nextpanel/accounts/{account_id}/stats"                       ReadOnly   OPEN   BillingManageAccounts      "4.10";
    COUNT_BY_ROLE                "billing.count_by_role"                 Get    "/api/v1/nextpanel/accounts/counts/by-role"                           ReadOnly   OPEN   BillingManageAccounts      "4.10";
    USAGE_QUOTA                  "billing.usage_quota"                   Get    "/api/v1/usage/quota"                                                 ReadOnly   BEARER BillingReadOwnLicences     "4.11";
    UPDATE_USAGE                 "billing.update_usage"                  Post   "/api/v1/usage/update"                                                Unsafe     BEARER BillingReadOwnLicences     "4.11";
    USAGE_REPORT                 "billing.usage_report"                  Get    "/api/v1/usage/report"                                                ReadOnly   BEARER BillingReadOwnLicences     "4.11";
    USAGE_ALERTS                 "billing.usage_alerts"                  Get    "/api/v1/usage/alerts"                                                ReadOnly   BEARER BillingReadOwnLicences     "4.11";
    USAGE_HISTORY                "billing.usage_history"                 Get    "/api/v1/usage/history/{license_id}"                                  ReadOnly   BEARER BillingReadOwnLicences     "4.11";
    REVENUE_SUMMARY              "billing.revenue_summary"               Get    "/api/v1/analytics/revenue/summary"                                   ReadOnly   BEARER BillingAdminister          "4.11";
    MONTHLY_REVENUE              "billing.monthly_revenue"               Get    "/api/v1/analytics/revenue/monthly"                                   ReadOnly   BEARER BillingAdminister          "4.11";
    LICENCE_ANALYTICS            "billing.licence_analytics"             Get    "/api/v1/analytics/licenses/stats"                                    ReadOnly   BEARER BillingAdminister          "4.11";
    DOMAIN_ANALYTICS             "billing.domain_analytics"              Get    "/api/v1/analytics/domains/stats"                                     ReadOnly   BEARER BillingAdminister          "4.11";
    INVOICE_ANALYTICS            "billing.invoice_analytics"             Get    "/api/v1/analytics/invoices/stats"                                    ReadOnly   BEARER BillingAdminister          "4.11";
    DASHBOARD                    "billing.dashboard"                     Get    "/api/v1/analytics/dashboard"                                         ReadOnly   BEARER BillingAdminister          "4.11";
    GROWTH_METRICS               "billing.growth_metrics"                Get    "/api/v1/analytics/growth-metrics"                                    ReadOnly   BEARER BillingAdminister          "4.11";
    SEND_TEST_EMAIL              "billing.send_test_email"               Post   "/api/v1/notifications/send-test-email"                               Unsafe     BEARER BillingManageSelf          "4.11";
    RESEND_WELCOME_EMAIL         "billing.resend_welcome_email"          Post   "/api/v1/notifications/resend-welcome-email"                          Unsafe     BEARER BillingManageSelf          "4.11";
    NOTIFICATION_PREFERENCES     "billing.notification_preferences"      Get    "/api/v1/notifications/preferences"                                   ReadOnly   BEARER BillingManageSelf          "4.11";
    SET_NOTIFICATION_PREFERENCES "billing.set_notification_preferences"  Put    "/api/v1/notifications/preferences"                                   Idempotent BEARER BillingManageSelf          "4.11";
}
