//! Everything that can be wrong is found here, at once, before anything is sent or stored.

use std::fs::File;
use std::io::{self, Read};

use host_setup::panels::Panels;
use host_setup::text_file;
use provisioning_core::catalog::{Catalog, Takes};
use provisioning_core::order::SourceName;
use provisioning_core::plan::verb::Capabilities;
use provisioning_engine::executor::Executor as _;
use provisioning_engine::nextpanel::NextPanelExecutor;

use crate::Problem;
use crate::arguments::Arguments;
use crate::credentials::CredentialsFile;
use crate::files;
use crate::orders::{About, Against, BulkOrder, orders, refusals};
use crate::pace::{Allowed, Demand};
use crate::table;

/// So many problems are shown; a file with more is wrong as a whole.
const MOST_SHOWN: usize = 200;

/// What the program needs, all of it checked.
pub(crate) struct Ready {
    pub(crate) orders: Vec<BulkOrder>,
    pub(crate) catalog: Catalog,
    pub(crate) panels: Panels,
    pub(crate) demand: Demand,
    pub(crate) allowed: Allowed,
}

/// Reads and checks everything.
pub(crate) fn ready(arguments: &Arguments) -> Result<Ready, Problem> {
    let mut problems = Vec::new();
    let panels = Panels::from_environment(&arguments.panels, arguments.wait())
        .map_err(|more| problems.extend(more))
        .ok();
    let catalog = catalog(arguments)
        .map_err(|more| problems.extend(more))
        .ok();
    if let Some(per_second) = arguments.per_second
        && !(per_second.is_finite() && per_second > 0.0)
    {
        problems.push("--per-second is no number above 0".to_owned());
    }
    if arguments.concurrency == 0 {
        problems.push("--concurrency is no number of 1 or more".to_owned());
    }
    let files = files::problems(arguments);
    let are_files_fit = files.is_empty();
    problems.extend(files);
    if let Some(path) = &arguments.credentials_out
        && are_files_fit
        && path.exists()
        && let Err(problem) = CredentialsFile::open(path)
    {
        problems.push(format!("--credentials-out: {problem}"));
    }
    let source = SourceName::new(&arguments.source)
        .map_err(|error| problems.push(format!("--source {error}")))
        .ok();
    let mut read = Vec::new();
    if let Some(source) = &source {
        match opened(&arguments.orders) {
            Ok(file) => match of_file(file, arguments, source, catalog.as_ref(), panels.as_ref()) {
                Ok(orders) => read = orders,
                Err(more) => problems.extend(more),
            },
            Err(problem) => problems.push(problem),
        }
    }
    let (Some(panels), Some(catalog), true) = (panels, catalog, problems.is_empty()) else {
        return Err(Problem::bad_input(problems));
    };
    let demand = demand(&read, &catalog);
    let allowed = Allowed {
        servers: panels.clients.len(),
        per_second: arguments.per_second,
    };
    Ok(Ready {
        orders: read,
        catalog,
        panels,
        demand,
        allowed,
    })
}

fn opened(name: &str) -> Result<Box<dyn Read>, String> {
    if name == "-" {
        return Ok(Box::new(io::stdin()));
    }
    match File::open(name) {
        Ok(file) => Ok(Box::new(file)),
        Err(error) => Err(format!("{name}: {error}")),
    }
}

fn of_file(
    file: Box<dyn Read>,
    arguments: &Arguments,
    source: &SourceName,
    catalog: Option<&Catalog>,
    panels: Option<&Panels>,
) -> Result<Vec<BulkOrder>, Vec<String>> {
    let (lines, mut wrong) = table::read(file);
    let about = About {
        source,
        provider: &arguments.provider,
        vouched_by: arguments.vouched_by.as_deref(),
    };
    let (read, more) = orders(&lines, &about);
    wrong.extend(more);
    if let (Some(catalog), Some(panels)) = (catalog, panels) {
        let capabilities = capabilities(panels);
        let against = Against {
            catalog,
            fleet: &panels.fleet,
            capabilities: &capabilities,
        };
        wrong.extend(read.iter().flat_map(|order| refusals(order, &against)));
    }
    if read.is_empty() && wrong.is_empty() {
        return Err(vec![format!("{}: no orders", arguments.orders)]);
    }
    if wrong.is_empty() {
        return Ok(read);
    }
    wrong.sort();
    wrong.dedup();
    let more = wrong.len().saturating_sub(MOST_SHOWN);
    let mut shown: Vec<String> = wrong
        .iter()
        .take(MOST_SHOWN)
        .map(|wrong| format!("{}: {wrong}", arguments.orders))
        .collect();
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    Err(shown)
}

fn capabilities(panels: &Panels) -> Capabilities {
    let mut all = Capabilities::none();
    if !panels.clients.is_empty() {
        all = all.and(NextPanelExecutor::new([]).capabilities());
    }
    if let Some(mpanel) = &panels.mpanel {
        all = all.and(mpanel.executor.capabilities());
    }
    all
}

fn catalog(arguments: &Arguments) -> Result<Catalog, Vec<String>> {
    let Some(path) = &arguments.catalog else {
        return Ok(Catalog::migrahosting());
    };
    let (name, text) = text_file::read(path).map_err(|problem| vec![problem])?;
    Catalog::from_toml(&name, &text)
        .map_err(|error| error.to_string().lines().map(str::to_owned).collect())
}

/// What the orders will ask of the panels.
fn demand(orders: &[BulkOrder], catalog: &Catalog) -> Demand {
    let takes = |bulk: &BulkOrder, wanted: fn(&Takes) -> bool| {
        bulk.order
            .items()
            .iter()
            .filter_map(|item| catalog.find(&item.code))
            .any(|product| wanted(&product.takes))
    };
    let count = |wanted: fn(&Takes) -> bool| {
        orders.iter().filter(|bulk| takes(bulk, wanted)).count() as u64
    };
    let on_mpanel = count(|takes| matches!(takes, Takes::MpanelHosting { .. }));
    Demand {
        on_nextpanel: count(|takes| matches!(takes, Takes::NextPanelHosting { .. })),
        on_mpanel,
    }
}
