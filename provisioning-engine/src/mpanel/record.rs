//! Recording on mPanel an account that is made elsewhere.

use mpanel_client::customers::{CreateCustomer, CustomerId};
use mpanel_client::products::{Product, ProductId};
use mpanel_client::subscriptions::{
    CreateSubscription, SubscriptionId, SubscriptionStatus, UpdateSubscription,
};
use mpanel_client::websites::CreateWebsite;
use provisioning_core::catalog::AttachPolicy;
use provisioning_core::order::ProductCode;
use provisioning_core::plan::action::mpanel::{
    CreateMpanelCustomer, CreateMpanelSubscription, CreateMpanelWebsite, RecordedStatus,
};
use provisioning_core::plan::id::PlanId;
use provisioning_core::plan::verb::Effect;
use provisioning_core::run::facts::mpanel::{MpanelFacts, MpanelRecord};
use provisioning_core::run::facts::{Facts, Proof};
use provisioning_core::run::outcome::{Because, Outcome};

use super::known_customers::CustomerKey;
use super::reply::outcome_of;
use super::submit::MARK;
use super::{MpanelExecutor, created, keys, recorded};

/// Asks what is known of earlier orders first: the same id at Stripe is the same customer, the same e-mail address is as
/// the catalog says.
pub(super) async fn customer(
    executor: &MpanelExecutor,
    create: &CreateMpanelCustomer,
    run: PlanId,
) -> Outcome {
    let keys = || {
        let stripe_id = create.stripe_customer_id.as_deref();
        keys(&create.tenant, stripe_id, &create.email)
    };
    match known(executor, create).await {
        Ok(Some(Known::Same(id))) => {
            // Each run keeps what it knows, so that it stays known when the one that learned it first is forgotten.
            executor.keep_customer(keys(), &id, run).await;
            return recorded(id, Proof::KnownFromEarlierOrder);
        }
        Ok(Some(Known::Perhaps(id))) => {
            return Outcome::Rejected {
                because: Because::ExistsIdUnknown,
                text: format!(
                    "an earlier order of the same e-mail address made customer {id}, and the catalog says to ask: answer \
                     with this id if it is the same customer"
                ),
            };
        }
        Ok(None) => {}
        Err(text) => {
            return Outcome::NotSent {
                text: format!("the customers known from earlier orders cannot be read: {text}"),
                retryable: true,
                not_before: None,
            };
        }
    }
    let mpanel = &executor.mpanel;
    match mpanel.call(customer_request(create)).await {
        Ok(row) => {
            executor
                .keep_customer(keys(), &row.id.to_string(), run)
                .await;
            created(row.id)
        }
        Err(error) => outcome_of(executor, &error, Effect::Create),
    }
}

/// What is known of a customer from earlier orders.
enum Known {
    /// The panel's id of the same customer.
    Same(String),
    /// The panel's id of one who may be the same.
    Perhaps(String),
}

async fn known(
    executor: &MpanelExecutor,
    create: &CreateMpanelCustomer,
) -> Result<Option<Known>, String> {
    let customers = &executor.customers;
    if let Some(id) = &create.stripe_customer_id {
        let key = CustomerKey::stripe(&create.tenant, id);
        if let Some(id) = customers.find(&key).await? {
            return Ok(Some(Known::Same(id)));
        }
    }
    let key = CustomerKey::email(&create.tenant, &create.email);
    let Some(id) = customers.find(&key).await? else {
        return Ok(None);
    };
    Ok(match create.attach {
        AttachPolicy::Attach => Some(Known::Same(id)),
        AttachPolicy::New => None,
        AttachPolicy::Ask => Some(Known::Perhaps(id)),
    })
}

pub(super) fn customer_request(create: &CreateMpanelCustomer) -> CreateCustomer {
    CreateCustomer::new(&create.company_name, create.email.as_str())
        .set_phone(create.phone.clone())
        .set_country(create.country.clone())
}

pub(super) async fn subscription(
    executor: &MpanelExecutor,
    create: &CreateMpanelSubscription,
    customer_id: &str,
) -> Outcome {
    let mpanel = &executor.mpanel;
    let product = match &create.panel_product_id {
        Some(id) => ProductId::text(id.as_str()),
        // Nothing is created before the product is known, so a failure here is a failure of a read.
        None => match mpanel.products().await {
            Err(error) => return read_failed(executor, &error),
            Ok(products) => match named(products, &create.product) {
                Ok(id) => id,
                Err(text) => {
                    return Outcome::Rejected {
                        because: Because::Invalid,
                        text,
                    };
                }
            },
        },
    };
    let request = subscription_request(create, customer_id, product);
    match mpanel.create_subscription(request).await {
        Ok(row) => {
            let product = row.product_id.map(|id| id.to_string());
            let record = MpanelRecord::new(row.id.to_string(), Proof::Created);
            Outcome::Ok {
                facts: Facts::Mpanel(MpanelFacts::Record(record.with_product(product))),
            }
        }
        Err(error) => outcome_of(executor, &error, Effect::Create),
    }
}

