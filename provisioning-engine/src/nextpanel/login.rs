//! Trying a password, as evidence.

use http::StatusCode;
use secrecy::SecretString;

use nextpanel_client::panel::{LogIn, Panel};
use provisioning_core::run::facts::LoginReading;

/// Tries a password once. Only a clear answer counts; anything else is no evidence either way.
pub(super) async fn try_login(
    panel: &Panel,
    username: &str,
    password: Option<&SecretString>,
) -> LoginReading {
    let Some(password) = password else {
        return LoginReading::NotTried;
    };
    match panel.call(LogIn::new(username, password.clone())).await {
        Ok(_) => LoginReading::Proved,
        Err(error) => {
            match error.status() {
                Some(
                    StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::BAD_REQUEST,
                ) if !error.is_html() => LoginReading::Refused,
                _ => LoginReading::NotOffered,
            }
        }
    }
}
