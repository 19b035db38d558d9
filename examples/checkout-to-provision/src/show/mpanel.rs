//! What exists on mPanel, in words.

use provisioning_core::plan::action::Action;
use provisioning_core::run::Run;
use provisioning_core::run::facts::mpanel::MpanelFacts;

/// One line for each step on mPanel that is done.
pub(super) fn lines(run: &Run) -> Vec<String> {
    run.plan()
        .steps
        .iter()
        .filter(|step| matches!(step.action, Action::Mpanel(_)))
        .filter_map(|step| {
            let said = match run.on_mpanel(&step.path)? {
                MpanelFacts::Order(order) => order.describe(),
                MpanelFacts::Progress(progress) => progress.describe(),
                MpanelFacts::Record(record) => record.remote_id.clone(),
                MpanelFacts::Subscription(state) => state.describe(),
                _ => return None,
            };
            Some(format!("{}: {said}", step.path))
        })
        .collect()
}