/// A read before the request that creates or changes: whatever became of it, nothing was done.
pub(super) fn read_failed(executor: &MpanelExecutor, error: &panel_http::Error) -> Outcome {
    match outcome_of(executor, error, Effect::Read) {
        Outcome::Unknown { text } => Outcome::NotSent {
            text,
            retryable: true,
            not_before: None,
        },
        other => other,
    }
}

/// The product of this code: letter by letter if there is one, else however it is spelled, if only one is.
fn named(products: Vec<Product>, code: &ProductCode) -> Result<ProductId, String> {
    let spellings = |product: &Product| [product.code.clone(), product.slug.clone()];
    let exact = products.iter().find(|product| {
        spellings(product)
            .iter()
            .flatten()
            .any(|name| name == code.as_str())
    });
    if let Some(product) = exact {
        return Ok(product.id.clone());
    }
    let mut alike = products.iter().filter(|product| {
        spellings(product)
            .iter()
            .flatten()
            .any(|name| ProductCode::new(name).is_ok_and(|name| name.matches(code)))
    });
    match (alike.next(), alike.next()) {
        (Some(product), None) => Ok(product.id.clone()),
        (Some(_), Some(_)) => Err(format!(
            "mPanel has several products like {code}: name one in the catalog as panel_product_id"
        )),
        (None, _) => Err(format!(
            "mPanel has no product {code}: make it there, or name its id in the catalog as panel_product_id"
        )),
    }
}

pub(super) fn subscription_request(
    create: &CreateMpanelSubscription,
    customer_id: &str,
    product: ProductId,
) -> CreateSubscription {
    let mut request = CreateSubscription::new(
        CustomerId::text(customer_id),
        product,
        &create.billing_cycle,
        create.price,
    )
    .set_mark(create.mark)
    .set_metadata("product", create.product.as_str())
    .set_metadata("domain", create.domain.to_string());
    if let Some(date) = create.next_billing {
        request = request.set_next_billing_date(date);
    }
    request
}

pub(super) async fn status(
    executor: &MpanelExecutor,
    subscription_id: &str,
    status: RecordedStatus,
) -> Outcome {
    let request = status_request(subscription_id, status);
    match executor.mpanel.call(request).await {
        Ok(_) => created(subscription_id),
        Err(error) => outcome_of(executor, &error, Effect::Change),
    }
}

pub(super) fn status_request(subscription_id: &str, status: RecordedStatus) -> UpdateSubscription {
    UpdateSubscription::new(SubscriptionId::text(subscription_id)).set_status(match status {
        RecordedStatus::PendingProvisioning => SubscriptionStatus::PendingProvisioning,
        RecordedStatus::Active => SubscriptionStatus::Active,
    })
}

pub(super) async fn website(
    executor: &MpanelExecutor,
    create: &CreateMpanelWebsite,
    customer_id: &str,
    subscription_id: &str,
    domain: &str,
) -> Outcome {
    let request = website_request(create, customer_id, subscription_id, domain);
    match executor.mpanel.call(request).await {
        Ok(row) => created(row.id),
        Err(error) => outcome_of(executor, &error, Effect::Create),
    }
}

pub(super) fn website_request(
    create: &CreateMpanelWebsite,
    customer_id: &str,
    subscription_id: &str,
    domain: &str,
) -> CreateWebsite {
    CreateWebsite::new(&create.name, domain)
        .set_customer(CustomerId::text(customer_id))
        .set_subscription(SubscriptionId::text(subscription_id))
        .set_metadata(MARK, create.mark.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(id: &str, code: &str) -> Product {
        let mut product = Product::new(ProductId::text(id));
        product.code = Some(code.to_owned());
        product
    }

    #[test]
    fn a_product_is_found_by_its_letters_before_its_spelling() {
        let find = |products, code: &str| named(products, &ProductCode::new(code).unwrap());
        let both = || vec![product("1", "wp-growth"), product("2", "wp_growth")];
        assert_eq!(find(both(), "wp_growth"), Ok(ProductId::text("2")));
        assert!(find(both(), "WP_growth").unwrap_err().contains("several"));
        let one = vec![product("1", "wp-growth"), product("3", "starter")];
        assert_eq!(find(one, "wp_growth"), Ok(ProductId::text("1")));
        assert!(
            find(Vec::new(), "wp_growth")
                .unwrap_err()
                .contains("no product")
        );
    }
}
