//! `/api/provisioning/{jobs,cloudpods,platform/...}`: cloud pods and their jobs.

use panel_http::Timestamp;

use super::{
    CLOUD_POD, CLOUD_PODS, Job, JobId, PLATFORM_CANCEL, PLATFORM_CLOUD_PODS, PLATFORM_JOBS,
    PLATFORM_RETRY, TENANT_JOBS,
};
use crate::{
    endpoints::{BY_PAGE, endpoints, lists},
    reply::{self, Done},
    row::row,
    subscriptions::SubscriptionId,
    tenant::TenantId,
};

panel_http::opaque_id! {
    /// Id of a cloud pod.
    pub struct CloudPodId;
}

row! {
    /// A cloud pod.
    pub struct CloudPod {
        /// Id.
        id: CloudPodId,
        ;
        /// Tenant.
        tenant_id("tenantId"): TenantId,
        /// Subscription.
        subscription_id("subscriptionId"): SubscriptionId,
        /// Name.
        name: String,
        /// Host name.
        hostname: String,
        /// Address.
        ip_address("ipAddress"): String,
        /// Status.
        status: String,
        /// When it was made.
        created_at("createdAt"): Timestamp,
    }
    shows id, name, status
}

lists! {
    /// Lists the cloud pod jobs of the user's tenant.
    ListTenantJobs -> Job = TENANT_JOBS, BY_PAGE;

    /// Lists the cloud pods of the user's tenant.
    ListCloudPods -> CloudPod = CLOUD_PODS, BY_PAGE;

    /// Lists the cloud pod jobs of all tenants.
    ListPlatformJobs -> Job = PLATFORM_JOBS, BY_PAGE;

    /// Lists the cloud pods of all tenants.
    ListPlatformCloudPods -> CloudPod = PLATFORM_CLOUD_PODS, BY_PAGE;
}

endpoints! {
    /// Reads a cloud pod.
    GetCloudPod(id: CloudPodId) -> CloudPod = CLOUD_POD, |answer| reply::row(answer, &["cloudPod"]);

    /// Tries a cloud pod job again. One nobody has is `NotFound`, although the server answers 500.
    RetryPlatformJob(id: JobId) -> Done = PLATFORM_RETRY, reply::done;

    /// Cancels a cloud pod job. One nobody has is `NotFound`, although the server answers 500.
    CancelPlatformJob(id: JobId) -> Done = PLATFORM_CANCEL, reply::done;
}
