//! What a host asks for accounts that exist, and for orders whose run is over.

use provisioning_core::order::{OrderItem, ProductCode};
use provisioning_core::payment::{AllowedBy, PaymentPolicy, TerminationGrounds, TerminationPolicy};
use provisioning_core::plan::account::Package;
use provisioning_core::plan::action::{Action, SuspensionReason};
use provisioning_core::plan::id::{Operation, PlanId};
use provisioning_core::planner::Inputs;
use provisioning_core::planner::lifecycle::{Observed, change_package};

use super::hold::Hold;
use super::order_runs::OrderRuns;
use super::payment_events::EventTaken;
use super::{Engine, EngineError, RunView};

/// Each of these makes a run of its own and returns its id; [`Engine::run`] or [`Engine::work`] drives it. Any run of the
/// order may be named. Asked twice, they name the same run, as long as it is the newest about these accounts.
impl Engine {
    /// The runs of an order, in the order in which they were stored, whichever of them is named.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn runs_of_order(&self, run: PlanId) -> Result<Vec<RunView>, EngineError> {
        let key = self.inner.store.load(run).await?.key;
        let mut views = Vec::new();
        for run in self.inner.store.runs_of(&key).await? {
            views.push(self.inspect(run).await?);
        }
        Ok(views)
    }

    /// Suspends the accounts of an order, and its subscriptions on mPanel, for another reason than payment, such as abuse:
    /// no payment lifts it.
    ///
    /// # Errors
    /// [`EngineError::NoAccount`]; [`EngineError::Store`] if another worker holds the order's first run.
    pub async fn suspend(&self, run: PlanId, reason: &str) -> Result<PlanId, EngineError> {
        let reason = SuspensionReason::Other {
            text: reason.to_owned(),
        };
        let (mut hold, order) = self.with_order(run).await?;
        let made = match order.newest_about_accounts(Operation::Suspend) {
            Some(newest) if suspends_for(newest, &reason) => Ok(Some(newest.plan().id)),
            _ => self.add_suspension(&mut hold, &order, &reason).await,
        };
        hold.release(None).await;
        made?.ok_or(EngineError::NoAccount(run))
    }

    /// Unsuspends the accounts of an order, and its subscriptions on mPanel, whatever they were suspended for. An order that
    /// is not paid is suspended again as soon as its payment is decided about.
    ///
    /// # Errors
    /// [`EngineError::NoAccount`]; [`EngineError::Store`] if another worker holds the order's first run.
    pub async fn unsuspend(&self, run: PlanId) -> Result<PlanId, EngineError> {
        let (mut hold, order) = self.with_order(run).await?;
        let made = match order.newest_about_accounts(Operation::Unsuspend) {
            Some(newest) => Ok(Some(newest.plan().id)),
            None => self.add_unsuspension(&mut hold, &order).await,
        };
        hold.release(None).await;
        made?.ok_or(EngineError::NoAccount(run))
    }

    /// Moves the accounts of an order to the package of another product of the catalog.
    ///
    /// # Errors
    /// [`EngineError::NoAccount`]; [`EngineError::UnknownProduct`]; [`EngineError::Store`] if another worker holds the
    /// order's first run.
    pub async fn change_package(
        &self,
        run: PlanId,
        to: &ProductCode,
    ) -> Result<PlanId, EngineError> {
        let Some(product) = self.inner.catalog.find(to) else {
            return Err(EngineError::UnknownProduct(to.clone()));
        };
        let to = Package::of(product);
        let (mut hold, order) = self.with_order(run).await?;
        let make = |things: &Observed, inputs: &Inputs, now| {
            change_package(&order.key, &things.accounts, &to, inputs, now)
        };
        let made = match order.newest_about_accounts(Operation::ChangePackage) {
            Some(newest) if changes_to(newest, &to) => Ok(Some(newest.plan().id)),
            _ => {
                self.add_planned(&mut hold, &order, Operation::ChangePackage, make)
                    .await
            }
        };
        hold.release(None).await;
        made?.ok_or(EngineError::NoAccount(run))
    }

    /// Why the accounts of an order may be removed now, if they may: suspended for lack of payment, the grace period of
    /// the [`PaymentPolicy`] over, and no payment since. Where the policy never proposes a termination, a person who asks
    /// for one waits the grace period of [`PaymentPolicy::default`].
    ///
    /// # Errors
    /// [`EngineError::NotTerminable`] with what is missing; [`EngineError::Store`].
    pub async fn termination_grounds(
        &self,
        run: PlanId,
        allowed_by: AllowedBy,
    ) -> Result<TerminationGrounds, EngineError> {
        let first = self.inner.store.load(run).await?.first;
        let order = self.order_runs(first).await?;
        self.grounds(&order, allowed_by)
    }

    /// Removes the accounts of an order and their data, and cancels its subscriptions on mPanel, on grounds that hold at
    /// this moment; no event alone ever does.
    ///
    /// # Errors
    /// [`EngineError::NotTerminable`] with what is missing: nothing was done; [`EngineError::Store`] if another worker
    /// holds the order's first run.
    pub async fn terminate(
        &self,
        run: PlanId,
        allowed_by: AllowedBy,
    ) -> Result<PlanId, EngineError> {
        let (mut hold, order) = self.with_order(run).await?;
        let made = match order.newest_about_accounts(Operation::Terminate) {
            Some(newest) => Ok(Some(newest.plan().id)),
            None => match self.grounds(&order, allowed_by) {
                Ok(grounds) => self.add_termination(&mut hold, &order, &grounds).await,
                Err(refused) => Err(refused),
            },
        };
        hold.release(None).await;
        made?.ok_or(EngineError::NoAccount(run))
    }

    /// Provides anew what an order that is over did not get: a new generation, of what is ordered now less what is there.
    ///
    /// # Errors
    /// [`EngineError::NotOver`] if something is left to do or to ask; [`EngineError::Store`] if another worker holds the
    /// order's first run.
    pub async fn resubmit(&self, run: PlanId) -> Result<PlanId, EngineError> {
        let (mut hold, order) = self.with_order(run).await?;
        let made = if order.provision_is_over(self.now()) {
            self.add_generation(&mut hold, &order).await
        } else if order.next_generation(Operation::Provision) > 1 {
            Ok(order.newest.id)
        } else {
            Err(EngineError::NotOver(order.newest.id))
        };
        hold.release(None).await;
        made
    }

    /// Changes what an order holds: what is new is made, a domain whose product changed gets its package changed, and
    /// what is no longer ordered is left to a person. It is taken in like a payment event of that kind, and made to
    /// a new generation as soon as the present one has come to rest; the runs of [`EventTaken::settlement`] are those.
    ///
    /// # Errors
    /// As [`Engine::payment_event`]; [`EngineError::Items`] if these items make no order.
    pub async fn amend(
        &self,
        run: PlanId,
        items: Vec<OrderItem>,
    ) -> Result<EventTaken, EngineError> {
        let first = self.inner.store.load(run).await?.first;
        let stored = self.inner.store.load(first).await?;
        let order = self.open_order(&stored)?;
        order.amended(&items).map_err(EngineError::Items)?;
        self.amended(&order, items).await
    }

    /// Claims the first run of an order and reads everything about it.
    async fn with_order(&self, run: PlanId) -> Result<(Hold, OrderRuns), EngineError> {
        let first = self.inner.store.load(run).await?.first;
        let hold = self.hold(first).await?;
        match self.order_runs(first).await {
            Ok(order) => Ok((hold, order)),
            Err(error) => {
                hold.release(None).await;
                Err(error)
            }
        }
    }

    fn grounds(
        &self,
        order: &OrderRuns,
        allowed_by: AllowedBy,
    ) -> Result<TerminationGrounds, EngineError> {
        let grace = |policy: &TerminationPolicy| match policy {
            TerminationPolicy::AskHuman { after } | TerminationPolicy::Terminate { after, .. } => {
                Some(*after)
            }
            _ => None,
        };
        let after = grace(&self.inner.payment_policy.termination)
            .or_else(|| grace(&PaymentPolicy::default().termination))
            .unwrap_or_default();
        let now = self.now();
        let position = order.position(now);
        TerminationGrounds::establish(&order.payment, &position, after, allowed_by, now)
            .map_err(EngineError::NotTerminable)
    }
}

fn suspends_for(run: &provisioning_core::run::Run, reason: &SuspensionReason) -> bool {
    let mut steps = run.plan().steps.iter();
    steps.any(|step| step.action.in_substance().suspends_for() == Some(reason))
}

fn changes_to(run: &provisioning_core::run::Run, to: &Package) -> bool {
    run.plan().steps.iter().any(
        |step| matches!(step.action.in_substance(), Action::ChangePackage(change) if change.to == *to),
    )
}
