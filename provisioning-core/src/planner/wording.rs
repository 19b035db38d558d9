//! What kinds of products are called.

use crate::catalog::Takes;

/// One of them, as step paths and sentences call it.
pub(super) fn noun(takes: &Takes) -> &'static str {
    match takes {
        Takes::NextPanelHosting { .. } | Takes::MpanelHosting { .. } => "hosting",
        Takes::Addon => "addon",
        Takes::Domain => "domain",
        Takes::Dns => "dns",
        Takes::Mailbox => "mailbox",
        Takes::Ssl => "ssl",
        Takes::Manual { .. } => "manual",
    }
}

/// All of them.
pub(super) fn plural(takes: &Takes) -> &'static str {
    match takes {
        Takes::NextPanelHosting { .. } | Takes::MpanelHosting { .. } => "hosting accounts",
        Takes::Addon => "add-ons",
        Takes::Domain => "domain registrations",
        Takes::Dns => "DNS zones",
        Takes::Mailbox => "mailboxes",
        Takes::Ssl => "certificates",
        Takes::Manual { .. } => "this",
    }
}
