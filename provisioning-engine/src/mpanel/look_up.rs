//! Searching mPanel for the record that an unknown call may have created.

use mpanel_client::Mpanel;
use mpanel_client::customers::CustomerId;
use mpanel_client::websites::ListWebsites;
use panel_http::Error;
use provisioning_core::plan::action::mpanel::{
    CreateMpanelCustomer, CreateMpanelWebsite, SubmitOrder,
};
use provisioning_core::plan::id::{Mark, PlanId};
use provisioning_core::run::directive::mpanel::MpanelRequest;
use provisioning_core::run::facts::{LoginReading, MarkReading};
use provisioning_core::run::finding::{Finding, Match};
use serde_json::{Map, Value};

use super::record::customer_request;
use super::reply::not_found_out;
use super::submit::MARK;
use super::{MpanelExecutor, keys};

pub(super) async fn look_up(
    executor: &MpanelExecutor,
    request: &MpanelRequest,
    run: PlanId,
) -> Finding {
    let mpanel = &executor.mpanel;
    let found = match request {
        MpanelRequest::SubmitOrder(order) => order_of(mpanel, order).await,
        MpanelRequest::CreateCustomer(create) => customer(executor, create, run).await,
        MpanelRequest::CreateSubscription {
            create,
            customer_id,
        } => subscription(mpanel, create.mark, customer_id).await,
        MpanelRequest::CreateWebsite {
            create,
            customer_id,
            ..
        } => website(mpanel, create, customer_id).await,
        _ => {
            return Finding::NotPossible {
                text: "nothing is created by it".to_owned(),
                not_before: None,
            };
        }
    };
    found.unwrap_or_else(|error| not_found_out(executor, &error))
}

fn read(matches: Vec<Match>, whole: bool) -> Finding {
    Finding::Read {
        matches,
        whole,
        // Marks of ours read back on every mPanel that keeps what is written.
        shows_marks: true,
    }
}

fn matching(remote_id: String, mark: MarkReading) -> Match {
    Match {
        remote_id,
        username: String::new(),
        mark,
        login: LoginReading::NotTried,
        bound_to: None,
    }
}

/// By everything that was sent: a created customer cannot be found by its e-mail address, because lists show the joined
/// user's (CONTRACT-mpanel section 7). Only the order's reference in the company name proves it ours.
async fn customer(
    executor: &MpanelExecutor,
    create: &CreateMpanelCustomer,
    run: PlanId,
) -> Result<Finding, Error> {
    let found = executor
        .mpanel
        .find_created_customer(&customer_request(create))
        .await?;
    let mark = if create.has_reference {
        MarkReading::Ours
    } else {
        MarkReading::Nothing
    };
    if let ([only], true) = (found.customers.as_slice(), create.has_reference) {
        let stripe_id = create.stripe_customer_id.as_deref();
        executor
            .keep_customer(
                keys(&create.tenant, stripe_id, &create.email),
                &only.id.to_string(),
                run,
            )
            .await;
    }
    let matches = found
        .customers
        .iter()
        .map(|row| matching(row.id.to_string(), mark))
        .collect();
    Ok(Finding::Read {
        matches,
        whole: found.proves_absence,
        shows_marks: create.has_reference,
    })
}

async fn subscription(mpanel: &Mpanel, mark: Mark, customer_id: &str) -> Result<Finding, Error> {
    let customer = CustomerId::text(customer_id);
    let found = mpanel.find_created_subscription(&customer, mark).await?;
    let matches = found
        .subscriptions
        .iter()
        .map(|row| matching(row.id.to_string(), MarkReading::Ours))
        .collect();
    Ok(read(matches, true))
}

async fn website(
    mpanel: &Mpanel,
    create: &CreateMpanelWebsite,
    customer_id: &str,
) -> Result<Finding, Error> {
    let customer = CustomerId::text(customer_id);
    let rows = mpanel.list(ListWebsites::of(customer)).collect().await?;
    let matches = rows
        .iter()
        .filter(|row| carries(row.metadata.as_ref(), create.mark))
        .map(|row| matching(row.id.to_string(), MarkReading::Ours))
        .collect();
    Ok(read(matches, true))
}

/// The order keeps payment and metadata. An order of the same payment without our mark was sent by somebody else.
async fn order_of(mpanel: &Mpanel, order: &SubmitOrder) -> Result<Finding, Error> {
    let rows = mpanel.find_order_of_payment(&order.payment).await?;
    let matches = rows
        .iter()
        .map(|row| {
            let mark = match row.metadata.as_ref() {
                Some(metadata) if carries(Some(metadata), order.mark) => MarkReading::Ours,
                Some(metadata) if metadata.contains_key(MARK) => MarkReading::Other,
                _ => MarkReading::Nothing,
            };
            let customer = row
                .customer_id
                .as_ref()
                .map(|id| format!(" customer:{id}"))
                .unwrap_or_default();
            // What watches the order needs it: the customer may have others.
            let subscription = row
                .subscription
                .as_ref()
                .map(|subscription| format!(" {}", subscription.id))
                .unwrap_or_default();
            matching(format!("order:{}{customer}{subscription}", row.id), mark)
        })
        .collect();
    Ok(Finding::Read {
        matches,
        whole: true,
        // A server that drops metadata leaves an order that nobody can prove.
        shows_marks: false,
    })
}

fn carries(metadata: Option<&Map<String, Value>>, mark: Mark) -> bool {
    metadata
        .and_then(|metadata| metadata.get(MARK))
        .and_then(Value::as_str)
        .is_some_and(|shown| mark.is(shown))
}
