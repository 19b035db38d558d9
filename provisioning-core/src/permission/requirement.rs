//! What each verb asks of its credential.

use super::{CredentialKind, PermissionLevel, Scope, Verb};

/// What a credential must be like for one verb.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// The route is open.
    Nothing,
    /// Any valid credential of the kind will do.
    Valid,
    /// The credential's user must own what is touched, administrators included.
    Owner,
    /// The user must be an administrator of the billing backend.
    Administrator,
    /// The API key needs a level and scopes.
    ApiKey {
        /// Least permission level.
        level: PermissionLevel,
        /// Scopes, all of them, unless the key has full access.
        scopes: &'static [Scope],
    },
    /// The user's role must be one of these, letter by letter: `SUPER_ADMIN` is not `super_admin` is not `admin`.
    Role(&'static [&'static str]),
    /// The user's role must carry this permission.
    Permission(&'static str),
}

/// What one verb needs: which kind of credential, and what it must be like.
///
/// ```
/// use provisioning_core::permission::{PermissionLevel, Requirement, Rule, Verb};
///
/// let requirement = Requirement::of(Verb::CreateAccount);
/// assert!(matches!(requirement.rule(), Rule::ApiKey { level: PermissionLevel::SuperAdmin, .. }));
/// assert_eq!(Requirement::of(Verb::MpanelReadTasks).roles(), ["admin"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    verb: Verb,
    credential: CredentialKind,
    rule: Rule,
    assumed: bool,
}

const PROVISIONING_SCOPES: &[Scope] = &Scope::PROVISIONING;

impl Requirement {
    /// What a verb needs.
    #[must_use]
    pub fn of(verb: Verb) -> Self {
        use CredentialKind as Credential;
        let super_admin = || Rule::ApiKey {
            level: PermissionLevel::SuperAdmin,
            scopes: PROVISIONING_SCOPES,
        };
        let (credential, rule, assumed) = match verb {
            Verb::ReadHealth => (Credential::None, Rule::Nothing, false),
            Verb::LogIn => (Credential::NextPanelAccount, Rule::Valid, true),
            // Refused below SUPER_ADMIN in the field, although documents say that BILLING suffices.
            Verb::CreateAccount => (Credential::NextPanelApiKey, super_admin(), false),
            // The same router, so most likely the same guard; never observed.
            Verb::CreateApiKey
            | Verb::ListAccounts
            | Verb::GetAccount
            | Verb::SuspendAccount
            | Verb::UnsuspendAccount
            | Verb::TerminateAccount
            | Verb::ReadAccountStatistics => (Credential::NextPanelApiKey, super_admin(), true),

            Verb::BillingLogIn
            | Verb::BillingManageServers
            | Verb::BillingProvision
            | Verb::BillingManageAccounts => (Credential::None, Rule::Nothing, false),
            Verb::BillingManageSelf => (Credential::NextPanelBillingToken, Rule::Valid, false),
            Verb::BillingReadOwnLicences
            | Verb::BillingManageSubscriptions
            | Verb::BillingCreateOrder
            | Verb::BillingManageInvoices => {
                (Credential::NextPanelBillingToken, Rule::Owner, false)
            }
            Verb::BillingReadOrder => (Credential::NextPanelBillingToken, Rule::Valid, false),
            Verb::BillingReadCustomers
            | Verb::BillingCreateCustomer
            | Verb::BillingChangeCustomer
            | Verb::BillingManageLicences
            | Verb::BillingManageOrders
            | Verb::BillingReadPayments
            | Verb::BillingAdminister => (
                Credential::NextPanelBillingToken,
                Rule::Administrator,
                false,
            ),

            Verb::MpanelLogIn | Verb::MpanelSubmitCompletedCheckout | Verb::MpanelWorkTasks => {
                (Credential::None, Rule::Nothing, false)
            }
            Verb::MpanelReadCustomers
            | Verb::MpanelWriteCustomer
            | Verb::MpanelReadSubscriptions
            | Verb::MpanelWriteSubscription
            | Verb::MpanelWriteWebsite
            | Verb::MpanelReadServers
            | Verb::MpanelReadInvoices
            | Verb::MpanelReadProducts
            | Verb::MpanelManageSelf
            | Verb::MpanelReadDashboard
            | Verb::MpanelManageApiKeys => (Credential::MpanelUser, Rule::Valid, false),
            Verb::MpanelReadTasks
            | Verb::MpanelRetryTask
            | Verb::MpanelProvision
            | Verb::MpanelReadQueue
            | Verb::MpanelClearFailed
            | Verb::MpanelMarkInvoicePaid
            | Verb::MpanelDeleteProduct => (Credential::MpanelUser, Rule::Role(&["admin"]), false),
            Verb::MpanelWriteServer => (
                Credential::MpanelUser,
                Rule::Role(&["admin", "owner"]),
                false,
            ),
            Verb::MpanelWriteInvoice | Verb::MpanelWriteProduct => (
                Credential::MpanelUser,
                Rule::Role(&["admin", "manager"]),
                false,
            ),
            Verb::MpanelManageUsers => (
                Credential::MpanelUser,
                Rule::Role(&["admin", "super_admin"]),
                false,
            ),
            Verb::MpanelWriteRoles => (Credential::MpanelUser, Rule::Role(&["super_admin"]), false),
            Verb::MpanelReadRoles => (
                Credential::MpanelUser,
                Rule::Permission("roles.read"),
                false,
            ),
            Verb::MpanelManageMarketingKeys => (
                Credential::MpanelUser,
                Rule::Permission("api_keys.create"),
                false,
            ),
            Verb::MpanelCreateOrder => (
                Credential::MpanelUser,
                Rule::Role(&["OWNER", "ADMIN"]),
                false,
            ),
            Verb::MpanelReadOrders | Verb::MpanelReadJobs => (
                Credential::MpanelUser,
                Rule::Role(&["OWNER", "ADMIN", "BILLING"]),
                false,
            ),
            Verb::MpanelManageTenantSubscriptions => {
                (Credential::MpanelUser, Rule::Role(&["OWNER"]), false)
            }
            Verb::MpanelOperatePlatform => (
                Credential::MpanelUser,
                Rule::Role(&["PLATFORM_ADMIN"]),
                false,
            ),
            Verb::MpanelSubmitStripePayment => {
                (Credential::MpanelProvisioningToken, Rule::Valid, false)
            }
            Verb::MpanelSubmitOrder => (Credential::MpanelInternalKey, Rule::Valid, false),
            Verb::MpanelMarket => (Credential::MpanelMarketingKey, Rule::Valid, false),
        };
        Self {
            verb,
            credential,
            rule,
            assumed,
        }
    }

