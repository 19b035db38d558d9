mod held_token;

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::time::Instant;

use self::held_token::HeldToken;
use crate::{
    client::Client,
    credential::{Credential, CredentialContext, CredentialSource, Generation},
    endpoint::Endpoint,
    error::{Error, Kind},
    login::{Login, LoginRoutes},
    operation::CredentialKind,
    token_grant::TokenGrant,
    transport::BoxFuture,
};

/// A bearer token that is obtained by a login when it is first needed, kept while it lives, and renewed in time.
///
/// - Calls that need a token at the same time share one login, and its failure. One of them makes it; no task is
///   spawned, and if that call is dropped the next one makes it.
/// - A token is renewed a little before it expires; if that fails, it is used until it does expire.
/// - Lifetimes are counted on the monotonic clock from the moment the token came, so that a wrong clock on either side
///   neither outlives a token nor logs in again and again. A token that is said to be dead on arrival is used once.
/// - A refused token is dropped only if it is still the current one: a late refusal of an old one changes nothing.
/// - A refresh token is tried first. Where the server refuses it, name and password are sent again; where the server
///   fails, they are not.
pub struct LoginSource<R> {
    login: Login,
    routes: R,
    /// Held by the call that is logging in.
    flight: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    token: Option<HeldToken>,
    generation: Generation,
    /// Logins and renewals that came to an end, well or not.
    finished: u64,
    /// How the last of them failed.
    failure: Option<Error>,
}

impl<R: LoginRoutes> LoginSource<R> {
    /// Logs in with this name and password when a token is needed.
    #[must_use]
    pub fn new(login: Login, routes: R) -> Self {
        Self {
            login,
            routes,
            flight: tokio::sync::Mutex::new(()),
            state: Mutex::new(State::default()),
        }
    }

    /// Begins with a token that was obtained elsewhere. Its lifetime counts from now.
    ///
    /// # Errors
    /// In words, if the token is empty or cannot stand in a header.
    pub fn with_token(self, grant: &TokenGrant) -> Result<Self, String> {
        self.state().keep(grant, R::DOCUMENTED_LIFETIME)?;
        Ok(self)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn token(&self, client: &Client) -> Result<Credential, Error> {
        let (seen, spare) = {
            let mut state = self.state();
            if let Some(fresh) = state.fresh() {
                return Ok(fresh);
            }
            (state.finished, state.valid())
        };
        let _flight = match (self.flight.try_lock(), spare) {
            (Ok(flight), _) => flight,
            // Somebody is renewing a token that still lives: nobody has to wait for that.
            (Err(_), Some(spare)) => return Ok(spare),
            (Err(_), None) => self.flight.lock().await,
        };
        if let Some(shared) = self.state().since(seen) {
            return shared;
        }
        let grant = self.obtain(client).await;
        self.state().land(grant, R::DOCUMENTED_LIFETIME)
    }

    /// Renews the token, or logs in.
    async fn obtain(&self, client: &Client) -> Result<TokenGrant, Error> {
        let refresh_token = self.state().refresh_token();
        if let Some(renewal) = refresh_token.and_then(|token| self.routes.refresh(&token)) {
            match without_own_token(client, &renewal).await {
                Err(error) if is_refusal(&error) => self.state().drop_refresh_token(),
                settled => return settled,
            }
        }
        without_own_token(client, &self.routes.log_in(&self.login)).await
    }
}

/// Calls a login, unless that would wait for itself.
async fn without_own_token<E>(client: &Client, endpoint: &E) -> Result<TokenGrant, Error>
where
    E: Endpoint<Reply = TokenGrant>,
{
    let operation = E::OPERATION;
    if operation.credentials.contains(&CredentialKind::Bearer) {
        return Err(Error::new(Kind::Config, operation.name)
            .with_note("the login asks for the token it is to bring"));
    }
    client.call(endpoint).await
}

/// Whether the server turned a renewal down, rather than failing to make it.
fn is_refusal(error: &Error) -> bool {
    error.status().is_some_and(|status| {
        status.is_client_error()
            && !matches!(error.kind(), Kind::RateLimited)
            && status != http::StatusCode::REQUEST_TIMEOUT
    })
}

impl State {
    /// The token, if it need not be renewed.
    fn fresh(&mut self) -> Option<Credential> {
        let token = self.token.as_mut()?;
        let is_fresh = token.is_fresh(Instant::now());
        is_fresh.then(|| token.take())
    }

    /// The token, if it has not expired.
    fn valid(&mut self) -> Option<Credential> {
        let token = self.token.as_mut()?;
        let is_valid = token.is_valid(Instant::now());
        is_valid.then(|| token.take())
    }

    /// What came of a login that ended since `seen`.
    fn since(&mut self, seen: u64) -> Option<Result<Credential, Error>> {
        if self.finished == seen {
            return None;
        }
        match &self.failure {
            // Brought for this call among others, so it may use it however short it lives.
            None => {
                let token = self.token.as_mut().filter(|token| !token.is_refused())?;
                Some(Ok(token.take()))
            }
            Some(failure) => {
                let failure = failure.clone();
                Some(self.valid().ok_or(failure))
            }
        }
    }

    fn land(
        &mut self,
        grant: Result<TokenGrant, Error>,
        documented: std::time::Duration,
    ) -> Result<Credential, Error> {
        self.finished = self.finished.wrapping_add(1);
        let kept = grant.and_then(|grant| {
            self.keep(&grant, documented)
                .map_err(|fault| Error::new(Kind::Decode, "log in").with_note(fault))
        });
        match kept {
            Ok(credential) => {
                self.failure = None;
                // The call that logged in uses it now.
                Ok(self.valid().unwrap_or(credential))
            }
            Err(error) => {
                self.failure = Some(error.clone());
                if let Some(token) = &mut self.token {
                    token.postpone_renewal(Instant::now());
                }
                self.valid().ok_or(error)
            }
        }
    }

    fn keep(
        &mut self,
        grant: &TokenGrant,
        documented: std::time::Duration,
    ) -> Result<Credential, String> {
        let generation = self.generation.next();
        let credential = Credential::bearer(grant.access_token(), generation)?;
        let refresh_token = grant
            .refresh_token()
            .cloned()
            .or_else(|| self.refresh_token());
        let token = HeldToken::new(
            credential.clone(),
            refresh_token,
            grant,
            documented,
            Instant::now(),
        );
        self.generation = generation;
        self.token = Some(token);
        Ok(credential)
    }

    fn refresh_token(&self) -> Option<secrecy::SecretString> {
        self.token.as_ref()?.refresh_token().cloned()
    }

    fn drop_refresh_token(&mut self) {
        if let Some(token) = &mut self.token {
            token.drop_refresh_token();
        }
    }
}

impl<R: LoginRoutes> CredentialSource for LoginSource<R> {
    fn credential<'a>(
        &'a self,
        context: CredentialContext<'a>,
    ) -> BoxFuture<'a, Result<Credential, Error>> {
        Box::pin(self.token(context.client))
    }

    fn at_hand(&self) -> Option<Credential> {
        let state = self.state();
        let token = state.token.as_ref()?;
        token
            .is_valid(Instant::now())
            .then(|| token.credential().clone())
    }

    fn refused(&self, generation: Generation) -> bool {
        let mut state = self.state();
        if let Some(token) = &mut state.token
            && token.credential().generation() == generation
        {
            token.refuse();
        }
        true
    }
}

impl<R> fmt::Debug for LoginSource<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("LoginSource")
            .field("generation", &state.generation)
            .finish_non_exhaustive()
    }
}
