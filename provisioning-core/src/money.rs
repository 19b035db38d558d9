//! Exact money: minor units of an ISO 4217 currency.

mod currency;
mod decimal;

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use currency::Currency;

use decimal::{Decimal, Excess};

/// Why an amount or currency was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MoneyError {
    /// The code is not an ISO 4217 currency.
    #[error("is not a currency code of ISO 4217, such as USD or EUR")]
    UnknownCurrency,
    /// The text is not a plain decimal number.
    #[error("is not an amount: write digits with at most one point, such as 19.99")]
    NotADecimal,
    /// The amount is below zero.
    #[error("is below zero")]
    Negative,
    /// The amount has more decimals than its currency.
    #[error("has more decimals than {currency}, which has {}", .currency.exponent())]
    TooManyDecimals {
        /// The currency.
        currency: Currency,
    },
    /// The amount is too large to be held exactly.
    #[error("is too large")]
    TooLarge,
    /// Stripe counts this currency in hundredths that do not exist, so the amount must be a multiple of 100.
    #[error("is not a multiple of 100, as Stripe amounts in {currency} always are")]
    NotAMultiple {
        /// The currency.
        currency: Currency,
    },
}

/// An exact, non-negative amount in minor units of a currency (cents for USD, yen for JPY).
///
/// ```
/// use provisioning_core::money::{Currency, Money};
///
/// let price = Money::from_decimal("19.99", Currency::USD)?;
/// assert_eq!(price.minor(), 1999);
/// assert_eq!(price.to_string(), "19.99 USD");
/// # Ok::<(), provisioning_core::money::MoneyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    minor: u64,
    currency: Currency,
}

impl Money {
    /// The largest amount held, in minor units: what a signed 64-bit column of a database can store.
    pub const MAX_MINOR: u64 = i64::MAX as u64;

    /// `minor` minor units; an amount above [`Money::MAX_MINOR`] becomes that.
    pub fn from_minor(minor: u64, currency: Currency) -> Self {
        Self {
            minor: minor.min(Self::MAX_MINOR),
            currency,
        }
    }

    /// Nothing, in this currency.
    pub fn zero(currency: Currency) -> Self {
        Self::from_minor(0, currency)
    }

    /// An amount in major units as decimal text, such as `19.99`; zeros beyond the currency's decimals are allowed.
    ///
    /// # Errors
    /// [`MoneyError`] if the text is no number, below zero, too large, or finer than the currency.
    pub fn from_decimal(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let decimal = Decimal::parse(text)?;
        decimal.to_money(currency, Excess::Refused)
    }

    /// An amount in major units as a JSON number, such as `19.99`.
    ///
    /// The number is read from its decimal text, never by multiplying a float. The dust that adding floats leaves
    /// behind (`59.989999999999995`) is recognised by its many digits and removed; a real third decimal is refused.
    ///
    /// # Errors
    /// [`MoneyError`] as for [`Money::from_decimal`], and [`MoneyError::TooLarge`] for a number with a fraction that
    /// a double no longer holds to the minor unit.
    pub fn from_json_number(
        number: &serde_json::Number,
        currency: Currency,
    ) -> Result<Self, MoneyError> {
        // A double holds 15 significant digits; beyond this bound its decimals are no longer those that were sent.
        const EXACT_BELOW: f64 = 1e11;
        if number.is_f64()
            && number
                .as_f64()
                .is_none_or(|float| float.abs() >= EXACT_BELOW)
        {
            return Err(MoneyError::TooLarge);
        }
        let decimal = Decimal::parse(&number.to_string())?;
        decimal.to_money(currency, Excess::FloatDust)
    }

