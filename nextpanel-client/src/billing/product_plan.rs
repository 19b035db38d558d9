//! Product plans, and products, which are the same under another name.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::amount::{Amount, Percent, Price};
use super::endpoint::{Done, endpoint};
use super::id::ProductPlanId;
use super::report::Report;
use crate::{Field, Timestamp};

/// A product plan (section 4.4).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct ProductPlan {
    /// Its id.
    pub id: ProductPlanId,
    /// Name.
    pub name: String,
    /// Description.
    #[serde(default)]
    pub description: Field<String>,
    /// Price of a month.
    pub price_monthly: Amount,
    /// Price of a year.
    pub price_yearly: Amount,
    /// Most accounts.
    #[serde(default)]
    pub max_accounts: Field<i64>,
    /// Most domains.
    #[serde(default)]
    pub max_domains: Field<i64>,
    /// Most databases.
    #[serde(default)]
    pub max_databases: Field<i64>,
    /// Most mailboxes.
    #[serde(default)]
    pub max_emails: Field<i64>,
    /// What the plan has; `category` and `subcategory` say what it is for.
    #[serde(default)]
    pub features: Field<Map<String, Value>>,
    /// Whether it is sold. A retired plan can still be read, and still be given to customers.
    #[serde(default)]
    pub is_active: Field<bool>,
    /// Whether it is shown first.
    #[serde(default)]
    pub is_featured: Field<bool>,
    /// Place in lists.
    #[serde(default)]
    pub sort_order: Field<i64>,
    /// Discount in percent on the first day.
    #[serde(default)]
    pub discount_first_day: Field<f64>,
    /// Discount in percent in the first month.
    #[serde(default)]
    pub discount_first_month: Field<f64>,
    /// Discount in percent in the first year.
    #[serde(default)]
    pub discount_first_year: Field<f64>,
    /// Discount in percent for ever.
    #[serde(default)]
    pub discount_lifetime: Field<f64>,
    /// When it was created.
    #[serde(default)]
    pub created_at: Field<Timestamp>,
}

endpoint! {
    /// Lists plans by price, retired ones too unless told otherwise.
    ///
    /// There is no filter by category: the backend's own finds nothing on SQLite and fails on PostgreSQL (section 4.4).
    pub struct ListPlans: LIST_PLANS -> Vec<ProductPlan> {
        query {
            /// Only plans that are, or are not, sold.
            set_is_active is_active: bool,
            /// Only plans that are, or are not, shown first.
            set_is_featured is_featured: bool,
        }
    }
}

endpoint! {
    /// Reads one plan.
    pub struct GetPlan: GET_PLAN -> ProductPlan {
        path { plan_id: ProductPlanId }
    }
}

/// A kind of product.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct PlanCategory {
    /// `hosting`, `domain`, `software`, `email`, `ssl`, `backup`, `cdn`.
    pub id: String,
    /// Name to show.
    #[serde(default)]
    pub name: Field<String>,
    /// Icon to show.
    #[serde(default)]
    pub icon: Field<String>,
}

/// The kinds of products.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct PlanCategories {
    /// The kinds.
    pub categories: Vec<PlanCategory>,
}

endpoint! {
    /// Lists the kinds of products.
    pub struct ListPlanCategories: LIST_PLAN_CATEGORIES -> PlanCategories {}
}

endpoint! {
    /// Reads figures of all plans.
    pub struct GetPlanStatistics: PLAN_STATISTICS -> Report {}
}

