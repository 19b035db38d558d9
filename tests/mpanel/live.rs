//! The same suite against the stand-in in both generations and, with `MPANEL_CONTRACT_URL` (and `_EMAIL`, `_PASSWORD`)
//! set, against a real server. There it spends no more than `MPANEL_CONTRACT_BUDGET` requests (40 by default), leaves
//! at least 50 of what the server's limiter permits to others, and goes on where it stopped if
//! `MPANEL_CONTRACT_CONTINUE` names a file to keep the passed checks in. Only reads are sent, unless
//! `MPANEL_CONTRACT_WRITE=1`: then a customer, an API key and a webhook are made and removed.

use std::{collections::BTreeSet, fs, path::PathBuf};

use mpanel_client::{
    Generation, Mpanel,
    api_keys::{CreateApiKey, CreateWebhook, DeleteWebhook, ListApiKeys, RevokeApiKey},
    auth::GetMe,
    customers::{
        CreateCustomer, CustomerId, DeleteCustomer, GetCustomer, ListCustomers, UpdateCustomer,
    },
    dashboard::GetDashboardStats,
    health::{GetHealth, GetLive, GetReady},
    invoices::ListInvoices,
    public::ListPublicPlans,
    servers::{GetServer, ListAdminServers, ListServers},
    subscriptions::{GetSubscription, SubscriptionId},
    tasks::ListTasks,
    websites::ListWebsites,
};
use panel_http::{Error, Kind, Login, RequestBudget};
use panel_sandbox::mpanel::{self, MPanel, MPanelSettings, UserKind, operations};
use url::Url;

pub(crate) const GENERATIONS: [(mpanel::Generation, Generation); 2] = [
    (mpanel::Generation::Legacy, Generation::Legacy),
    (mpanel::Generation::TypeScript, Generation::TypeScript),
];

/// What is left to others of the server's limit.
const FLOOR: u64 = 50;
const DEFAULT_BUDGET: u64 = 40;

const READS: [&str; 11] = [
    "health",
    "session",
    "customers",
    "unknown customer",
    "subscriptions",
    "servers",
    "websites",
    "products",
    "tasks",
    "open routes",
    "documented routes",
];
const WRITES: [&str; 2] = ["customer life", "key life"];

const NOBODY: &str = "00000000-0000-4000-8000-00000000dead";

pub(crate) async fn started(settings: MPanelSettings) -> MPanel {
    MPanel::start(settings).await.unwrap()
}

pub(crate) fn client(server: &MPanel, kind: UserKind) -> Mpanel {
    let user = server.user(kind);
    Mpanel::builder(server.url())
        .login(Login::new(user.email(), user.password().clone()))
        .provisioning_token(server.provisioning_token().unwrap())
        .internal_key(server.internal_key().unwrap())
        .no_proxy()
        .build()
        .unwrap()
}

/// Which checks have passed on a server: a file, if there is one to go on with.
struct Passed {
    file: Option<PathBuf>,
    names: BTreeSet<String>,
}

impl Passed {
    /// The file names the server first: what passed on one says nothing of another.
    fn read(file: Option<PathBuf>, server: &str) -> Self {
        let text = file
            .as_ref()
            .and_then(|file| fs::read_to_string(file).ok())
            .unwrap_or_default();
        let mut lines = text.lines();
        if let Some(known) = lines.next() {
            assert_eq!(known, server, "{file:?} is about another server");
        }
        Self {
            names: lines.map(str::to_owned).collect(),
            file,
        }
    }

    fn keep(&mut self, name: &str, server: &str) {
        self.names.insert(name.to_owned());
        if let Some(file) = &self.file {
            let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
            fs::write(file, format!("{server}\n{}\n", names.join("\n"))).unwrap();
        }
    }
}

/// Runs every check that has not passed yet, within the budget. The names of those that are still to do.
async fn suite(
    builder: mpanel_client::MpanelBuilder,
    server: &str,
    budget: &RequestBudget,
    passed: &mut Passed,
    with_writes: bool,
) -> Vec<&'static str> {
    let mpanel = builder
        .with_client(|client| client.request_budget(budget))
        .build()
        .unwrap();
    let writes = WRITES.iter().filter(|_| with_writes);
    let mut open: Vec<&'static str> = READS.iter().chain(writes).copied().collect();
    open.retain(|name| !passed.names.contains(*name));
    while let Some(name) = open.first().copied() {
        // What is made is removed again, or not made.
        let is_covered = budget.left() >= 6
            && budget
                .remaining()
                .is_none_or(|remaining| remaining >= FLOOR + 6);
        if WRITES.contains(&name) && !is_covered {
            break;
        }
        match check(&mpanel, name).await {
            Ok(()) => passed.keep(name, server),
            Err(_) if budget.ended().is_some() => break,
            Err(error) => panic!("{name}: {error}"),
        }
        open.remove(0);
    }
    open
}

