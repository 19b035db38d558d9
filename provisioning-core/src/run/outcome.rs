//! What a call came to: five outcomes, from one table.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::facts::Facts;
use crate::permission::Denial;
use crate::plan::retry::later;
use crate::plan::verb::Effect;

/// What a call came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing was executed: the request did not leave, or the server said that it did not execute it.
    NotSent {
        /// What happened, redacted.
        text: String,
        /// Whether sending again can help. A bad certificate or a bad setting stays bad.
        retryable: bool,
        /// Set when the server asked for a pause; such a wait costs no attempt.
        not_before: Option<Timestamp>,
    },
    /// Executed, and the reply was understood.
    Ok {
        /// What the reply said.
        facts: Facts,
    },
    /// It may or may not have been executed.
    Unknown {
        /// What happened, redacted.
        text: String,
    },
    /// Not executed: something in front of the panel's work refused it, and a human has to open the way.
    Denied {
        /// What stands in the way.
        barrier: Barrier,
        /// The panel's words, redacted.
        text: String,
    },
    /// Not executed: the panel refused the request for what it asks.
    Rejected {
        /// Why, as far as the words are known.
        because: Because,
        /// The panel's words, redacted.
        text: String,
    },
}

/// What stands between us and the panel's work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "barrier", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Barrier {
    /// A right is missing and the words are known: the denial carries the remedy.
    Permission {
        /// What is missing and how to mend it.
        denial: Box<Denial>,
    },
    /// 401 or 403 in words nobody has recorded.
    Unrecognised {
        /// HTTP status.
        status: u16,
    },
    /// 401 or 403 as an HTML page: a proxy or firewall answered, not the panel.
    Proxy {
        /// HTTP status.
        status: u16,
    },
    /// 404 or 405 where something was to be created: the route does not exist on this server.
    RouteMissing {
        /// HTTP status.
        status: u16,
    },
    /// A redirect that is not followed, because credentials would go with it.
    Redirected {
        /// HTTP status.
        status: u16,
    },
}

/// Why a panel refused a request for what it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Because {
    /// The answer names the username as taken.
    UsernameTaken,
    /// The domain is hosted already.
    DomainTaken,
    /// Something with our natural key exists and the answer does not say which.
    ExistsIdUnknown,
    /// What was asked for is not there (404 on something that should exist).
    NotFound,
    /// The values were refused.
    Invalid,
    /// The id leads to another account than the one that was meant; it was read, and nothing was done to it.
    OtherAccount,
    /// What was meant cannot be read, or stands so that it is not brought where it should be; nothing was done to it.
    StandsOtherwise,
}

/// What the panel's words are known to mean, where the contract names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Named {
    /// The server says that it did not execute the request (mPanel's 503 "TypeScript routes not available").
    NotExecuted,
    /// Something of this key exists (mPanel's 500 naming `customers_email_key`).
    Exists,
    /// The username is taken (NextPanel's 400 "Username already exists").
    UsernameTaken,
    /// The domain is hosted already.
    DomainTaken,
}

/// What came back, in the words this table needs. Clients translate their errors into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The request did not leave: refused connection, failed name look-up, failed TLS, local validation aside.
    NotSent {
        /// What happened.
        text: String,
        /// Whether sending again can help.
        retryable: bool,
    },
    /// The request was refused before it left, for its values.
    Local {
        /// What is wrong with it.
        text: String,
    },
    /// The request may have left, and no whole answer came: reset, timeout, closed connection.
    NoAnswer {
        /// What happened.
        text: String,
    },
    /// A 2xx that was understood.
    Understood(Facts),
    /// A 2xx that was unreadable, truncated, oversized or without the id.
    NotUnderstood {
        /// What is wrong with it.
        text: String,
    },
    /// Any other answer.
    Answered {
        /// HTTP status.
        status: u16,
        /// The panel's words.
        text: String,
        /// Whether the body is a web page.
        html: bool,
        /// How long the server asked us to wait.
        retry_after: Option<Duration>,
        /// What the words are known to mean.
        named: Option<Named>,
        /// The denial that the client recognised.
        denial: Option<Box<Denial>>,
    },
}

