mod cursor;
mod extra;
mod listing;
mod lossy;
mod pager;
mod paging;
mod rows;
mod streamed;

use serde::de::DeserializeOwned;

pub use self::{
    cursor::{Cursor, NoCursor},
    extra::WithExtra,
    listing::{ItemStream, Listing, LossyItemStream, PageStream},
    lossy::{BadItem, ItemError},
    paging::Paging,
};
use crate::{
    operation::Operation,
    url_parts::{PathParameters, Query},
};

/// A list as data: like [`Endpoint`](crate::Endpoint), for operations that answer with many rows of one kind.
///
/// ```
/// use panel_http::{HttpMethod, ListEndpoint, Operation, Paging, Safety};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Task {
///     id: panel_http::OpaqueId,
/// }
///
/// struct ListTasks;
///
/// impl ListEndpoint for ListTasks {
///     const OPERATION: &'static Operation =
///         &Operation::new("list tasks", HttpMethod::Get, "/api/tasks", Safety::ReadOnly);
///     const PAGING: Paging = Paging::Offset {
///         offset: "offset",
///         limit: "limit",
///         size: 50,
///     };
///     type Item = Task;
/// }
/// ```
pub trait ListEndpoint: Send + Sync + 'static {
    /// What is known about the call without its values.
    const OPERATION: &'static Operation;

    /// How the list is asked for in parts.
    const PAGING: Paging;

    /// What a row is read into.
    type Item: DeserializeOwned + Send + 'static;

    /// Sets the value of every `{name}` in the path.
    fn path(&self, path: &mut PathParameters) {
        let _ = path;
    }

    /// Sets the query, but for the parameters of the paging.
    fn query(&self, query: &mut Query) {
        let _ = query;
    }
}
