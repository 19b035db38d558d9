//! How each endpoint that only reads is asked: with what the lists before it have shown, or for what nobody has.

use futures_util::TryStreamExt;
use mpanel_client::{
    Generation, Mpanel, TenantId,
    admin::{GetAdminCustomer, ListAdminCustomers, ListAdminSubscriptions},
    api_keys::{ListApiKeys, ListWebhookDeliveries, ListWebhooks, WebhookId},
    auth::{GetMe, GetPermissions, ListTenants, SwitchTenant, VerifySession},
    customers::{
        CustomerId, GetCustomer, ListCustomerInvoices, ListCustomerSubscriptions,
        ListCustomerWebsites, ListCustomers,
    },
    dashboard::{
        GetAdminDashboard, GetDashboardStats, GetDashboardSummary, GetServiceHealth,
        ListQuickActions, ListRenewals,
    },
    enterprise::{
        ListBillingCatalog, ListEnterpriseApiKeys, ListHostingServers, ListHostingWebsites,
    },
    health::{GetHealth, GetLive, GetReady, GetSystemHealth},
    invoices::{GetInvoice, GetInvoicePdf, InvoiceId, ListDueInvoices, ListInvoices},
    jobs::{
        CloudPodId, GetCloudPod, GetJob, GetJobQueue, JobId, ListCloudPods, ListJobQueues,
        ListJobs, ListPlatformCloudPods, ListPlatformJobs, ListTenantJobs, ListWorkers,
    },
    marketing::{
        CheckCoupon, GetCheckoutSession, GetCustomersReport, GetMarketingStatus, GetOrderStatus,
        GetProductAvailability, GetRevenueReport, GetSystemStatus, GetUsageReport,
        ListCustomerServices, ListMarketingCatalog, ListMarketingKeys,
    },
    orders::{GetOrder, ListOrders, OrderId},
    products::{
        GetPrice, GetPricing, GetProduct, GetProductByCode, ListLegacyProducts, ListPrices,
        ListPublicProducts, PriceId, ProductId,
    },
    public::ListPublicPlans,
    roles::{
        GetRole, ListPermissions, ListRoleUsers, ListRoles, ListSecurityPermissions,
        ListSecurityRoles, RoleId,
    },
    servers::{GetServer, GetServerMetrics, ListAdminServers, ListServers, ServerId},
    subscriptions::{GetSubscription, ListPlans, ListSubscriptions, SubscriptionId},
    tasks::{
        GetProvisioningSummary, GetQueueJob, GetQueueStats, GetTask, GetTaskLog, ListFailedJobs,
        ListTasks, QueueJobId, TaskId,
    },
    tenant_subscriptions::{GetTenantSubscription, ListTenantSubscriptions},
    users::{GetUser, ListAdminUsers, ListUsers, UserId},
    websites::{GetWebsite, ListWebsites, WebsiteId},
    worker::GetWorkerTask,
};
use panel_http::{Endpoint, Error, ListEndpoint};

use crate::known::{Known, Thing};

/// What is put where a text is wanted that means nothing.
const MADE_UP: &str = "api-status";

/// One request to a panel.
pub(crate) struct Probe<'a> {
    panel: &'a Mpanel,
    known: &'a mut Known,
    /// Whether it asks for something that nobody has.
    pub(crate) is_made_up: bool,
    /// Whether 404 is a right answer about something that is there.
    pub(crate) may_be_absent: bool,
}

impl<'a> Probe<'a> {
    pub(crate) fn new(panel: &'a Mpanel, known: &'a mut Known) -> Self {
        Self {
            panel,
            known,
            is_made_up: false,
            may_be_absent: false,
        }
    }

    /// An id of this thing, known or made up.
    fn id(&mut self, thing: Thing) -> String {
        let (id, is_made_up) = self.known.get(thing);
        self.is_made_up |= is_made_up;
        id
    }

    /// A value that means nothing to the panel.
    fn made_up(&mut self) -> String {
        self.is_made_up = true;
        MADE_UP.to_owned()
    }

    async fn call<E: Endpoint>(&self, endpoint: E) -> Result<(), Error> {
        self.panel.call(endpoint).await.map(drop)
    }

    /// Reads a list as far as its first row: one request.
    async fn first<E: ListEndpoint>(&self, list: E) -> Result<Option<E::Item>, Error> {
        self.panel.list(list).items().try_next().await
    }

