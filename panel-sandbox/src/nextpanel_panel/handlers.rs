//! What the panel does with each request.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::StatusCode;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use wiremock::{Request, ResponseTemplate};

use super::account::Row;
use super::accounts::{Accounts, StoredAccount};
use super::keys::{Keys, Level};
use super::logins::{AdminLogin, Bearer, Tokens};
use super::new_account::NewAccount;
use super::operations::{
    self, ACCOUNT_STATS, CREATE_ACCOUNT, CREATE_API_KEY, DELETE_ACCOUNT, GET_ACCOUNT, HEALTH,
    LIST_ACCOUNTS, LOGIN, SUSPEND_ACCOUNT, UNSUSPEND_ACCOUNT,
};
use super::{Paging, PanelSettings};
use crate::arming::Arming;
use crate::clock::{Clock, isoformat};
use crate::fastapi::{
    Fields, Problem, Refusal, check_password_bytes, detail_reply, json, parse, parse_optional,
    query_integer, rate_limited_reply, slash_redirect,
};
use crate::relay::Reply;
use crate::stand_in::StandIn;
use crate::{Fault, Operation, Service, catch_all};

const MAXIMUM_LIMIT: u64 = 1000;

type Answer = Result<ResponseTemplate, Refusal>;

/// Everything a panel remembers.
pub(super) struct State {
    pub(super) accounts: Accounts,
    pub(super) keys: Keys,
    pub(super) clock: Clock,
    tokens: Tokens,
}

/// The panel behind its handle.
pub(super) struct PanelStandIn {
    pub(super) settings: PanelSettings,
    pub(super) admin: AdminLogin,
    pub(super) arming: Arc<Arming>,
    state: Mutex<State>,
}

