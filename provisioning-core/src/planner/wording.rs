//! What kinds of products are called.

use crate::catalog::Takes;
use crate::plan::verb::VerbName;

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

/// The verb of a host's executor that provides one of them. None for what panels or people do.
pub(super) fn verb(takes: &Takes) -> Option<&'static str> {
    match takes {
        Takes::NextPanelHosting { .. } | Takes::MpanelHosting { .. } | Takes::Manual { .. } => None,
        Takes::Addon => Some(VerbName::PROVIDE_ADDON),
        Takes::Domain => Some(VerbName::PROVIDE_DOMAIN),
        Takes::Dns => Some(VerbName::PROVIDE_DNS),
        Takes::Mailbox => Some(VerbName::PROVIDE_MAILBOX),
        Takes::Ssl => Some(VerbName::PROVIDE_SSL),
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
