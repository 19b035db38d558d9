//! What a look-up found, and what follows from it. Ours is proven, never inferred from the key alone.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::facts::{LoginReading, MarkReading, Proof};
use super::outcome::Barrier;

/// What a look-up found on the server where an outcome is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// The server was read.
    Read {
        /// Everything that carries our natural key or our mark.
        matches: Vec<Match>,
        /// Whether the list is shown to be whole. A list that may lack rows never proves absence.
        whole: bool,
        /// Whether this server is known to show marks, learned from our own replies and from its other rows.
        shows_marks: bool,
    },
    /// The server could not be read; try again later.
    NotPossible {
        /// What happened, redacted.
        text: String,
        /// Set when the server asked for a pause.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        not_before: Option<Timestamp>,
    },
    /// Reading was refused; a human has to open the way.
    Denied {
        /// What stands in the way.
        barrier: Barrier,
        /// The panel's words, redacted.
        text: String,
    },
}

/// One thing on the server that may be ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// The panel's id, as text.
    pub remote_id: String,
    /// The username it has.
    pub username: String,
    /// What stands where our mark would stand.
    pub mark: MarkReading,
    /// What trying the sealed password showed.
    pub login: LoginReading,
    /// The other run this id belongs to, if any.
    pub bound_to: Option<String>,
}

/// What follows from a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Exactly one match is proven to be ours.
    Ours {
        /// The match.
        found: Match,
        /// How it is proven.
        proof: Proof,
    },
    /// The key is held by somebody else: proven not to be ours.
    Foreign,
    /// Nothing there, and the list was whole.
    Absent,
    /// More than one match is proven to be ours.
    Several(Vec<Match>),
    /// Something is there and neither is provable.
    Undecidable(Vec<Match>),
    /// Nothing was seen, but the list may lack rows.
    NotWhole,
    /// The server could not be read; with the instant before which it wants no request, if it named one.
    NotPossible(String, Option<Timestamp>),
    /// Reading was refused.
    Denied(Barrier, String),
}

impl Match {
    fn proof(&self) -> Option<Proof> {
        if self.bound_to.is_some() {
            return None;
        }
        if self.mark == MarkReading::Ours {
            return Some(Proof::MarkReadsBack);
        }
        (self.login == LoginReading::Proved).then_some(Proof::PasswordLogsIn)
    }

    /// Whether this is proven to be somebody else's. A refused login proves nothing, and what carries our mark while
    /// another run has it is a contradiction, which a human has to sort out.
    fn is_foreign(&self, shows_marks: bool) -> bool {
        if self.mark == MarkReading::Ours || self.login == LoginReading::Proved {
            return false;
        }
        self.bound_to.is_some()
            || self.mark == MarkReading::Other
            || (self.mark == MarkReading::Nothing && shows_marks)
    }
}

