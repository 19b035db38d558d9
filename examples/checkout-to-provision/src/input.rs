//! Reading the order, the catalog and the fleet.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::FleetConfig;
use provisioning_core::order::{
    Intake, MAX_ORDER_BYTES, OrderError, PaymentEvent, PaymentEvidence, TenantId,
    read_payment_event,
};

use crate::arguments::Arguments;

const SAMPLE_ORDER: &str = include_str!("../samples/order-created.json");

/// The bundled sample has no id of its own, like the real payload it shows.
const SAMPLE_ORDER_ID: &str = "sample-1001";

/// One shop runs this program. A host that serves several takes the tenant from the secret that verified the request.
const TENANT: &str = "default";

/// Far more than any catalog or fleet needs; what is larger is another file.
const MAX_TEXT_BYTES: usize = 4 << 20;

/// An order as it came in, and what is known about it from elsewhere.
pub(crate) struct Payload {
    pub(crate) bytes: Vec<u8>,
    pub(crate) from: String,
    pub(crate) intake: Intake,
    pub(crate) assumed: Vec<String>,
}

/// Reads the order's bytes. `operator_vouches` where nothing in the payload says that it is paid.
pub(crate) fn payload(
    arguments: &Arguments,
    on_sandbox: bool,
    operator_vouches: bool,
) -> Result<Payload, String> {
    let (bytes, from) = match arguments.order.as_deref() {
        None => (
            SAMPLE_ORDER.as_bytes().to_vec(),
            "the bundled sample".to_owned(),
        ),
        Some("-") => {
            let from = "standard input".to_owned();
            (order_bytes(io::stdin().lock(), &from)?, from)
        }
        Some(path) => (order_file(path)?, path.to_owned()),
    };
    let mut assumed = Vec::new();
    let mut intake = Intake::new(TenantId::new(TENANT).map_err(|error| error.to_string())?);
    if let Some(id) = &arguments.order_id {
        intake = intake.with_order_id(id);
    } else if arguments.order.is_none() {
        assumed.push(format!(
            "the order's id is {SAMPLE_ORDER_ID}: the sample has none of its own"
        ));
        intake = intake.with_order_id(SAMPLE_ORDER_ID);
    }
    if on_sandbox {
        intake = intake.allowing_test();
    }
    if operator_vouches {
        intake = intake.with_evidence(PaymentEvidence::Operator {
            name: "operator".to_owned(),
        });
    }
    Ok(Payload {
        bytes,
        from,
        intake,
        assumed,
    })
}

fn order_file(path: &str) -> Result<Vec<u8>, String> {
    let file = File::open(path).map_err(|error| format!("{path}: {error}"))?;
    // Said before it is read: a file of gigabytes is refused as fast as a small one.
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    if size > MAX_ORDER_BYTES as u64 {
        return Err(format!("{path}: {}", OrderError::too_large(size)));
    }
    order_bytes(file, path)
}

fn order_bytes(source: impl Read, from: &str) -> Result<Vec<u8>, String> {
    read_limited(source, MAX_ORDER_BYTES)
        .map_err(|error| format!("{from}: {error}"))?
        .ok_or_else(|| {
            format!("{from}: larger than the {MAX_ORDER_BYTES} bytes an order may have: this is probably another file")
        })
}

/// `None` if there is more than the limit.
fn read_limited(source: impl Read, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    source.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= limit).then_some(bytes))
}

/// Reads a payment event of the order.
pub(crate) fn event(
    path: &str,
    arguments: &Arguments,
    on_sandbox: bool,
) -> Result<PaymentEvent, Vec<String>> {
    let bytes = order_file(path).map_err(|problem| vec![problem])?;
    let tenant = TenantId::new(TENANT).map_err(|error| vec![error.to_string()])?;
    let mut intake = Intake::new(tenant);
    if let Some(id) = &arguments.order_id {
        intake = intake.with_order_id(id);
    }
    if on_sandbox {
        intake = intake.allowing_test();
    }
    read_payment_event(&bytes, &intake).map_err(|error| refusals(&error, path))
}

/// What is wrong with an order, one entry per problem, and what the command line can do about it.
pub(crate) fn refusals(error: &OrderError, from: &str) -> Vec<String> {
    let mut lines: Vec<String> = match error.problems() {
        Some(problems) => problems
            .iter()
            .map(|problem| format!("{from}: {problem}"))
            .collect(),
        None => vec![format!("{from}: {error}")],
    };
    if error.needs_order_id() {
        lines.push(
            "give the order an id with --order-id ID; the same purchase must always get the same id".to_owned(),
        );
    }
    if error.needs_evidence() {
        lines.push("if you know that it is paid, vouch for it with --paid-by operator".to_owned());
    }
    lines
}

/// Reads the catalog.
pub(crate) fn catalog(arguments: &Arguments) -> Result<Catalog, Vec<String>> {
    let Some(path) = &arguments.catalog else {
        return Ok(Catalog::migrahosting());
    };
    let (name, text) = text_file(path).map_err(|problem| vec![problem])?;
    Catalog::from_toml(&name, &text).map_err(|error| lines(&error.to_string()))
}

/// Reads a fleet file.
pub(crate) fn fleet(path: &Path) -> Result<FleetConfig, Vec<String>> {
    let (name, text) = text_file(path).map_err(|problem| vec![problem])?;
    FleetConfig::from_toml(&name, &text).map_err(|error| lines(&error.to_string()))
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

fn text_file(path: &Path) -> Result<(String, String), String> {
    let name = path.display().to_string();
    let bytes = File::open(path)
        .and_then(|file| read_limited(file, MAX_TEXT_BYTES))
        .map_err(|error| format!("{name}: {error}"))?
        .ok_or_else(|| {
            format!("{name}: larger than {MAX_TEXT_BYTES} bytes: this is probably another file")
        })?;
    let text = String::from_utf8(bytes).map_err(|_| format!("{name}: not UTF-8 text"))?;
    Ok((name, text))
}
