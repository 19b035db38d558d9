//! The steps on mPanel: handing the purchase over and watching it, or recording accounts that are made elsewhere.

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use super::compose::Composer;
use super::paths::Piece;
use super::wording::noun;
use crate::catalog::{Catalog, Product, Takes};
use crate::money::Money;
use crate::order::{AliasKind, BillingCycle, OrderItem, PaidOrder};
use crate::plan::action::mpanel::{
    CreateMpanelCustomer, CreateMpanelSubscription, CreateMpanelWebsite, MpanelAction,
    RecordedStatus, SetSubscriptionStatus, SubmitOrder, SubmittedItem, WatchOrder, WatchPolicy,
};
use crate::plan::action::{Action, HostingDomain};
use crate::plan::id::StepPath;
use crate::plan::mpanel::{MpanelMode, OrderEntry};
use crate::plan::step::Criticality;
use crate::plan::verb::{LookUpBy, VerbName};

/// How many characters of an order's id stand in a company name.
const MOST_OF_REFERENCE: usize = 40;

/// The steps before an account that is recorded on mPanel, and those after it.
pub(super) struct Recording {
    /// What the account's step needs.
    pub(super) before: StepPath,
    /// The customer's step.
    customer: StepPath,
    /// The subscription's step.
    subscription: StepPath,
}

/// The price of one, as the payload or else the catalog gives it.
pub(super) fn unit_price(item: &OrderItem, product: &Product) -> Option<Money> {
    item.amount
        .or_else(|| product.price(item.cycle.as_ref().or_else(|| product.usual_cycle())?))
}

/// What was paid: the order's total, else what those of its items cost that have a price.
fn paid(order: &PaidOrder, catalog: &Catalog) -> Option<Money> {
    order.amount().or_else(|| {
        order
            .items()
            .iter()
            .filter_map(|item| {
                unit_price(item, catalog.find(&item.code)?)?.checked_mul(item.quantity)
            })
            .try_fold(Money::zero(catalog.currency()), Money::checked_add)
    })
}

fn cycle(item: &OrderItem, product: &Product) -> BillingCycle {
    item.cycle
        .clone()
        .or_else(|| product.usual_cycle().cloned())
        .unwrap_or(BillingCycle::Monthly)
}

/// mPanel's words (CONTRACT-mpanel section 9).
fn wire_cycle(cycle: &BillingCycle) -> &str {
    match cycle {
        BillingCycle::Yearly => "annually",
        other => other.as_str(),
    }
}

fn next_billing(cycle: &BillingCycle, from: Timestamp) -> Option<Date> {
    let months = i64::from(cycle.months()?);
    let date = from.to_zoned(jiff::tz::TimeZone::UTC).date();
    date.checked_add(Span::new().try_months(months).ok()?).ok()
}

