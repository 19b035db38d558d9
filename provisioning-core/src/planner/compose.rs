//! Composing the plan: every item becomes steps, every choice is frozen.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Inputs;
use super::amend::Difference;
use super::check::{check, hosting_domain};
use super::lifecycle::Observed;
use super::paths::{base, paths};
use super::rejection::{Reason, Rejection};
use super::usernames::usernames;
use super::wording::{noun, plural, verb};
use crate::catalog::{AccountType, Catalog, Product, Takes};
use crate::domain::DomainName;
use crate::fleet::{Fleet, ServerName};
use crate::order::{AmountComparison, OrderItem, PaidOrder, compare_amount};
use crate::placement::{PlacementRequest, RankedServer, ServerRefusal, rank_with_refusals};
use crate::plan::action::{
    Action, CreateHostingAccount, HandOver, HostingDomain, Manual, Provide, VerifyHostingAccount,
};
use crate::plan::id::{Operation, PlanId, StepPath};
use crate::plan::step::{CredentialId, CredentialSpec, Criticality, Step};
use crate::plan::verb::VerbName;
use crate::plan::{Digests, PLAN_SCHEMA, Plan};
use crate::problem::Problem;
use crate::username::Username;

/// How many of the servers that could not be taken a plan names.
const MOST_REFUSED_TOLD: usize = 16;

pub(super) fn compose(
    order: &PaidOrder,
    catalog: &Catalog,
    fleet: &Fleet,
    inputs: &Inputs,
    now: Timestamp,
    observed: Option<&Observed>,
) -> Result<Plan, Rejection> {
    let mut reasons = Vec::new();
    if let Err(problems) = check(order, catalog, fleet.config(), &inputs.capabilities) {
        reasons.extend(
            problems
                .into_iter()
                .map(|problem| Reason::Problem { problem }),
        );
    }
    let mut composer = Composer {
        order,
        inputs,
        id: PlanId::new(order.key(), Operation::Provision, inputs.generation),
        fleet,
        taken: Vec::new(),
        steps: Vec::new(),
        credentials: Vec::new(),
        refused: Vec::new(),
        refused_in_all: 0,
        notes: order
            .notes()
            .iter()
            .cloned()
            .chain(catalog.kind_differences(order))
            .collect(),
        hosting: Vec::new(),
        usernames: BTreeMap::new(),
        recorded: Vec::new(),
        activated: Vec::new(),
        customer: None,
        now,
    };
    match compare_amount(order, catalog) {
        AmountComparison::Underpaid { expected, paid } => {
            reasons.push(Reason::Underpaid { expected, paid });
        }
        AmountComparison::Overpaid { expected, paid } => {
            composer.notes.push(format!(
                "overpaid: the catalog asks {expected}, {paid} was paid"
            ));
        }
        _ => {}
    }
    let paths = paths(order, catalog);
    let (paths, difference) = match observed {
        Some(observed) => Difference::between(paths, observed, order, catalog),
        None => (paths, Difference::default()),
    };
    let bases: Vec<(&StepPath, String)> = paths
        .iter()
        .filter(|(_, product, _)| product.takes.is_hosting())
        .map(|(item, _, path)| (path, base(item, order, catalog)))
        .collect();
    composer.usernames = usernames(
        composer.id,
        &inputs.usernames,
        bases.iter().map(|(path, base)| (*path, base.as_str())),
    );
    composer.recorded = paths
        .iter()
        .filter(|(_, product, _)| matches!(product.takes, Takes::NextPanelHosting { .. }))
        .map(|(_, _, path)| path.clone())
        .collect();
    let entry = composer.entry(&paths);
    if let Some(entry) = entry {
        composer.delegate(entry, catalog);
    }
    composer.customer = composer.customer(entry, catalog);
    // Hosting first: add-ons, verification and handover refer to it.
    for (item, product, path) in &paths {
        if let Takes::NextPanelHosting {
            package,
            account_type,
        } = &product.takes
            && let Err(reason) =
                composer.hosting(item, product, path, catalog, *package, *account_type)
            && !says_it_already(&reasons, &reason)
        {
            reasons.push(reason);
        }
    }
    if !reasons.is_empty() {
        return Err(Rejection { reasons });
    }
    for (item, product, path) in &paths {
        if !product.takes.is_hosting() {
            composer.beside_hosting(item, product, path);
            difference.settle(item, &mut composer.steps);
        }
    }
    difference.push_steps(inputs, &mut composer.steps, &mut composer.notes);
    composer.hand_over();
    let untold = composer
        .refused_in_all
        .saturating_sub(composer.refused.len());
    if untold > 0 {
        composer
            .notes
            .push(format!("{untold} more servers could not be taken"));
    }
    Ok(Plan {
        schema: PLAN_SCHEMA,
        core: env!("CARGO_PKG_VERSION").to_owned(),
        id: composer.id,
        order: order.key().clone(),
        operation: Operation::Provision,
        generation: inputs.generation,
        amendment: None,
        planned_at: now,
        digests: Digests {
            order: order.digest().to_string(),
            catalog: catalog.digest().to_string(),
            fleet: fleet.digest().to_owned(),
        },
        steps: composer.steps,
        credentials: composer.credentials,
        retry: inputs.retry.clone(),
        refused_servers: composer.refused,
        notes: composer.notes,
    })
}

