//! Several executors of the same verbs, each with servers of its own.

use std::sync::Arc;
use std::time::Duration;

use nextpanel_client::panel::{Panel, PanelCredentials};
use panel_sandbox::PanelSandbox;
use panel_sandbox::nextpanel_panel::{KeyKind, PanelSettings};
use provisioning_core::fleet::ServerName;
use provisioning_core::plan::verb::VerbName;
use provisioning_engine::RunOptions;
use provisioning_engine::nextpanel::NextPanelExecutor;
use secrecy::SecretString;

use crate::place::{StoreKind, new_store, on_every_store};
use crate::shop::{
    LONGEST, MovedClock, builder, hosting, is_awaiting_confirmation, new_run, order, over, planned,
    status,
};

async fn each_server_is_worked_by_the_executor_that_has_it(store: StoreKind) {
    let panels = PanelSandbox::builder()
        .nextpanel_panel(PanelSettings::new("np-1").with_capacity(1))
        .nextpanel_panel(PanelSettings::new("np-2").with_capacity(1))
        .start()
        .await
        .unwrap();
    let (_, fleet) = over(&panels, &[]);
    let (store, _place) = new_store(store).await;
    let mut builder = builder(store, fleet, MovedClock::default());
    let longest = [LONGEST, LONGEST + Duration::from_millis(50)];
    for (panel, longest) in panels.nextpanel_panels().iter().zip(longest) {
        let key = panel.key(KeyKind::SuperAdmin);
        let credentials = PanelCredentials::new(SecretString::from(key.id()), key.secret().clone());
        let client = Panel::builder(panel.url(), &credentials).no_proxy();
        let name = ServerName::new(panel.name()).unwrap();
        let executor = NextPanelExecutor::new([(name, client.build().unwrap())]);
        builder = builder.executor(executor.longest_duration(longest));
    }
    let engine = Arc::new(builder.build().unwrap());
    // What is frozen into a plan is true of whichever does it.
    let declared = engine.capabilities().declaration(VerbName::CREATE_ACCOUNT);
    assert_eq!(declared.unwrap().longest_duration(), longest[1]);

    let mut servers = Vec::new();
    for number in 0..2 {
        let order = order(&format!("{number}"), &format!("buyer{number}@example.com"));
        let run = new_run(&engine, &order).await;
        let view = engine.run(run, RunOptions::default()).await.unwrap();
        assert!(is_awaiting_confirmation(&view), "{:?}", status(&view));
        let server = planned(&view).account(&hosting()).unwrap().server.clone();
        let previewed = engine.preview(planned(&view).plan());
        let panel = panels.nextpanel_panel(server.as_str()).unwrap();
        assert!(
            previewed
                .iter()
                .all(|request| request.url.starts_with(panel.url())),
            "{previewed:#?}"
        );
        assert_eq!(panel.created_by_clients(), 1);
        servers.push(server.to_string());
    }
    servers.sort_unstable();
    assert_eq!(servers, ["np-1", "np-2"]);
}

on_every_store!(each_server_is_worked_by_the_executor_that_has_it,);
