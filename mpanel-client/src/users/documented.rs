//! `GET /api/admin/users`: documented, and served nowhere that was seen.

use panel_http::{Error, Paging};

use super::{ADMIN_LIST, ListTenantUsers, ListUsers, User};
use crate::{
    client::Mpanel,
    dialect::{Dialect, Resource},
    endpoints::lists,
    served::Served,
};

lists! {
    /// The documented path; [`Mpanel::all_users`] works on every server.
    ListAdminUsers -> User = ADMIN_LIST, Paging::Whole;
}

impl Mpanel {
    /// All users: by the documented path where the server has it, else by the list it has.
    ///
    /// # Errors
    /// Those of the call that answered.
    pub async fn all_users(&self) -> Result<Served<Vec<User>>, Error> {
        self.listed_or(ListAdminUsers, "GET /api/users", async || {
            self.users().await
        })
        .await
    }

    /// The users, all of them (legacy) or those of the tenant (TypeScript), as the dialect of the server lists them.
    ///
    /// # Errors
    /// Those of the list.
    pub async fn users(&self) -> Result<Vec<User>, Error> {
        match self.dialect(Resource::Users).await? {
            Dialect::Legacy => self.list(ListUsers).collect().await,
            Dialect::TypeScript => self.list(ListTenantUsers).collect().await,
        }
    }
}