impl PanelStandIn {
    pub(super) fn new(settings: PanelSettings) -> Self {
        let name = settings.name();
        Self {
            admin: AdminLogin::of(name),
            arming: Arc::new(Arming::new(Service::NextPanelPanel)),
            state: Mutex::new(State {
                accounts: Accounts::new(settings.first_id),
                keys: Keys::new(name),
                clock: Clock::starting_at(settings.first_moment),
                tokens: Tokens::default(),
            }),
            settings,
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn handle(&self, operation: &Operation, request: &Request) -> Answer {
        match *operation {
            HEALTH => Ok(self.health()),
            LOGIN => self.login(request),
            CREATE_API_KEY => self.create_api_key(request),
            LIST_ACCOUNTS => self.list_accounts(operation, request),
            CREATE_ACCOUNT => self.create_account(operation, request),
            GET_ACCOUNT => {
                self.with_account(operation, request, |stored, _| json(200, &self.row(stored)))
            }
            DELETE_ACCOUNT => self.delete_account(operation, request),
            SUSPEND_ACCOUNT => self.suspend_account(operation, request),
            UNSUSPEND_ACCOUNT => {
                self.set_active(operation, request, true, "Account unsuspended", || Ok(None))
            }
            ACCOUNT_STATS => self.with_account(operation, request, |stored, clock| {
                json(200, &stats(stored, clock))
            }),
            _ => Ok(catch_all::unexpected(Service::NextPanelPanel, request)),
        }
    }

    fn health(&self) -> ResponseTemplate {
        let now = isoformat(self.state().clock.now());
        json(
            200,
            &json!({ "status": "healthy", "version": "1.0.0", "database": "connected", "timestamp": now }),
        )
    }

    fn login(&self, request: &Request) -> Answer {
        let body = parse(request)?;
        let mut fields = Fields::of(&body)?;
        let username = fields.required_string("username");
        let password = fields.required_string("password");
        fields.finish()?;

        let refused = || Refusal::new(401, "Incorrect username or password");
        let mut state = self.state();
        let bearer = if self.admin.is(&username, &password) {
            Bearer::Admin
        } else {
            let State {
                accounts, clock, ..
            } = &mut *state;
            let stored = accounts.by_username_mut(&username).ok_or_else(refused)?;
            check_password_bytes(&password)?;
            if !self.settings.accounts_may_log_in
                || !stored.account.is_active
                || !stored.has_password(&password)
            {
                return Err(refused());
            }
            stored.last_login = Some(clock.now());
            Bearer::Account
        };
        let token = state.tokens.issue(self.settings.name(), bearer);
        Ok(json(
            200,
            &json!({ "access_token": token, "token_type": "bearer" }),
        ))
    }

    fn create_api_key(&self, request: &Request) -> Answer {
        let body = parse(request)?;
        let mut state = self.state();
        if state.tokens.bearer(&request.headers)? != Bearer::Admin {
            return Err(Refusal::new(403, "The user doesn't have enough privileges"));
        }
        let mut fields = Fields::of(&body)?;
        let name = fields.required_string("name");
        let level_name = fields.required_string("permission_level");
        let addresses = fields.strings("allowed_ips");
        let per_hour = fields.optional_integer("rate_limit_per_hour");
        let per_day = fields.optional_integer("rate_limit_per_day");
        let level = Level::named(&level_name);
        if level.is_none() && body.get("permission_level").is_some_and(Value::is_string) {
            let levels = Level::ALL.map(|level| format!("'{}'", level.name()));
            let message = format!("Input should be {}", levels.join(", "));
            fields.problem("enum", "permission_level", message, json!(level_name));
        }
        let mut allowed_ips = Vec::new();
        for address in &addresses {
            match address.parse() {
                Ok(address) => allowed_ips.push(address),
                Err(_) => fields.problem(
                    "ip_any_address",
                    "allowed_ips",
                    "value is not a valid IPv4 or IPv6 address",
                    json!(address),
                ),
            }
        }
        fields.finish()?;
        let level = level.unwrap_or(Level::ReadOnly);
        let key = state.keys.create(level, allowed_ips);
        // The contract gives the fields, not the status; 201 is what the panel's other create answers.
        Ok(json(
            201,
            &json!({
                "key_id": key.id(),
                "key_secret": key.secret().expose_secret(),
                "name": name,
                "permission_level": level.name(),
                "allowed_ips": addresses,
                "rate_limit_per_hour": per_hour.unwrap_or(1000),
                "rate_limit_per_day": per_day.unwrap_or(10_000),
            }),
        ))
    }

    fn list_accounts(&self, operation: &Operation, request: &Request) -> Answer {
        self.authorise(operation, request)?;
        let (skip, limit) = match self.settings.paging {
            Paging::Ignored => (None, None),
            Paging::Honoured => (
                query_integer(request, "skip", 0, u64::MAX)?,
                query_integer(request, "limit", 1, MAXIMUM_LIMIT)?,
            ),
        };
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let state = self.state();
        let rows: Vec<Row<'_>> = state
            .accounts
            .iter()
            .skip(skip.map_or(0, count))
            .take(limit.map_or(usize::MAX, count))
            .map(|stored| self.row(stored))
            .collect();
        Ok(json(200, &rows))
    }

    fn create_account(&self, operation: &Operation, request: &Request) -> Answer {
        let body = parse(request)?;
        self.authorise(operation, request)?;
        let new = NewAccount::read(&body)?;

        let mut state = self.state();
        let State {
            accounts, clock, ..
        } = &mut *state;
        if accounts.by_username(&new.username).is_none()
            && self
                .arming
                .take(operation, |fault| fault == Fault::UsernameTakenByOther)
                .is_some()
        {
            // Cannot fail: the name was free a line ago, and the state is locked.
            let _ = accounts.create_stranger(&new.username, clock);
        }
        let account = accounts
            .create(new, clock)
            .map_err(|_| Refusal::new(400, "Username already exists"))?;
        Ok(json(
            201,
            &Row::of(account, self.settings.billing_id_in_rows),
        ))
    }

    fn delete_account(&self, operation: &Operation, request: &Request) -> Answer {
        self.authorise(operation, request)?;
        let id = account_id(operation, request)?;
        self.state().accounts.delete(id).ok_or_else(no_account)?;
        Ok(json(
            200,
            &json!({ "message": "Account deleted successfully", "id": id }),
        ))
    }

    fn suspend_account(&self, operation: &Operation, request: &Request) -> Answer {
        let body = parse_optional(request)?;
        self.set_active(operation, request, false, "Account suspended", || {
            let mut reason = None;
            if let Some(body) = &body {
                let mut fields = Fields::of(body)?;
                reason = fields.optional_string("reason");
                fields.finish()?;
            }
            Ok(Some(reason.unwrap_or_else(|| {
                "Suspended by billing system".to_owned()
            })))
        })
    }

    /// Suspends an account or lifts that. The reason is read only once the account is known to be there.
    fn set_active(
        &self,
        operation: &Operation,
        request: &Request,
        active: bool,
        message: &str,
        reason: impl FnOnce() -> Result<Option<String>, Refusal>,
    ) -> Answer {
        self.authorise(operation, request)?;
        let id = account_id(operation, request)?;
        let mut state = self.state();
        let accounts = &mut state.accounts;
        accounts.get_mut(id).ok_or_else(no_account)?;
        accounts.set_active(id, active, reason()?);
        let stored = accounts.get_mut(id).ok_or_else(no_account)?;
        let account = self.row(stored);
        Ok(json(
            200,
            &json!({ "message": message, "account": account }),
        ))
    }

    /// Authorises, finds the account the path names, and answers with it.
    fn with_account(
        &self,
        operation: &Operation,
        request: &Request,
        answer: impl FnOnce(&mut StoredAccount, &mut Clock) -> ResponseTemplate,
    ) -> Answer {
        self.authorise(operation, request)?;
        let id = account_id(operation, request)?;
        let mut state = self.state();
        let State {
            accounts, clock, ..
        } = &mut *state;
        let stored = accounts.get_mut(id).ok_or_else(no_account)?;
        Ok(answer(stored, clock))
    }

    fn authorise(&self, operation: &Operation, request: &Request) -> Result<(), Refusal> {
        self.state()
            .keys
            .authorise(&request.headers, operation, &self.arming)
    }

    fn row<'account>(&self, stored: &'account StoredAccount) -> Row<'account> {
        Row::of(&stored.account, self.settings.billing_id_in_rows)
    }
}