/// Whether the same reason, or one about the same field, was given before: of several pieces of one item, or by the
/// check of the order.
fn says_it_already(reasons: &[Reason], reason: &Reason) -> bool {
    reasons.iter().any(|said| match (said, reason) {
        (Reason::Problem { problem: said }, Reason::Problem { problem }) => {
            said.path() == problem.path()
        }
        _ => said == reason,
    })
}

pub(super) struct Composer<'a> {
    pub(super) order: &'a PaidOrder,
    pub(super) inputs: &'a Inputs,
    pub(super) id: PlanId,
    fleet: &'a Fleet,
    /// Slots that earlier items of this order take.
    taken: Vec<(ServerName, u32)>,
    steps: Vec<Step>,
    credentials: Vec<CredentialSpec>,
    refused: Vec<ServerRefusal>,
    refused_in_all: usize,
    pub(super) notes: Vec<String>,
    hosting: Vec<(StepPath, HostingDomain)>,
    usernames: BTreeMap<StepPath, Vec<Username>>,
    /// Accounts that mPanel, where it is configured, is told of.
    pub(super) recorded: Vec<StepPath>,
    /// Steps on mPanel that have to be done before anything is handed over.
    activated: Vec<StepPath>,
    /// The step that tells mPanel's customer, where accounts are recorded row by row.
    customer: Option<StepPath>,
    now: Timestamp,
}

