//! One order for an account and a zone, from the payload to the handed-over password.
#![allow(clippy::print_stdout, reason = "this is what the program does")]

use std::error::Error;
use std::time::Duration;

use provisioning_engine::RunOptions;
use provisioning_engine::store::Submitted;
use third_panel::shop::{engine, order};
use third_panel::stub::Stub;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stub = Stub::start().await;
    let engine = engine(&stub, Duration::from_secs(10))?;
    let order = order("1001", "harbour.example")?;
    if let Ok(plan) = engine.plan(&order).await? {
        println!("{}", plan.to_tree());
        for request in engine.preview(&plan) {
            let body = request.body.unwrap_or_default();
            println!("{} {} {body}", request.method, request.url);
        }
    }
    let Submitted::New { run } = engine.submit(&order).await? else {
        return Ok(());
    };
    engine.run(run, RunOptions::default()).await?;
    for credential in engine.unconfirmed(run).await? {
        println!("the account `{}` is ready", credential.username());
        engine
            .confirm(run, &credential.confirm("the customer"))
            .await?;
    }
    for (domain, target) in stub.zones() {
        println!("the zone {domain} points to {target}");
    }
    let view = engine.inspect(run).await?;
    println!("{:?}", view.status(jiff::Timestamp::now()));
    Ok(())
}
