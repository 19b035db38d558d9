//! What the catalog has and the panel has not, and the other way round. A function of its arguments.

use mpanel_client::{
    Dialect,
    products::{Interval, Product, ProductKind},
};
use provisioning_core::{
    catalog::{self, Catalog, Takes},
    money::Money,
    order::{BillingCycle, ProductCode},
};
use serde::Serialize;

use crate::listed::{Listed, Pinned};

/// One line of the table: a product at one billing cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Line {
    pub(crate) code: String,
    pub(crate) name: String,
    /// Billing cycle; none for a product that only the panel has.
    pub(crate) cycle: Option<String>,
    /// Price in the catalog.
    pub(crate) catalog_price: Option<String>,
    /// Price on the panel.
    pub(crate) panel_price: Option<String>,
    /// Id on the panel, or the one the catalog pins.
    pub(crate) product_id: Option<String>,
    pub(crate) state: State,
    pub(crate) note: String,
}

/// How a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// The same in both.
    Same,
    /// The panel does not have the product.
    Missing,
    /// The panel has the product, and no price for this cycle.
    MissingPrice,
    /// The panel has the product, made without its code: orders that name the code do not find it.
    WithoutCode,
    /// Another price. Never changed here.
    OtherPrice,
    /// Something a person has to look at.
    ForAPerson,
    /// Only the panel has it.
    OnlyOnPanel,
    /// The list of the panel is broken; its id is pinned in the catalog.
    Pinned,
    /// The list of the panel is broken, and no id is pinned: nobody knows.
    Unknown,
    /// Was missing, and was created now.
    Created,
}

/// What is to be created, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A product with its price.
    Product {
        line: usize,
        new: NewLine,
        kind: ProductKind,
        /// On a server whose table has the columns: code and short name are written after it.
        has_code_columns: bool,
    },
    /// A price of a product that is there.
    Price { line: usize, new: NewLine },
    /// Code and short name of a product that was made without.
    Code {
        line: usize,
        id: String,
        code: String,
    },
}

/// What a new product or price is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewLine {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) interval: Interval,
    pub(crate) price: Money,
}

/// The table, and what would be created.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Difference {
    pub(crate) lines: Vec<Line>,
    pub(crate) steps: Vec<Step>,
    /// Products of the catalog that have no price, which are left out.
    pub(crate) without_price: usize,
}

impl Difference {
    /// Compares.
    pub(crate) fn between(catalog: &Catalog, listed: &Listed) -> Self {
        let mut difference = Self::default();
        let mut met = Vec::new();
        // Order entries find products by these columns; a deployment without them shows none in any row.
        let has_code_columns = listed.dialect == Dialect::Legacy
            && listed
                .products
                .iter()
                .any(|row| row.code.is_some() || row.slug.is_some());
        for product in catalog.products() {
            if product.prices.is_empty() {
                difference.without_price += 1;
                met.extend(found(product, &listed.products).map(|row| row.id.clone()));
                continue;
            }
            if listed.broken.is_some() {
                difference.by_pinned_id(product, listed);
                continue;
            }
            let mut rows = found(product, &listed.products);
            match (rows.next(), rows.next()) {
                (None, _) => difference.missing(product, listed.dialect, has_code_columns),
                (Some(row), None) => {
                    difference.compared(product, row, listed.dialect, has_code_columns);
                }
                (Some(first), Some(_)) => difference.several(product, first),
            }
            met.extend(found(product, &listed.products).map(|row| row.id.clone()));
        }
        for row in &listed.products {
            if !met.contains(&row.id) {
                difference.lines.push(Line {
                    code: code_of(row).unwrap_or_default().to_owned(),
                    name: row.name.clone().unwrap_or_default(),
                    cycle: None,
                    catalog_price: None,
                    panel_price: None,
                    product_id: Some(row.id.to_string()),
                    state: State::OnlyOnPanel,
                    note: "left as it is".to_owned(),
                });
            }
        }
        difference
    }

    /// Whether there is something that only a person can settle.
    pub(crate) fn has_open_lines(&self) -> bool {
        self.lines.iter().any(|line| {
            !matches!(
                line.state,
                State::Same | State::Created | State::OnlyOnPanel | State::Pinned
            )
        })
    }

    fn push(&mut self, product: &catalog::Product, state: State, note: impl Into<String>) {
        for (cycle, price) in &product.prices {
            self.lines.push(line(product, cycle, *price, state));
            if let Some(line) = self.lines.last_mut() {
                line.note = String::new();
            }
        }
        let note = note.into();
        let count = product.prices.len();
        for line in self.lines.iter_mut().rev().take(count) {
            line.note.clone_from(&note);
        }
    }

    fn by_pinned_id(&mut self, product: &catalog::Product, listed: &Listed) {
        let pinned = listed.pinned.iter().find(|(code, _)| *code == product.code);
        let (state, note) = match pinned {
            Some((_, Pinned::There)) => (
                State::Pinned,
                "the id pinned in the catalog is used; the panel has it".to_owned(),
            ),
            Some((_, Pinned::Absent)) => (
                State::ForAPerson,
                "the id is pinned in the catalog, and the panel says it has no such product"
                    .to_owned(),
            ),
            Some((_, Pinned::Untold(why))) => (
                State::Pinned,
                format!("the id pinned in the catalog is used, unchecked: {why}"),
            ),
            None => (
                State::Unknown,
                "no id is pinned: set panel_product_id in the catalog".to_owned(),
            ),
        };
        self.push(product, state, note);
    }

