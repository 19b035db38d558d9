//! Several stand-ins at once.

use std::collections::HashSet;

use crate::StartError;
use crate::mpanel::{MPanel, MPanelSettings};
use crate::nextpanel_billing::{Billing, BillingSettings};
use crate::nextpanel_panel::{Panel, PanelSettings};

/// A set of running stand-ins, each on its own address on 127.0.0.1. Dropping it ends all of them.
#[derive(Debug)]
pub struct PanelSandbox {
    nextpanel_panels: Vec<Panel>,
    mpanels: Vec<MPanel>,
    nextpanel_billings: Vec<Billing>,
}

impl PanelSandbox {
    /// Begins a sandbox without any stand-in.
    pub fn builder() -> PanelSandboxBuilder {
        PanelSandboxBuilder::default()
    }

    /// The NextPanel panel of this name.
    pub fn nextpanel_panel(&self, name: &str) -> Option<&Panel> {
        self.nextpanel_panels
            .iter()
            .find(|panel| panel.name() == name)
    }

    /// All NextPanel panels, in the order they were added.
    pub fn nextpanel_panels(&self) -> &[Panel] {
        &self.nextpanel_panels
    }

    /// The mPanel of this name.
    pub fn mpanel(&self, name: &str) -> Option<&MPanel> {
        self.mpanels.iter().find(|mpanel| mpanel.name() == name)
    }

    /// All mPanels, in the order they were added.
    pub fn mpanels(&self) -> &[MPanel] {
        &self.mpanels
    }

    /// The NextPanel billing backend of this name.
    pub fn nextpanel_billing(&self, name: &str) -> Option<&Billing> {
        self.nextpanel_billings
            .iter()
            .find(|billing| billing.name() == name)
    }

    /// All NextPanel billing backends, in the order they were added.
    pub fn nextpanel_billings(&self) -> &[Billing] {
        &self.nextpanel_billings
    }

    /// Heals every stand-in.
    pub fn heal(&self) {
        self.nextpanel_panels.iter().for_each(Panel::heal);
        self.mpanels.iter().for_each(MPanel::heal);
        self.nextpanel_billings.iter().for_each(Billing::heal);
    }

    /// Lets every late request arrive, on every stand-in. Returns how many did.
    pub async fn settle(&self) -> usize {
        let mut count = 0;
        // First those that call panels.
        for billing in &self.nextpanel_billings {
            count += billing.settle().await;
        }
        for panel in &self.nextpanel_panels {
            count += panel.settle().await;
        }
        for mpanel in &self.mpanels {
            count += mpanel.settle().await;
        }
        count
    }
}

/// Collects the stand-ins of a [`PanelSandbox`].
#[derive(Debug, Default)]
pub struct PanelSandboxBuilder {
    nextpanel_panels: Vec<PanelSettings>,
    mpanels: Vec<MPanelSettings>,
    nextpanel_billings: Vec<BillingSettings>,
}

impl PanelSandboxBuilder {
    /// Adds a NextPanel panel.
    pub fn nextpanel_panel(mut self, settings: PanelSettings) -> Self {
        self.nextpanel_panels.push(settings);
        self
    }

    /// Adds an mPanel.
    pub fn mpanel(mut self, settings: MPanelSettings) -> Self {
        self.mpanels.push(settings);
        self
    }

    /// Adds a NextPanel billing backend.
    pub fn nextpanel_billing(mut self, settings: BillingSettings) -> Self {
        self.nextpanel_billings.push(settings);
        self
    }

    /// Starts all of them.
    ///
    /// # Errors
    ///
    /// [`StartError::NameTwice`] before anything is started, [`StartError::Bind`] if an address is taken. Either way
    /// nothing is left running.
    pub async fn start(self) -> Result<PanelSandbox, StartError> {
        let mut names = HashSet::new();
        let panels = self.nextpanel_panels.iter().map(PanelSettings::name);
        let billings = self.nextpanel_billings.iter().map(BillingSettings::name);
        let mpanels = self.mpanels.iter().map(MPanelSettings::name);
        for name in panels.chain(billings).chain(mpanels) {
            if !names.insert(name) {
                let name = name.to_owned();
                return Err(StartError::NameTwice { name });
            }
        }
        let mut nextpanel_panels = Vec::with_capacity(self.nextpanel_panels.len());
        for settings in self.nextpanel_panels {
            nextpanel_panels.push(Panel::start(settings).await?);
        }
        let mut nextpanel_billings = Vec::with_capacity(self.nextpanel_billings.len());
        for settings in self.nextpanel_billings {
            nextpanel_billings.push(Billing::start(settings).await?);
        }
        let mut mpanels = Vec::with_capacity(self.mpanels.len());
        for settings in self.mpanels {
            mpanels.push(MPanel::start(settings).await?);
        }
        Ok(PanelSandbox {
            nextpanel_panels,
            nextpanel_billings,
            mpanels,
        })
    }
}
