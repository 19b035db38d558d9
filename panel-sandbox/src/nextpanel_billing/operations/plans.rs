//! Product plans (contract, section 4.4).

use super::{open, user};
use crate::Operation;

/// List the product plans.
pub const LIST_PLANS: Operation = open("list-plans", "GET", "/api/v1/plans/").look_up();

/// Create a product plan.
pub const CREATE_PLAN: Operation = user("create-plan", "POST", "/api/v1/plans/");

/// The categories of product plans.
pub const PLAN_CATEGORIES: Operation = open("plan-categories", "GET", "/api/v1/plans/categories");

/// Figures of all product plans.
pub const PLAN_STATS: Operation = open("plan-stats", "GET", "/api/v1/plans/stats/summary");

/// Get one product plan.
pub const GET_PLAN: Operation = open("get-plan", "GET", "/api/v1/plans/{plan_id}").look_up();

/// Change a product plan.
pub const UPDATE_PLAN: Operation = user("update-plan", "PUT", "/api/v1/plans/{plan_id}");

/// Take a product plan off sale.
pub const DELETE_PLAN: Operation = user("delete-plan", "DELETE", "/api/v1/plans/{plan_id}");

/// List the product plans by their other name.
pub const LIST_PRODUCTS: Operation = open("list-products", "GET", "/api/v1/products/").look_up();

/// Get one product plan by its other name.
pub const GET_PRODUCT: Operation =
    open("get-product", "GET", "/api/v1/products/{product_id}").look_up();
