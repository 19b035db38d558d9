//! A customer and its hosting account in one step.

use std::fmt;

use panel_http::Error;
use secrecy::SecretString;

use super::client::Billing;
use super::customer::{CreateCustomer, Customer};
use super::provision::{HostingDetails, NewHostingAccount, ProvisionedAccount};
use super::provision_outcome::ProvisionOutcome;
use crate::panel::Panel;

/// A name and a password to hand over.
#[derive(Clone)]
#[non_exhaustive]
pub struct HandedOver {
    /// E-mail address of the billing login, or username of the hosting account.
    pub name: String,
    /// Password.
    pub password: SecretString,
}

impl fmt::Debug for HandedOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HandedOver(..)")
    }
}

/// What came of creating a customer and its hosting account. The customer exists in either case.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum CustomerWithHosting {
    /// Both exist. The passwords can be recovered nowhere: hand them over now.
    Complete {
        /// The customer.
        customer: Box<Customer>,
        /// Its hosting account.
        account: ProvisionedAccount,
        /// What the customer logs in to billing with.
        billing_login: HandedOver,
        /// What the customer logs in to hosting with.
        hosting_login: HandedOver,
    },
    /// The customer was created, its hosting account was not, or nobody knows. The customer stays: it is not taken back.
    CustomerOnly {
        /// The customer.
        customer: Box<Customer>,
        /// What the customer logs in to billing with.
        billing_login: HandedOver,
        /// Why there is no hosting account yet.
        failure: HostingFailure,
        /// What to give to [`Billing::provision`] once the cause is mended.
        retry: Box<NewHostingAccount>,
    },
}

/// Why a customer has no hosting account yet.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum HostingFailure {
    /// What came of it.
    Outcome(Box<ProvisionOutcome>),
    /// The call was not carried out.
    Call(Box<Error>),
}

/// What happened and what to do next, in one sentence.
impl fmt::Display for HostingFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("customer created, hosting ")?;
        match self {
            Self::Call(error) => write!(f, "not asked for ({error}): retry with the same account"),
            Self::Outcome(outcome) => match &**outcome {
                ProvisionOutcome::Refused { refusal, .. } => write!(
                    f,
                    "failed: {refusal}; mend that and retry with the same account"
                ),
                ProvisionOutcome::OnPanel { account, .. } => write!(
                    f,
                    "exists on the panel as account {}, though the billing backend reports failure; do not retry",
                    account.id
                ),
                ProvisionOutcome::Unknown(unknown) => write!(f, "unknown: {unknown}"),
                ProvisionOutcome::Created(account) => {
                    write!(f, "created as account {}", account.account_id)
                }
            },
        }
    }
}

impl Billing {
    /// Creates a customer, and then its hosting account.
    ///
    /// # Errors
    /// If the customer was not created, or nobody knows ([`panel_http::Kind::Indeterminate`]: its e-mail is the key).
    /// Whatever happens to the hosting account is no error but [`CustomerWithHosting::CustomerOnly`].
    pub async fn create_customer_and_provision(
        &self,
        customer: &CreateCustomer,
        hosting: &HostingDetails,
        panel: Option<&Panel>,
    ) -> Result<CustomerWithHosting, Error> {
        let created = Box::new(self.call(customer.clone()).await?);
        let (email, password) = customer.login();
        let billing_login = HandedOver {
            name: email.to_owned(),
            password: password.secret().clone(),
        };
        let account = hosting.clone().for_customer(&created.id);
        let failure = match self.provision(&account, panel).await {
            Ok(ProvisionOutcome::Created(provisioned)) => {
                return Ok(CustomerWithHosting::Complete {
                    customer: created,
                    hosting_login: HandedOver {
                        name: provisioned.username.clone(),
                        password: hosting.password().secret().clone(),
                    },
                    account: provisioned,
                    billing_login,
                });
            }
            Ok(outcome) => HostingFailure::Outcome(Box::new(outcome)),
            Err(error) => HostingFailure::Call(Box::new(error)),
        };
        Ok(CustomerWithHosting::CustomerOnly {
            customer: created,
            billing_login,
            failure,
            retry: Box::new(account),
        })
    }
}