impl Composer<'_> {
    /// The entry that takes the purchase, if this order has something that mPanel hosts, or the entry keeps everything.
    pub(super) fn entry(&self, pieces: &[Piece<'_>]) -> Option<OrderEntry> {
        let Some(MpanelMode::Delegate(entry)) = self.inputs.capabilities.mpanel_mode() else {
            return None;
        };
        let has_hosting = pieces
            .iter()
            .any(|(_, product, _)| product.takes.is_hosting());
        let is_mpanels = |product: &Product| matches!(product.takes, Takes::MpanelHosting { .. });
        let wanted = pieces.iter().any(|(_, product, _)| is_mpanels(product))
            || (entry.keeps_all_items() && has_hosting);
        wanted.then_some(entry)
    }

    /// Hands the purchase over and watches it.
    pub(super) fn delegate(&mut self, entry: OrderEntry, catalog: &Catalog) {
        let goes = |product: &Product| match product.takes {
            Takes::MpanelHosting { .. } => true,
            Takes::NextPanelHosting { .. } => entry.keeps_all_items(),
            _ => !entry.takes_one_product(),
        };
        let items: Vec<SubmittedItem> = self
            .order
            .items()
            .iter()
            .filter_map(|item| Some((item, catalog.find(&item.code)?)))
            .filter(|(_, product)| goes(product))
            .map(|(item, product)| self.submitted(item, product, catalog))
            .collect();
        if entry.wants_amount() {
            for item in items.iter().filter(|item| item.price.is_none()) {
                self.notes.push(format!(
                    "neither the order nor the catalog has a price of {}: mPanel is told 0",
                    item.product
                ));
            }
        }
        let path = StepPath::new(["mpanel", "order"]);
        let order = self.order;
        let alias = |kind| {
            let mut aliases = order.aliases().iter();
            aliases
                .find(|alias| alias.kind() == kind)
                .map(|alias| alias.value().to_owned())
        };
        let subscription = alias(AliasKind::Subscription);
        let session = alias(AliasKind::CheckoutSession);
        let payment = alias(AliasKind::PaymentIntent);
        if payment.is_none() {
            self.notes.push(format!(
                "the order has no payment intent; mPanel knows it by {}",
                session
                    .as_deref()
                    .or(subscription.as_deref())
                    .unwrap_or_else(|| order.key().id().as_str())
            ));
        }
        let customer = order.customer();
        let submit = SubmitOrder {
            entry,
            tenant: order.key().tenant().clone(),
            source: order.key().source().as_str().to_owned(),
            reference: order.key().id().as_str().to_owned(),
            payment: payment
                .or_else(|| session.clone())
                .or_else(|| subscription.clone())
                .unwrap_or_else(|| order.key().id().as_str().to_owned()),
            checkout_session: session,
            stripe_customer_id: customer.stripe_customer_id.clone(),
            stripe_subscription_id: subscription,
            amount: paid(order, catalog),
            email: customer.email.clone(),
            full_name: customer.full_name.clone(),
            phone: customer.phone.clone(),
            items,
            needs_customer: self.records(Some(entry)) && entry.tells_customer(),
            mark: self.id.mark(&path),
        };
        self.mpanel(
            path.clone(),
            MpanelAction::SubmitOrder(Box::new(submit)),
            Vec::new(),
        );
        let watch = WatchOrder {
            order: path.clone(),
            policy: WatchPolicy::beside(&self.inputs.retry),
        };
        self.mpanel(
            path.under("watch"),
            MpanelAction::WatchOrder(watch),
            vec![path],
        );
    }

    fn submitted(&self, item: &OrderItem, product: &Product, catalog: &Catalog) -> SubmittedItem {
        let domain = if product.takes.is_hosting() {
            super::check::hosting_domain(item, self.order, catalog)
        } else {
            item.domain.clone()
        };
        SubmittedItem {
            product: product.code.clone(),
            panel_product_id: product.panel_product_id.clone(),
            name: product.name.clone(),
            kind: noun(&product.takes).to_owned(),
            domain,
            quantity: item.quantity,
            cycle: cycle(item, product),
            price: unit_price(item, product),
        }
    }

    /// Whether accounts made on NextPanel are recorded row by row, given the entry that takes the purchase.
    fn records(&self, entry: Option<OrderEntry>) -> bool {
        let has_accounts = !self.recorded.is_empty();
        has_accounts && !entry.is_some_and(OrderEntry::keeps_all_items)
    }

    /// The customer's step: made once for all accounts of the order.
    pub(super) fn customer(
        &mut self,
        entry: Option<OrderEntry>,
        catalog: &Catalog,
    ) -> Option<StepPath> {
        self.inputs.capabilities.mpanel_mode()?;
        if !self.records(entry) {
            return None;
        }
        if entry.is_some() {
            return Some(StepPath::new(["mpanel", "order"]));
        }
        let path = StepPath::new(["mpanel", "customer"]);
        let has_reference = self
            .inputs
            .capabilities
            .declaration(VerbName::MPANEL_CREATE_CUSTOMER)
            .is_some_and(|verb| verb.look_up != LookUpBy::Nothing);
        let customer = self.order.customer();
        let name = customer
            .company
            .as_deref()
            .or(customer.full_name.as_deref())
            .unwrap_or_else(|| customer.email.local_part());
        let company_name = if has_reference {
            // The id for people; the first digits of the mark so that no other order reads like it.
            let id: String = self
                .order
                .key()
                .id()
                .as_str()
                .chars()
                .take(MOST_OF_REFERENCE)
                .collect();
            let mark: String = self.id.mark(&path).to_string().chars().take(8).collect();
            format!("{name} (order {id}/{mark})")
        } else {
            name.to_owned()
        };
        let country = customer
            .country
            .as_deref()
            .map(str::trim)
            .filter(|country| country.chars().count() == 2)
            .map(str::to_ascii_uppercase);
        let create = CreateMpanelCustomer {
            tenant: self.order.key().tenant().clone(),
            attach: catalog.attach_policy(),
            company_name,
            has_reference,
            email: customer.email.clone(),
            phone: customer.phone.clone(),
            country,
            stripe_customer_id: customer.stripe_customer_id.clone(),
        };
        self.mpanel(
            path.clone(),
            MpanelAction::CreateCustomer(Box::new(create)),
            Vec::new(),
        );
        Some(path)
    }

    /// The subscription, in the status of something not provided yet, and the website where its name is known already.
    pub(super) fn record(
        &mut self,
        customer: StepPath,
        account: &StepPath,
        item: &OrderItem,
        product: &Product,
        domain: &HostingDomain,
        now: Timestamp,
    ) -> Option<Recording> {
        let price = unit_price(item, product)?;
        let cycle = cycle(item, product);
        let subscription = account.under("mpanel/subscription");
        let create = CreateMpanelSubscription {
            customer: customer.clone(),
            account: account.clone(),
            product: product.code.clone(),
            panel_product_id: product.panel_product_id.clone(),
            billing_cycle: wire_cycle(&cycle).to_owned(),
            price,
            next_billing: next_billing(&cycle, now),
            domain: domain.clone(),
            mark: self.id.mark(&subscription),
        };
        self.mpanel(
            subscription.clone(),
            MpanelAction::CreateSubscription(Box::new(create)),
            vec![customer.clone()],
        );
        let pending = account.under("mpanel/pending");
        self.mpanel(
            pending.clone(),
            status(&subscription, account, RecordedStatus::PendingProvisioning),
            vec![subscription.clone()],
        );
        let mut recording = Recording {
            before: pending,
            customer,
            subscription,
        };
        if let HostingDomain::Named { .. } = domain {
            recording.before = self.website(&recording, account, product, domain, None);
        }
        Some(recording)
    }

    /// What follows the account: the website where its name comes from the account, and the subscription in service.
    /// The step that says so is returned: nothing is handed over before it.
    pub(super) fn activate(
        &mut self,
        recording: &Recording,
        account: &StepPath,
        product: &Product,
        domain: &HostingDomain,
    ) -> StepPath {
        let mut needs = vec![account.under("verify")];
        if let HostingDomain::Preview { .. } = domain {
            needs.push(self.website(recording, account, product, domain, Some(account)));
        }
        let active = account.under("mpanel/active");
        self.mpanel(
            active.clone(),
            status(&recording.subscription, account, RecordedStatus::Active),
            needs,
        );
        active
    }

    fn website(
        &mut self,
        recording: &Recording,
        account: &StepPath,
        product: &Product,
        domain: &HostingDomain,
        after: Option<&StepPath>,
    ) -> StepPath {
        let path = account.under("mpanel/website");
        let create = CreateMpanelWebsite {
            customer: recording.customer.clone(),
            subscription: recording.subscription.clone(),
            account: account.clone(),
            name: product.name.clone(),
            domain: domain.clone(),
            mark: self.id.mark(&path),
        };
        let mut needs = vec![recording.before.clone()];
        needs.extend(after.cloned());
        self.mpanel(
            path.clone(),
            MpanelAction::CreateWebsite(Box::new(create)),
            needs,
        );
        path
    }

    fn mpanel(&mut self, path: StepPath, action: MpanelAction, needs: Vec<StepPath>) {
        self.push(path, Action::Mpanel(action), needs, Criticality::Required);
    }
}

fn status(subscription: &StepPath, account: &StepPath, status: RecordedStatus) -> MpanelAction {
    MpanelAction::SetSubscriptionStatus(SetSubscriptionStatus {
        subscription: subscription.clone(),
        account: account.clone(),
        status,
    })
}
