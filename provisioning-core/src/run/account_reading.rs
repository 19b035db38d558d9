//! What reading a known account back has shown.

use serde::{Deserialize, Serialize};

use super::facts::MarkReading;
use crate::plan::account::{AccountState, KnownAccount};

/// What reading a known account back has shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reading", rename_all = "snake_case")]
pub enum AccountReading {
    /// The panel shows an account under this id.
    Present(PresentAccount),
    /// The panel says that there is no account of this id.
    Gone,
}

/// An account as the panel shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresentAccount {
    /// The id under which it was read.
    pub remote_id: String,
    /// The username the panel shows.
    pub username: String,
    /// What stands where our mark would stand.
    pub mark: MarkReading,
    /// The active flag; none where the panel shows none.
    pub active: Option<bool>,
    /// The package; none where the panel shows none.
    pub package_id: Option<i64>,
}

impl PresentAccount {
    /// What tells it from `known`, if anything: each a sentence. A mark that is not shown tells nothing.
    #[must_use]
    pub fn differences(&self, known: &KnownAccount) -> Vec<String> {
        let expected = &known.account;
        let mut differences = Vec::new();
        if self.remote_id != expected.remote_id {
            differences.push(format!(
                "asked for account {}, the panel answered with {}",
                expected.remote_id, self.remote_id
            ));
        }
        if !known.has_username(&self.username) {
            differences.push(format!(
                "account {} is `{}`, not `{}`",
                expected.remote_id, self.username, expected.username
            ));
        }
        if self.mark == MarkReading::Other {
            differences.push(format!(
                "account {} carries somebody else's mark",
                expected.remote_id
            ));
        }
        differences
    }
}

impl AccountReading {
    /// What is not as it should be: each a sentence, all of them. What a panel does not show is no failure.
    #[must_use]
    pub fn failures(&self, known: &KnownAccount, expected: &AccountState) -> Vec<String> {
        let id = &known.account.remote_id;
        let present = match (self, expected) {
            (Self::Gone, AccountState::Gone) => return Vec::new(),
            (Self::Gone, _) => return vec![format!("account {id} is gone")],
            (Self::Present(present), _) => present,
        };
        let mut failures = present.differences(known);
        match expected {
            AccountState::Gone => failures.push(format!("account {id} is still there")),
            AccountState::Serving if present.active == Some(false) => {
                failures.push(format!("account {id} is not active"));
            }
            AccountState::Suspended if present.active == Some(true) => {
                failures.push(format!("account {id} is still active"));
            }
            AccountState::OnPackage { package } => {
                if let (Some(shown), Some(wanted)) = (present.package_id, package.package_id)
                    && shown != wanted
                {
                    failures.push(format!("account {id} is on package {shown}, not {wanted}"));
                }
            }
            _ => {}
        }
        failures
    }

    /// What was read, in plain words, one line each.
    #[must_use]
    pub fn describe(&self) -> Vec<String> {
        let Self::Present(present) = self else {
            return vec!["the panel has no account of this id".to_owned()];
        };
        let active = match present.active {
            Some(true) => "active",
            Some(false) => "not active",
            None => "the panel shows no active flag",
        };
        let mark = match present.mark {
            MarkReading::Ours => "the mark we wrote reads back",
            MarkReading::Other => "it carries another mark",
            MarkReading::Nothing => "the panel does not show the mark",
        };
        vec![
            format!(
                "read back by id {} as `{}`, {active}",
                present.remote_id, present.username
            ),
            mark.to_owned(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::OrderKey;
    use crate::plan::account::Package;
    use crate::plan::id::{Operation, PlanId, StepPath};
    use crate::run::facts::{Facts, HostingAccount, Proof};

    fn known() -> KnownAccount {
        let key: OrderKey = "t/s/live/1".parse().unwrap();
        KnownAccount {
            account: HostingAccount {
                remote_id: "7".into(),
                username: "jane".into(),
                server: "np-1".parse().unwrap(),
                proof: Proof::Created,
            },
            mark: PlanId::new(&key, Operation::Provision, 0).mark(&StepPath::from("a")),
        }
    }

    fn read(username: &str, mark: MarkReading, active: Option<bool>) -> AccountReading {
        AccountReading::Present(PresentAccount {
            remote_id: "7".into(),
            username: username.into(),
            mark,
            active,
            package_id: Some(3),
        })
    }

    #[test]
    fn every_state_is_held_against_what_was_read() {
        use AccountState::{Gone, OnPackage, Serving, Suspended};
        use MarkReading::{Nothing, Other, Ours};
        let on = |package_id| OnPackage {
            package: Package {
                product: "starter".parse().unwrap(),
                package_id,
            },
        };
        let table = [
            (read("jane", Ours, Some(true)), Serving, ""),
            (read("JANE ", Nothing, None), Serving, ""),
            (
                read("jane", Ours, Some(false)),
                Serving,
                "account 7 is not active",
            ),
            (read("jane", Ours, Some(false)), Suspended, ""),
            (read("jane", Ours, None), Suspended, ""),
            (
                read("jane", Ours, Some(true)),
                Suspended,
                "account 7 is still active",
            ),
            (
                read("jane", Ours, Some(true)),
                Gone,
                "account 7 is still there",
            ),
            (AccountReading::Gone, Gone, ""),
            (AccountReading::Gone, Suspended, "account 7 is gone"),
            (read("jane", Ours, None), on(Some(3)), ""),
            (read("jane", Ours, None), on(None), ""),
            (
                read("jane", Ours, None),
                on(Some(4)),
                "account 7 is on package 3, not 4",
            ),
            (
                read("bob", Ours, Some(false)),
                Suspended,
                "account 7 is `bob`, not `jane`",
            ),
            (
                read("bob", Other, Some(true)),
                Suspended,
                "account 7 is `bob`, not `jane`; account 7 carries somebody else's mark; account 7 is still active",
            ),
        ];
        for (reading, expected, failures) in table {
            assert_eq!(
                reading.failures(&known(), &expected).join("; "),
                failures,
                "{reading:?}, should be {expected}"
            );
        }
    }

    #[test]
    fn a_reading_survives_the_journal() {
        for reading in [read("jane", MarkReading::Ours, None), AccountReading::Gone] {
            let facts = Facts::AccountReading(reading);
            let stored = serde_json::to_string(&facts).unwrap();
            assert_eq!(serde_json::from_str::<Facts>(&stored).unwrap(), facts);
        }
    }
}
