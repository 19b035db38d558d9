//! Product plans and products.

use nextpanel_client::billing::{
    CreatePlan, CreatePlanAsAdmin, DeletePlanAsAdmin, GetPlan, GetPlanStatistics, GetProduct,
    ListPlanCategories, ListPlans, ListProducts, Percent, Price, RetirePlan, UpdatePlan,
    UpdatePlanAsAdmin,
};
use panel_http::{Error, Kind};
use provisioning_core::money::{Currency, Money};
use serde_json::{Map, Value, json};

use super::billing_customers::PLAN;
use super::exchange::{Exchange, golden};

fn price(minor: u64) -> Price {
    Money::from_minor(minor, Currency::USD).into()
}

fn percent(share: f64) -> Percent {
    Percent::try_from(share).unwrap()
}

fn features() -> Map<String, Value> {
    Map::from_iter([("category".to_owned(), json!("hosting"))])
}

macro_rules! filled {
    ($create:expr, $update:expr) => {
        (
            $create
                .set_description("For small gardens")
                .set_max_accounts(1_u32)
                .set_max_domains(2_u32)
                .set_max_databases(5_u32)
                .set_max_emails(10_u32)
                .set_features(features())
                .set_stripe_price_id_monthly("price_m")
                .set_stripe_price_id_yearly("price_y")
                .set_discount_first_day(percent(5.0))
                .set_discount_first_month(percent(50.0))
                .set_discount_first_year(percent(10.0))
                .set_discount_lifetime(percent(0.0)),
            $update
                .set_name("Meadow")
                .set_price_monthly(price(725))
                .set_price_yearly(price(7900))
                .set_description("For small gardens")
                .set_max_accounts(1_u32)
                .set_max_domains(2_u32)
                .set_max_databases(5_u32)
                .set_max_emails(10_u32)
                .set_features(features())
                .set_is_active(true)
                .set_is_featured(true)
                .set_sort_order(-1)
                .set_discount_first_day(percent(5.0))
                .set_discount_first_month(percent(50.0))
                .set_discount_first_year(percent(10.0))
                .set_discount_lifetime(percent(0.0)),
        )
    };
}

#[tokio::test]
async fn plans_are_listed_and_read() {
    let list = ListPlans::new().set_is_active(true).set_is_featured(false);
    let plans = golden("billing.list_plans", list).await.unwrap();
    let meadow = &plans[0];
    assert_eq!(meadow.name, "Meadow");
    assert_eq!(
        meadow.price_monthly.money(Currency::USD),
        Ok(Money::from_minor(725, Currency::USD))
    );
    assert_eq!(meadow.features.as_ref().unwrap()["category"], "hosting");
    let plan = golden("billing.get_plan", GetPlan::new(PLAN)).await;
    assert_eq!(plan.unwrap().id.as_str(), PLAN);
    let list = ListProducts::new().set_is_active(true);
    golden("billing.list_products", list).await.unwrap();
    golden("billing.get_product", GetProduct::new(PLAN))
        .await
        .unwrap();
}

#[tokio::test]
async fn lists_are_asked_for_with_their_slash() {
    for path in nextpanel_client::billing::OPERATIONS
        .iter()
        .map(|operation| operation.path)
    {
        let family = path.trim_start_matches("/api/v1").trim_end_matches('/');
        let wants_slash = [
            "/plans",
            "/products",
            "/licenses",
            "/subscriptions",
            "/invoices",
        ];
        let has_slash = path.ends_with('/') && path != "/";
        assert_eq!(has_slash, wants_slash.contains(&family), "{path}");
    }
}

#[tokio::test]
async fn categories_and_figures_are_read() {
    let kinds = golden("billing.list_plan_categories", ListPlanCategories::new()).await;
    assert_eq!(kinds.unwrap().categories[1].id, "cdn");
    let figures = golden("billing.plan_statistics", GetPlanStatistics::new()).await;
    assert_eq!(figures.unwrap().count("/active_plans"), Some(3));
}

#[tokio::test]
async fn plans_are_created_changed_and_retired() -> Result<(), Error> {
    let (create, update) = filled!(
        CreatePlan::new("Meadow", price(725), price(7900)),
        UpdatePlan::new(PLAN)
    );
    golden("billing.create_plan", create).await?;
    golden("billing.update_plan", update).await?;
    golden("billing.retire_plan", RetirePlan::new(PLAN)).await?;
    let (create, update) = filled!(
        CreatePlanAsAdmin::new("Meadow", price(725), price(7900)),
        UpdatePlanAsAdmin::new(PLAN)
    );
    golden("billing.create_plan_as_admin", create).await?;
    golden("billing.update_plan_as_admin", update).await?;
    golden("billing.delete_plan_as_admin", DeletePlanAsAdmin::new(PLAN)).await?;
    Ok(())
}

#[tokio::test]
async fn prices_that_poison_every_list_cannot_be_sent() {
    for number in [f64::NAN, f64::INFINITY, -0.01] {
        assert!(Price::try_from(number).is_err());
    }
    // Others may have stored one all the same: then the list is a 500, told as it is and not repeated.
    let poisoned = json!({"detail": "Internal server error: Out of range float values are not JSON compliant"});
    let exchange = Exchange::with_last_reply("billing.list_plans", 500, poisoned);
    let list = ListPlans::new().set_is_active(true).set_is_featured(false);
    let error = exchange.billing().call(list).await.unwrap_err();
    assert!(matches!(error.kind(), Kind::Api | Kind::GaveUp), "{error}");
    assert_eq!(exchange.requests().len(), 1);
}
