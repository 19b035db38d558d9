//! Three panels with room for every order and for none besides.

use std::sync::Mutex;

use panel_sandbox::PanelSandbox;
use panel_sandbox::nextpanel_panel::{Panel, PanelSettings};
use provisioning_core::fleet::ServerName;
use provisioning_core::plan::Plan;
use provisioning_core::plan::id::Mark;
use provisioning_core::run::facts::HostingAccount;

use super::username;

const NAMES: [&str; 3] = ["np-1", "np-2", "np-3"];

/// The stand-ins, and the accounts strangers have on them.
#[derive(Debug)]
pub(super) struct Panels {
    sandbox: PanelSandbox,
    strangers: [usize; 3],
    /// Every time a panel held more than it has room for.
    overfull: Mutex<Vec<String>>,
}

impl Panels {
    /// Strangers have the first name that every fourth order tries on each panel, and its second one on one of them.
    pub(super) async fn start(plans: &[Plan]) -> Self {
        let mut names: [Vec<String>; 3] = Default::default();
        for (number, plan) in plans.iter().enumerate().step_by(4) {
            for names in &mut names {
                names.push(username(plan, 0));
            }
            names[number % 3].push(username(plan, 1));
        }
        for names in &mut names {
            names.sort_unstable();
            names.dedup();
        }
        let mut builder = PanelSandbox::builder();
        for (index, name) in NAMES.into_iter().enumerate() {
            let room = (plans.len() + index) / NAMES.len();
            let settings = PanelSettings::new(name).with_capacity(names[index].len() + room);
            builder = builder.nextpanel_panel(settings);
        }
        let sandbox = builder.start().await.unwrap();
        for (panel, names) in sandbox.nextpanel_panels().iter().zip(&names) {
            for name in names {
                panel.add_stranger(name).unwrap();
            }
        }
        let strangers = names.map(|names| names.len());
        Self {
            sandbox,
            strangers,
            overfull: Mutex::default(),
        }
    }

    pub(super) fn sandbox(&self) -> &PanelSandbox {
        &self.sandbox
    }

    pub(super) fn at(&self, server: &ServerName) -> &Panel {
        let mut panels = self.sandbox.nextpanel_panels().iter();
        panels
            .find(|panel| panel.name() == server.as_str())
            .unwrap()
    }

    /// Accounts that were ever made for orders. Nothing is removed here, so they are all there.
    pub(super) fn created(&self) -> usize {
        let panels = self.sandbox.nextpanel_panels().iter();
        panels.map(Panel::created_by_clients).sum()
    }

    /// Takes note of panels that hold more than they have room for. The stand-in itself takes as many as it is sent.
    pub(super) fn look_at_room(&self) {
        for (panel, strangers) in self.sandbox.nextpanel_panels().iter().zip(self.strangers) {
            let there = strangers + panel.created_by_clients();
            if there > panel.capacity() {
                let (name, capacity) = (panel.name(), panel.capacity());
                let overfull = format!("{name} holds {there} of {capacity}");
                self.overfull.lock().unwrap().push(overfull);
            }
        }
    }

    /// No panel has ever held more than it has room for.
    pub(super) fn check_room(&self) {
        assert_eq!(*self.overfull.lock().unwrap(), [""; 0]);
    }

    /// The account was made once for its step, here alone, and is no stranger's.
    pub(super) fn check_made_once(&self, mark: Mark, account: &HostingAccount) {
        let mark = mark.to_string();
        for panel in self.sandbox.nextpanel_panels() {
            let times = usize::from(panel.name() == account.server.as_str());
            assert_eq!(panel.times_created_for(&mark), times, "{account:?}");
        }
        let there = self.at(&account.server).account(&account.username).unwrap();
        assert_eq!(there.id.to_string(), account.remote_id);
        assert_eq!(there.billing_id.as_deref(), Some(mark.as_str()));
        assert!(!there.is_stranger);
    }
}
