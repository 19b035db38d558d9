//! How a route of the billing backend is written down.

use std::fmt;

use panel_http::{Answer, DecodeError, Kind, Operation};
use secrecy::SecretString;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};

use super::password::NewPassword;

/// Declares one endpoint: its values, where each goes, its operation and its reply.
///
/// - `path`: values of the path, by the name they have there; arguments of `new`.
/// - `required`: fields that are always sent; arguments of `new`.
/// - `secret`: the same, masked wherever a request is shown.
/// - `optional`: fields left out until their `set_` is called. Null is never sent: to the backend it means the same, or
///   it breaks the route (CONTRACT-nextpanel sections 1 and 3).
/// - `query`: the same, in the query.
/// - `key`: the natural key an error of unknown outcome names.
macro_rules! endpoint {
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident: $operation:ident -> $reply:ty {
            $(path { $($path:ident: $path_type:ty),+ $(,)? })?
            $(required { $($required:ident: $required_type:ty),+ $(,)? })?
            $(secret { $($secret:ident: $secret_type:ty),+ $(,)? })?
            $(fixed { $($fixed:ident = $value:expr),+ $(,)? })?
            $(optional { $($(#[$doc:meta])+ $set:ident $optional:ident: $optional_type:ty),+ $(,)? })?
            $(query { $($(#[$query_doc:meta])+ $query_set:ident $query:ident: $query_type:ty),+ $(,)? })?
            $(key $key:ident)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone)]
        $visibility struct $name {
            $($($path: $path_type,)+)?
            $($($required: $required_type,)+)?
            $($($secret: $secret_type,)+)?
            $($($optional: Option<$optional_type>,)+)?
            $($($query: Option<$query_type>,)+)?
        }

        #[allow(clippy::new_without_default, reason = "a request is made, not defaulted")]
        impl $name {
            /// The request, with everything it cannot be without.
            #[must_use]
            #[allow(clippy::too_many_arguments, reason = "as many as the route cannot be without")]
            $visibility fn new(
                $($($path: impl Into<$path_type>,)+)?
                $($($required: impl Into<$required_type>,)+)?
                $($($secret: $secret_type,)+)?
            ) -> Self {
                Self {
                    $($($path: $path.into(),)+)?
                    $($($required: $required.into(),)+)?
                    $($($secret,)+)?
                    $($($optional: None,)+)?
                    $($($query: None,)+)?
                }
            }

            $($(
                $(#[$doc])+
                #[must_use]
                $visibility fn $set(mut self, $optional: impl Into<$optional_type>) -> Self {
                    self.$optional = Some($optional.into());
                    self
                }
            )+)?

            $($(
                $(#[$query_doc])+
                #[must_use]
                $visibility fn $query_set(mut self, $query: impl Into<$query_type>) -> Self {
                    self.$query = Some($query.into());
                    self
                }
            )+)?
        }

        impl panel_http::Endpoint for $name {
            const OPERATION: &'static panel_http::Operation = &$crate::billing::operations::$operation;
            type Reply = $reply;

            $(
                fn path(&self, path: &mut panel_http::PathParameters) {
                    $(path.set(stringify!($path), &self.$path);)+
                }
            )?

            $(
                fn query(&self, query: &mut panel_http::Query) {
                    $(query.set_some(stringify!($query), self.$query.as_ref());)+
                }
            )?

            fn body(&self) -> Result<panel_http::RequestBody, panel_http::EncodeError> {
                const HAS_BODY: bool = false
                    $(|| { let _ = [$(stringify!($required)),+]; true })?
                    $(|| { let _ = [$(stringify!($secret)),+]; true })?
                    $(|| { let _ = [$(stringify!($fixed)),+]; true })?
                    $(|| { let _ = [$(stringify!($optional)),+]; true })?;
                if !HAS_BODY {
                    return Ok(panel_http::RequestBody::empty());
                }
                panel_http::RequestBody::object(|_body| {
                    $($(_body.field(stringify!($required), &self.$required)?;)+)?
                    $($(
                        let secret = $crate::billing::endpoint::SecretField::secret_field(&self.$secret);
                        _body.secret(stringify!($secret), secret)?;
                    )+)?
                    $($(_body.field(stringify!($fixed), &$value)?;)+)?
                    $($(_body.optional(stringify!($optional), self.$optional.as_ref())?;)+)?
                    Ok(())
                })
            }

            $(
                fn key(&self) -> Option<std::borrow::Cow<'_, str>> {
                    Some(self.$key.to_string().into())
                }
            )?

            fn decode(&self, answer: &panel_http::Answer) -> Result<$reply, panel_http::DecodeError> {
                $crate::billing::endpoint::read(Self::OPERATION, answer)
            }
        }

        /// Values of a request may be somebody's name or address.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

pub(super) use endpoint;

/// What stands in a request as a secret.
pub(super) trait SecretField {
    fn secret_field(&self) -> &SecretString;
}

impl SecretField for SecretString {
    fn secret_field(&self) -> &SecretString {
        self
    }
}

impl SecretField for NewPassword {
    fn secret_field(&self) -> &SecretString {
        self.secret()
    }
}

/// Shows of a row only what is nobody's name, address or secret.
macro_rules! private_debug {
    ($name:ident: $($shown:ident),+) => {
        /// Names and addresses of customers are not for logs.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))
                    $(.field(stringify!($shown), &self.$shown))+
                    .finish_non_exhaustive()
            }
        }
    };
}

pub(super) use private_debug;

/// Reads a reply. A create whose reply cannot be read has created something nobody can name.
pub(super) fn read<T: DeserializeOwned>(
    operation: &Operation,
    answer: &Answer,
) -> Result<T, DecodeError> {
    let read = if answer.body().is_empty() {
        // What needs no body reads from null; everything else says that it misses one.
        Answer::new(answer.status(), http::HeaderMap::new(), "null").json()
    } else {
        answer.json()
    };
    read.map_err(|error: DecodeError| {
        if operation.safety.may_be_resent() {
            error
        } else {
            error.with_kind(Kind::Indeterminate)
        }
    })
}

/// A reply that says no more than that it was done, whatever its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Done;

impl<'de> Deserialize<'de> for Done {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

/// A document as the server made it, such as a PDF.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Document {
    /// Its media type.
    pub content_type: Option<String>,
    /// The name it is offered under, from `content-disposition`.
    pub file_name: Option<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Document {
    pub(super) fn read(answer: &Answer) -> Self {
        let file_name = answer
            .header("content-disposition")
            .and_then(|value| value.split_once("filename="))
            .map(|(_, name)| name.trim().trim_matches('"').to_owned());
        Self {
            content_type: answer.header("content-type").map(str::to_owned),
            file_name,
            bytes: answer.body().to_vec(),
        }
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("content_type", &self.content_type)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}
