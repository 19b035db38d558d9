//! Ids of the billing backend.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! text_ids {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {$(
        $(#[doc = $doc])+
        ///
        /// The backend compares ids letter by letter and writes UUIDs in lower case, so a UUID is taken in lower case
        /// (section 1).
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(canonical(text))
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(canonical(text.to_owned()))
            }
        }

        impl From<&Self> for $name {
            fn from(id: &Self) -> Self {
                id.clone()
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(id: uuid::Uuid) -> Self {
                Self(id.to_string())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

macro_rules! integer_ids {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// An id.
            #[must_use]
            pub const fn new(id: i64) -> Self {
                Self(id)
            }

            /// The id as an integer.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl From<i64> for $name {
            fn from(id: i64) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

text_ids! {
    /// Id of a customer, or of any other user of the billing backend.
    CustomerId;
    /// Id of a product plan.
    ProductPlanId;
    /// Id of a licence.
    LicenceId;
    /// Id of a subscription.
    SubscriptionId;
    /// Id of an order of the billing backend.
    OrderId;
    /// Id of an invoice.
    InvoiceId;
    /// Id of an invoice template.
    InvoiceTemplateId;
    /// Id of a payment.
    PaymentId;
}

integer_ids! {
    /// Id of a NextPanel server in the billing backend.
    ServerId;
    /// Id of a hosting account in the billing backend: a row of its own, not the panel's id.
    HostingAccountId;
}

fn canonical(text: String) -> String {
    match uuid::Uuid::try_parse(&text) {
        Ok(id) if text.len() == 36 => id.to_string(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_lower_case_and_any_other_text_stays() {
        let id = CustomerId::from("6F0C8A0E-7F1D-4C56-9D5E-3A1B2C4D5E6F");
        assert_eq!(id.as_str(), "6f0c8a0e-7f1d-4c56-9d5e-3a1b2c4d5e6f");
        assert_eq!(CustomerId::from("Ghost-1").as_str(), "Ghost-1");
        let read: OrderId = serde_json::from_str("\"X\"").unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), "\"X\"");
    }
}
