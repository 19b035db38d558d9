//! From what is known of a connection to checks a person understands.

use nextpanel_client::panel::{Connection, CreateProbe, ProbeVerdict, RightsFrom, Verdict};
use provisioning_core::permission::Missing;
use serde::Serialize;

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) verdict: Verdict,
    pub(crate) detail: String,
}

impl Check {
    fn new(name: &'static str, verdict: Verdict, detail: impl Into<String>) -> Self {
        Self {
            name,
            verdict,
            detail: detail.into(),
        }
    }
}

/// Every check, in the order in which a panel judges.
pub(crate) fn checks(connection: &Connection, probe: Option<&CreateProbe>) -> Vec<Check> {
    let mut checks = vec![
        reachable(connection),
        known(connection),
        in_force(connection),
        address(connection),
        rights(connection),
    ];
    checks.extend(probe.map(cleaned_up));
    checks
}

fn failure(connection: &Connection) -> String {
    let failure = connection.failure.as_ref();
    failure.map_or_else(|| "no answer".to_owned(), ToString::to_string)
}

fn reachable(connection: &Connection) -> Check {
    let detail = if connection.reachable == Verdict::Pass {
        let version = connection.version.as_deref().unwrap_or("unknown");
        let database = connection.database.as_deref().unwrap_or("unknown");
        let latency = connection.latency.map_or(0, |latency| latency.as_millis());
        format!(
            "version {version}, database {database}, {latency} ms; public, so it says nothing of the key"
        )
    } else {
        failure(connection)
    };
    Check::new("panel answers", connection.reachable, detail)
}

/// The verdict on one property of the key: failed if the panel, or the profile, names it; passed if the panel took the
/// key; unknown otherwise.
fn property(connection: &Connection, is_meant: impl Fn(&Missing) -> bool) -> Verdict {
    if connection.missing().any(is_meant) {
        Verdict::Fail
    } else if connection.authenticated == Verdict::Pass {
        Verdict::Pass
    } else {
        Verdict::Unknown
    }
}

fn known(connection: &Connection) -> Check {
    let verdict = property(connection, |missing| {
        matches!(missing, Missing::WrongKeyOrSecret | Missing::MissingToken)
    });
    // A key that is refused for anything else was recognised first.
    let is_recognised = connection
        .missing()
        .any(|missing| !matches!(missing, Missing::WrongKeyOrSecret | Missing::MissingToken));
    let verdict = match verdict {
        Verdict::Unknown if is_recognised => Verdict::Pass,
        Verdict::Unknown if connection.authenticated == Verdict::Fail => Verdict::Fail,
        other => other,
    };
    let detail = match verdict {
        Verdict::Pass => "the panel knows this key and its secret".to_owned(),
        Verdict::Fail if connection.denial.is_some() => {
            "the panel does not know this key, or the secret does not belong to it; it does not say which".to_owned()
        }
        Verdict::Fail | Verdict::Unknown => failure(connection),
    };
    Check::new("key and secret", verdict, detail)
}

fn in_force(connection: &Connection) -> Check {
    let verdict = property(connection, |missing| {
        matches!(
            missing,
            Missing::Revoked | Missing::Inactive | Missing::KeyExpired { .. }
        )
    });
    let reason = connection.missing().find_map(|missing| match missing {
        Missing::Revoked => Some("revoked, for good"),
        Missing::Inactive => Some("switched off"),
        Missing::KeyExpired { .. } => Some("expired"),
        _ => None,
    });
    let detail = match verdict {
        Verdict::Pass => "neither revoked nor switched off nor expired",
        Verdict::Fail => reason.unwrap_or("not in force"),
        Verdict::Unknown => "the panel has not come to judge it",
    };
    Check::new("key in force", verdict, detail)
}

fn address(connection: &Connection) -> Check {
    let verdict = property(connection, |missing| {
        matches!(missing, Missing::IpNotAllowed { .. })
    });
    let detail = match verdict {
        Verdict::Pass => "this machine's address is allowed",
        Verdict::Fail => "this machine's address is not among the key's allowed IPs",
        Verdict::Unknown => "the panel has not come to judge it",
    };
    Check::new("address allowed", verdict, detail)
}

fn rights(connection: &Connection) -> Check {
    let detail = match (connection.rights, connection.rights_from) {
        (Verdict::Pass, RightsFrom::Probe) => "an account was created on trial".to_owned(),
        (Verdict::Pass, RightsFrom::Profile) => {
            "by what you told of the key; --probe-create makes sure".to_owned()
        }
        (Verdict::Fail, from) => {
            let denial = connection.denial.as_ref();
            let what = denial.map_or_else(|| "refused".to_owned(), |denial| denial.summary());
            match from {
                RightsFrom::Profile => format!("{what} (by what you told of the key)"),
                _ => what,
            }
        }
        _ => "no route of the panel tells; give --level, or --probe-create".to_owned(),
    };
    Check::new("may create accounts", connection.rights, detail)
}

fn cleaned_up(probe: &CreateProbe) -> Check {
    match (&probe.leftover, &probe.verdict) {
        (Some(left), _) => Check::new("trial removed", Verdict::Fail, left.to_string()),
        (None, ProbeVerdict::Allowed) => Check::new(
            "trial removed",
            Verdict::Pass,
            format!("the account {} is gone again", probe.username),
        ),
        (None, ProbeVerdict::Denied(_)) => {
            Check::new("trial removed", Verdict::Pass, "none was created")
        }
        (None, ProbeVerdict::Undecided(error)) => {
            Check::new("trial removed", Verdict::Unknown, error.to_string())
        }
    }
}
