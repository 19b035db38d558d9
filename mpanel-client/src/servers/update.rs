//! `PUT /api/servers/{id}`.

use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Operation, PathParameters, RequestBody,
};
use serde_json::{Map, Value};

use super::{Server, ServerId, UPDATE};
use crate::{columns, reply};

/// Changes columns of a server, by their names in the database.
#[derive(Debug, Clone)]
pub struct UpdateServer {
    id: ServerId,
    columns: Map<String, Value>,
}

impl UpdateServer {
    /// A change of this server, of nothing yet.
    #[must_use]
    pub fn new(id: ServerId) -> Self {
        Self {
            id,
            columns: Map::new(),
        }
    }

    /// Changes a column, by its name in the database.
    #[must_use]
    pub fn set_column(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.columns.insert(name.into(), value.into());
        self
    }
}

impl Endpoint for UpdateServer {
    const OPERATION: &'static Operation = &UPDATE;
    type Reply = Server;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        columns::body(&self.columns)
    }

    fn decode(&self, answer: &Answer) -> Result<Server, DecodeError> {
        reply::row(answer, &["server"])
    }
}
