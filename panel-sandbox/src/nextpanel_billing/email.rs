//! E-mail addresses, as the backend's validator takes them.

use serde_json::json;

use crate::fastapi::Fields;

const RESERVED: [&str; 4] = ["local", "localhost", "test", "invalid"];

/// An address that must be there: normalised, or noted as a problem.
pub(super) fn required(fields: &mut Fields<'_>) -> String {
    let given = fields.demand_string("email");
    given.map_or_else(String::new, |given| check(fields, given))
}

/// An address that may be absent.
pub(super) fn optional(fields: &mut Fields<'_>) -> Option<String> {
    let given = fields.optional_string("email")?;
    Some(check(fields, given))
}

fn check(fields: &mut Fields<'_>, given: String) -> String {
    match normalise(&given) {
        Ok(address) => address,
        Err(reason) => {
            let message = format!("value is not a valid email address: {reason}");
            let context = json!({ "reason": reason });
            fields.problem_with_context("value_error", "email", message, json!(given), context);
            given
        }
    }
}

/// Blanks around it and a name before it are dropped; only the domain loses its case.
fn normalise(given: &str) -> Result<String, &'static str> {
    let given = given.trim();
    let address = given
        .rsplit_once('<')
        .and_then(|(_, rest)| rest.strip_suffix('>'))
        .unwrap_or(given);
    let (local, domain) = address
        .rsplit_once('@')
        .ok_or("An email address must have an @-sign.")?;
    if local.is_empty() {
        return Err("There must be something before the @-sign.");
    }
    if local.contains([' ', '@']) || domain.contains(' ') {
        return Err("The email address contains invalid characters.");
    }
    let domain = domain.to_lowercase();
    let last = domain.rsplit('.').next().unwrap_or_default();
    if RESERVED.contains(&last) {
        return Err(
            "The part after the @-sign is a special-use or reserved name that cannot be used with email.",
        );
    }
    if !domain.contains('.') || domain.split('.').any(str::is_empty) {
        return Err("The part after the @-sign is not valid. It should have a period.");
    }
    Ok(format!("{local}@{domain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_domain_loses_its_case() {
        for (given, expected) in [
            ("  Ada@Fields.Example ", "Ada@fields.example"),
            ("Ada Field <ada@fields.example>", "ada@fields.example"),
        ] {
            assert_eq!(normalise(given).as_deref(), Ok(expected));
        }
        for refused in [
            "ada",
            "@fields.example",
            "ada@fields",
            "ada@panel.test",
            "a b@c.example",
        ] {
            assert!(normalise(refused).is_err(), "{refused}");
        }
    }
}