    fn missing(&mut self, product: &catalog::Product, dialect: Dialect, has_code_columns: bool) {
        for (index, (cycle, price)) in product.prices.iter().enumerate() {
            let mut line = line(product, cycle, *price, State::Missing);
            let number = self.lines.len();
            let new = NewLine {
                code: product.code.to_string(),
                name: product.name.clone(),
                interval: interval(cycle),
                price: *price,
            };
            if index == 0 {
                self.steps.push(Step::Product {
                    line: number,
                    new,
                    kind: kind(&product.takes),
                    has_code_columns,
                });
            } else if dialect == Dialect::TypeScript {
                line.state = State::MissingPrice;
                self.steps.push(Step::Price { line: number, new });
            } else {
                line.state = State::ForAPerson;
                line.note = ONE_CYCLE.to_owned();
            }
            self.lines.push(line);
        }
    }

    fn compared(
        &mut self,
        product: &catalog::Product,
        row: &Product,
        dialect: Dialect,
        has_code_columns: bool,
    ) {
        for (cycle, price) in &product.prices {
            let mut line = line(product, cycle, *price, State::Same);
            line.product_id = Some(row.id.to_string());
            let number = self.lines.len();
            let interval = interval(cycle);
            match row.price_for(&interval) {
                Some(there) => {
                    line.panel_price = Some(there.to_string());
                    if there != *price {
                        line.state = State::OtherPrice;
                        line.note = "prices are never changed here".to_owned();
                    }
                }
                None if dialect == Dialect::TypeScript => {
                    line.state = State::MissingPrice;
                    self.steps.push(Step::Price {
                        line: number,
                        new: NewLine {
                            code: code_of(row).unwrap_or(product.code.as_str()).to_owned(),
                            name: product.name.clone(),
                            interval,
                            price: *price,
                        },
                    });
                }
                None => {
                    line.state = State::ForAPerson;
                    line.note = ONE_CYCLE.to_owned();
                }
            }
            let is_without_code = dialect == Dialect::Legacy && row.code.is_none();
            if line.state == State::Same && is_without_code && has_code_columns {
                line.state = State::WithoutCode;
                line.note = "orders that name its code do not find it".to_owned();
                self.steps.push(Step::Code {
                    line: number,
                    id: row.id.to_string(),
                    code: product.code.to_string(),
                });
            }
            if let Some(code) = row.code.as_deref()
                && line.state == State::Same
                && code != product.code.as_str()
                && !product.also.iter().any(|also| also.as_str() == code)
            {
                line.state = State::ForAPerson;
                line.note =
                    format!("the panel spells it {code}, and finds it under that spelling only");
            }
            self.lines.push(line);
        }
    }

    fn several(&mut self, product: &catalog::Product, first: &Product) {
        let count = self.lines.len();
        let note = "the panel has several products of this code";
        self.push(product, State::ForAPerson, note);
        for line in self.lines.iter_mut().skip(count) {
            line.product_id = Some(first.id.to_string());
        }
    }
}

/// A legacy product has one price.
const ONE_CYCLE: &str = "the panel keeps one billing cycle for each product, and this is another";

fn line(product: &catalog::Product, cycle: &BillingCycle, price: Money, state: State) -> Line {
    Line {
        code: product.code.to_string(),
        name: product.name.clone(),
        cycle: Some(cycle.to_string()),
        catalog_price: Some(price.to_string()),
        panel_price: None,
        product_id: product.panel_product_id.clone(),
        state,
        note: String::new(),
    }
}

/// The code a row is known by. What this program made on a legacy server has it among its metadata.
pub(crate) fn code_of(row: &Product) -> Option<&str> {
    let of_metadata = || row.metadata.as_ref()?.get("code")?.as_str();
    row.code
        .as_deref()
        .or_else(of_metadata)
        .or(row.slug.as_deref())
}

/// The rows of a product: at its pinned id, else by its code in any spelling.
fn found<'a>(
    product: &'a catalog::Product,
    rows: &'a [Product],
) -> impl Iterator<Item = &'a Product> {
    let is_it = move |row: &&Product| {
        if product.panel_product_id.as_deref() == Some(row.id.to_string().as_str()) {
            return true;
        }
        let Some(code) = code_of(row).and_then(|code| ProductCode::new(code).ok()) else {
            return false;
        };
        std::iter::once(&product.code)
            .chain(&product.also)
            .any(|known| known.normalised() == code.normalised())
    };
    rows.iter().filter(is_it)
}

fn interval(cycle: &BillingCycle) -> Interval {
    match cycle {
        BillingCycle::Monthly => Interval::Monthly,
        BillingCycle::Quarterly => Interval::Quarterly,
        BillingCycle::SemiAnnually => Interval::SemiAnnually,
        BillingCycle::Yearly => Interval::Yearly,
        BillingCycle::Biennially => Interval::Biennially,
        BillingCycle::Triennially => Interval::Triennially,
        BillingCycle::OneTime => Interval::Once,
        other => Interval::from(other.to_string().as_str()),
    }
}

fn kind(takes: &Takes) -> ProductKind {
    match takes {
        Takes::NextPanelHosting { .. } | Takes::MpanelHosting { .. } => ProductKind::Hosting,
        Takes::Domain => ProductKind::Domain,
        Takes::Mailbox => ProductKind::Email,
        Takes::Ssl => ProductKind::Ssl,
        Takes::Addon | Takes::Dns => ProductKind::Addon,
        _ => ProductKind::Service,
    }
}
