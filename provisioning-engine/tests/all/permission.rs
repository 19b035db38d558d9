//! Denied: the run parks with its remedy, and goes on where it stood.

use provisioning_core::permission::Missing;
use provisioning_core::run::attention::Attention;
use provisioning_core::run::outcome::Barrier;
use provisioning_core::run::status::RunStatus;
use provisioning_engine::RunState;

use crate::place::{StoreKind, on_every_store};
use crate::shop::{Shop, is_awaiting_confirmation, status};

async fn a_key_without_super_admin_rights_parks_the_run_and_names_the_right(store: StoreKind) {
    let shop = Shop::with_one_server(store, |panel| panel).await;
    shop.arm("under-privileged-key");
    let (run, view) = shop.run_order().await;
    let RunStatus::NeedsAttention { steps } = status(&view) else {
        panic!("{:?}", status(&view))
    };
    let Attention::Denied {
        barrier: Barrier::Permission { denial },
        ..
    } = &steps[0].1
    else {
        panic!("{steps:?}")
    };
    assert_eq!(*denial.missing(), Missing::SuperAdminRights);

    // Driving it again changes nothing and sends nothing.
    let before = shop.panel().requests().len();
    shop.go_on(run).await;
    assert_eq!(shop.panel().requests().len(), before);

    shop.panels.heal();
    shop.engine.resume(run, "tests").await.unwrap();
    let view = shop.go_on(run).await;
    assert!(is_awaiting_confirmation(&view), "{:?}", status(&view));
    assert_eq!(shop.panel().created_by_clients(), 1);
}

async fn a_key_that_may_not_even_list_leaves_the_order_stored_and_unplanned(store: StoreKind) {
    let shop = Shop::with_one_server(store, |panel| panel).await;
    shop.arm("ip-refused");
    let (run, view) = shop.run_order().await;
    assert!(
        matches!(view.state, RunState::Rejected(_)),
        "{:?}",
        view.state
    );
    shop.panels.heal();
    let view = shop.go_on(run).await;
    assert!(is_awaiting_confirmation(&view), "{:?}", status(&view));
}

async fn a_look_up_that_is_denied_parks_and_is_taken_up_by_looking_again(store: StoreKind) {
    let shop = Shop::with_one_server(store, |panel| panel).await;
    // The create's reply is lost; by the time of the look-up the key is refused.
    shop.arm("lost-reply");
    let order = shop.order();
    let run = crate::shop::new_run(&shop.engine, &order).await;
    shop.engine.plan_run(run).await.unwrap();
    shop.panel()
        .arm_for(
            "ip-refused".parse().unwrap(),
            panel_sandbox::nextpanel_panel::operations::LIST_ACCOUNTS,
            panel_sandbox::Count::UntilHealed,
        )
        .unwrap();
    let view = shop.go_on(run).await;
    let RunStatus::NeedsAttention { steps } = status(&view) else {
        panic!("{:?}", status(&view))
    };
    assert!(
        matches!(
            steps[0].1,
            Attention::Denied {
                looking_up: true,
                ..
            }
        ),
        "{steps:?}"
    );
    shop.panels.heal();
    shop.engine.resume(run, "tests").await.unwrap();
    let view = shop.go_on(run).await;
    assert!(is_awaiting_confirmation(&view), "{:?}", status(&view));
    assert_eq!(shop.panel().created_by_clients(), 1);
}

on_every_store!(
    a_key_without_super_admin_rights_parks_the_run_and_names_the_right,
    a_key_that_may_not_even_list_leaves_the_order_stored_and_unplanned,
    a_look_up_that_is_denied_parks_and_is_taken_up_by_looking_again,
);
