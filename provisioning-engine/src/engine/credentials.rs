//! Credentials: made once, sealed, shown until confirmed, then erased.

use secrecy::{ExposeSecret, SecretString};

use provisioning_core::handover::{Confirmation, Unconfirmed};
use provisioning_core::order::TenantId;
use provisioning_core::password::generate;
use provisioning_core::plan::action::Action;
use provisioning_core::plan::id::PlanId;
use provisioning_core::plan::step::{CredentialId, CredentialSpec};
use provisioning_core::run::Run;
use provisioning_core::run::directive::Directive;
use provisioning_core::run::event::{CredentialSealed, Event};

use super::{Engine, EngineError, RunView};
use crate::seal::SealContext;

pub(super) fn purpose(credential: &CredentialId) -> String {
    format!("credential/{credential}")
}

impl Engine {
    /// The credentials of a run that work and that nobody has confirmed as saved yet. They can be shown again until
    /// they are confirmed.
    ///
    /// # Errors
    /// [`EngineError::NotPlanned`]; [`EngineError::Seal`] if the key that sealed them is not at hand.
    pub async fn unconfirmed(&self, run: PlanId) -> Result<Vec<Unconfirmed>, EngineError> {
        self.unconfirmed_in(&self.inspect(run).await?)
    }

    /// As [`Engine::unconfirmed`], of a run that was just inspected.
    ///
    /// # Errors
    /// As [`Engine::unconfirmed`].
    pub fn unconfirmed_in(&self, view: &RunView) -> Result<Vec<Unconfirmed>, EngineError> {
        let planned = view.run().ok_or(EngineError::NotPlanned(view.id))?;
        let mut shown = Vec::new();
        for directive in planned.next(self.now()) {
            let Directive::Confirm(credential) = directive else {
                continue;
            };
            let Some(spec) = planned.plan().credential(&credential) else {
                continue;
            };
            let Some(password) = self.open_password(view.key.tenant(), planned, &credential)?
            else {
                continue;
            };
            let username = planned
                .account(&spec.step)
                .map(|account| account.username.clone())
                .unwrap_or_default();
            shown.push(Unconfirmed::new(
                credential,
                spec.opens.clone(),
                username,
                password,
            ));
        }
        Ok(shown)
    }

    /// Records that a credential is saved or delivered, and erases the sealed copy. It can never be shown again.
    ///
    /// # Errors
    /// [`EngineError::NotAllowed`] if the credential does not work yet or is confirmed already.
    pub async fn confirm(
        &self,
        run: PlanId,
        confirmation: &Confirmation,
    ) -> Result<RunView, EngineError> {
        let event = Event::CredentialConfirmed {
            credential: confirmation.credential().clone(),
            by: confirmation.by().to_owned(),
        };
        let mut hold = self.hold(run).await?;
        let erased = match self.take_up(&mut hold).await {
            Ok(mut claimed) => claimed.confirm_and_erase(event).await,
            Err(error) => Err(error),
        };
        hold.release(None).await;
        erased?;
        self.inner.arrived.notify_one();
        self.inspect(run).await
    }

    pub(super) fn make_credential(
        &self,
        tenant: &TenantId,
        run: PlanId,
        spec: &CredentialSpec,
    ) -> Result<Event, EngineError> {
        let password = generate(&spec.policy, &mut rand::rng())?;
        let purpose = purpose(&spec.id);
        let context = SealContext {
            tenant,
            run: Some(run),
            purpose: &purpose,
        };
        let sealed = self
            .inner
            .sealer
            .seal(context, password.expose_secret().as_bytes())
            .map_err(|problem| EngineError::Seal { run, problem })?;
        Ok(Event::CredentialSealed(CredentialSealed {
            credential: spec.id.clone(),
            key_id: self.inner.sealer.key_id().to_owned(),
            sealed,
        }))
    }

    /// The password of a credential that was made and not erased.
    pub(super) fn open_password(
        &self,
        tenant: &TenantId,
        run: &Run,
        credential: &CredentialId,
    ) -> Result<Option<SecretString>, EngineError> {
        let Some(sealed) = run.sealed(credential) else {
            return Ok(None);
        };
        let id = run.plan().id;
        let purpose = purpose(credential);
        let context = SealContext {
            tenant,
            run: Some(id),
            purpose: &purpose,
        };
        self.inner
            .sealer
            .open_password(context, &sealed.key_id, &sealed.sealed)
            .map(Some)
            .map_err(|problem| EngineError::Seal { run: id, problem })
    }

    /// The credential a step's account has.
    pub(super) fn credential_of<'a>(run: &'a Run, action: &'a Action) -> Option<&'a CredentialId> {
        match action {
            Action::CreateHostingAccount(create) => Some(&create.credential),
            Action::VerifyHostingAccount(verify) => run
                .plan()
                .step(&verify.account)
                .and_then(|step| step.action.credential()),
            _ => None,
        }
    }
}
