//! Every operation against the stand-in of the billing backend, on both of its databases, and, with
//! `NEXTPANEL_CONTRACT_BILLING_URL` (and `_BILLING_EMAIL`, `_BILLING_PASSWORD` of an administrator) set, the reading half
//! against a real backend; the writing half there only with `NEXTPANEL_CONTRACT_WRITE=1`, and without servers and
//! hosting accounts, which cannot be taken back, and without what concerns everybody's invoices.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use nextpanel_client::billing::{
    AddCustomerLicence, AddServer, Billing, BillingCycle, CancelAtPeriodEnd, CancelCustomerLicence,
    CancelCustomerSubscriptionNow, CancelNow, ChangeMyPassword, ChangeSubscriptionPlan,
    CountAccountsByRole, CreateCustomer, CreateGuest, CreateInvoice, CreateInvoiceTemplate,
    CreatePlan, CreatePlanAsAdmin, CreateUser, CustomerId, DeleteCustomer, DeleteInvoice,
    DeletePlanAsAdmin, DeleteUser, ExtendCustomerLicence, ExtendCustomerSubscription,
    GenerateInvoice, GetAdminStatistics, GetAgingReport, GetBillingHealth, GetChargeQueue,
    GetCustomer, GetCustomerStatistics, GetDashboard, GetDomainAnalytics, GetGreeting,
    GetGrowthMetrics, GetInvoice, GetInvoiceAnalytics, GetInvoicePdf, GetInvoiceStatistics,
    GetLicence, GetLicenceAnalytics, GetMe, GetMonthlyRevenue, GetNotificationPreferences,
    GetOrder, GetOrderPdf, GetOrderStatistics, GetPayment, GetPaymentHistory, GetPaymentStatistics,
    GetPlan, GetPlanStatistics, GetProduct, GetQuota, GetRevenueSummary, GetServersStatus,
    GetSubscription, GetUsageAlerts, GetUsageHistory, GetUsageReport, GetUser, HostingDetails,
    InvoiceItem, LicenceStatus, ListAllLicences, ListCustomerDomains, ListCustomerLicences,
    ListCustomerPayments, ListCustomerSubscriptions, ListCustomers, ListInvoiceTemplates,
    ListInvoices, ListLicences, ListOrders, ListOverdueInvoices, ListPartialPayments, ListPayments,
    ListPlanCategories, ListPlans, ListProducts, ListServers, ListSubscriptions, ListUsers,
    MarkOverdue, NewOrder, NewPassword, NewSubscription, OrderItem, OrderStatus, PayInvoice,
    PayInvoicePartially, PayOrder, Price, ProductPlanId, ProvisionOutcome, ReactivateSubscription,
    RefundOrder, Register, ResendWelcomeEmail, ResourceType, RetirePlan, SendInvoice,
    SendInvoiceReminder, SendOrder, SendReminders, SendTestEmail, SetCustomerPassword,
    SetLicenceStatus, SetNotificationPreferences, SetOrderStatus, SetUserPassword, Subscribed,
    SubscriptionStatus, TestServer, UpdateCustomer, UpdateCustomerLicence,
    UpdateCustomerSubscription, UpdateInvoice, UpdateMe, UpdateOrder, UpdatePlan,
    UpdatePlanAsAdmin, UpdateUsage, UpdateUser, ValidateLicence, VoidInvoice, VoidOrder,
};
use panel_http::{Error, Kind};
use panel_sandbox::nextpanel_billing::{self, BillingSettings, Database};
use panel_sandbox::nextpanel_panel::{self, KeyKind, PanelSettings};
use provisioning_core::catalog::AccountType;
use provisioning_core::email::EmailAddress;
use provisioning_core::username::Username;
use secrecy::SecretString;
use serde_json::{Map, json};
use uuid::Uuid;

use super::billing_customers::moment;
use super::exchange::is_of;
use super::panel_search::client as panel_client;

