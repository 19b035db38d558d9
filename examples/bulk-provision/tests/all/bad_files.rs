//! Files that are not in order: everything that is wrong is said at once, and nothing is sent or stored.

use std::time::Duration;

use crate::program::Hall;

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_is_said_with_its_line_and_column() {
    let hall = Hall::new(20, Duration::ZERO).await;
    hall.write(
        "orders.csv",
        "order_id,email,product,domain,quantity,cycle,amount,currency,payment_reference\n\
         O-1,not-an-address,wp_growth,ok.example,,,,,pi_1\n\
         O-2,a@mail.example,wp_grwoth,ok2.example,,,,,pi_2\n\
         O-3,a@mail.example,wp_growth,not a domain,0,fortnightly,19.999,USD,pi_3\n\
         ,a@mail.example,wp_growth,ok4.example,,,,,pi_4\n\
         O-5,a@mail.example,wp_growth,ok5.example,,,19.99,,\n\
         O-6,a@mail.example,wp_growth,ok6.example,,,,,pi_6,too many\n\
         O-7,a@mail.example,wp_growth,ok7.example,,,,,pi_7\n\
         O-7,b@mail.example,daily_backups_30d,ok7.example,,,,,pi_7\n",
    );
    let said = hall.run("orders.csv");
    assert_eq!(said.code, Some(2), "{said:?}");
    for part in [
        "line 2, column email",
        "line 3, column product",
        "wp_growth",
        "line 4, column domain",
        "line 4, column quantity",
        "line 4, column cycle",
        "line 4, column amount",
        "line 5, column order_id",
        "line 6, column currency",
        "line 6, column payment_reference",
        "--vouched-by",
        "line 7: 10 fields, and the header has 9",
        "line 9, column email: differs from line 8",
    ] {
        assert!(said.err.contains(part), "no `{part}` in:\n{}", said.err);
    }
    assert!(!hall.path("provisioning.sqlite3").exists());
    assert!(
        hall.panels()
            .iter()
            .all(|panel| panel.requests().is_empty())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_is_none_says_what_columns_there_are() {
    let hall = Hall::new(20, Duration::ZERO).await;
    for (text, part) in [
        (
            "O-1,a@mail.example,wp_growth\n",
            "the column order_id is missing",
        ),
        ("", "the column order_id is missing"),
        ("order_id,email,product\n", "no orders"),
        (
            "order_id,email,product,prodcut\n",
            "no column is called `prodcut`",
        ),
        (
            "order_id,email,email,product\n",
            "two columns are called email",
        ),
    ] {
        hall.write("orders.csv", text);
        let said = hall.run("orders.csv --vouched-by ana");
        assert_eq!(said.code, Some(2), "{text}: {said:?}");
        assert!(said.err.contains(part), "{text}: {}", said.err);
    }
    let said = hall.run("nowhere.csv --vouched-by ana");
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("nowhere.csv"), "{}", said.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_is_not_utf_8_is_said_with_its_line() {
    let hall = Hall::new(20, Duration::ZERO).await;
    std::fs::write(
        hall.path("orders.csv"),
        b"order_id,email,product,name\nO-1,a@mail.example,wp_growth,Jos\xe9\n",
    )
    .unwrap();
    let said = hall.run("orders.csv --vouched-by ana");
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(
        said.err.contains("line 2") && said.err.contains("UTF-8"),
        "{}",
        said.err
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_file_is_never_taken_for_a_file_of_credentials() {
    let hall = Hall::new(20, Duration::ZERO).await;
    hall.write_orders(1);
    hall.write("notes.csv", "name,phone\nada,1\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(hall.path("notes.csv"), private).unwrap();
    }
    let said = hall.run("orders.csv --vouched-by ana --credentials-out notes.csv");
    assert_eq!(said.code, Some(2), "{said:?}");
    assert_eq!(hall.read("notes.csv"), "name,phone\nada,1\n");
    assert_eq!(hall.accounts(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_sends_and_stores_nothing() {
    let hall = Hall::new(20, Duration::ZERO).await;
    hall.write_orders(3);
    let said = hall.run("orders.csv --vouched-by ana --check");
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(!hall.path("provisioning.sqlite3").exists());
    assert!(
        hall.panels()
            .iter()
            .all(|panel| panel.requests().is_empty())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quote_that_is_not_closed_swallows_no_orders() {
    let hall = Hall::new(20, Duration::ZERO).await;
    let line = |number: u32, name: &str| {
        format!("O-{number},a@mail.example,wp_growth,shop{number}.example,{name}\n")
    };
    let header = "order_id,email,product,domain,name\n";
    for (name, part) in [
        (
            "\"Ada",
            "line 3, column name: is in quotes that go on to line",
        ),
        (
            "\"Ada\nB\"",
            "line 3, column name: is in quotes that go on to line 4",
        ),
        (
            &"x".repeat(1_001),
            "line 3, column name: is longer than 1000",
        ),
        (
            "A\u{1b}[2J",
            "line 3, column name: contains a control character",
        ),
    ] {
        let text = [header, &line(1, "Jo"), &line(2, name), &line(3, "Jo")].concat();
        hall.write("orders.csv", &text);
        let said = hall.run("orders.csv --vouched-by ana --check");
        assert_eq!(said.code, Some(2), "{name}: {said:?}");
        assert!(said.err.contains(part), "{name}: {}", said.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_is_wrong_is_said_once_and_not_for_every_line() {
    let hall = Hall::new(20, Duration::ZERO).await;
    for (text, part) in [
        (
            "order_id,mail,product\nO-1,a@mail.example,wp_growth\n",
            "the column email is missing",
        ),
        (
            "order_id;email;product\nO-1;a@mail.example;wp_growth\n",
            "separated by semicolons",
        ),
    ] {
        hall.write("orders.csv", text);
        let said = hall.run("orders.csv --vouched-by ana --check");
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(said.err.contains(part), "{}", said.err);
        assert!(!said.err.contains("line 2"), "{}", said.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_of_the_command_is_written_over_by_another() {
    let hall = Hall::new(20, Duration::ZERO).await;
    hall.write_orders(1);
    let orders = hall.read("orders.csv");
    for (options, part) in [
        (
            "--credentials-out out.csv --results ./out.csv",
            "the file of --credentials-out too",
        ),
        ("--results orders.csv", "the file of the orders too"),
        ("--results provisioning.sqlite3", "the file of --state too"),
        (
            "--results provisioning.sqlite3.key",
            "the file of --state too",
        ),
        ("--results fleet.toml", "the file of --fleet too"),
        ("--credentials-out orders.csv", "the file of the orders too"),
        ("--results .", "is no regular file"),
        (
            "--results nowhere/r.csv",
            "--results: there is no folder nowhere",
        ),
        (
            "--credentials-out nowhere/c.csv",
            "--credentials-out: there is no folder nowhere",
        ),
    ] {
        let said = hall.run(&format!("orders.csv --vouched-by ana {options}"));
        assert_eq!(said.code, Some(2), "{options}: {said:?}");
        assert!(said.err.contains(part), "{options}: {}", said.err);
        assert!(!hall.path("provisioning.sqlite3").exists(), "{options}");
    }
    assert_eq!(hall.read("orders.csv"), orders);
    assert_eq!(hall.accounts(), 0);
}