    async fn list<E: ListEndpoint>(&self, list: E) -> Result<(), Error> {
        self.first(list).await.map(drop)
    }

    /// The same, keeping the id of the row.
    async fn list_of<E: ListEndpoint, I: ToString>(
        &mut self,
        thing: Thing,
        list: E,
        id: impl FnOnce(&E::Item) -> I,
    ) -> Result<(), Error> {
        if let Some(row) = self.first(list).await? {
            self.known.keep(thing, id(&row));
        }
        Ok(())
    }

    /// Asks. None for an operation this program does not know how to ask.
    ///
    /// A client of both generations takes either's reply, so a list that the other generation sends in pages is asked
    /// for whole: it then sends its first page.
    pub(crate) async fn ask(&mut self, operation: &str) -> Option<Result<(), Error>> {
        use Thing::*;
        let asked = match operation {
            "mpanel.log_in" => self.panel.session().await.map(drop),
            "mpanel.get_me" => self.call(GetMe).await,
            "mpanel.get_permissions" => self.call(GetPermissions).await,
            "mpanel.verify_session" => {
                let session = self.made_up();
                self.call(VerifySession(session)).await
            }
            "mpanel.list_tenants" => self.list(ListTenants).await,
            "mpanel.switch_tenant" => {
                let session = self.panel.known_session();
                let own = session.and_then(|session| session.tenant_id().cloned());
                let tenant = match own {
                    Some(own) => own,
                    None => TenantId::text(self.made_up()),
                };
                self.call(SwitchTenant(tenant)).await
            }
            "mpanel.health" => self.call(GetHealth).await,
            "mpanel.ready" => self.call(GetReady).await,
            "mpanel.live" => self.call(GetLive).await,
            "mpanel.system_health" => self.call(GetSystemHealth).await,
            "mpanel.list_customers" => {
                self.list_of(Customer, ListCustomers, |row| row.id.clone())
                    .await
            }
            "mpanel.get_customer" => {
                let id = CustomerId::text(self.id(Customer));
                self.call(GetCustomer(id)).await
            }
            "mpanel.list_customer_subscriptions" => {
                let id = CustomerId::text(self.id(Customer));
                self.list(ListCustomerSubscriptions(id)).await
            }
            "mpanel.list_customer_websites" => {
                let id = CustomerId::text(self.id(Customer));
                self.list(ListCustomerWebsites(id)).await
            }
            "mpanel.list_customer_invoices" => {
                let id = CustomerId::text(self.id(Customer));
                self.list(ListCustomerInvoices(id)).await
            }
            "mpanel.list_subscriptions" => {
                let customer = CustomerId::text(self.id(Customer));
                let list = ListSubscriptions::of(customer);
                self.list_of(Subscription, list, |row| row.id.clone()).await
            }
            "mpanel.get_subscription" => {
                let id = SubscriptionId::text(self.id(Subscription));
                self.call(GetSubscription(id)).await
            }
            "mpanel.list_plans" => self.list(ListPlans).await,
            "mpanel.list_websites" => {
                self.list_of(Website, ListWebsites::all(), |row| row.id.clone())
                    .await
            }
            "mpanel.get_website" => {
                let id = WebsiteId::text(self.id(Website));
                self.call(GetWebsite(id)).await
            }
            "mpanel.list_servers" => {
                self.list_of(Server, ListServers, |row| row.id.clone())
                    .await
            }
            "mpanel.get_server" => {
                let id = ServerId::text(self.id(Server));
                self.call(GetServer(id)).await
            }
            "mpanel.get_server_metrics" => {
                self.may_be_absent = true;
                let id = ServerId::text(self.id(Server));
                self.call(GetServerMetrics(id)).await
            }
            "mpanel.list_admin_servers" => self.list(ListAdminServers).await,
            "mpanel.list_tasks" => {
                self.list_of(Task, ListTasks::new(), |row| row.id.clone())
                    .await
            }
            "mpanel.get_task" => {
                let id = TaskId::text(self.id(Task));
                self.call(GetTask(id)).await
            }
            "mpanel.get_queue_job" => {
                self.is_made_up = true;
                let id = QueueJobId::text(format!("job_0_{MADE_UP}"));
                self.call(GetQueueJob(id)).await
            }
            "mpanel.get_task_log" => {
                let id = TaskId::text(self.id(Task));
                self.call(GetTaskLog(id)).await
            }
            "mpanel.get_provisioning_summary" => self.call(GetProvisioningSummary).await,
            "mpanel.get_queue_stats" => self.call(GetQueueStats).await,
            "mpanel.list_failed_jobs" => self.list(ListFailedJobs).await,
            "mpanel.list_jobs" => {
                self.list_of(Job, ListJobs::new(), |row| row.id.clone())
                    .await
            }
            "mpanel.get_job" => {
                let id = JobId::text(self.id(Job));
                self.call(GetJob(id)).await
            }
            "mpanel.list_job_queues" => {
                self.list_of(JobQueue, ListJobQueues, |row| row.name.clone())
                    .await
            }
            "mpanel.get_job_queue" => {
                let name = self.id(JobQueue);
                self.call(GetJobQueue(name)).await
            }
            "mpanel.list_workers" => self.list(ListWorkers).await,
            "mpanel.list_tenant_jobs" => self.list(ListTenantJobs).await,
            "mpanel.list_cloud_pods" => {
                self.list_of(CloudPod, ListCloudPods, |row| row.id.clone())
                    .await
            }
            "mpanel.get_cloud_pod" => {
                let id = CloudPodId::text(self.id(CloudPod));
                self.call(GetCloudPod(id)).await
            }
            "mpanel.list_platform_jobs" => self.list(ListPlatformJobs).await,
            "mpanel.list_platform_cloud_pods" => self.list(ListPlatformCloudPods).await,
            "mpanel.get_worker_task" => {
                let id = TaskId::text(self.id(Task));
                self.call(GetWorkerTask(id)).await
            }
            "mpanel.list_invoices" => {
                let customer = CustomerId::text(self.id(Customer));
                let list = ListInvoices::of(customer);
                self.list_of(Invoice, list, |row| row.id.clone()).await
            }
            "mpanel.get_invoice" => {
                let id = InvoiceId::text(self.id(Invoice));
                self.call(GetInvoice(id)).await
            }
            "mpanel.list_due_invoices" => self.list(ListDueInvoices).await,
            "mpanel.get_invoice_pdf" => {
                let id = InvoiceId::text(self.id(Invoice));
                self.call(GetInvoicePdf(id)).await
            }
            "mpanel.list_products" => {
                let first = self.first(ListLegacyProducts::new()).await;
                first.map(|row| self.keep_product(row))
            }
            "mpanel.get_product" => {
                // The TypeScript server reads products by code at the path where the other has ids.
                let session = self.panel.known_session();
                let generation = session.and_then(|session| session.generation());
                let thing = match generation {
                    Some(Generation::TypeScript) => ProductCode,
                    _ => Product,
                };
                let id = ProductId::text(self.id(thing));
                self.call(GetProduct(id)).await
            }
            "mpanel.get_product_by_code" => {
                let code = self.id(ProductCode);
                self.call(GetProductByCode(code)).await
            }
            "mpanel.list_public_products" => {
                let first = self.first(ListPublicProducts).await;
                first.map(|row| self.keep_product(row))
            }
            "mpanel.get_pricing" => {
                let code = self.id(ProductCode);
                self.call(GetPricing(code)).await
            }
            "mpanel.list_prices" => {
                let list = ListPrices(self.id(ProductCode));
                self.list_of(Price, list, |row| row.id.clone()).await
            }
            "mpanel.get_price" => {
                let id = PriceId::text(self.id(Price));
                self.call(GetPrice(id)).await
            }
            "mpanel.list_orders" => {
                self.list_of(Order, ListOrders::new(), |row| row.id.clone())
                    .await
            }
            "mpanel.get_order" => {
                let id = OrderId::text(self.id(Order));
                self.call(GetOrder(id)).await
            }
            "mpanel.list_users" => self.list_of(User, ListUsers, |row| row.id.clone()).await,
            "mpanel.list_admin_users" => self.list(ListAdminUsers).await,
            "mpanel.get_user" => {
                let id = UserId::text(self.id(User));
                self.call(GetUser(id)).await
            }
            "mpanel.get_dashboard_stats" => self.call(GetDashboardStats).await,
            "mpanel.get_service_health" => self.call(GetServiceHealth).await,
            "mpanel.list_renewals" => self.list(ListRenewals).await,
            "mpanel.list_quick_actions" => self.list(ListQuickActions).await,
            "mpanel.get_admin_dashboard" => self.call(GetAdminDashboard).await,
            "mpanel.get_dashboard_summary" => self.call(GetDashboardSummary).await,
            "mpanel.list_admin_customers" => {
                self.list_of(AdminCustomer, ListAdminCustomers, |row| row.id.clone())
                    .await
            }
            "mpanel.get_admin_customer" => {
                let id = CustomerId::text(self.id(AdminCustomer));
                self.call(GetAdminCustomer(id)).await
            }
            "mpanel.list_admin_subscriptions" => self.list(ListAdminSubscriptions).await,
            "mpanel.list_tenant_subscriptions" => {
                let list = ListTenantSubscriptions;
                self.list_of(TenantSubscription, list, |row| row.id.clone())
                    .await
            }
            "mpanel.get_tenant_subscription" => {
                let id = SubscriptionId::text(self.id(TenantSubscription));
                self.call(GetTenantSubscription(id)).await
            }
            "mpanel.list_roles" => self.list_of(Role, ListRoles, |row| row.id.clone()).await,
            "mpanel.get_role" => {
                let id = RoleId::text(self.id(Role));
                self.call(GetRole(id)).await
            }
            "mpanel.list_permissions" => self.list(ListPermissions).await,
            "mpanel.list_role_users" => {
                let id = RoleId::text(self.id(Role));
                self.list(ListRoleUsers(id)).await
            }
            "mpanel.list_security_roles" => self.list(ListSecurityRoles).await,
            "mpanel.list_security_permissions" => self.list(ListSecurityPermissions).await,
            "mpanel.list_api_keys" => self.list(ListApiKeys).await,
            "mpanel.list_webhooks" => {
                self.list_of(Webhook, ListWebhooks, |row| row.id.clone())
                    .await
            }
            "mpanel.list_webhook_deliveries" => {
                let id = WebhookId::text(self.id(Webhook));
                self.list(ListWebhookDeliveries(id)).await
            }
            "mpanel.list_public_plans" => self.list(ListPublicPlans).await,
            "mpanel.marketing_status" => self.call(GetMarketingStatus).await,
            "mpanel.marketing_system_status" => self.call(GetSystemStatus).await,
            "mpanel.check_coupon" => {
                let code = self.made_up();
                self.call(CheckCoupon::new(code)).await
            }
            "mpanel.get_checkout_session" => {
                let session = self.made_up();
                self.call(GetCheckoutSession(session)).await
            }
            "mpanel.get_order_status" => {
                let session = self.made_up();
                self.call(GetOrderStatus(session)).await
            }
            "mpanel.get_revenue_report" => self.call(GetRevenueReport).await,
            "mpanel.get_customers_report" => self.call(GetCustomersReport).await,
            "mpanel.get_usage_report" => self.call(GetUsageReport).await,
            "mpanel.list_marketing_catalog" => {
                self.list_of(MarketedProduct, ListMarketingCatalog, |row| row.id.clone())
                    .await
            }
            "mpanel.get_product_availability" => {
                let id = ProductId::text(self.id(MarketedProduct));
                self.call(GetProductAvailability(id)).await
            }
            "mpanel.list_customer_services" => {
                let id = CustomerId::text(self.id(Customer));
                self.list(ListCustomerServices(id)).await
            }
            "mpanel.list_marketing_keys" => self.list(ListMarketingKeys).await,
            "mpanel.list_enterprise_api_keys" => self.list(ListEnterpriseApiKeys).await,
            "mpanel.list_hosting_websites" => self.list(ListHostingWebsites).await,
            "mpanel.list_hosting_servers" => self.list(ListHostingServers).await,
            "mpanel.list_billing_catalog" => self.list(ListBillingCatalog).await,
            _ => return None,
        };
        Some(asked)
    }

    fn keep_product(&mut self, row: Option<mpanel_client::products::Product>) {
        let Some(row) = row else {
            return;
        };
        self.known.keep(Thing::Product, &row.id);
        if let Some(code) = row.code {
            self.known.keep(Thing::ProductCode, code);
        }
    }
}