const PASSWORD: &str = "Contract-Test-7";

fn password() -> NewPassword {
    NewPassword::new(SecretString::from(PASSWORD)).unwrap()
}

fn price(number: f64) -> Price {
    Price::try_from(number).unwrap()
}

fn email() -> String {
    let id = Uuid::new_v4().simple().to_string();
    format!("ct{}@example.com", id.get(..12).unwrap())
}

fn log_in(url: &str, email: &str, password: SecretString) -> Billing {
    let builder = Billing::builder(url).login(email, password).no_proxy();
    builder.build().unwrap()
}

pub(super) fn administrator(backend: &nextpanel_billing::Billing) -> Billing {
    let admin = backend.admin();
    log_in(backend.url(), admin.email(), admin.password().clone())
}

/// What the stand-in leaves out: these go to Stripe.
const LEFT_OUT: [&str; 3] = [
    "billing.create_payment_intent",
    "billing.charge_manually",
    "billing.retry_payment",
];

#[tokio::test]
async fn the_stand_in_keeps_the_contract_on_both_databases() {
    for database in [Database::Sqlite, Database::Postgresql] {
        let settings = BillingSettings::new("billing").with_database(database);
        let backend = nextpanel_billing::Billing::start(settings).await.unwrap();
        let panel = nextpanel_panel::Panel::start(PanelSettings::new("np-1")).await;
        let panel = panel.unwrap();
        let admin = administrator(&backend);
        reads(&admin).await.unwrap();
        writes(&admin, backend.url()).await.unwrap();
        hosting(&admin, &panel).await.unwrap();
        everybodys_invoices(&admin).await.unwrap();

        let asked: Vec<_> = backend
            .requests()
            .iter()
            .map(|request| (request.method().to_owned(), request.path().to_owned()))
            .collect();
        let missed: BTreeSet<_> = nextpanel_client::billing::OPERATIONS
            .iter()
            .filter(|operation| !LEFT_OUT.contains(&operation.name))
            .filter(|operation| {
                !asked.iter().any(|(method, path)| {
                    method == operation.method.as_str() && is_of(path, operation.path)
                })
            })
            .map(|operation| operation.name)
            .collect();
        assert!(
            missed.is_empty(),
            "{database:?}: never asked for {missed:?}"
        );
        let unexpected = backend.unexpected_requests();
        assert!(unexpected.is_empty(), "{database:?}: {unexpected:?}");
    }
}

#[tokio::test]
async fn a_real_backend_keeps_the_contract() {
    let variable = |name| std::env::var(format!("NEXTPANEL_CONTRACT_{name}")).ok();
    let Some(url) = variable("BILLING_URL") else {
        return;
    };
    let needed =
        |name| variable(name).unwrap_or_else(|| panic!("NEXTPANEL_CONTRACT_{name} is not set"));
    let secret = SecretString::from(needed("BILLING_PASSWORD"));
    let admin = log_in(&url, &needed("BILLING_EMAIL"), secret);
    reads(&admin).await.unwrap();
    if variable("WRITE").as_deref() == Some("1") {
        writes(&admin, &url).await.unwrap();
    }
}

/// A failure that the contract names for this database, and no other.
fn fails_on_some<T>(result: Result<T, Error>) {
    if let Err(error) = result {
        assert_eq!(
            error.status().map(|status| status.as_u16()),
            Some(500),
            "{error}"
        );
    }
}

