//! The status of 200 servers of which 20 hang: under 1.5 times the limit of one probe.

use std::time::{Duration, Instant};

use nextpanel_client::panel::{ConnectionTest, PanelCredentials};
use nextpanel_client::pool::{PoolServer, ServerPool};
use provisioning_core::fleet::{ServerConfig, ServerName};
use secrecy::SecretString;

use crate::{held, median, stand_in};

const SERVERS: usize = 200;
const HANGING: usize = 20;
const LIMIT: Duration = Duration::from_secs(2);
const ROUNDS: usize = 5;
const AT_MOST: f64 = 1.5;

pub(crate) async fn run() {
    let answering = stand_in::answering(Duration::from_millis(20)).await;
    let hanging = stand_in::hanging().await;
    let credentials = PanelCredentials::new(
        SecretString::from("npk_bench"),
        SecretString::from("nps_bench"),
    );
    let mut pool = ServerPool::builder()
        .with_client(|client| client.no_proxy())
        .test(ConnectionTest::new().with_timeout(LIMIT));
    for number in 0..SERVERS {
        let address = if number % (SERVERS / HANGING) == 0 {
            hanging
        } else {
            answering
        };
        let url = format!("http://{address}/s{number}")
            .parse()
            .expect("a URL");
        let name = ServerName::new(format!("s{number}")).expect("a name");
        let config = ServerConfig::new(name, url, 100).expect("a server");
        pool = pool.server(PoolServer::new(config, credentials.clone()));
    }
    let pool = pool.build().await.expect("a pool");
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let status = pool.status().await;
        let elapsed = begun.elapsed();
        let counted = status.iter().filter(|one| one.accounts.is_some()).count();
        assert_eq!(counted, SERVERS - HANGING);
        println!(
            "  asked elapsed_ms={} of {}",
            elapsed.as_millis(),
            LIMIT.as_millis()
        );
        ratios.push(elapsed.as_secs_f64() / LIMIT.as_secs_f64());
    }
    let ratio = median(ratios);
    println!(
        "status of {SERVERS} servers, {HANGING} hang, limit {} ms (bound {AT_MOST}: {}) ratio={ratio:.3}",
        LIMIT.as_millis(),
        held(ratio <= AT_MOST),
    );
}
