//! `/api/enterprise`, `/api/hosting`, `/api/billing/products`, TypeScript

use mpanel_client::enterprise::{
    ListBillingCatalog, ListEnterpriseApiKeys, ListHostingServers, ListHostingWebsites,
};
use panel_http::Kind;

use super::case::list;

#[tokio::test]
async fn what_the_server_lists_is_empty_or_broken() {
    assert!(
        list("enterprise/api_keys", ListEnterpriseApiKeys)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        list("enterprise/websites", ListHostingWebsites)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        list("enterprise/catalog", ListBillingCatalog)
            .await
            .unwrap()
            .is_empty()
    );
    let error = list("enterprise/servers_broken", ListHostingServers)
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.attempts().len()), (Kind::Api, 1));
}