async fn reads(admin: &Billing) -> Result<(), Error> {
    admin.call(GetBillingHealth::new()).await?;
    admin.call(GetGreeting::new()).await?;
    let me = admin.call(GetMe::new()).await?;
    assert_eq!(*me.is_admin, Some(true));
    admin.all(ListCustomers::new()).await?;
    admin.call(GetCustomerStatistics::new()).await?;
    admin.call(ListPlans::new()).await?;
    admin.call(ListProducts::new()).await?;
    admin.call(ListPlanCategories::new()).await?;
    admin.call(GetPlanStatistics::new()).await?;
    admin.call(ListLicences::new()).await?;
    admin.call(ListSubscriptions::new()).await?;
    admin.all(ListOrders::new()).await?;
    admin.call(GetOrderStatistics::new()).await?;
    admin.all(ListInvoices::new()).await?;
    admin.call(ListOverdueInvoices::new()).await?;
    admin.call(GetInvoiceStatistics::new()).await?;
    admin.call(GetAgingReport::new()).await?;
    let templates = admin.call(ListInvoiceTemplates).await.unwrap_err();
    assert_eq!(templates.kind(), Kind::NotImplemented);
    admin.all(ListPayments::new()).await?;
    admin.call(GetPaymentStatistics::new()).await?;
    fails_on_some(admin.call(GetChargeQueue::new()).await);
    admin.all(ListUsers::new()).await?;
    admin.all(ListAllLicences::new()).await?;
    admin.call(GetAdminStatistics::new()).await?;
    admin.call(ListServers::new()).await?;
    admin.call(GetServersStatus::new()).await?;
    admin.call(CountAccountsByRole::new()).await?;
    admin.call(GetQuota::new()).await?;
    admin.call(GetUsageReport::new()).await?;
    admin.call(GetUsageAlerts::new()).await?;
    admin.call(GetRevenueSummary::new()).await?;
    fails_on_some(admin.call(GetMonthlyRevenue::new()).await);
    admin.call(GetLicenceAnalytics::new()).await?;
    admin.call(GetDomainAnalytics::new()).await?;
    admin.call(GetInvoiceAnalytics::new()).await?;
    admin.call(GetDashboard::new()).await?;
    admin.call(GetGrowthMetrics::new()).await?;
    admin.call(GetNotificationPreferences::new()).await?;
    let absent = admin.call(GetPlan::new(Uuid::nil())).await.unwrap_err();
    assert_eq!(absent.kind(), Kind::NotFound);
    let validity = admin
        .call(ValidateLicence::new(
            "NP-AAAA-BBBB-CCCC-DDDD",
            "create_domain",
        ))
        .await?;
    assert!(!validity.valid);
    Ok(())
}

async fn writes(admin: &Billing, url: &str) -> Result<(), Error> {
    let plan = plans(admin).await?;
    let (customer, address) = customers(admin).await?;
    belongings(admin, &customer, &plan).await?;
    let own = log_in(url, &address, SecretString::from(PASSWORD));
    own_account(&own).await?;
    subscriptions(&own, &plan).await?;
    orders(admin, &own, &customer, &plan).await?;
    invoices(&own).await?;
    users(admin).await?;
    notifications(&own).await
}

async fn plans(admin: &Billing) -> Result<ProductPlanId, Error> {
    let plan = admin
        .call(CreatePlan::new("Contract", price(7.25), price(79.0)).set_max_domains(3_u32))
        .await?;
    assert_eq!(plan.price_monthly.to_string(), "7.25");
    admin.call(GetPlan::new(&plan.id)).await?;
    admin.call(GetProduct::new(&plan.id)).await?;
    let update = UpdatePlan::new(&plan.id).set_price_monthly(price(8.5));
    assert_eq!(admin.call(update).await?.price_monthly.to_string(), "8.5");
    let other = CreatePlanAsAdmin::new("Contract, unused", price(1.0), price(2.0));
    let other = admin.call(other).await?;
    let update = UpdatePlanAsAdmin::new(&other.id).set_description("unused");
    admin.call(update).await?;
    admin.call(DeletePlanAsAdmin::new(&other.id)).await?;
    let retired = admin
        .call(CreatePlan::new("Contract, retired", price(1.0), price(2.0)))
        .await?;
    admin.call(RetirePlan::new(&retired.id)).await?;
    let retired = admin.call(GetPlan::new(&retired.id)).await?;
    assert_eq!(*retired.is_active, Some(false), "still readable");
    Ok(plan.id)
}