    /// An amount as Stripe counts it: minor units, except that ISK and UGX come in hundredths that do not exist and
    /// MGA without the decimals that ISO 4217 gives it.
    ///
    /// # Errors
    /// [`MoneyError::NotAMultiple`] for a fraction of a króna or shilling, [`MoneyError::TooLarge`].
    pub fn from_stripe(amount: u64, currency: Currency) -> Result<Self, MoneyError> {
        let minor = match currency.code() {
            "ISK" | "UGX" if !amount.is_multiple_of(100) => {
                return Err(MoneyError::NotAMultiple { currency });
            }
            "ISK" | "UGX" => amount / 100,
            "MGA" => amount.checked_mul(100).ok_or(MoneyError::TooLarge)?,
            _ => amount,
        };
        Self::checked(minor, currency)
    }

    fn checked(minor: u64, currency: Currency) -> Result<Self, MoneyError> {
        if minor > Self::MAX_MINOR {
            return Err(MoneyError::TooLarge);
        }
        Ok(Self { minor, currency })
    }

    /// The amount in minor units.
    pub fn minor(self) -> u64 {
        self.minor
    }

    /// The currency.
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// True for an amount of nothing.
    pub fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// The sum; `None` if the currencies differ or it is too large.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.same_currency(other)?;
        Self::checked(self.minor.checked_add(other.minor)?, self.currency).ok()
    }

    /// The difference; `None` if the currencies differ or `other` is larger.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.same_currency(other)?;
        Some(Self::from_minor(
            self.minor.checked_sub(other.minor)?,
            self.currency,
        ))
    }

    /// `times` this amount; `None` if it is too large.
    pub fn checked_mul(self, times: u32) -> Option<Self> {
        Self::checked(self.minor.checked_mul(u64::from(times))?, self.currency).ok()
    }

    fn same_currency(self, other: Self) -> Option<()> {
        (self.currency == other.currency).then_some(())
    }
}

