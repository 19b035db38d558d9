//! Reading the order, the catalog and the fleet. Everything that can be wrong is found here, before anything is sent.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::FleetConfig;
use provisioning_core::order::{
    Intake, MAX_ORDER_BYTES, OrderError, PaidOrder, PaymentEvidence, TenantId, read_order,
};

use crate::arguments::{Arguments, PaidBy};
use crate::exit::{Exit, Stop};

const SAMPLE_ORDER: &str = include_str!("../samples/order-created.json");

/// The bundled sample has no id of its own, like the real payload it shows.
const SAMPLE_ORDER_ID: &str = "sample-1001";

/// One shop runs this program. A host that serves several takes the tenant from the secret that verified the request.
const TENANT: &str = "default";

/// An order and what was assumed about it.
pub(crate) struct Input {
    pub(crate) order: PaidOrder,
    pub(crate) from: String,
    pub(crate) assumed: Vec<String>,
}

/// Reads the order.
pub(crate) fn order(arguments: &Arguments, on_sandbox: bool) -> Result<Input, Stop> {
    let mut assumed = Vec::new();
    let is_sample = arguments.order.is_none();
    let (bytes, from) = match arguments.order.as_deref() {
        None => (
            SAMPLE_ORDER.as_bytes().to_vec(),
            "the bundled sample".to_owned(),
        ),
        Some("-") => (
            read_limited(io::stdin().lock(), "standard input")?,
            "standard input".to_owned(),
        ),
        Some(path) => {
            let file =
                File::open(path).map_err(|error| Stop::bad_input([format!("{path}: {error}")]))?;
            (read_limited(file, path)?, path.to_owned())
        }
    };
    let tenant = TenantId::new(TENANT).map_err(Stop::fault)?;
    let mut intake = Intake::new(tenant);
    match (&arguments.order_id, is_sample) {
        (Some(id), _) => intake = intake.with_order_id(id),
        (None, true) => {
            assumed.push(format!(
                "the order's id is {SAMPLE_ORDER_ID}: the sample has none of its own"
            ));
            intake = intake.with_order_id(SAMPLE_ORDER_ID);
        }
        (None, false) => {}
    }
    if on_sandbox {
        intake = intake.allowing_test();
    }
    let operator = PaymentEvidence::Operator {
        name: "operator".to_owned(),
    };
    match arguments.paid_by {
        Some(PaidBy::Operator) => intake = intake.with_evidence(operator),
        None if on_sandbox => intake = intake.with_evidence(operator),
        None => {}
    }
    let order = read_order(&bytes, &intake).map_err(|error| refused(&error, &from))?;
    if arguments.paid_by.is_none() && matches!(order.evidence(), PaymentEvidence::Operator { .. }) {
        assumed.push(
            "the operator vouches for the payment: the payload carries no evidence of it"
                .to_owned(),
        );
    }
    Ok(Input {
        order,
        from,
        assumed,
    })
}

/// Reads at most one byte more than an order may have: enough to know that it is too large.
fn read_limited(source: impl Read, from: &str) -> Result<Vec<u8>, Stop> {
    let mut bytes = Vec::new();
    let limit = MAX_ORDER_BYTES as u64;
    source
        .take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Stop::bad_input([format!("{from}: {error}")]))?;
    Ok(bytes)
}

fn refused(error: &OrderError, from: &str) -> Stop {
    let exit = match error {
        // Not a mistake in the input: the order is well-formed, and nobody has paid.
        OrderError::NotPaid { .. } => Exit::NotFinished,
        _ => Exit::BadInput,
    };
    let mut lines = vec![format!("{from} is not taken; nothing was sent or stored:")];
    lines.extend(error.to_string().lines().map(|line| format!("  {line}")));
    if error.needs_order_id() {
        lines.push(
            "  give one with --order-id ID; the same purchase must always get the same id"
                .to_owned(),
        );
    }
    if error.needs_evidence() {
        lines
            .push("  if you know that it is paid, vouch for it with --paid-by operator".to_owned());
    }
    Stop { exit, lines }
}

/// Reads the catalog.
pub(crate) fn catalog(arguments: &Arguments) -> Result<Catalog, Stop> {
    let Some(path) = &arguments.catalog else {
        return Ok(Catalog::migrahosting());
    };
    let (name, text) = text_file(path)?;
    Catalog::from_toml(&name, &text).map_err(|error| Stop::bad_input(error.to_string().lines()))
}

/// Reads a fleet file.
pub(crate) fn fleet(path: &Path) -> Result<FleetConfig, Stop> {
    let (name, text) = text_file(path)?;
    FleetConfig::from_toml(&name, &text).map_err(|error| Stop::bad_input(error.to_string().lines()))
}

fn text_file(path: &Path) -> Result<(String, String), Stop> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| Stop::bad_input([format!("{name}: {error}")]))?;
    let bytes = read_limited(file, &name)?;
    if bytes.len() > MAX_ORDER_BYTES {
        return Err(Stop::bad_input([format!(
            "{name}: larger than {MAX_ORDER_BYTES} bytes, probably another file"
        )]));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| Stop::bad_input([format!("{name}: not UTF-8 text")]))?;
    Ok((name, text))
}
