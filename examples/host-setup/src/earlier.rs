//! Accounts that another process made for the same orders, with its runs kept elsewhere.
//!
//! A run that was kept in memory, in another file, or in one that is lost, is not known here, and the order may be planned
//! for another server than before, where nobody would find its name taken. The mark is the same whoever plans the order.

use std::collections::HashMap;

use futures_util::future::join_all;
use nextpanel_client::panel::Panel;
use provisioning_core::fleet::ServerName;
use provisioning_core::plan::Plan;
use provisioning_core::plan::action::Action;
use provisioning_core::plan::id::Mark;

/// The accounts of all servers that carry a mark.
#[derive(Debug, Default)]
pub struct MarkedAccounts {
    /// Each account in words.
    by_mark: HashMap<Mark, Vec<String>>,
    /// Each server that could not be searched, and why.
    pub not_searched: Vec<String>,
}

impl MarkedAccounts {
    /// Lists the accounts of every server, all at once. Only reads are sent.
    pub async fn search(clients: &[(ServerName, Panel)]) -> Self {
        let lists = clients
            .iter()
            .map(|(server, panel)| async move { (server, panel.list_all().await) });
        let mut marked = Self::default();
        for (server, list) in join_all(lists).await {
            let list = match list {
                Ok(list) => list,
                Err(error) => {
                    marked.not_searched.push(format!("{server}: {error}"));
                    continue;
                }
            };
            if !list.is_whole {
                marked.not_searched.push(format!(
                    "{server}: its list of accounts cannot be shown to be whole"
                ));
            }
            for account in &list.accounts {
                if let Some(mark) = account.billing_id().and_then(Mark::read) {
                    let words = format!(
                        "{} on {server}, account {}",
                        account.username,
                        account.id.get()
                    );
                    marked.by_mark.entry(mark).or_default().push(words);
                }
            }
        }
        marked
    }

    /// Whether no account carries any mark.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_mark.is_empty()
    }

    /// The accounts that carry a mark of this plan, each in words with its step.
    #[must_use]
    pub fn of(&self, plan: &Plan) -> Vec<String> {
        let mut found = Vec::new();
        for step in &plan.steps {
            if let Action::CreateHostingAccount(create) = &step.action
                && let Some(accounts) = self.by_mark.get(&create.mark)
            {
                let named = |account| format!("{}: {account}", step.path);
                found.extend(accounts.iter().map(named));
            }
        }
        found
    }
}