    /// The verb this is about.
    #[must_use]
    pub fn verb(&self) -> Verb {
        self.verb
    }

    /// The kind of credential the verb's route reads.
    #[must_use]
    pub fn credential(&self) -> CredentialKind {
        self.credential
    }

    /// What the credential must be like.
    #[must_use]
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// Whether this is concluded from a neighbouring route rather than observed or documented for this one.
    #[must_use]
    pub fn is_assumed(&self) -> bool {
        self.assumed
    }

    /// The roles that will do, letter by letter; empty where roles do not decide.
    #[must_use]
    pub fn roles(&self) -> &'static [&'static str] {
        match self.rule {
            Rule::Role(roles) => roles,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::Service;

    #[test]
    fn every_verb_has_a_requirement_of_its_own_service() {
        for verb in Verb::ALL {
            let requirement = Requirement::of(*verb);
            let fits = match requirement.credential() {
                CredentialKind::None => true,
                CredentialKind::NextPanelApiKey | CredentialKind::NextPanelAccount => {
                    verb.service() == Service::NextPanel
                }
                CredentialKind::NextPanelBillingToken => {
                    verb.service() == Service::NextPanelBilling
                }
                _ => verb.service() == Service::Mpanel,
            };
            assert!(fits, "{verb:?} {requirement:?}");
            assert_eq!(
                requirement.credential() == CredentialKind::None,
                *requirement.rule() == Rule::Nothing,
                "{verb:?}"
            );
        }
    }

    #[test]
    fn mpanels_provisioning_routes_want_the_role_exactly_admin() {
        for verb in [
            Verb::MpanelReadTasks,
            Verb::MpanelRetryTask,
            Verb::MpanelProvision,
            Verb::MpanelReadQueue,
            Verb::MpanelClearFailed,
        ] {
            assert_eq!(Requirement::of(verb).roles(), ["admin"]);
        }
    }
}