async fn customers(admin: &Billing) -> Result<(CustomerId, String), Error> {
    let address = email();
    let create = || CreateCustomer::new(address.as_str(), "Contract", password());
    let customer = admin.call(create()).await?;
    let again = admin.call(create()).await.unwrap_err();
    assert_eq!(again.kind(), Kind::Validation, "{again}");
    let found = admin
        .all(ListCustomers::new().set_search(address.as_str()))
        .await?;
    assert_eq!(found.len(), 1);
    admin.call(GetCustomer::new(&customer.id)).await?;
    let update = UpdateCustomer::new(&customer.id).set_company_name("Contract & Co");
    let updated = admin.call(update).await?;
    assert_eq!(updated.company_name.as_deref(), Some("Contract & Co"));
    admin
        .call(SetCustomerPassword::new(&customer.id, password()))
        .await?;
    let guest = admin.call(CreateGuest::new(email(), "Guest")).await?;
    admin.call(DeleteCustomer::new(&guest.id)).await?;
    Ok((customer.id, address))
}

async fn belongings(
    admin: &Billing,
    customer: &CustomerId,
    plan: &ProductPlanId,
) -> Result<(), Error> {
    let add = AddCustomerLicence::new(customer, plan, BillingCycle::Yearly);
    let added = admin.call(add).await?;
    let licence = &added.license_id;
    let licences = admin.call(ListCustomerLicences::new(customer)).await?;
    let before = licences[0].expiry_date.unwrap().moment();
    let update = UpdateCustomerLicence::new(customer, licence)
        .set_max_domains(9_u32)
        .set_expiry_date(moment("2030-01-01T00:00:00Z"));
    let changed = admin.call(update).await?.license;
    assert_eq!(*changed.max_domains, Some(9));
    assert_eq!(
        changed.expiry_date,
        nextpanel_client::Field::of(moment("2030-01-01"))
    );
    assert_ne!(changed.expiry_date.unwrap().moment(), before);
    let extend = ExtendCustomerLicence::new(customer, licence, 14_u32);
    let extended = admin.call(extend).await?.license;
    assert_eq!(extended.expiry_date.unwrap(), moment("2030-01-15"));
    admin
        .call(SetLicenceStatus::new(licence, LicenceStatus::Suspended))
        .await?;
    let subscriptions = admin.call(ListCustomerSubscriptions::new(customer)).await?;
    let subscription = &subscriptions[0].id;
    let update =
        UpdateCustomerSubscription::new(customer, subscription, SubscriptionStatus::PastDue);
    admin.call(update).await?;
    let extend = ExtendCustomerSubscription::new(customer, subscription, 7_u32);
    admin.call(extend).await?;
    let active =
        UpdateCustomerSubscription::new(customer, subscription, SubscriptionStatus::Active);
    admin.call(active).await?;
    let cancel = CancelCustomerSubscriptionNow::new(customer, subscription);
    let cancelled = admin.call(cancel).await?.subscription;
    assert_eq!(cancelled.status, SubscriptionStatus::Cancelled, "at once");
    admin
        .call(CancelCustomerLicence::new(customer, licence))
        .await?;
    admin.call(ListCustomerDomains::new(customer)).await?;
    admin.call(ListCustomerPayments::new(customer)).await?;
    let nobody = admin.call(ListCustomerLicences::new("nobody")).await?;
    assert!(nobody.is_empty(), "an unknown customer has none");
    Ok(())
}

