//! `POST /api/provisioning/provision`, `/manual`.

use panel_http::{Answer, DecodeError, EncodeError, Endpoint, Operation, RequestBody};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{PROVISION, PROVISION_NOW, QueueJobId, ServiceId, TaskId};
use crate::{customers::CustomerId, products::ProductId};

/// Puts the provisioning of a service into the queue. Slow; after a lost reply it has very likely been queued, so look at
/// the tasks first.
#[derive(Debug, Clone)]
pub struct Provision {
    service: ServiceId,
    customer: CustomerId,
    product: ProductId,
    domain: String,
}

impl Provision {
    /// What the server demands.
    #[must_use]
    pub fn new(
        service: ServiceId,
        customer: CustomerId,
        product: ProductId,
        domain: impl Into<String>,
    ) -> Self {
        Self {
            service,
            customer,
            product,
            domain: domain.into(),
        }
    }

    fn write(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.field("serviceId", &self.service)?;
            body.field("customerId", &self.customer)?;
            body.field("productId", &self.product)?;
            body.field("domain", &self.domain)
        })
    }
}

impl Endpoint for Provision {
    const OPERATION: &'static Operation = &PROVISION;
    type Reply = Queued;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        self.write()
    }

    fn decode(&self, answer: &Answer) -> Result<Queued, DecodeError> {
        answer.json()
    }
}

/// Provisions a service while the caller waits. The reply is the server's own, unread.
#[derive(Debug, Clone)]
pub struct ProvisionNow(pub Provision);

impl Endpoint for ProvisionNow {
    const OPERATION: &'static Operation = &PROVISION_NOW;
    type Reply = Map<String, Value>;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        self.0.write()
    }

    fn decode(&self, answer: &Answer) -> Result<Self::Reply, DecodeError> {
        answer.json()
    }
}

/// What was put into the queue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Queued {
    /// The job.
    #[serde(rename = "jobId", alias = "job_id")]
    pub job_id: QueueJobId,
    /// The task, where one is retried.
    #[serde(rename = "taskId", alias = "task_id", default)]
    pub task_id: Option<TaskId>,
    /// The service, where one is provisioned.
    #[serde(rename = "serviceId", alias = "service_id", default)]
    pub service_id: Option<ServiceId>,
    /// The server's words.
    #[serde(default)]
    pub message: Option<String>,
}
