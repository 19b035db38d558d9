//! Orders of the TypeScript generation (contract section 7). Legacy servers have them at most as a tail that takes no
//! legacy login.

mod create;
mod find;
mod list;
mod order;
mod settle;

use panel_http::{HttpMethod, Operation, Safety};
use provisioning_core::permission::Verb;

pub use self::{
    create::{CreateOrder, CreatedOrder},
    list::ListOrders,
    order::{Order, OrderId, OrderStatus, OrderSubscription},
    settle::{CancelOrder, FailOrder, PayOrder},
};
use crate::{
    endpoints::{change, endpoints, once, read, repeatable},
    reply,
    route::Route,
};

pub(crate) const LIST: Operation = read("mpanel.list_orders", "/api/orders");
pub(crate) const GET: Operation = read("mpanel.get_order", "/api/orders/{id}");
/// The payment intent reads back. `Idempotency-Key` is not heeded.
pub(crate) const CREATE: Operation = change(
    "mpanel.create_order",
    HttpMethod::Post,
    "/api/orders",
    Safety::NaturalKey,
);
pub(crate) const PAY: Operation = once("mpanel.pay_order", "/api/orders/{id}/pay");
pub(crate) const CANCEL: Operation = repeatable(
    "mpanel.cancel_order",
    HttpMethod::Post,
    "/api/orders/{id}/cancel",
);
pub(crate) const FAIL: Operation = repeatable(
    "mpanel.fail_order",
    HttpMethod::Post,
    "/api/orders/{id}/fail",
);

pub(crate) const ROUTES: &[Route] = &[
    Route::typescript(&LIST).asks(Verb::MpanelReadOrders),
    Route::typescript(&GET).asks(Verb::MpanelReadOrders),
    Route::typescript(&CREATE).asks(Verb::MpanelCreateOrder),
    Route::typescript(&PAY).asks(Verb::MpanelCreateOrder),
    Route::typescript(&CANCEL).asks(Verb::MpanelCreateOrder),
    Route::typescript(&FAIL).asks(Verb::MpanelCreateOrder),
];

endpoints! {
    /// Reads an order.
    GetOrder(id: OrderId) -> Order = GET, |answer| reply::row(answer, &["order"]);
}
