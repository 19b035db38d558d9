/// Makes an enum of texts that keeps what it does not know: `Unknown(String)`.
///
/// The first spelling of a variant is the one that is sent; all are read, without regard to case (mPanel contract 9).
///
/// ```
/// panel_http::open_enum! {
///     /// State of a task.
///     pub enum TaskStatus {
///         /// Waits for a worker.
///         Pending = "pending",
///         /// Done.
///         Success = "success" | "completed",
///     }
/// }
///
/// let status: TaskStatus = serde_json::from_str("\"COMPLETED\"")?;
/// assert_eq!(status, TaskStatus::Success);
/// assert_eq!(status.as_str(), "success");
/// assert_eq!(TaskStatus::from("paused").as_str(), "paused");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! open_enum {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident {
            $(
                $(#[$variant_attribute:meta])*
                $variant:ident = $text:literal $(| $alias:literal)*
            ),+ $(,)?
        }
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        $visibility enum $name {
            $(
                $(#[$variant_attribute])*
                $variant,
            )+
            /// A value this version does not know, as the server sent it.
            Unknown(::std::string::String),
        }

        impl $name {
            /// Every value that is known.
            #[allow(dead_code, reason = "not every enum is listed")]
            $visibility const KNOWN: &'static [Self] = &[$(Self::$variant),+];

            /// The text as it is sent.
            #[must_use]
            $visibility fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unknown(text) => text,
                }
            }

            fn known(text: &str) -> ::core::option::Option<Self> {
                let text = text.trim();
                $(
                    if text.eq_ignore_ascii_case($text) $(|| text.eq_ignore_ascii_case($alias))* {
                        return ::core::option::Option::Some(Self::$variant);
                    }
                )+
                ::core::option::Option::None
            }
        }

        impl ::core::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::known(text).unwrap_or_else(|| Self::Unknown(text.into()))
            }
        }

        impl ::core::convert::From<::std::string::String> for $name {
            fn from(text: ::std::string::String) -> Self {
                Self::known(&text).unwrap_or(Self::Unknown(text))
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::macros::Serialize for $name {
            fn serialize<S: $crate::macros::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::macros::Deserialize<'de> for $name {
            fn deserialize<D: $crate::macros::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::macros::text(deserializer, |text| Self::from(text))
            }
        }
    };
}

#[cfg(test)]
mod tests {
    open_enum! {
        /// State of a task.
        enum Status {
            /// Waits.
            Pending = "pending",
            /// Done.
            Success = "success" | "completed",
        }
    }

    #[test]
    fn every_spelling_is_read_and_one_is_sent() {
        for text in ["success", "SUCCESS", "Completed", " completed "] {
            let status: Status = serde_json::from_str(&format!("{text:?}")).unwrap();
            assert_eq!(status, Status::Success);
            assert_eq!(serde_json::to_string(&status).unwrap(), r#""success""#);
        }
        assert_eq!(Status::KNOWN.len(), 2);
        assert_eq!(Status::from("pending".to_owned()), Status::Pending);
    }

    #[test]
    fn what_is_unknown_is_kept_as_it_came() {
        let status: Status = serde_json::from_str(r#""DEAD\n""#).unwrap();
        assert_eq!(status, Status::Unknown("DEAD\n".to_owned()));
        assert_eq!(serde_json::to_string(&status).unwrap(), r#""DEAD\n""#);
        assert!(serde_json::from_str::<Status>("7").is_err());
        assert!(serde_json::from_str::<Status>("null").is_err());
    }
}
