//! The table of endpoints, for documents and tools.

use std::fmt::Write;

use panel_http::{CredentialKind, KeyPlace, Operation, Safety, TimeoutClass};

use crate::routes::FAMILIES;

/// Every route as Markdown, a heading and a table for each family.
#[must_use]
pub fn endpoint_table() -> String {
    let mut text = String::new();
    for family in FAMILIES {
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "### {}\n\n| Operation | Method | Path | Servers | Sent again | Credential | Contract |\n|---|---|---|---|---|---|---|\n",
            family.name
        );
        for route in family.routes {
            let operation = route.operation;
            let _ = writeln!(
                text,
                "| `{}` | {} | `{}` | {} | {} | {} | {} |",
                operation.name,
                operation.method,
                operation.path,
                route.availability.as_str(),
                sent_again(operation),
                credentials(operation),
                operation.contract,
            );
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn sent_again(operation: &Operation) -> String {
    let safety = match operation.safety {
        Safety::ReadOnly => "read",
        Safety::Idempotent => "same effect",
        Safety::Keyed(KeyPlace::BodyField(field)) => return format!("same `{field}`"),
        Safety::Keyed(KeyPlace::Header(name)) => return format!("same `{name}`"),
        Safety::NaturalKey => "after a look-up",
        Safety::Unsafe => "never",
    };
    match operation.timeout {
        TimeoutClass::Queue => format!("{safety}, slow"),
        _ => safety.to_owned(),
    }
}

fn credentials(operation: &Operation) -> String {
    let names: Vec<String> = operation
        .credentials
        .iter()
        .map(|kind| match kind {
            CredentialKind::Header(name) => format!("`{name}`"),
            CredentialKind::Bearer => "login".to_owned(),
            other => other.to_string(),
        })
        .collect();
    if names.is_empty() {
        return "none".to_owned();
    }
    let names = names.join(", ");
    if operation.is_credential_optional {
        return format!("{names}, if any");
    }
    names
}
