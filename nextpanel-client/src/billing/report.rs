//! Replies whose shape no contract states.

use serde::Deserialize;
use serde_json::Value;

use super::amount::Amount;

/// Figures the backend sends without a stated shape: statistics, charts, preferences. Read by name.
///
/// ```
/// use nextpanel_client::billing::Report;
///
/// let report: Report = serde_json::from_str(r#"{"orders": {"open": 3}, "revenue": 19.99}"#)?;
/// assert_eq!(report.count("/orders/open"), Some(3));
/// assert_eq!(report.amount("/revenue").map(|sum| sum.to_string()).as_deref(), Some("19.99"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(transparent)]
pub struct Report(Value);

impl Report {
    /// A value by JSON pointer.
    #[must_use]
    pub fn get(&self, pointer: &str) -> Option<&Value> {
        self.0.pointer(pointer)
    }

    /// A whole number by JSON pointer; `/orders/stats` mixes whole numbers and floats.
    #[must_use]
    pub fn count(&self, pointer: &str) -> Option<i64> {
        let value = self.get(pointer)?;
        value.as_i64().or_else(|| {
            let float = value.as_f64().filter(|float| float.fract() == 0.0)?;
            format!("{float}").parse().ok()
        })
    }

    /// An amount of money by JSON pointer.
    #[must_use]
    pub fn amount(&self, pointer: &str) -> Option<Amount> {
        serde_json::from_value(self.get(pointer)?.clone()).ok()
    }

    /// A text by JSON pointer.
    #[must_use]
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.get(pointer)?.as_str()
    }

    /// The whole of it.
    #[must_use]
    pub const fn json(&self) -> &Value {
        &self.0
    }
}