impl Composer<'_> {
    fn hosting(
        &mut self,
        item: &OrderItem,
        product: &Product,
        path: &StepPath,
        catalog: &Catalog,
        package_id: Option<i64>,
        account_type: AccountType,
    ) -> Result<(), Reason> {
        let (servers, refused) = self.servers(item, product)?;
        let named = hosting_domain(item, self.order, catalog);
        let domain = match named {
            Some(name) => HostingDomain::Named { name },
            None => HostingDomain::Preview {
                below: self.preview_domain(item)?,
            },
        };
        let usernames = self.usernames.remove(path).unwrap_or_default();
        if usernames.is_empty() {
            return Err(Reason::Problem {
                problem: Problem::new(
                    &item.path,
                    "the rules for usernames leave no name for its account",
                ),
            });
        }
        let customer = self.order.customer();
        let credential = CredentialId::from(path.as_str());
        // What this account takes is taken for the next item of the same order.
        if let Some(first) = servers.first() {
            self.taken.push((first.name.clone(), product.weight));
        }
        self.note_refused(refused);
        let action = Action::CreateHostingAccount(Box::new(CreateHostingAccount {
            product: product.code.clone(),
            package_id,
            account_type,
            domain: domain.clone(),
            email: customer.email.clone(),
            full_name: customer.full_name.clone(),
            phone: customer.phone.clone(),
            company: customer.company.clone(),
            billing_customer_id: customer
                .panel_customer_id
                .clone()
                .or_else(|| customer.stripe_customer_id.clone()),
            weight: product.weight,
            servers,
            usernames,
            credential: credential.clone(),
            mark: self.id.mark(path),
        }));
        self.credentials.push(CredentialSpec {
            id: credential,
            opens: "hosting account".to_owned(),
            step: path.clone(),
            policy: self.inputs.password.clone(),
        });
        let verify = Action::VerifyHostingAccount(VerifyHostingAccount {
            account: path.clone(),
        });
        let recording = self
            .customer
            .clone()
            .and_then(|step| self.record(step, path, item, product, &domain, self.now));
        let needs = recording.iter().map(|recording| recording.before.clone());
        self.step(path.clone(), action, needs.collect());
        self.step(path.under("verify"), verify, vec![path.clone()]);
        if let Some(recording) = &recording {
            let active = self.activate(recording, path, product, &domain);
            self.activated.push(active);
        }
        self.attach(path, &domain);
        self.hosting.push((path.clone(), domain));
        Ok(())
    }

    fn servers(
        &self,
        item: &OrderItem,
        product: &Product,
    ) -> Result<(Vec<RankedServer>, Vec<ServerRefusal>), Reason> {
        let mut request = PlacementRequest::new().with_weight(product.weight);
        for (server, slots) in &self.taken {
            request = request.with_taken(server.clone(), *slots);
        }
        rank_with_refusals(self.fleet, &request).map_err(|refusals| Reason::NoServer {
            item: item.path.clone(),
            refusals,
        })
    }

    /// Keeps why servers were not taken: each server once, the first few alone. A plan is stored with every order, and
    /// fleets have thousands of servers.
    fn note_refused(&mut self, refused: Vec<ServerRefusal>) {
        self.refused_in_all = self.refused_in_all.max(refused.len());
        for refusal in refused {
            if self.refused.len() == MOST_REFUSED_TOLD {
                break;
            }
            if !self.refused.iter().any(|told| told.name == refusal.name) {
                self.refused.push(refusal);
            }
        }
    }

    fn preview_domain(&self, item: &OrderItem) -> Result<DomainName, Reason> {
        let problem = |message: String| Reason::Problem {
            problem: Problem::new(format!("{}.domain", item.path), message),
        };
        let Some(preview) = self.fleet.config().preview_domain() else {
            return Err(problem(
                "has none, and the fleet has no preview_domain".to_owned(),
            ));
        };
        DomainName::parse(preview).map_err(|error| {
            problem(format!(
                "has none, and the fleet's preview_domain `{preview}` is no domain: {error}"
            ))
        })
    }

    /// NextPanel's create request carries no domain (CONTRACT-nextpanel section 8), so a person attaches it.
    fn attach(&mut self, path: &StepPath, domain: &HostingDomain) {
        let manual = Manual {
            what: format!(
                "attach {} to the account",
                domain.for_username("<username>")
            ),
            why: "NextPanel has no endpoint that attaches a domain to an account".to_owned(),
            instructions: format!(
                "on <server>, open the account <username> and add the domain {}",
                domain.for_username("<username>")
            ),
            account: Some(path.clone()),
            instead_of: None,
        };
        self.push(
            path.under("attach"),
            Action::Manual(manual),
            vec![path.clone()],
            Criticality::Degradable,
        );
    }

    /// What is no hosting account: provided by the executor that offers it, else by a person.
    fn beside_hosting(&mut self, item: &OrderItem, product: &Product, path: &StepPath) {
        // An add-on belongs to the hosting of its domain, else to the order's only hosting.
        let hosting = self
            .hosting
            .iter()
            .find(|(_, domain)| matches!((domain, &item.domain), (HostingDomain::Named { name }, Some(own)) if name == own))
            .or_else(|| if self.hosting.len() == 1 { self.hosting.first() } else { None })
            .cloned();
        let account = hosting.as_ref().map(|(path, _)| path.clone());
        let noun = noun(&product.takes);
        let domain = item
            .domain
            .as_ref()
            .map(|domain| format!(" for {}", domain.as_str()))
            .unwrap_or_default();
        let times = if item.quantity > 1 {
            format!(" ({} times)", item.quantity)
        } else {
            String::new()
        };
        let what = format!("{noun} {}{domain}{times}", product.code);
        let offered = verb(&product.takes)
            .filter(|verb| self.inputs.capabilities.declaration(verb).is_some());
        let domain_of_account = match &hosting {
            Some((_, HostingDomain::Named { name })) => Some(name.clone()),
            _ => None,
        };
        let own_domain = item.domain.clone().or(domain_of_account);
        // Without a domain and an account there is nothing to look it up by.
        if let Some(verb) = offered
            && (own_domain.is_some() || account.is_some())
        {
            let needs = account.iter().map(|account| account.under("verify"));
            let needs = needs.collect();
            let provide = Provide {
                verb: VerbName::from(verb),
                product: product.code.clone(),
                quantity: item.quantity,
                domain: own_domain,
                account,
                mark: self.id.mark(path),
                what,
            };
            let action = Action::Provide(Box::new(provide));
            self.push(path.clone(), action, needs, Criticality::Degradable);
            return;
        }
        // The catalog's own words where it has any: it was written for the one who does it.
        let task = match &product.takes {
            Takes::Manual { what } => what.clone(),
            _ => format!("set up {}", product.name),
        };
        let manual = Manual {
            what,
            why: format!(
                "no configured panel has an endpoint for {}",
                plural(&product.takes)
            ),
            instructions: match &account {
                Some(_) => format!("{task}{domain}{times} for the account <username> on <server>"),
                None => format!("{task}{domain}{times}"),
            },
            account: account.clone(),
            instead_of: None,
        };
        self.push(
            path.clone(),
            Action::Manual(manual),
            account.into_iter().collect(),
            Criticality::Degradable,
        );
    }

    fn hand_over(&mut self) {
        if self.credentials.is_empty() {
            return;
        }
        let needs = self
            .credentials
            .iter()
            .map(|credential| credential.step.under("verify"))
            .chain(self.activated.iter().cloned())
            .collect();
        let credentials = self
            .credentials
            .iter()
            .map(|credential| credential.id.clone())
            .collect();
        self.step(
            StepPath::from("hand-over"),
            Action::HandOver(HandOver { credentials }),
            needs,
        );
    }

    fn step(&mut self, path: StepPath, action: Action, needs: Vec<StepPath>) {
        self.push(path, action, needs, Criticality::Required);
    }

    pub(super) fn push(
        &mut self,
        path: StepPath,
        action: Action,
        needs: Vec<StepPath>,
        criticality: Criticality,
    ) {
        let verb = action
            .verb()
            .and_then(|verb| self.inputs.capabilities.declaration(verb.as_str()).cloned());
        self.steps.push(Step {
            path,
            action,
            needs,
            criticality,
            verb,
        });
    }
}