/// The error that was expected. Any other, and success, is handed back: the budget may have ended.
fn expected<T>(answer: Result<T, Error>, kind: Kind) -> Result<(), Error> {
    match answer {
        Err(error) if error.kind() == kind => Ok(()),
        Err(error) => Err(error),
        Ok(_) => panic!("{kind:?} was expected"),
    }
}

async fn check(mpanel: &Mpanel, name: &str) -> Result<(), Error> {
    match name {
        "health" => {
            assert!(mpanel.call(GetHealth).await?.version.is_some());
            mpanel.call(GetReady).await?;
            mpanel.call(GetLive).await?;
        }
        "session" => {
            let session = mpanel.session().await?;
            assert_eq!(Some(mpanel.generation().await?), session.generation());
            assert!(session.role().is_some());
            mpanel.call(GetMe).await?;
        }
        "customers" => {
            let customers = mpanel.list(ListCustomers).collect().await?;
            if let Some(first) = customers.first() {
                let read = mpanel.call(GetCustomer(first.id.clone())).await?;
                assert_eq!(read.id, first.id);
                mpanel
                    .list(ListInvoices::of(first.id.clone()))
                    .collect()
                    .await?;
            }
        }
        "unknown customer" => {
            let get = |id: &str| GetCustomer(CustomerId::text(id.to_owned()));
            expected(mpanel.call(get(NOBODY)).await, Kind::NotFound)?;
            expected(mpanel.call(get("no-uuid")).await, Kind::Validation)?;
        }
        "subscriptions" => {
            let customer = CustomerId::text(NOBODY);
            let served = mpanel.customer_subscriptions(&customer).await?;
            assert!(served.value.is_empty());
            let get = GetSubscription(SubscriptionId::text(NOBODY));
            expected(mpanel.call(get).await, Kind::NotFound)?;
        }
        "servers" => {
            let servers = mpanel.list(ListServers).collect().await?;
            if let Some(first) = servers.first() {
                let read = mpanel.call(GetServer(first.id.clone())).await?;
                assert_eq!(read.id, first.id);
            }
        }
        "websites" => drop(mpanel.list(ListWebsites::all()).collect().await?),
        "products" => drop(mpanel.products().await?),
        "tasks" => match mpanel.list(ListTasks::new()).collect().await {
            Ok(_) => {}
            // Whoever may not read them is told why.
            Err(error) if error.kind() == Kind::Denied => {
                assert!(mpanel.denial(&error).is_some(), "{error}");
            }
            Err(error) => return Err(error),
        },
        "open routes" => {
            mpanel.list(ListPublicPlans).collect().await?;
            mpanel.list(ListAdminServers).collect().await?;
            mpanel.call(GetDashboardStats).await?;
        }
        "documented routes" => {
            let customer = CustomerId::text(NOBODY);
            mpanel.customer_websites(&customer).await?;
            mpanel.customer_invoices(&customer).await?;
        }
        "customer life" => customer_life(mpanel).await?,
        "key life" => key_life(mpanel).await?,
        other => panic!("no check is called {other}"),
    }
    Ok(())
}

/// A name nobody else uses.
fn own_name() -> String {
    format!("contract-{}", uuid::Uuid::new_v4().simple())
}

async fn customer_life(mpanel: &Mpanel) -> Result<(), Error> {
    let name = own_name();
    let create = CreateCustomer::new(&name, format!("{name}@contract.invalid"));
    let customer = mpanel.call(create.clone()).await?;
    let found = mpanel.find_created_customer(&create).await;
    let update = UpdateCustomer::new(customer.id.clone(), create.set_city(Some("Graz".into())));
    let updated = mpanel.call(update).await;
    // Removed whatever came of the rest.
    mpanel.call(DeleteCustomer(customer.id.clone())).await?;
    assert_eq!(found?.customers.len(), 1);
    assert_eq!(updated?.city.as_deref(), Some("Graz"));
    expected(mpanel.call(GetCustomer(customer.id)).await, Kind::NotFound)
}

