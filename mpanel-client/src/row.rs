//! How rows are declared.

/// Declares the row of a resource: what every row has, then what may be missing or null, each with the camelCase name
/// it has in the other dialect. `Debug` shows the fields named last and nothing else: rows hold personal data and
/// secrets. Unknown fields are dropped, and of a field in several spellings the first counts.
macro_rules! row {
    (
        $(#[$attribute:meta])*
        pub struct $name:ident {
            $( $(#[$required_attribute:meta])* $required:ident $(($required_alias:literal))?: $Required:ty, )*
            ;
            $( $(#[$optional_attribute:meta])* $optional:ident $(($($alias:literal)|+))?: $Optional:ty, )*
        }
        shows $($shown:ident),* $(,)?
    ) => {
        $(#[$attribute])*
        #[derive(Clone, ::serde::Deserialize)]
        // The derived reading, without its trait: the one below is the trait's.
        #[serde(remote = "Self")]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[$required_attribute])*
                $(#[serde(alias = $required_alias)])?
                pub $required: $Required,
            )*
            $(
                $(#[$optional_attribute])*
                #[serde(default)]
                $($(#[serde(alias = $alias)])+)?
                pub $optional: ::core::option::Option<$Optional>,
            )*
        }

        impl $name {
            /// A row with what every row has; the rest can be set.
            #[must_use]
            #[allow(clippy::new_without_default, reason = "an empty row is of no use")]
            pub fn new($($required: impl ::core::convert::Into<$Required>),*) -> Self {
                Self {
                    $($required: $required.into(),)*
                    $($optional: ::core::option::Option::None,)*
                }
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                const SPELLINGS: $crate::spellings::Spellings = &[
                    $($(($required_alias, stringify!($required)),)?)*
                    $($($(($alias, stringify!($optional)),)+)?)*
                ];
                Self::deserialize($crate::spellings::OneSpelling::new(deserializer, SPELLINGS))
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(stringify!($name))
                    $(.field(stringify!($shown), &self.$shown))*
                    .finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use row;
