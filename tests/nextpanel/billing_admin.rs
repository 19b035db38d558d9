//! What only administrators may.

use nextpanel_client::billing::{
    CreateUser, DeleteUser, GetAdminStatistics, GetUser, LicenceFilter, LicenceStatus,
    ListAllLicences, ListUsers, SetLicenceStatus, SetUserPassword, UpdateUser,
};
use nextpanel_client::with_extra;
use panel_http::Error;

use super::billing_auth::password;
use super::billing_customers::{FLORA, LICENCE};
use super::exchange::{Exchange, golden};

#[tokio::test]
async fn users_are_listed_created_read_and_deleted() -> Result<(), Error> {
    let list = ListUsers::new()
        .set_limit(5_u32)
        .set_offset(10_u32)
        .set_search("flo");
    golden("billing.list_users", list).await?;
    let create = CreateUser::new(
        "Flora@garden.example",
        "Flora Óg",
        password("Gr0wing-Things"),
    )
    .set_company_name("Garden")
    .set_is_active(true)
    .set_is_admin(true);
    let user = golden("billing.create_user", create).await?;
    assert_eq!(*user.is_admin, Some(true));
    golden("billing.get_user", GetUser::new(FLORA)).await?;
    golden("billing.delete_user", DeleteUser::new(FLORA)).await?;
    Ok(())
}

#[tokio::test]
async fn a_row_that_leaks_the_password_hash_is_read_into_one_that_cannot_print_it() {
    let update = UpdateUser::new(FLORA)
        .set_is_active(false)
        .set_is_admin(false)
        .set_full_name("Flora Óg")
        .set_company_name("Garden");
    let row = golden("billing.update_user", update).await.unwrap();
    assert_eq!(*row.is_active, Some(false));
    assert_eq!(row.account_balance.unwrap().as_f64(), 12.5);
    assert!(!format!("{row:?} {row:#?}").contains("canary"));
    let set = SetUserPassword::new(FLORA, password("Wilt3d-Things"));
    let row = golden("billing.update_user.password", set).await.unwrap();
    assert!(!format!("{row:?}").contains("canary"));
}

#[tokio::test]
async fn not_even_the_whole_reply_shows_a_hash_or_a_secret() {
    let exchange = Exchange::of("billing.update_user");
    let update = UpdateUser::new(FLORA);
    let row = exchange.billing().call(with_extra(update)).await.unwrap();
    assert!(row.pointer("/email").is_some());
    assert!(row.pointer("/password_hash").is_none());
    let exchange = Exchange::of("billing.set_licence_status");
    let set = SetLicenceStatus::new(LICENCE, LicenceStatus::Suspended);
    let row = exchange.billing().call(with_extra(set)).await.unwrap();
    assert!(row.pointer("/user_id").is_some());
    for secret in ["/encrypted_secret", "/hardware_fingerprint"] {
        assert!(row.pointer(secret).is_none(), "{secret}");
    }
}

#[tokio::test]
async fn everybodys_licences_are_listed_and_changed() -> Result<(), Error> {
    let list = ListAllLicences::new()
        .set_status(LicenceFilter::Expired)
        .set_limit(5_u32)
        .set_offset(10_u32);
    golden("billing.list_all_licences", list).await?;
    let set = SetLicenceStatus::new(LICENCE, LicenceStatus::Suspended);
    let licence = golden("billing.set_licence_status", set).await?;
    assert_eq!(licence.status, LicenceStatus::Suspended);
    assert!(!format!("{licence:?}").contains("canary"));
    let figures = golden("billing.admin_statistics", GetAdminStatistics::new()).await?;
    assert_eq!(figures.monthly_revenue.unwrap().as_f64(), 12.5);
    Ok(())
}
