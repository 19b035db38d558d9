//! Health and logging in (contract, sections 4.1 and 4.2).

use super::{open, user};
use crate::Operation;

/// The health route, which looks at nothing.
pub const HEALTH: Operation = open("health", "GET", "/health");

/// What the service is called.
pub const ROOT: Operation = open("root", "GET", "/");

/// Register as a customer.
pub const REGISTER: Operation = open("register", "POST", "/api/v1/auth/register");

/// Log in by e-mail and password.
pub const LOGIN: Operation = open("login", "POST", "/api/v1/auth/login").look_up();

/// Get oneself.
pub const GET_ME: Operation = user("get-me", "GET", "/api/v1/auth/me").look_up();

/// Change oneself.
pub const UPDATE_ME: Operation = user("update-me", "PUT", "/api/v1/auth/me");