async fn key_life(mpanel: &Mpanel) -> Result<(), Error> {
    let name = own_name();
    let key = mpanel.call(CreateApiKey::new(&name)).await?;
    let keys = mpanel.list(ListApiKeys).collect().await;
    mpanel.call(RevokeApiKey(key.id.clone())).await?;
    assert!(keys?.iter().any(|row| row.id == key.id));
    let url = Url::parse(&format!("https://contract.invalid/{name}")).unwrap();
    let webhook = CreateWebhook::new(url, vec!["contract.never".into()]);
    let webhook = mpanel.call(webhook).await?;
    mpanel.call(DeleteWebhook(webhook.id)).await?;
    Ok(())
}

fn logged_in(server: &MPanel) -> mpanel_client::MpanelBuilder {
    let user = server.user(UserKind::Admin);
    Mpanel::builder(server.url())
        .login(Login::new(user.email(), user.password().clone()))
        .no_proxy()
}

#[tokio::test]
async fn the_stand_in_keeps_the_contract() {
    for (sandbox, generation) in GENERATIONS {
        let server = started(MPanelSettings::new("main", sandbox)).await;
        let budget = RequestBudget::new(100);
        let mut passed = Passed::read(None, server.url());
        let open = suite(logged_in(&server), server.url(), &budget, &mut passed, true).await;
        assert!(open.is_empty(), "{generation}: {open:?}");
        assert!(server.customers().is_empty());
        let asked = server.unexpected_requests();
        let missing = asked.iter().filter(|request| {
            // The documented routes that nobody serves.
            !request.path().starts_with("/api/customers/")
        });
        assert_eq!(missing.count(), 0, "{generation}");
    }
}

#[tokio::test]
async fn a_few_requests_at_a_time_come_to_the_same() {
    let folder = std::env::temp_dir().join(own_name());
    for (sandbox, generation) in GENERATIONS {
        let server = started(MPanelSettings::new("main", sandbox)).await;
        let file = folder.with_extension(generation.to_string());
        let mut sent = 0;
        let mut open = vec!["everything"];
        for _ in 0..20 {
            if open.is_empty() {
                break;
            }
            let budget = RequestBudget::new(12).with_floor(FLOOR);
            let mut passed = Passed::read(Some(file.clone()), server.url());
            open = suite(logged_in(&server), server.url(), &budget, &mut passed, true).await;
            let now = server.requests().len();
            assert!(now - sent <= 12, "{generation}: {}", now - sent);
            sent = now;
            if budget
                .remaining()
                .is_some_and(|remaining| remaining < FLOOR + 12)
            {
                server.reset_limiters();
            }
        }
        fs::remove_file(&file).unwrap();
        assert!(open.is_empty(), "{generation}: {open:?}");
        assert!(server.customers().is_empty());
    }
}

#[tokio::test]
async fn the_floor_is_kept_and_nothing_is_written_unless_asked() {
    let server = started(MPanelSettings::new("main", mpanel::Generation::Legacy)).await;
    let mut passed = Passed::read(None, server.url());
    let budget = RequestBudget::new(40).with_floor(90);
    let open = suite(
        logged_in(&server),
        server.url(),
        &budget,
        &mut passed,
        false,
    )
    .await;
    assert!(!open.is_empty());
    assert_eq!(server.requests().len(), 10);
    server.reset_limiters();
    let budget = RequestBudget::new(40).with_floor(FLOOR);
    let open = suite(
        logged_in(&server),
        server.url(),
        &budget,
        &mut passed,
        false,
    )
    .await;
    assert!(open.is_empty(), "{open:?}");
    for create in [operations::CREATE_CUSTOMER, operations::CREATE_API_KEY] {
        assert!(server.requests_for(&create).is_empty());
    }
}

#[tokio::test]
async fn a_real_server_keeps_the_contract() {
    let variable = |name: &str| std::env::var(format!("MPANEL_CONTRACT_{name}")).ok();
    let Some(url) = variable("URL") else {
        return;
    };
    let given =
        |name: &str| variable(name).unwrap_or_else(|| panic!("MPANEL_CONTRACT_{name} is not set"));
    let requests = variable("BUDGET").map_or(DEFAULT_BUDGET, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("MPANEL_CONTRACT_BUDGET is no number: {text}"))
    });
    let budget = RequestBudget::new(requests).with_floor(FLOOR);
    let builder = Mpanel::builder(&url).login(Login::new(given("EMAIL"), given("PASSWORD").into()));
    let mut passed = Passed::read(variable("CONTINUE").map(PathBuf::from), &url);
    let with_writes = variable("WRITE").as_deref() == Some("1");
    let open = suite(builder, &url, &budget, &mut passed, with_writes).await;
    if !open.is_empty() {
        let why = budget.ended().map_or_else(
            || "too little is left for a write".into(),
            |end| end.to_string(),
        );
        println!("{why}; still to do: {}", open.join(", "));
    }
}