async fn own_account(own: &Billing) -> Result<(), Error> {
    let address = email();
    own.call(Register::new(address.as_str(), "Registered", password()))
        .await?;
    own.call(UpdateMe::new().set_full_name("Contract Renamed"))
        .await?;
    let change = ChangeMyPassword::new(SecretString::from(PASSWORD), password_again());
    own.call(change.expect("strong enough")).await?;
    let licences = own.call(ListLicences::new()).await?;
    let licence = &licences[0].id;
    own.call(GetLicence::new(licence)).await?;
    own.call(UpdateUsage::new(licence, ResourceType::Domains, 1_i64))
        .await?;
    own.call(GetUsageHistory::new(licence)).await?;
    Ok(())
}

fn password_again() -> NewPassword {
    NewPassword::new(SecretString::from("Contract-Test-8")).unwrap()
}

async fn subscriptions(own: &Billing, plan: &ProductPlanId) -> Result<(), Error> {
    let new = NewSubscription::new(plan, BillingCycle::Monthly);
    let Subscribed::New(first) = own.subscribe(&new).await? else {
        panic!("not new");
    };
    assert!(matches!(
        own.subscribe(&new).await?,
        Subscribed::Existing(_)
    ));
    own.call(GetSubscription::new(&first.id)).await?;
    own.call(ChangeSubscriptionPlan::new(&first.id, plan))
        .await?;
    let running_out = own.call(CancelAtPeriodEnd::new(&first.id)).await?;
    assert_eq!(running_out.status, SubscriptionStatus::Active, "runs out");
    own.call(ReactivateSubscription::new(&first.id)).await?;
    let ended = own.call(CancelNow::new(&first.id)).await?;
    assert_eq!(ended.status, SubscriptionStatus::Cancelled, "at once");
    Ok(())
}

async fn orders(
    admin: &Billing,
    own: &Billing,
    customer: &CustomerId,
    plan: &ProductPlanId,
) -> Result<(), Error> {
    let items = || vec![OrderItem::new(plan, "Contract", 2, price(8.5))];
    let new = NewOrder::new(
        customer,
        items(),
        price(17.0),
        price(0.0),
        price(17.0),
        "card",
    );
    let denied = admin.create_order(&new).await.unwrap_err();
    assert_eq!(denied.kind(), Kind::Denied, "administrators included");
    let order = own.create_order(&new).await?;
    assert_eq!(order.status, OrderStatus::Completed, "at once");
    own.call(GetOrder::new(&order.id)).await?;
    admin
        .call(SetOrderStatus::new(&order.id, OrderStatus::Processing))
        .await?;
    let update = UpdateOrder::new(&order.id)
        .set_items(items())
        .set_payment_method("sepa");
    own.call(update).await?;
    admin.call(PayOrder::new(&order.id)).await?;
    let history = admin.call(GetPaymentHistory::new(&order.id)).await?;
    if let Some(payment) = history.first() {
        admin.call(GetPayment::new(&payment.id)).await?;
        let refund = RefundOrder::new(&order.id).set_amount(price(2.0));
        let refund = admin.call(refund).await?;
        assert_eq!(refund.refund_amount.to_string(), "2");
        let payments = admin.call(GetPaymentHistory::new(&order.id)).await?;
        assert!(payments.iter().any(|payment| payment.amount.is_negative()));
    }
    own.call(SendOrder::new(&order.id)).await?;
    let document = own.call(GetOrderPdf::new(&order.id)).await?;
    assert!(document.bytes.starts_with(b"%PDF"));
    admin.call(VoidOrder::new(&order.id)).await?;
    Ok(())
}