/// Amounts of different currencies are not ordered.
impl PartialOrd for Money {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.same_currency(*other)?;
        Some(self.minor.cmp(&other.minor))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = usize::from(self.currency.exponent());
        let digits = format!("{:0>width$}", self.minor, width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len().saturating_sub(decimals));
        if fraction.is_empty() {
            write!(f, "{whole} {}", self.currency)
        } else {
            write!(f, "{whole}.{fraction} {}", self.currency)
        }
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn number(json: &str) -> serde_json::Number {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn decimal_text_becomes_minor_units_exactly() {
        for (text, code, minor) in [
            ("19.99", "USD", 1999),
            ("19.9", "USD", 1990),
            ("20", "USD", 2000),
            ("0.10", "USD", 10),
            ("19.9900", "USD", 1999),
            ("1.999e1", "USD", 1999),
            ("-0.00", "USD", 0),
            ("1500", "JPY", 1500),
            ("1500.00", "JPY", 1500),
            ("1.234", "KWD", 1234),
            ("92233720368547758.07", "USD", 9_223_372_036_854_775_807),
        ] {
            let money = Money::from_decimal(text, currency(code)).unwrap();
            assert_eq!(money.minor(), minor, "{text} {code}");
        }
    }

    #[test]
    fn text_that_is_no_exact_amount_is_refused() {
        use MoneyError::{Negative, NotADecimal, TooLarge, TooManyDecimals};
        let usd = Currency::USD;
        let jpy = currency("JPY");
        for (text, currency, error) in [
            ("", usd, NotADecimal),
            ("abc", usd, NotADecimal),
            ("1,99", usd, NotADecimal),
            ("$1.99", usd, NotADecimal),
            ("1.", usd, NotADecimal),
            (".5", usd, NotADecimal),
            ("1.2.3", usd, NotADecimal),
            ("NaN", usd, NotADecimal),
            ("1e999999", usd, NotADecimal),
            ("-1", usd, Negative),
            ("19.999", usd, TooManyDecimals { currency: usd }),
            ("0.5", jpy, TooManyDecimals { currency: jpy }),
            ("1e-9", usd, TooManyDecimals { currency: usd }),
            ("1e-9999", usd, TooManyDecimals { currency: usd }),
            ("59.989999999999995", usd, TooManyDecimals { currency: usd }),
            ("92233720368547758.08", usd, TooLarge),
            ("1e30", usd, TooLarge),
        ] {
            assert_eq!(Money::from_decimal(text, currency), Err(error), "{text}");
        }
    }

    #[test]
    fn json_numbers_lose_float_dust_but_not_a_real_decimal() {
        let usd = Currency::USD;
        for (json, minor) in [
            ("19.99", 1999),
            ("20.0", 2000),
            ("20", 2000),
            ("0.30000000000000004", 30),
            ("59.989999999999995", 5999),
            ("1998.9999999999998", 199_900),
            ("1e-12", 0),
        ] {
            assert_eq!(
                Money::from_json_number(&number(json), usd).map(Money::minor),
                Ok(minor),
                "{json}"
            );
        }
        assert_eq!(
            Money::from_json_number(&number("19.995"), usd),
            Err(MoneyError::TooManyDecimals { currency: usd })
        );
        assert_eq!(
            Money::from_json_number(&number("-19.99"), usd),
            Err(MoneyError::Negative)
        );
        assert_eq!(
            Money::from_json_number(&number("1e21"), usd),
            Err(MoneyError::TooLarge)
        );
        assert_eq!(
            Money::from_json_number(&number("123456789012.25"), usd),
            Err(MoneyError::TooLarge)
        );
    }

    #[test]
    fn stripe_amounts_follow_stripes_exceptions() {
        for (amount, code, shown) in [
            (1999, "USD", "19.99 USD"),
            (1999, "JPY", "1999 JPY"),
            (500, "ISK", "5 ISK"),
            (500, "UGX", "5 UGX"),
            (500, "MGA", "500.00 MGA"),
            (1230, "KWD", "1.230 KWD"),
        ] {
            assert_eq!(
                Money::from_stripe(amount, currency(code))
                    .unwrap()
                    .to_string(),
                shown
            );
        }
        let isk = currency("ISK");
        assert_eq!(
            Money::from_stripe(501, isk),
            Err(MoneyError::NotAMultiple { currency: isk })
        );
        assert_eq!(
            Money::from_stripe(u64::MAX, Currency::USD),
            Err(MoneyError::TooLarge)
        );
    }

    #[test]
    fn arithmetic_never_wraps_or_mixes_currencies() {
        let most = Money::from_minor(u64::MAX, Currency::USD);
        assert_eq!(most.minor(), Money::MAX_MINOR);
        assert_eq!(most.checked_add(Money::from_minor(1, Currency::USD)), None);
        assert_eq!(most.checked_mul(2), None);
        assert_eq!(
            Money::zero(Currency::USD).checked_add(Money::zero(Currency::EUR)),
            None
        );
        assert_eq!(
            Money::zero(Currency::USD).partial_cmp(&Money::zero(Currency::EUR)),
            None
        );
        assert_eq!(
            Money::zero(Currency::USD).checked_sub(Money::from_minor(1, Currency::USD)),
            None
        );
        assert!(Money::from_minor(1, Currency::USD) > Money::zero(Currency::USD));
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(minor in 0..=Money::MAX_MINOR, code in prop::sample::select(vec!["USD", "JPY", "KWD", "CLF"])) {
            let money = Money::from_minor(minor, currency(code));
            let shown = money.to_string();
            let (amount, code) = shown.split_once(' ').unwrap();
            prop_assert_eq!(Money::from_decimal(amount, currency(code)), Ok(money));
        }

        #[test]
        fn a_price_survives_being_a_json_float(minor in 0u64..10_000_000_000) {
            let money = Money::from_minor(minor, Currency::USD);
            let shown = money.to_string();
            let json = shown.split(' ').next().unwrap();
            prop_assert_eq!(Money::from_json_number(&number(json), Currency::USD), Ok(money));
        }

        #[test]
        fn no_text_panics(text in ".{0,80}", code in prop::sample::select(vec!["USD", "JPY", "CLF"])) {
            let _ = Money::from_decimal(&text, currency(code));
        }

        #[test]
        fn no_number_panics(float in any::<f64>()) {
            if let Some(number) = serde_json::Number::from_f64(float) {
                let _ = Money::from_json_number(&number, Currency::USD);
            }
        }
    }
}
