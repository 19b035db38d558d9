//! The billing backend: customers, plans, orders, invoices, servers, with a login (CONTRACT-nextpanel sections 4.1 to
//! 4.10, and usage, analytics and notifications of 4.11).
//!
//! Most routes are called with [`Billing::call`] and a request. Those that are not safe to call as they are have a method
//! that makes them so: [`Billing::create_order`], [`Billing::subscribe`], [`Billing::provision`],
//! [`Billing::suspend_account`] and its like. Everything else the backend has is listed in [`RAW`].

mod admin;
mod amount;
mod analytics;
mod client;
mod create_order;
mod create_subscription;
mod customer;
mod customer_belongings;
mod customer_with_hosting;
mod endpoint;
mod health;
mod hosting_account;
mod id;
mod invoice;
mod licence;
mod list_all;
mod notifications;
pub(crate) mod operations;
mod order;
mod password;
mod payment;
mod product_plan;
mod provision;
mod provision_outcome;
mod raw;
mod report;
mod server;
mod subscription;
mod usage;
mod user;

pub use admin::{
    AdminStatistics, CreateUser, DeleteUser, GetAdminStatistics, GetUser, LicenceFilter,
    ListAllLicences, ListUsers, SetLicenceStatus, SetUserPassword, UpdateUser, UserRow,
};
pub use amount::{Amount, NoPercent, NoPrice, Percent, Price};
pub use analytics::{
    GetDashboard, GetDomainAnalytics, GetGrowthMetrics, GetInvoiceAnalytics, GetLicenceAnalytics,
    GetMonthlyRevenue, GetRevenueSummary,
};
pub use client::{Billing, BillingBuilder, LogIn};
pub use create_order::NewOrder;
pub use create_subscription::{NewSubscription, Subscribed};
pub use customer::{
    CreateCustomer, CreateGuest, Customer, CustomerStatistics, DeleteCustomer, GetCustomer,
    GetCustomerStatistics, ListCustomers, SetCustomerPassword, UpdateCustomer,
};
pub use customer_belongings::{
    AddCustomerLicence, AddedLicence, BillingCycle, CancelCustomerLicence,
    CancelCustomerSubscriptionNow, ChangedLicence, ChangedSubscription, CustomerDomain,
    CustomerPayment, ExtendCustomerLicence, ExtendCustomerSubscription, ListCustomerDomains,
    ListCustomerLicences, ListCustomerPayments, ListCustomerSubscriptions, UpdateCustomerLicence,
    UpdateCustomerSubscription,
};
pub use customer_with_hosting::{CustomerWithHosting, HandedOver, HostingFailure};
pub use endpoint::{Document, Done};
pub use health::{BillingHealth, GetBillingHealth, GetGreeting, Greeting};
pub use id::{
    CustomerId, HostingAccountId, InvoiceId, InvoiceTemplateId, LicenceId, OrderId, PaymentId,
    ProductPlanId, ServerId, SubscriptionId,
};
pub use invoice::{
    CreateInvoice, CreateInvoiceTemplate, DeleteInvoice, GenerateInvoice, GetAgingReport,
    GetInvoice, GetInvoicePdf, GetInvoiceStatistics, Invoice, InvoiceFilter, InvoiceItem,
    InvoiceNotice, InvoiceStatus, InvoiceTemplate, ListInvoiceTemplates, ListInvoices,
    ListOverdueInvoices, ListPartialPayments, MarkOverdue, PartialPayment, PayInvoice,
    PayInvoicePartially, RecurringInterval, SendInvoice, SendInvoiceReminder, SendReminders,
    UpdateInvoice, VoidInvoice,
};
pub use licence::{
    GetLicence, Licence, LicenceStatus, LicenceValidity, ListLicences, ValidateLicence,
};
pub use list_all::{PagedList, Rows};
pub use notifications::{
    GetNotificationPreferences, ResendWelcomeEmail, SendTestEmail, SetNotificationPreferences,
};
pub use operations::OPERATIONS;
pub use order::{
    BillingPeriod, GetOrder, GetOrderPdf, GetOrderStatistics, ListOrders, Order, OrderCustomer,
    OrderItem, OrderNotice, OrderStatus, PayOrder, Refund, RefundOrder, RefundType, SendOrder,
    SetOrderStatus, UpdateOrder, VoidOrder,
};
pub use password::{NewPassword, PasswordRefused};
pub use payment::{
    ChargeManually, CreatePaymentIntent, GetChargeQueue, GetPayment, GetPaymentHistory,
    GetPaymentStatistics, ListPayments, Payment, PaymentFilter, PaymentIntent, PaymentStatus,
    RetryPayment,
};
pub use product_plan::{
    CreatePlan, CreatePlanAsAdmin, DeletePlanAsAdmin, GetPlan, GetPlanStatistics, GetProduct,
    ListPlanCategories, ListPlans, ListProducts, PlanCategories, PlanCategory, ProductPlan,
    RetirePlan, UpdatePlan, UpdatePlanAsAdmin,
};
pub use provision::{HostingDetails, NewHostingAccount, OrderReference, ProvisionedAccount};
pub use provision_outcome::{LookUp, ProvisionOutcome, ProvisionRefusal, UnknownProvision};
pub use raw::RAW;
pub use report::Report;
pub use server::{
    AccountCounts, AddServer, AddedServer, CountAccountsByRole, GetServersStatus, ListServers,
    Server, ServerState, ServerTest, TestServer,
};
pub use subscription::{
    CancelAtPeriodEnd, CancelNow, ChangeSubscriptionPlan, GetSubscription, ListSubscriptions,
    ReactivateSubscription, Subscription, SubscriptionStatus,
};
pub use usage::{
    GetQuota, GetUsageAlerts, GetUsageHistory, GetUsageReport, Quota, ResourceType, UpdateUsage,
    UsageCount, UsageReport,
};
pub use user::{ChangeMyPassword, GetMe, Register, UpdateMe, User};