async fn invoices(own: &Billing) -> Result<(), Error> {
    let items = || vec![InvoiceItem::new("Contract", 2, price(10.0))];
    let invoice = own.call(CreateInvoice::new(items())).await?;
    assert_eq!(invoice.total.to_string(), "20");
    own.call(GetInvoice::new(&invoice.id)).await?;
    own.call(UpdateInvoice::new(&invoice.id).set_notes("n"))
        .await?;
    own.call(SendInvoice::new(&invoice.id)).await?;
    own.call(SendInvoiceReminder::new(&invoice.id)).await?;
    let partly = PayInvoicePartially::new(&invoice.id, price(5.0));
    let partly = own.call(partly).await?;
    assert_eq!(partly.amount_due.unwrap().to_string(), "15");
    let parts = own.call(ListPartialPayments::new(&invoice.id)).await?;
    assert_eq!(parts.len(), 1);
    own.call(GetInvoicePdf::new(&invoice.id)).await?;
    own.call(PayInvoice::new(&invoice.id)).await?;
    let kept = own.call(DeleteInvoice::new(&invoice.id)).await.unwrap_err();
    assert_eq!(kept.kind(), Kind::Validation, "nothing is ever a draft");
    let template = CreateInvoiceTemplate::new("Contract", items());
    let template = own.call(template).await?;
    let generated = own.call(GenerateInvoice::new(&template.id)).await?;
    own.call(VoidInvoice::new(&generated.id)).await?;
    Ok(())
}

/// Not on a real backend: these write to customers who are not ours.
async fn everybodys_invoices(admin: &Billing) -> Result<(), Error> {
    admin.call(SendReminders::new()).await?;
    admin.call(MarkOverdue::new()).await?;
    Ok(())
}

async fn users(admin: &Billing) -> Result<(), Error> {
    let user = admin
        .call(CreateUser::new(email(), "Contract", password()))
        .await?;
    admin.call(GetUser::new(&user.id)).await?;
    let update = UpdateUser::new(&user.id).set_full_name("Contract Renamed");
    let row = admin.call(update).await?;
    assert!(!format!("{row:?}").contains("$2b$"));
    admin
        .call(SetUserPassword::new(&user.id, password()))
        .await?;
    admin.call(DeleteUser::new(&user.id)).await?;
    Ok(())
}

async fn notifications(own: &Billing) -> Result<(), Error> {
    own.call(SendTestEmail::new()).await?;
    own.call(ResendWelcomeEmail::new()).await?;
    let preferences = Map::from_iter([("invoice".to_owned(), json!(false))]);
    own.call(SetNotificationPreferences::new(preferences))
        .await?;
    Ok(())
}

async fn hosting(admin: &Billing, panel: &nextpanel_panel::Panel) -> Result<(), Error> {
    let key = panel.key(KeyKind::SuperAdmin);
    let (id, secret) = (SecretString::from(key.id()), key.secret().clone());
    let test = TestServer::new("np-1", panel.url(), id.clone(), secret.clone());
    assert!(admin.call(test).await?.success);
    let add =
        AddServer::new("np-1", panel.url(), id, secret).set_capacity(NonZeroU32::new(40).unwrap());
    let server = admin.call(add).await?.server_id;
    let new = HostingDetails::new(
        server,
        Username::new("contract").unwrap(),
        EmailAddress::parse("contract@example.com").unwrap(),
        password(),
        AccountType::Reseller,
    )
    .set_order("e5d4c3b2-0003-4000-8000-000000000003")
    .for_customer(Uuid::new_v4());
    let own_panel = panel_client(panel, KeyKind::SuperAdmin);
    let outcome = admin.provision(&new, Some(&own_panel)).await?;
    let ProvisionOutcome::Created(account) = outcome else {
        panic!("{outcome:?}");
    };
    let id = account.account_id;
    let statistics = admin.account_statistics(id).await?;
    assert_eq!(statistics.username.as_deref(), Some("contract"));
    admin.suspend_account(id, "contract", "test").await.unwrap();
    assert!(!panel.account("contract").unwrap().is_active);
    let reason = panel.account("contract").unwrap().suspension_reason;
    assert_eq!(reason.as_deref(), Some("test"), "the reason arrived");
    admin.unsuspend_account(id, "contract").await.unwrap();
    admin.delete_account(id, "contract").await.unwrap();
    assert!(panel.account("contract").is_none());
    Ok(())
}
