//! What is asked of the panels, as far as permissions tell it apart.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The service a verb is asked of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// The NextPanel hosting panel.
    NextPanel,
    /// The NextPanel billing backend.
    NextPanelBilling,
    /// mPanel, either generation.
    Mpanel,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NextPanel => "NextPanel",
            Self::NextPanelBilling => "NextPanel billing",
            Self::Mpanel => "mPanel",
        })
    }
}

macro_rules! verbs {
    ($($(#[doc = $doc:literal])+ $name:ident => $service:ident, $words:literal;)+) => {
        /// One thing a caller wants done, the unit that permissions are about.
        ///
        /// Names without a service are the NextPanel panel's; `Billing...` are the NextPanel billing backend's and
        /// `Mpanel...` are mPanel's.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Verb {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Verb {
            /// Every verb.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The service it is asked of.
            #[must_use]
            pub fn service(self) -> Service {
                match self {
                    $(Self::$name => Service::$service,)+
                }
            }

            /// What it does, in words that continue "to ...".
            #[must_use]
            pub fn words(self) -> &'static str {
                match self {
                    $(Self::$name => $words,)+
                }
            }
        }
    };
}

verbs! {
    /// `GET /api/health` of a NextPanel panel.
    ReadHealth => NextPanel, "read the panel's health";
    /// `POST /api/auth/login/json` of a NextPanel panel, with an account's own password.
    LogIn => NextPanel, "log in to a hosting account";
    /// `POST /api/api-keys/`.
    CreateApiKey => NextPanel, "create an API key";
    /// `GET /api/v1/billing/accounts`.
    ListAccounts => NextPanel, "list hosting accounts";
    /// `POST /api/v1/billing/accounts`.
    CreateAccount => NextPanel, "create a hosting account";
    /// `GET /api/v1/billing/accounts/{id}`.
    GetAccount => NextPanel, "read a hosting account";
    /// `POST /api/v1/billing/accounts/{id}/suspend`.
    SuspendAccount => NextPanel, "suspend a hosting account";
    /// `POST /api/v1/billing/accounts/{id}/unsuspend`.
    UnsuspendAccount => NextPanel, "unsuspend a hosting account";
    /// `DELETE /api/v1/billing/accounts/{id}`.
    TerminateAccount => NextPanel, "terminate a hosting account";
    /// `GET /api/v1/billing/accounts/{id}/stats`.
    ReadAccountStatistics => NextPanel, "read a hosting account's statistics";

    /// `POST /auth/login`.
    BillingLogIn => NextPanelBilling, "log in to billing";
    /// `GET` and `PUT /auth/me`.
    BillingManageSelf => NextPanelBilling, "read or change one's own billing user";
    /// `GET /customers...`.
    BillingReadCustomers => NextPanelBilling, "read customers";
    /// `POST /customers`.
    BillingCreateCustomer => NextPanelBilling, "create a customer";
    /// `PUT` and `DELETE /customers/{id}`.
    BillingChangeCustomer => NextPanelBilling, "change or delete a customer";
    /// `POST`, `PUT` and `DELETE /customers/{id}/licenses...`.
    BillingManageLicences => NextPanelBilling, "manage a customer's licences";
    /// `GET /licenses/...` and `/subscriptions/...`: one's own.
    BillingReadOwnLicences => NextPanelBilling, "read one's own licences and subscriptions";
    /// `POST /subscriptions/` and its changes: one's own.
    BillingManageSubscriptions => NextPanelBilling, "manage one's own subscriptions";
    /// `POST /orders`: for oneself only, administrators included.
    BillingCreateOrder => NextPanelBilling, "create an order";
    /// `GET /orders/{id}` and `PUT /orders/{id}`: one's own, or any for administrators.
    BillingReadOrder => NextPanelBilling, "read or change an order";
    /// `PATCH /orders/{id}`, `/pay`, `/void`, `/refund`.
    BillingManageOrders => NextPanelBilling, "mark an order paid, void or refunded";
    /// `/invoices/...`: one's own, administrators included.
    BillingManageInvoices => NextPanelBilling, "read or change an invoice";
    /// `GET /payments...`.
    BillingReadPayments => NextPanelBilling, "read payments";
    /// `/admin/...`.
    BillingAdminister => NextPanelBilling, "administer users, licences and plans";
    /// `/nextpanel/servers...`, open to everybody.
    BillingManageServers => NextPanelBilling, "manage the billing backend's servers";
    /// `POST /nextpanel/provision`, open to everybody; the panel's key is the billing backend's.
    BillingProvision => NextPanelBilling, "create a hosting account through the billing backend";
    /// `POST /nextpanel/accounts/{id}/suspend`, `/unsuspend` and `DELETE`, open to everybody.
    BillingManageAccounts => NextPanelBilling, "suspend, unsuspend or delete a hosting account through the billing backend";

    /// `POST /api/auth/login`.
    MpanelLogIn => Mpanel, "log in to mPanel";
    /// `/api/auth/me`, `/api/auth/permissions` and their neighbours.
    MpanelManageSelf => Mpanel, "read or change one's own mPanel user";
    /// `GET /api/customers...`.
    MpanelReadCustomers => Mpanel, "read customers";
    /// `POST`, `PUT`, `DELETE /api/customers...`.
    MpanelWriteCustomer => Mpanel, "create or change a customer";
    /// `GET /api/subscriptions...`.
    MpanelReadSubscriptions => Mpanel, "read subscriptions";
    /// `POST`, `PATCH /api/subscriptions...`.
    MpanelWriteSubscription => Mpanel, "create or change a subscription";
    /// `POST`, `PUT /api/websites...`.
    MpanelWriteWebsite => Mpanel, "create or change a website";
    /// `GET /api/servers...`.
    MpanelReadServers => Mpanel, "read servers";
    /// `POST /api/servers`.
    MpanelWriteServer => Mpanel, "add a server";
    /// `GET /api/provisioning/tasks...`.
    MpanelReadTasks => Mpanel, "read provisioning tasks";
    /// `POST /api/provisioning/retry/{id}`.
    MpanelRetryTask => Mpanel, "retry a provisioning task";
    /// `POST /api/provisioning/provision` and `/manual`.
    MpanelProvision => Mpanel, "provision a service";
    /// `GET /api/provisioning/stats` and `/failed`.
    MpanelReadQueue => Mpanel, "read the provisioning queue";
    /// `DELETE /api/provisioning/failed`.
    MpanelClearFailed => Mpanel, "clear failed provisioning jobs";
    /// `POST /api/provisioning/stripe`.
    MpanelSubmitStripePayment => Mpanel, "submit a Stripe payment for provisioning";
    /// `POST /api/orders/webhook`.
    MpanelSubmitOrder => Mpanel, "submit an order";
    /// `POST /api/public/orders/stripe-completed`, open to everybody.
    MpanelSubmitCompletedCheckout => Mpanel, "submit a completed checkout";
    /// `/api/worker/tasks/...`, open to everybody.
    MpanelWorkTasks => Mpanel, "claim and complete provisioning tasks";
    /// `GET /api/invoices...`.
    MpanelReadInvoices => Mpanel, "read invoices";
    /// `POST /api/invoices` and `GET /api/invoices/due`.
    MpanelWriteInvoice => Mpanel, "create invoices or list those due";
    /// `POST /api/invoices/{id}/mark-paid`.
    MpanelMarkInvoicePaid => Mpanel, "mark an invoice paid";
    /// `/api/users...`, legacy.
    MpanelManageUsers => Mpanel, "manage users";
    /// `GET /api/roles...`.
    MpanelReadRoles => Mpanel, "read roles";
    /// `POST`, `PUT`, `DELETE /api/roles...`.
    MpanelWriteRoles => Mpanel, "change roles";
    /// `GET /api/products...`, legacy.
    MpanelReadProducts => Mpanel, "read products";
    /// `POST`, `PUT /api/products...`, legacy.
    MpanelWriteProduct => Mpanel, "create or change a product";
    /// `DELETE /api/products/{id}`, legacy.
    MpanelDeleteProduct => Mpanel, "delete a product";
    /// `POST /api/orders`, TypeScript generation.
    MpanelCreateOrder => Mpanel, "create an order";
    /// `GET /api/orders...`, TypeScript generation.
    MpanelReadOrders => Mpanel, "read orders";
    /// `GET /api/provisioning/jobs...`, TypeScript generation.
    MpanelReadJobs => Mpanel, "read provisioning jobs";
    /// `/api/ops/provisioning/...`, TypeScript generation.
    MpanelOperatePlatform => Mpanel, "operate the platform's provisioning";
    /// `/api/billing/subscriptions...`, TypeScript generation.
    MpanelManageTenantSubscriptions => Mpanel, "manage a tenant's subscriptions";
    /// `/api/dashboard/...`.
    MpanelReadDashboard => Mpanel, "read the dashboard";
    /// `/api/api-keys/...`: keys and webhooks.
    MpanelManageApiKeys => Mpanel, "manage API keys and webhooks";
    /// `/api/marketing/...`.
    MpanelMarket => Mpanel, "use the marketing routes";
    /// `/api/marketing/admin/api-keys`.
    MpanelManageMarketingKeys => Mpanel, "manage marketing keys";
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}