/// What follows from `finding`.
#[must_use]
pub fn judge(finding: &Finding) -> Verdict {
    let (matches, whole, shows_marks) = match finding {
        Finding::Read {
            matches,
            whole,
            shows_marks,
        } => (matches, *whole, *shows_marks),
        Finding::NotPossible { text, not_before } => {
            return Verdict::NotPossible(text.clone(), *not_before);
        }
        Finding::Denied { barrier, text } => return Verdict::Denied(barrier.clone(), text.clone()),
    };
    let proven: Vec<(&Match, Proof)> = matches
        .iter()
        .filter_map(|found| found.proof().map(|proof| (found, proof)))
        .collect();
    match proven.as_slice() {
        [(found, proof)] => {
            return Verdict::Ours {
                found: (*found).clone(),
                proof: proof.clone(),
            };
        }
        [] => {}
        several => {
            return Verdict::Several(several.iter().map(|(found, _)| (*found).clone()).collect());
        }
    }
    if matches.is_empty() {
        return if whole {
            Verdict::Absent
        } else {
            Verdict::NotWhole
        };
    }
    if matches.iter().all(|found| found.is_foreign(shows_marks)) {
        Verdict::Foreign
    } else {
        Verdict::Undecidable(matches.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(mark: MarkReading, login: LoginReading) -> Match {
        Match {
            remote_id: "7".into(),
            username: "client".into(),
            mark,
            login,
            bound_to: None,
        }
    }

    fn read(matches: Vec<Match>, whole: bool, shows_marks: bool) -> Finding {
        Finding::Read {
            matches,
            whole,
            shows_marks,
        }
    }

    fn name(verdict: &Verdict) -> &'static str {
        match verdict {
            Verdict::Ours {
                proof: Proof::MarkReadsBack,
                ..
            } => "ours by mark",
            Verdict::Ours { .. } => "ours by login",
            Verdict::Foreign => "foreign",
            Verdict::Absent => "absent",
            Verdict::Several(_) => "several",
            Verdict::Undecidable(_) => "undecidable",
            Verdict::NotWhole => "not whole",
            Verdict::NotPossible(..) => "not possible",
            Verdict::Denied(..) => "denied",
        }
    }

    #[test]
    fn every_combination_of_mark_login_and_what_the_server_shows() {
        use LoginReading::{NotOffered, NotTried, Proved, Refused};
        use MarkReading::{Nothing, Other, Ours};
        for (mark, login, shows_marks, expected) in [
            (Ours, Proved, true, "ours by mark"),
            (Ours, Refused, true, "ours by mark"),
            (Ours, NotTried, false, "ours by mark"),
            (Nothing, Proved, false, "ours by login"),
            (Nothing, Proved, true, "ours by login"),
            (Other, Proved, true, "ours by login"),
            (Nothing, Refused, false, "undecidable"),
            (Nothing, NotOffered, false, "undecidable"),
            (Nothing, NotTried, false, "undecidable"),
            (Nothing, Refused, true, "foreign"),
            (Other, Refused, true, "foreign"),
            (Other, NotTried, false, "foreign"),
        ] {
            let verdict = judge(&read(vec![found(mark, login)], true, shows_marks));
            assert_eq!(
                name(&verdict),
                expected,
                "{mark:?} {login:?} shows_marks={shows_marks}"
            );
        }
    }

    #[test]
    fn absence_is_proven_only_by_a_whole_list() {
        assert_eq!(name(&judge(&read(vec![], true, true))), "absent");
        assert_eq!(name(&judge(&read(vec![], false, true))), "not whole");
    }

    #[test]
    fn what_belongs_to_another_run_is_never_ours() {
        for (mark, login, expected) in [
            (MarkReading::Nothing, LoginReading::Refused, "foreign"),
            (MarkReading::Other, LoginReading::NotTried, "foreign"),
            (MarkReading::Ours, LoginReading::NotTried, "undecidable"),
            (MarkReading::Nothing, LoginReading::Proved, "undecidable"),
        ] {
            let mut other = found(mark, login);
            other.bound_to = Some("another run".into());
            let verdict = judge(&read(vec![other], true, false));
            assert_eq!(name(&verdict), expected, "{mark:?} {login:?}");
        }
    }

    #[test]
    fn two_proven_matches_are_for_a_human() {
        let ours = found(MarkReading::Ours, LoginReading::NotTried);
        assert_eq!(
            name(&judge(&read(vec![ours.clone(), ours], true, true))),
            "several"
        );
    }

    #[test]
    fn one_doubtful_match_beside_a_foreign_one_is_undecidable() {
        let foreign = found(MarkReading::Other, LoginReading::Refused);
        let doubtful = found(MarkReading::Nothing, LoginReading::Refused);
        assert_eq!(
            name(&judge(&read(vec![foreign, doubtful], true, false))),
            "undecidable"
        );
    }

    #[test]
    fn a_proven_match_beside_a_foreign_one_is_ours() {
        let foreign = found(MarkReading::Other, LoginReading::Refused);
        let ours = found(MarkReading::Ours, LoginReading::NotTried);
        assert_eq!(
            name(&judge(&read(vec![foreign, ours], false, true))),
            "ours by mark"
        );
    }
}
