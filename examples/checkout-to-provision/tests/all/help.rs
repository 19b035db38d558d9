//! What the program says about itself.

use crate::program::run;

#[test]
fn help_names_every_option_variable_and_exit_code() {
    let help = run("--help").exits(0).stdout;
    for name in [
        "[ORDER]",
        "--order-id <ID>",
        "--paid-by <WHO>",
        "--dry-run",
        "--format <FORMAT>",
        "--json",
        "--catalog <FILE.toml>",
        "--fleet <FILE.toml>",
        "--state <FILE|memory>",
        "--event <FILE.json>",
        "--event-at <WHEN>",
        "--resume",
        "--answer <STEP=ANSWER>",
        "--confirm-manual <STEP>",
        "--wait <SECONDS>",
        "--sandbox <GENERATION>",
        "--fault <NAME>",
        "--heal",
        "--confirm-saved",
        "NEXTPANEL_URL, NEXTPANEL_API_KEY, NEXTPANEL_API_SECRET",
        "NEXTPANEL_CAPACITY",
        "NEXTPANEL_PREVIEW_DOMAIN",
        "MPANEL_URL, MPANEL_EMAIL, MPANEL_PASSWORD, MPANEL_TOKEN, MPANEL_MODE",
        "MPANEL_INTERNAL_KEY, MPANEL_TENANT",
        "PROVISIONING_SEALING_KEY\n",
        "PROVISIONING_SEALING_KEY_OLDER",
        "PROVISIONING_LONGEST_REQUEST",
        "PROVISIONING_FIRST_PAUSE",
        "PROVISIONING_WORKER",
        "  0  done",
        "  1  a fault",
        "  2  bad input",
        "  3  a permission",
        "  4  everything else",
    ] {
        assert!(help.contains(name), "{name} is missing in: {help}");
    }
}

#[test]
fn options_that_need_another_are_refused_without_it() {
    for arguments in [
        "--heal",
        "--format json",
        "--wait soon",
        "--paid-by nobody",
        "--sandbox modern",
        "--answer hosting/wp_growth",
        "--answer hosting/wp_growth=perhaps",
        "--sudo",
        "a b",
    ] {
        run(arguments).exits(2).has_no_result().says("error: ");
    }
}
