//! Why does this NextPanel API key get a 403? A table of checks, and what to do.
//!
//! ```text
//! NEXTPANEL_API_KEY=npk_... NEXTPANEL_API_SECRET=nps_... diagnose-api-key --url https://np-1.example.com:9000
//! ```
//!
//! No route of a panel tells what a key may do. Tell what is known of it (`--level`, `--scope`, `--allowed-ip`), or let an
//! account be created and removed on trial (`--probe-create`); otherwise its rights stay unknown.
//!
//! Ends with 0 if no check fails, with 3 if one does, with 2 if it cannot begin.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program prints"
)]

mod arguments;
mod checks;
mod report;

use std::process::ExitCode;

use clap::Parser;
use nextpanel_client::panel::{ConnectionTest, Panel};
use provisioning_core::permission::RemedyContext;

use arguments::{Arguments, KEY_VARIABLE, SECRET_VARIABLE};
use report::Report;

/// One key, one panel: a single thread does.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match diagnose(&arguments).await {
        Ok(report) => {
            if arguments.json {
                println!("{}", report.json());
            } else {
                print!("{report}");
            }
            ExitCode::from(if report.has_failed() { 3 } else { 0 })
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::from(2)
        }
    }
}

async fn diagnose(arguments: &Arguments) -> Result<Report, String> {
    let credentials = arguments.credentials()?;
    let mut builder = Panel::builder(arguments.url.as_str(), &credentials);
    if arguments.allow_plain_http {
        builder = builder.allow_plain_http();
    }
    let panel = builder.build().map_err(|error| error.to_string())?;

    let mut test = ConnectionTest::new().with_timeout(arguments.timeout());
    if let Some(profile) = arguments.profile()? {
        test = test.with_profile(profile);
    }
    if let Some(address) = arguments.caller_ip {
        test = test.with_caller_ip(address);
    }
    let mut connection = panel.test_connection(&test).await;
    let mut probe = None;
    if arguments.probe_create {
        let probed = panel.probe_create().await;
        connection = connection.with_probe(&probed);
        probe = Some(probed);
    }

    let mut context = RemedyContext::new()
        .with_panel_url(&arguments.url)
        .with_key_id(panel.key_id())
        .with_variables(KEY_VARIABLE, SECRET_VARIABLE);
    if let Some(server) = &arguments.server {
        context = context.with_server(server);
    }
    if let Some(address) = arguments.caller_ip {
        context = context.with_caller_ip(address);
    }
    Ok(Report::new(
        &arguments.url,
        panel.key_id(),
        &connection,
        probe.as_ref(),
        &context,
    ))
}
