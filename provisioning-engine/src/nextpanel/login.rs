//! Trying a password, as evidence.

use secrecy::SecretString;

use nextpanel_client::panel::{LogIn, Panel};
use provisioning_core::run::facts::LoginReading;

use crate::reply::{login_reading, reply_of};

/// Tries a password once. Only a clear answer counts; anything else is no evidence either way.
pub(super) async fn try_login(
    panel: &Panel,
    username: &str,
    password: Option<&SecretString>,
) -> LoginReading {
    let Some(password) = password else {
        return LoginReading::NotTried;
    };
    let tried = panel.call(LogIn::new(username, password.clone())).await;
    login_reading(&tried.map_err(|error| reply_of(&error)))
}