macro_rules! plan_writes {
    ($($(#[$create_doc:meta])+ create $create:ident: $create_operation:ident; $(#[$update_doc:meta])+ update $update:ident: $update_operation:ident;)+) => {$(
        endpoint! {
            $(#[$create_doc])+
            pub struct $create: $create_operation -> ProductPlan {
                required { name: String, price_monthly: Price, price_yearly: Price }
                optional {
                    /// Description.
                    set_description description: String,
                    /// Most accounts; 1 unless set.
                    set_max_accounts max_accounts: u32,
                    /// Most domains; 1 unless set.
                    set_max_domains max_domains: u32,
                    /// Most databases; 5 unless set.
                    set_max_databases max_databases: u32,
                    /// Most mailboxes; 10 unless set.
                    set_max_emails max_emails: u32,
                    /// What the plan has.
                    set_features features: Map<String, Value>,
                    /// Stripe's price of a month.
                    set_stripe_price_id_monthly stripe_price_id_monthly: String,
                    /// Stripe's price of a year.
                    set_stripe_price_id_yearly stripe_price_id_yearly: String,
                    /// Discount on the first day.
                    set_discount_first_day discount_first_day: Percent,
                    /// Discount in the first month.
                    set_discount_first_month discount_first_month: Percent,
                    /// Discount in the first year.
                    set_discount_first_year discount_first_year: Percent,
                    /// Discount for ever.
                    set_discount_lifetime discount_lifetime: Percent,
                }
            }
        }

        endpoint! {
            $(#[$update_doc])+
            pub struct $update: $update_operation -> ProductPlan {
                path { plan_id: ProductPlanId }
                optional {
                    /// Name.
                    set_name name: String,
                    /// Description.
                    set_description description: String,
                    /// Price of a month.
                    set_price_monthly price_monthly: Price,
                    /// Price of a year.
                    set_price_yearly price_yearly: Price,
                    /// Most accounts.
                    set_max_accounts max_accounts: u32,
                    /// Most domains.
                    set_max_domains max_domains: u32,
                    /// Most databases.
                    set_max_databases max_databases: u32,
                    /// Most mailboxes.
                    set_max_emails max_emails: u32,
                    /// What the plan has, as a whole.
                    set_features features: Map<String, Value>,
                    /// Whether it is sold.
                    set_is_active is_active: bool,
                    /// Whether it is shown first.
                    set_is_featured is_featured: bool,
                    /// Place in lists.
                    set_sort_order sort_order: i32,
                    /// Discount on the first day.
                    set_discount_first_day discount_first_day: Percent,
                    /// Discount in the first month.
                    set_discount_first_month discount_first_month: Percent,
                    /// Discount in the first year.
                    set_discount_first_year discount_first_year: Percent,
                    /// Discount for ever.
                    set_discount_lifetime discount_lifetime: Percent,
                }
            }
        }
    )+};
}

plan_writes! {
    /// Creates a plan. Every user may: this route asks for no administrator (section 4.4).
    create CreatePlan: CREATE_PLAN;
    /// Changes a plan. What is not set stays. Every user may.
    update UpdatePlan: UPDATE_PLAN;

    /// Creates a plan as administrator.
    create CreatePlanAsAdmin: CREATE_PLAN_AS_ADMIN;
    /// Changes a plan as administrator. What is not set stays.
    update UpdatePlanAsAdmin: UPDATE_PLAN_AS_ADMIN;
}

endpoint! {
    /// Retires a plan: it is sold no longer and can still be read. Every user may.
    pub struct RetirePlan: RETIRE_PLAN -> Done {
        path { plan_id: ProductPlanId }
    }
}

endpoint! {
    /// Deletes a plan as administrator.
    ///
    /// # Errors
    /// Of the call: [`panel_http::Kind::Validation`] if it is in use.
    pub struct DeletePlanAsAdmin: DELETE_PLAN_AS_ADMIN -> Done {
        path { plan_id: ProductPlanId }
    }
}

endpoint! {
    /// Lists plans under their other name.
    pub struct ListProducts: LIST_PRODUCTS -> Vec<ProductPlan> {
        query {
            /// Only products that are, or are not, sold.
            set_is_active is_active: bool,
            /// Only products that are, or are not, shown first.
            set_is_featured is_featured: bool,
        }
    }
}

endpoint! {
    /// Reads one plan under its other name.
    pub struct GetProduct: GET_PRODUCT -> ProductPlan {
        path { product_id: ProductPlanId }
    }
}
