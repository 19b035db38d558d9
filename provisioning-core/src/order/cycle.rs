//! How often a product is billed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How often a product is billed; ordered from the shortest to the longest.
///
/// Reading knows every spelling of contract mPanel section 9 (`semi-annually`, `SEMI_ANNUALLY`, `annually`,
/// `triennial`, ...), without regard to case and to `-`, `_` or blanks.
///
/// ```
/// use provisioning_core::order::BillingCycle;
///
/// assert_eq!(BillingCycle::parse("SEMI_ANNUALLY"), BillingCycle::SemiAnnually);
/// assert_eq!(BillingCycle::parse("annually").as_str(), "yearly");
/// assert_eq!(BillingCycle::parse("fortnightly").to_string(), "fortnightly");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
#[non_exhaustive]
pub enum BillingCycle {
    /// Every month.
    Monthly,
    /// Every three months.
    Quarterly,
    /// Every six months.
    SemiAnnually,
    /// Every year.
    Yearly,
    /// Every two years.
    Biennially,
    /// Every three years.
    Triennially,
    /// Once.
    OneTime,
    /// Any other text, as it was sent.
    Unknown(String),
}

impl BillingCycle {
    /// The cycles that have a name, from the shortest to the longest.
    pub const NAMED: [Self; 7] = [
        Self::Monthly,
        Self::Quarterly,
        Self::SemiAnnually,
        Self::Yearly,
        Self::Biennially,
        Self::Triennially,
        Self::OneTime,
    ];

    /// Reads a spelling of the wire; one that is not known is kept as [`BillingCycle::Unknown`].
    pub fn parse(text: &str) -> Self {
        let plain: String = text
            .trim()
            .chars()
            .filter(|character| !matches!(character, '-' | '_' | ' '))
            .map(|character| character.to_ascii_lowercase())
            .collect();
        match plain.as_str() {
            "monthly" | "month" | "permonth" | "1month" | "1months" => Self::Monthly,
            "quarterly" | "quarter" | "3month" | "3months" => Self::Quarterly,
            "semiannually" | "semiannual" | "semiyearly" | "halfyearly" | "6month" | "6months" => {
                Self::SemiAnnually
            }
            "yearly" | "year" | "annually" | "annual" | "peryear" | "1year" | "12month"
            | "12months" => Self::Yearly,
            "biennially" | "biennial" | "2year" | "2years" | "24month" | "24months" => {
                Self::Biennially
            }
            "triennially" | "triennial" | "3year" | "3years" | "36month" | "36months" => {
                Self::Triennially
            }
            "onetime" | "once" => Self::OneTime,
            _ => Self::Unknown(text.trim().to_owned()),
        }
    }

    /// The cycle of this many months; `None` if it has no name.
    pub fn from_months(months: u32) -> Option<Self> {
        Self::NAMED
            .into_iter()
            .find(|cycle| cycle.months() == Some(months))
    }

    /// How many months one period has; `None` for one-time and unknown cycles.
    pub fn months(&self) -> Option<u32> {
        match self {
            Self::Monthly => Some(1),
            Self::Quarterly => Some(3),
            Self::SemiAnnually => Some(6),
            Self::Yearly => Some(12),
            Self::Biennially => Some(24),
            Self::Triennially => Some(36),
            Self::OneTime | Self::Unknown(_) => None,
        }
    }

    /// The spelling used here, in the style of mPanel's legacy rows: `semi-annually`, `one-time`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
            Self::SemiAnnually => "semi-annually",
            Self::Yearly => "yearly",
            Self::Biennially => "biennially",
            Self::Triennially => "triennially",
            Self::OneTime => "one-time",
            Self::Unknown(text) => text,
        }
    }
}

impl fmt::Display for BillingCycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl From<String> for BillingCycle {
    fn from(text: String) -> Self {
        Self::parse(&text)
    }
}

impl From<BillingCycle> for String {
    fn from(cycle: BillingCycle) -> Self {
        cycle.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_contract_is_known() {
        use BillingCycle::{
            Biennially, Monthly, OneTime, Quarterly, SemiAnnually, Triennially, Yearly,
        };
        for (text, cycle) in [
            ("MONTHLY", Monthly),
            ("QUARTERLY", Quarterly),
            ("SEMI_ANNUALLY", SemiAnnually),
            ("YEARLY", Yearly),
            ("BIENNIALLY", Biennially),
            ("TRIENNIALLY", Triennially),
            ("ONE_TIME", OneTime),
            ("monthly", Monthly),
            ("quarterly", Quarterly),
            ("semi-annually", SemiAnnually),
            ("annually", Yearly),
            ("yearly", Yearly),
            ("biennially", Biennially),
            ("triennially", Triennially),
            ("triennial", Triennially),
            ("one-time", OneTime),
            (" Month ", Monthly),
            ("12_months", Yearly),
        ] {
            assert_eq!(BillingCycle::parse(text), cycle, "{text}");
        }
    }

    #[test]
    fn cycles_read_back_and_are_ordered_by_length() {
        for cycle in BillingCycle::NAMED {
            assert_eq!(BillingCycle::parse(cycle.as_str()), cycle);
            if let Some(months) = cycle.months() {
                assert_eq!(BillingCycle::from_months(months), Some(cycle));
            }
        }
        assert!(BillingCycle::NAMED.is_sorted());
        assert_eq!(BillingCycle::from_months(5), None);
        assert_eq!(
            serde_json::to_string(&BillingCycle::OneTime).unwrap(),
            "\"one-time\""
        );
    }
}
