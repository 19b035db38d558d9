//! Finding accounts on the stand-in, with every way it may show billing ids and page its list.

use jiff::Timestamp;
use nextpanel_client::panel::{
    AccountSearch, CreateAccount, Panel, PanelCredentials, SeenBillingId,
};
use panel_sandbox::nextpanel_panel::{self, BillingIdInRows, KeyKind, Paging, PanelSettings};
use provisioning_core::catalog::AccountType;
use secrecy::SecretString;
use serde_json::json;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::panel_accounts::mark;

pub(super) fn client(panel: &nextpanel_panel::Panel, kind: KeyKind) -> Panel {
    let key = panel.key(kind);
    let credentials = PanelCredentials::new(SecretString::from(key.id()), key.secret().clone());
    Panel::builder(panel.url(), &credentials)
        .no_proxy()
        .build()
        .unwrap()
}

fn create(username: &str) -> CreateAccount {
    CreateAccount::new(
        username,
        format!("{username}@example.com"),
        SecretString::from("Backe-Brot-7!"),
        AccountType::Panel,
        mark(),
        Timestamp::UNIX_EPOCH,
    )
}

#[tokio::test]
async fn billing_ids_are_told_where_the_panel_shows_them() {
    for (shown, expected) in [
        (BillingIdInRows::Shown, SeenBillingId::Mark),
        (BillingIdInRows::Null, SeenBillingId::None),
        (BillingIdInRows::Absent, SeenBillingId::None),
    ] {
        let settings = PanelSettings::new("srv").with_billing_id_in_rows(shown);
        let panel = nextpanel_panel::Panel::start(settings).await.unwrap();
        let client = client(&panel, KeyKind::SuperAdmin);
        client.call(create("gertrude")).await.unwrap();
        panel.add_stranger("hobbes").unwrap();
        let search = AccountSearch::new()
            .with_username("gertrude")
            .with_mark(mark());
        let found = client.find(&search).await.unwrap();
        assert!(found.is_whole);
        let [only] = &found.matches[..] else {
            panic!("{found:?}");
        };
        assert!(only.by_username);
        assert_eq!(only.billing_id, expected, "{shown:?}");
        assert_eq!(found.shows_billing_ids, expected == SeenBillingId::Mark);
    }
}

#[tokio::test]
async fn an_account_is_found_by_email_and_by_customer_id() {
    let panel = nextpanel_panel::Panel::start(PanelSettings::new("srv"))
        .await
        .unwrap();
    let client = client(&panel, KeyKind::SuperAdmin);
    client.call(create("gertrude")).await.unwrap();
    let by_email = AccountSearch::new().with_email("gertrude@EXAMPLE.com");
    let found = client.find(&by_email).await.unwrap();
    assert!(found.matches[0].by_email && !found.matches[0].by_username);
    // The billing backend writes the customer id where we write our mark.
    let by_customer = AccountSearch::new().with_customer_id(mark());
    let found = client.find(&by_customer).await.unwrap();
    assert_eq!(found.matches[0].billing_id, SeenBillingId::CustomerId);
}

#[tokio::test]
async fn a_list_of_a_round_number_on_a_panel_without_paging_is_not_shown_to_be_whole() {
    for (accounts, paging, is_whole) in [
        (0, Paging::Ignored, true),
        (7, Paging::Ignored, true),
        (50, Paging::Ignored, false),
        (100, Paging::Ignored, false),
        (100, Paging::Honoured, true),
        (999, Paging::Ignored, true),
        (1000, Paging::Ignored, false),
        (1000, Paging::Honoured, true),
        (1001, Paging::Honoured, true),
    ] {
        let settings = PanelSettings::new("srv").with_paging(paging);
        let panel = nextpanel_panel::Panel::start(settings).await.unwrap();
        for number in 0..accounts {
            panel.add_stranger(&format!("s{number}")).unwrap();
        }
        let list = client(&panel, KeyKind::ReadOnly).list_all().await.unwrap();
        assert_eq!(list.accounts.len(), accounts);
        assert_eq!(list.is_whole, is_whole, "{accounts} {paging:?}");
    }
}

/// A panel to which accounts are added as fast as it lists them: one more each time it is asked for what follows.
#[tokio::test]
async fn a_list_does_not_run_after_accounts_that_are_added_meanwhile() {
    const THERE: u64 = 20;
    let server = MockServer::start().await;
    let page = |request: &Request| {
        let mut skip = request.url.query_pairs().filter(|(name, _)| name == "skip");
        let skip: u64 = skip.next().unwrap().1.parse().unwrap();
        let last = if skip < THERE { THERE } else { skip + 1 };
        let rows: Vec<_> = (skip..last)
            .map(|id| json!({"id": id + 1, "username": format!("s{id}"), "email": format!("s{id}@mail.example")}))
            .collect();
        ResponseTemplate::new(200).set_body_json(rows)
    };
    Mock::given(method("GET"))
        .respond_with(page)
        .mount(&server)
        .await;
    let credentials = PanelCredentials::new(
        SecretString::from("npk_key"),
        SecretString::from("nps_secret"),
    );
    let panel = Panel::builder(&server.uri(), &credentials)
        .no_proxy()
        .build()
        .unwrap();
    let list = panel.list_all().await.unwrap();
    assert!(list.is_whole);
    assert_eq!(list.accounts.len() as u64, THERE + 1);
    assert_eq!(server.received_requests().await.unwrap().len(), 2);
}