impl StandIn for PanelStandIn {
    fn service(&self) -> Service {
        Service::NextPanelPanel
    }

    fn operations(&self) -> &[Operation] {
        &operations::ALL
    }

    fn respond(&self, operation: Option<&Operation>, request: &Request) -> ResponseTemplate {
        match operation {
            Some(operation) => self
                .handle(operation, request)
                .unwrap_or_else(Refusal::into_answer),
            None => slash_redirect(&operations::ALL, request)
                .unwrap_or_else(|| catch_all::unexpected(self.service(), request)),
        }
    }

    fn natural_key(&self, operation: &Operation, body: &[u8]) -> Option<String> {
        if *operation != CREATE_ACCOUNT {
            return None;
        }
        let body: Value = serde_json::from_slice(body).ok()?;
        body.get("username")?.as_str().map(str::to_owned)
    }

    fn rate_limited(&self, retry_after_seconds: Option<u64>) -> Reply {
        rate_limited_reply("Rate limit exceeded", retry_after_seconds)
    }

    fn internal_error(&self) -> Reply {
        detail_reply(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Internal server error: database is locked",
        )
    }
}

fn account_id(operation: &Operation, request: &Request) -> Result<u64, Refusal> {
    let text = operation
        .path_parameter(request.url.path())
        .unwrap_or_default();
    let number: i128 = text.parse().map_err(|_| {
        Refusal::invalid(vec![Problem::new(
            "int_parsing",
            [json!("path"), json!("account_id")],
            "Input should be a valid integer, unable to parse string as an integer",
            json!(text),
        )])
    })?;
    u64::try_from(number).map_err(|_| no_account())
}

fn no_account() -> Refusal {
    Refusal::new(404, "Account not found")
}

fn stats(stored: &StoredAccount, clock: &mut Clock) -> Value {
    let account = &stored.account;
    json!({
        "user_id": account.id,
        "username": account.username,
        "email": account.email,
        "total_domains": 0,
        "total_databases": 0,
        "total_email_accounts": 0,
        "total_ssl_certificates": 0,
        "storage_used": 0,
        "last_login": stored.last_login.map(isoformat),
        "account_age_days": stored.age_in_days(clock.now()),
    })
}
