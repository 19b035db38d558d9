//! What kinds of products are called.

use crate::catalog::Takes;
use crate::order::ItemKind;

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

/// Whether an order's own word for an item means the same kind.
pub(super) fn is_kind(takes: &Takes, kind: &ItemKind) -> bool {
    match kind {
        ItemKind::Hosting => takes.is_hosting(),
        ItemKind::Addon => matches!(takes, Takes::Addon),
        ItemKind::Domain => matches!(takes, Takes::Domain),
        ItemKind::Email => matches!(takes, Takes::Mailbox),
        ItemKind::Ssl => matches!(takes, Takes::Ssl),
        ItemKind::Dns => matches!(takes, Takes::Dns),
        ItemKind::Unknown(_) => false,
    }
}
