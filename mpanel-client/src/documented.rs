//! Calls that documents promise and servers lack: the documented path where there is one, else an equivalent.

use panel_http::{Endpoint, Error, Kind, ListEndpoint};

use crate::{client::Mpanel, served::Served};

impl Mpanel {
    /// Tries the documented path once per client; from then on the one that is known to answer.
    ///
    /// Only an answer that says that the route is missing leads to the equivalent: a lost reply or a refusal does not.
    pub(crate) async fn documented_or<E: Endpoint>(
        &self,
        documented: E,
        path: &'static str,
        equivalent: impl AsyncFnOnce() -> Result<E::Reply, Error>,
    ) -> Result<Served<E::Reply>, Error> {
        let name = E::OPERATION.name;
        if self.learned().has_route(name) != Some(false)
            && let Some(value) = self.keep(name, self.call(documented).await)?
        {
            return Ok(Served::documented(value));
        }
        Ok(Served::equivalent(equivalent().await?, path))
    }

    /// The same for lists.
    pub(crate) async fn listed_or<E: ListEndpoint>(
        &self,
        documented: E,
        path: &'static str,
        equivalent: impl AsyncFnOnce() -> Result<Vec<E::Item>, Error>,
    ) -> Result<Served<Vec<E::Item>>, Error> {
        let name = E::OPERATION.name;
        if self.learned().has_route(name) != Some(false)
            && let Some(rows) = self.keep(name, self.list(documented).collect().await)?
        {
            return Ok(Served::documented(rows));
        }
        Ok(Served::equivalent(equivalent().await?, path))
    }

    /// Keeps whether the server has a documented route; none if it lacks it.
    fn keep<T>(&self, name: &'static str, answer: Result<T, Error>) -> Result<Option<T>, Error> {
        match answer {
            Ok(value) => {
                self.learned().keep_route(name, true);
                Ok(Some(value))
            }
            Err(error) if error.kind() == Kind::NotImplemented => {
                self.learned().keep_route(name, false);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}