/// The pause after a 429 that names none: mPanel's tightest limiter counts by the minute.
const UNHINTED_PAUSE: Duration = Duration::from_secs(60);

/// The outcome of a call: the table of DESIGN section 4, the same for every panel.
#[must_use]
pub fn outcome(reply: Reply, effect: Effect, now: Timestamp) -> Outcome {
    match reply {
        Reply::NotSent { text, retryable } => Outcome::NotSent {
            text,
            retryable,
            not_before: None,
        },
        Reply::Local { text } => Outcome::Rejected {
            because: Because::Invalid,
            text,
        },
        Reply::NoAnswer { text } | Reply::NotUnderstood { text } => Outcome::Unknown { text },
        Reply::Understood(facts) => Outcome::Ok { facts },
        Reply::Answered {
            status,
            text,
            html,
            retry_after,
            named,
            denial,
        } => answered(status, text, html, retry_after, named, denial, effect, now),
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "the row of the table, taken apart once"
)]
fn answered(
    status: u16,
    text: String,
    html: bool,
    retry_after: Option<Duration>,
    named: Option<Named>,
    denial: Option<Box<Denial>>,
    effect: Effect,
    now: Timestamp,
) -> Outcome {
    match (status, named) {
        (_, Some(Named::NotExecuted)) => Outcome::NotSent {
            text,
            retryable: true,
            not_before: None,
        },
        (_, Some(Named::Exists)) => Outcome::Rejected {
            because: Because::ExistsIdUnknown,
            text,
        },
        // Both panels limit before they execute.
        (429, _) => Outcome::NotSent {
            text,
            retryable: true,
            not_before: Some(later(now, retry_after.unwrap_or(UNHINTED_PAUSE))),
        },
        (401 | 403, _) if html => Outcome::Denied {
            barrier: Barrier::Proxy { status },
            text,
        },
        (401 | 403, _) => Outcome::Denied {
            barrier: denial.map_or(Barrier::Unrecognised { status }, |denial| {
                Barrier::Permission { denial }
            }),
            text,
        },
        (404 | 405, _) if effect == Effect::Create => Outcome::Denied {
            barrier: Barrier::RouteMissing { status },
            text,
        },
        (404, _) => Outcome::Rejected {
            because: Because::NotFound,
            text,
        },
        (405, _) => Outcome::Denied {
            barrier: Barrier::RouteMissing { status },
            text,
        },
        (408, _) => Outcome::Unknown { text },
        (300..=399, _) => Outcome::Denied {
            barrier: Barrier::Redirected { status },
            text,
        },
        (400..=499, Some(Named::UsernameTaken)) => Outcome::Rejected {
            because: Because::UsernameTaken,
            text,
        },
        (400..=499, Some(Named::DomainTaken)) => Outcome::Rejected {
            because: Because::DomainTaken,
            text,
        },
        (400..=499, None) => Outcome::Rejected {
            because: Because::Invalid,
            text,
        },
        // 5xx, and statuses nobody has defined: the server may have done it before it failed.
        _ => Outcome::Unknown { text },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_second(1_000).unwrap()
    }

    fn reply(status: u16, named: Option<Named>) -> Reply {
        Reply::Answered {
            status,
            text: "words".into(),
            html: false,
            retry_after: None,
            named,
            denial: None,
        }
    }

    fn short(outcome: &Outcome) -> String {
        match outcome {
            Outcome::NotSent {
                retryable,
                not_before,
                ..
            } => {
                format!(
                    "not sent retryable={retryable} pause={}",
                    not_before.is_some()
                )
            }
            Outcome::Ok { .. } => "ok".into(),
            Outcome::Unknown { .. } => "unknown".into(),
            Outcome::Denied { barrier, .. } => format!("denied {barrier:?}"),
            Outcome::Rejected { because, .. } => format!("rejected {because:?}"),
        }
    }

    #[test]
    fn every_row_of_the_table() {
        use Effect::{Change, Create, Read};
        let rows: Vec<(Reply, Effect, &str)> = vec![
            (
                Reply::NotSent {
                    text: "refused".into(),
                    retryable: true,
                },
                Create,
                "not sent retryable=true pause=false",
            ),
            (
                Reply::NotSent {
                    text: "bad certificate".into(),
                    retryable: false,
                },
                Create,
                "not sent retryable=false pause=false",
            ),
            (
                Reply::Local {
                    text: "password too long".into(),
                },
                Create,
                "rejected Invalid",
            ),
            (
                Reply::NoAnswer {
                    text: "reset".into(),
                },
                Create,
                "unknown",
            ),
            (
                Reply::NoAnswer {
                    text: "timeout".into(),
                },
                Read,
                "unknown",
            ),
            (
                Reply::NotUnderstood {
                    text: "no id".into(),
                },
                Create,
                "unknown",
            ),
            (Reply::Understood(Facts::Nothing), Change, "ok"),
            (
                reply(429, None),
                Create,
                "not sent retryable=true pause=true",
            ),
            (
                reply(401, None),
                Create,
                "denied Unrecognised { status: 401 }",
            ),
            (
                reply(403, None),
                Read,
                "denied Unrecognised { status: 403 }",
            ),
            (
                reply(404, None),
                Create,
                "denied RouteMissing { status: 404 }",
            ),
            (
                reply(405, None),
                Create,
                "denied RouteMissing { status: 405 }",
            ),
            (reply(404, None), Read, "rejected NotFound"),
            (reply(404, None), Change, "rejected NotFound"),
            (
                reply(405, None),
                Change,
                "denied RouteMissing { status: 405 }",
            ),
            (
                reply(400, Some(Named::UsernameTaken)),
                Create,
                "rejected UsernameTaken",
            ),
            (
                reply(409, Some(Named::DomainTaken)),
                Create,
                "rejected DomainTaken",
            ),
            (reply(400, None), Create, "rejected Invalid"),
            (reply(422, None), Create, "rejected Invalid"),
            (reply(402, None), Create, "rejected Invalid"),
            (reply(408, None), Create, "unknown"),
            (reply(500, None), Create, "unknown"),
            (reply(502, None), Create, "unknown"),
            (reply(503, None), Create, "unknown"),
            (reply(504, None), Create, "unknown"),
            (reply(599, None), Create, "unknown"),
            (reply(101, None), Create, "unknown"),
            (reply(999, None), Create, "unknown"),
            (
                reply(307, None),
                Create,
                "denied Redirected { status: 307 }",
            ),
            (
                reply(503, Some(Named::NotExecuted)),
                Create,
                "not sent retryable=true pause=false",
            ),
            (
                reply(500, Some(Named::Exists)),
                Create,
                "rejected ExistsIdUnknown",
            ),
            // The words of a refusal are believed only in a 4xx: a 500 may have committed before it failed.
            (reply(500, Some(Named::UsernameTaken)), Create, "unknown"),
        ];
        for (reply, effect, expected) in rows {
            let asked = format!("{reply:?} {effect:?}");
            assert_eq!(short(&outcome(reply, effect, now())), expected, "{asked}");
        }
    }

    #[test]
    fn a_refusal_in_html_comes_from_a_proxy() {
        let html = Reply::Answered {
            status: 403,
            text: "<html>".into(),
            html: true,
            retry_after: None,
            named: None,
            denial: None,
        };
        assert_eq!(
            short(&outcome(html, Effect::Create, now())),
            "denied Proxy { status: 403 }"
        );
    }

    #[test]
    fn a_429_waits_as_long_as_the_server_asks() {
        let mut asked = reply(429, None);
        if let Reply::Answered { retry_after, .. } = &mut asked {
            *retry_after = Some(Duration::from_secs(7));
        }
        let Outcome::NotSent { not_before, .. } = outcome(asked, Effect::Create, now()) else {
            panic!("429 is not sent")
        };
        assert_eq!(not_before, Some(Timestamp::from_second(1_007).unwrap()));
    }
}
