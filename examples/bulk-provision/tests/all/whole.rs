//! Files that are in order.

use std::time::Duration;

use panel_sandbox::Fault;

use crate::program::Hall;
use crate::test_database::{TestDatabase, on_both_stores};

on_both_stores!(
    "bulk":
    every_order_gets_its_account_and_its_password,
    without_a_file_for_them_the_passwords_stay_sealed_until_there_is_one,
    a_missing_permission_is_explained_once_and_mended_by_running_it_again,
    orders_without_a_place_wait_and_the_others_get_theirs,
);

const ALL: &str = "orders.csv --vouched-by ana --credentials-out out.csv --results results.csv";

async fn every_order_gets_its_account_and_its_password(database: Option<TestDatabase>) {
    let hall = Hall::with(database, 20, Duration::ZERO).await;
    hall.write_orders(30);
    let said = hall.run(ALL);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(hall.accounts(), 30);
    hall.assert_nothing_twice();
    hall.assert_credentials_open("out.csv", 30);
    let results = hall.read("results.csv");
    assert_eq!(results.lines().count(), 31, "{results}");
    assert_eq!(
        results.matches(",done_except_manual,").count(),
        30,
        "{results}"
    );
    for credential in hall.credentials("out.csv") {
        for text in [&said.out, &said.err, &results] {
            assert!(!text.contains(&credential.password), "a password is shown");
        }
    }
    let again = hall.run(ALL);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(
        again.out.contains("0 orders are new, 30 were known before"),
        "{again:?}"
    );
    assert_eq!(hall.accounts(), 30);
    hall.assert_credentials_open("out.csv", 30);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_may_read_the_passwords() {
    use std::os::unix::fs::PermissionsExt as _;
    let hall = Hall::new(20, Duration::ZERO).await;
    hall.write_orders(1);
    assert_eq!(hall.run(ALL).code, Some(0));
    let mode = std::fs::metadata(hall.path("out.csv"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(hall.path("out.csv"), open).unwrap();
    let said = hall.run(ALL);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("chmod 600"), "{said:?}");
}

async fn without_a_file_for_them_the_passwords_stay_sealed_until_there_is_one(
    database: Option<TestDatabase>,
) {
    let hall = Hall::with(database, 20, Duration::ZERO).await;
    hall.write_orders(5);
    let said = hall.run("orders.csv --vouched-by ana --results results.csv");
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(
        said.out.contains("5  awaiting confirmation"),
        "{}",
        said.out
    );
    assert_eq!(hall.accounts(), 5);
    let said = hall.run(ALL);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(hall.accounts(), 5);
    hall.assert_credentials_open("out.csv", 5);
}

async fn a_missing_permission_is_explained_once_and_mended_by_running_it_again(
    database: Option<TestDatabase>,
) {
    let hall = Hall::with(database, 20, Duration::ZERO).await;
    hall.write_orders(12);
    for panel in hall.panels() {
        panel.arm(Fault::UnderPrivilegedKey).unwrap();
    }
    let said = hall.run(ALL);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert_eq!(hall.accounts(), 0);
    assert!(said.out.contains("SUPER_ADMIN"), "{}", said.out);
    let servers_refusing = said.out.matches("needs attention: np-").count();
    assert!((1..=3).contains(&servers_refusing), "{}", said.out);
    hall.heal();
    let said = hall.run(ALL);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(hall.accounts(), 12);
    hall.assert_nothing_twice();
    hall.assert_credentials_open("out.csv", 12);
}

async fn orders_without_a_place_wait_and_the_others_get_theirs(database: Option<TestDatabase>) {
    let hall = Hall::with(database, 2, Duration::ZERO).await;
    hall.write_orders(8);
    let said = hall.run(ALL);
    assert_eq!(said.code, Some(4), "{said:?}");
    assert_eq!(hall.accounts(), 6);
    assert!(said.out.contains("2  need attention"), "{}", said.out);
    hall.assert_credentials_open("out.csv", 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_lines_with_one_id_are_one_order() {
    let hall = Hall::new(20, Duration::ZERO).await;
    hall.write(
        "orders.csv",
        "order_id,email,product,domain,payment_reference\n\
         O-1,ada@mail.example,wp_growth,ada.example,pi_1\n\
         O-1,ada@mail.example,daily_backups_30d,ada.example,pi_1\n",
    );
    let said = hall.run("orders.csv --credentials-out out.csv --results results.csv");
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("1 orders are new"), "{}", said.out);
    assert_eq!(hall.accounts(), 1);
    assert_eq!(hall.read("results.csv").lines().count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_with_another_product_is_a_conflict_and_nothing_is_done_for_it() {
    let hall = Hall::new(20, Duration::ZERO).await;
    hall.write_orders(2);
    assert_eq!(hall.run(ALL).code, Some(0));
    hall.write(
        "orders.csv",
        "order_id,email,product,domain\nO-1,other@mail.example,wp_growth,other.example\n",
    );
    let said = hall.run(ALL);
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(said.out.contains("line 2"), "{}", said.out);
    assert_eq!(hall.accounts(), 2);
}

/// The accounts of a file that was worked on with another state are on the panels; another one of each would be given away.
#[tokio::test(flavor = "multi_thread")]
async fn orders_that_another_state_has_provided_get_no_second_account() {
    let hall = Hall::new(40, Duration::ZERO).await;
    hall.write_orders(10);
    assert_eq!(hall.run(ALL).code, Some(0));
    assert_eq!(hall.accounts(), 10);

    hall.write_orders(12);
    let elsewhere = "orders.csv --vouched-by ana --credentials-out more.csv --results more-results.csv \
        --state elsewhere.sqlite3";
    for _ in 0..2 {
        let said = hall.run(elsewhere);
        assert_eq!(said.code, Some(4), "{said:?}");
        assert_eq!(hall.accounts(), 12);
        hall.assert_nothing_twice();
        hall.assert_credentials_open("more.csv", 2);
        let results = hall.read("more-results.csv");
        assert_eq!(results.matches("another --state").count(), 10, "{results}");
        assert!(results.contains("on np-"), "{results}");
    }
    // What made them goes on as before.
    let again = hall.run(ALL);
    assert_eq!(again.code, Some(4), "{again:?}");
    assert_eq!(hall.accounts(), 12);
}

/// A server that cannot be asked keeps nobody else waiting; that it was not searched is said.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_be_searched_is_named() {
    let hall = Hall::new(40, Duration::ZERO).await;
    hall.write_orders(4);
    hall.panels()[1].arm(Fault::RevokedKey).unwrap();
    let said = hall.run(ALL);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.err.contains("not searched for accounts") && said.err.contains("np-2"),
        "{said:?}"
    );
    assert_eq!(hall.accounts(), 4);
}

/// Whoever reads along may stop; what is paid for is provided.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_has_to_read_along() {
    let hall = Hall::new(40, Duration::ZERO).await;
    hall.write_orders(4);
    let mut child = hall.spawn(ALL);
    drop(child.stdout.take());
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(hall.accounts(), 4);
    hall.assert_credentials_open("out.csv", 4);
}
