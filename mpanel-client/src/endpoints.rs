//! How operations and plain endpoints are declared.

use panel_http::{CredentialKind, HttpMethod, Operation, Paging, Safety};

/// A user of mPanel, logged in.
pub(crate) const USER: &[CredentialKind] = &[CredentialKind::Bearer];

/// A read by a user.
pub(crate) const fn read(name: &'static str, path: &'static str) -> Operation {
    Operation::new(name, HttpMethod::Get, path, Safety::ReadOnly)
        .credentials(USER)
        .contract("mpanel 7")
}

/// A read that asks for no credential.
pub(crate) const fn read_openly(name: &'static str, path: &'static str) -> Operation {
    read(name, path).credentials(&[])
}

/// A read that asks for no credential where it is served. The gate of a legacy server, which lies before its TypeScript
/// tail, wants a login all the same: it goes along where the client has one.
pub(crate) const fn read_openly_behind_the_gate(
    name: &'static str,
    path: &'static str,
) -> Operation {
    read(name, path).optional_credentials(USER)
}

/// A change by a user.
pub(crate) const fn change(
    name: &'static str,
    method: HttpMethod,
    path: &'static str,
    safety: Safety,
) -> Operation {
    Operation::new(name, method, path, safety)
        .credentials(USER)
        .contract("mpanel 7")
}

/// A change that may be sent twice, by a user.
pub(crate) const fn repeatable(
    name: &'static str,
    method: HttpMethod,
    path: &'static str,
) -> Operation {
    change(name, method, path, Safety::Idempotent)
}

/// A change that must not be sent twice, by a user.
pub(crate) const fn once(name: &'static str, path: &'static str) -> Operation {
    change(name, HttpMethod::Post, path, Safety::Unsafe)
}

/// Declares endpoints that take at most one path value and no body.
macro_rules! endpoints {
    ($(
        $(#[$attribute:meta])*
        $name:ident $(($place:ident: $Type:ty))? -> $Reply:ty = $operation:expr, $decode:expr;
    )+) => {$(
        $(#[$attribute])*
        #[derive(Debug, Clone)]
        pub struct $name $((pub $Type))?;

        impl ::panel_http::Endpoint for $name {
            const OPERATION: &'static ::panel_http::Operation = &$operation;
            type Reply = $Reply;

            $(
                fn path(&self, path: &mut ::panel_http::PathParameters) {
                    let value: &$Type = &self.0;
                    path.set(stringify!($place), value);
                }
            )?

            fn decode(
                &self,
                answer: &::panel_http::Answer,
            ) -> ::core::result::Result<$Reply, ::panel_http::DecodeError> {
                let decode: fn(
                    &::panel_http::Answer,
                ) -> ::core::result::Result<$Reply, ::panel_http::DecodeError> = $decode;
                decode(answer)
            }
        }
    )+};
}

/// Declares lists without a query.
macro_rules! lists {
    ($(
        $(#[$attribute:meta])*
        $name:ident $(($place:ident: $Type:ty))? -> $Item:ty = $operation:expr, $paging:expr;
    )+) => {$(
        $(#[$attribute])*
        #[derive(Debug, Clone)]
        pub struct $name $((pub $Type))?;

        impl ::panel_http::ListEndpoint for $name {
            const OPERATION: &'static ::panel_http::Operation = &$operation;
            const PAGING: ::panel_http::Paging = $paging;
            type Item = $Item;

            $(
                fn path(&self, path: &mut ::panel_http::PathParameters) {
                    let value: &$Type = &self.0;
                    path.set(stringify!($place), value);
                }
            )?
        }
    )+};
}

/// By number and size of the page, as the TypeScript modules take it. Page 0 is a 500 there.
pub(crate) const BY_PAGE: Paging = Paging::Page {
    page: "page",
    limit: "pageSize",
    size: 50,
};

pub(crate) use {endpoints, lists};
