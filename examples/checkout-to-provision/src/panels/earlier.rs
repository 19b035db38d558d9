//! Accounts that an earlier process made for the same order.
//!
//! A run that was kept in memory, or in a file that is lost, is not known any more, and the order may be planned for another
//! server than before, where nobody would find its name taken. The mark is the same whoever plans the order.

use provisioning_core::plan::Plan;
use provisioning_core::plan::action::Action;

use super::Panels;

/// What was found.
#[derive(Default)]
pub(crate) struct Earlier {
    /// Each account in words.
    pub(crate) accounts: Vec<String>,
    /// Each server that could not be searched, and why.
    pub(crate) not_searched: Vec<String>,
}

impl Panels {
    /// Searches every server for the marks of a plan that nothing was sent for yet. Only reads are sent.
    pub(crate) async fn earlier_accounts(&self, plan: &Plan) -> Earlier {
        let mut earlier = Earlier::default();
        for (server, panel) in &self.clients {
            let list = match panel.list_all().await {
                Ok(list) => list,
                Err(error) => {
                    earlier.not_searched.push(format!("{server}: {error}"));
                    continue;
                }
            };
            if !list.is_whole {
                earlier.not_searched.push(format!(
                    "{server}: its list of accounts cannot be shown to be whole"
                ));
            }
            for step in &plan.steps {
                let Action::CreateHostingAccount(create) = &step.action else {
                    continue;
                };
                for account in &list.accounts {
                    if account
                        .billing_id()
                        .is_some_and(|shown| create.mark.is(shown))
                    {
                        earlier.accounts.push(format!(
                            "{}: {} on {server}, account {}",
                            step.path,
                            account.username,
                            account.id.get()
                        ));
                    }
                }
            }
        }
        earlier
    }
}
