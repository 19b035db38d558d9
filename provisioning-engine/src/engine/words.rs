//! Outcomes and findings in words, for progress.

use provisioning_core::run::facts::Facts;
use provisioning_core::run::facts::mpanel::MpanelFacts;
use provisioning_core::run::finding::{Finding, Verdict, judge};
use provisioning_core::run::outcome::Outcome;

pub(super) fn describe_outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::NotSent {
            text,
            not_before: Some(until),
            ..
        } => format!("not executed, wanted again after {until}: {text}"),
        Outcome::NotSent { text, .. } => format!("not sent: {text}"),
        Outcome::Ok {
            facts: Facts::HostingAccount(account),
        } => {
            format!(
                "account {} `{}` on {}",
                account.remote_id, account.username, account.server
            )
        }
        Outcome::Ok {
            facts: Facts::Verified(verified),
        } => verified.describe().join("; "),
        Outcome::Ok {
            facts: Facts::Mpanel(facts),
        } => describe_on_mpanel(facts),
        Outcome::Ok {
            facts: Facts::Provided(provided),
        } => format!("id {}", provided.remote_id),
        Outcome::Ok { .. } => "done".to_owned(),
        Outcome::Unknown { text } => format!("unknown, looking instead of guessing: {text}"),
        Outcome::Denied { text, .. } => format!("denied: {text}"),
        Outcome::Rejected { text, .. } => format!("refused: {text}"),
    }
}

fn describe_on_mpanel(facts: &MpanelFacts) -> String {
    match facts {
        MpanelFacts::Order(order) => order.describe(),
        MpanelFacts::Progress(progress) => progress.describe(),
        MpanelFacts::Record(record) => format!("id {}", record.remote_id),
        _ => "done".to_owned(),
    }
}

/// A finding on mPanel, where ids name more than accounts.
pub(super) fn describe_record_finding(finding: &Finding) -> String {
    match judge(finding) {
        Verdict::Ours { found, .. } => format!("id {}: what we wrote reads back", found.remote_id),
        Verdict::Several(matches) => format!("{} rows that are ours", matches.len()),
        _ => describe_finding(finding),
    }
}

pub(super) fn describe_finding(finding: &Finding) -> String {
    match judge(finding) {
        Verdict::Ours { found, proof } => format!(
            "account {} `{}`: {}",
            found.remote_id,
            found.username,
            proof.describe()
        ),
        Verdict::Foreign => "somebody else holds it".to_owned(),
        Verdict::Absent => "nothing there".to_owned(),
        Verdict::Several(matches) => format!("{} accounts that are ours", matches.len()),
        Verdict::Undecidable(_) => {
            "something is there, provable neither as ours nor as foreign".to_owned()
        }
        Verdict::NotWhole => "nothing seen, but the list cannot be shown to be whole".to_owned(),
        Verdict::NotPossible(text, _) => format!("the look-up did not succeed: {text}"),
        Verdict::Denied(_, text) => format!("the look-up was refused: {text}"),
    }
}
