//! A shop that sells hosting on Cove and DNS: its catalog, its fleet, its engine.

use std::error::Error;
use std::time::Duration;

use panel_http::{Client, Limit, TimeoutClass, Timeouts};
use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::{FleetConfig, ServerConfig, ServerName};
use provisioning_core::order::{Intake, PaidOrder, PaymentEvidence, TenantId, read_order};
use provisioning_core::plan::retry::RetryPolicy;
use provisioning_engine::Engine;
use provisioning_engine::hosting::HostingExecutor;
use provisioning_engine::store::MemoryStore;
use secrecy::SecretString;

use crate::cove::Cove;
use crate::dns::DnsExecutor;
use crate::stub::{Stub, TOKEN};

const CATALOG: &str = r#"
currency = "EUR"

[[product]]
code = "harbour"
name = "Harbour hosting"
takes = "nextpanel-hosting"
price = { monthly = "9.00" }

[[product]]
code = "zone"
name = "DNS zone"
takes = "dns"
price = { monthly = "1.00" }
"#;

/// An engine over Cove and the DNS service. `timeout` is how long an answer is waited for; after as long again a request
/// that was given up has arrived or never will.
///
/// # Errors
/// If a name or a URL is none.
pub fn engine(stub: &Stub, timeout: Duration) -> Result<Engine, Box<dyn Error>> {
    let name = ServerName::new("cove-1")?;
    let server = ServerConfig::new(name.clone(), stub.url().parse()?, 50)?;
    let fleet = FleetConfig::new([server])?.with_preview_domain("preview.example.net")?;
    let cove = Cove {
        servers: [(name, client(&stub.url(), timeout)?)].into(),
        longest_duration: timeout,
    };
    let dns = DnsExecutor {
        client: client(&stub.url(), timeout)?,
        longest_duration: timeout,
    };
    let catalog = Catalog::from_toml("shop.toml", CATALOG)?;
    // Without `dns` the zone would be a manual step: nobody else does it.
    let engine = Engine::builder(MemoryStore::new(), catalog, fleet)
        .executor(HostingExecutor::new(cove))
        .executor(dns)
        .retry(RetryPolicy {
            initial_ms: 50,
            ..RetryPolicy::default()
        });
    Ok(engine.build()?)
}

/// A client that sends the token along. It repeats by itself only what changes nothing.
fn client(url: &str, timeout: Duration) -> Result<Client, panel_http::Error> {
    let bearer = SecretString::from(format!("Bearer {TOKEN}"));
    let limit = Limit::new(timeout, 4 * timeout);
    Client::builder(url)
        .secret_header("authorization", &bearer)
        .timeouts(Timeouts::default().with_limit(TimeoutClass::Standard, limit))
        .no_proxy()
        .build()
}

/// A paid order for an account and a zone.
///
/// # Errors
/// Every problem of the order at once.
pub fn order(id: &str, domain: &str) -> Result<PaidOrder, Box<dyn Error>> {
    let payload = format!(
        r#"{{"customerEmail":"jo@example.com","items":[
            {{"code":"harbour","domain":"{domain}"}},{{"code":"zone","domain":"{domain}"}}]}}"#
    );
    let intake = Intake::new(TenantId::new("my-shop")?)
        .with_order_id(id)
        .with_evidence(PaymentEvidence::VerifiedSender {
            by: "x-shop-token".to_owned(),
        });
    Ok(read_order(payload.as_bytes(), &intake)?)
}
