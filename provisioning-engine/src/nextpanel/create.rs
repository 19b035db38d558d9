//! Creating an account.

use jiff::Timestamp;
use secrecy::SecretString;

use nextpanel_client::panel::{AccountMetadata, CreateAccount, Panel};
use provisioning_core::fleet::ServerName;
use provisioning_core::permission::Verb;
use provisioning_core::plan::action::CreateHostingAccount;
use provisioning_core::plan::verb::Effect;
use provisioning_core::run::facts::{Facts, HostingAccount, Proof};
use provisioning_core::run::outcome::{Because, Outcome};
use provisioning_core::username::Username;

use super::reply::outcome_of;
use crate::clock::Clock;
use crate::executor::CallReport;

pub(super) async fn create(
    server: &ServerName,
    panel: &Panel,
    clock: &dyn Clock,
    create: &CreateHostingAccount,
    username: &Username,
    planned_at: Timestamp,
    password: Option<&SecretString>,
) -> CallReport {
    let Some(password) = password else {
        return CallReport::without_lesson(Outcome::Rejected {
            because: Because::Invalid,
            text: "the account has no password to be created with".to_owned(),
        });
    };
    match panel
        .call(request(
            create,
            username.as_str(),
            password.clone(),
            planned_at,
        ))
        .await
    {
        Ok(account) => CallReport::without_lesson(Outcome::Ok {
            facts: Facts::HostingAccount(HostingAccount {
                remote_id: account.id.to_string(),
                username: account.username,
                server: server.clone(),
                proof: Proof::Created,
            }),
        }),
        Err(error) => {
            let (verb, effect) = (Verb::CreateAccount, Effect::Create);
            CallReport::without_lesson(outcome_of(&error, verb, effect, clock))
        }
    }
}

/// The exact request of a candidate.
pub(super) fn request(
    create: &CreateHostingAccount,
    username: &str,
    password: SecretString,
    planned_at: Timestamp,
) -> CreateAccount {
    CreateAccount::new(
        username,
        create.email.as_str(),
        password,
        create.account_type,
        create.mark,
        planned_at,
    )
    .set_full_name(create.full_name.clone())
    .set_phone(create.phone.clone())
    .set_company(create.company.clone())
    .set_package_id(create.package_id)
    .set_metadata(AccountMetadata::new(
        create.account_type,
        create.billing_customer_id.clone(),
        planned_at,
    ))
}
