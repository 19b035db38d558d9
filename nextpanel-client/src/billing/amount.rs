//! Money as the billing backend writes it.

use std::fmt;

use provisioning_core::money::{Currency, Money, MoneyError};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount of a reply, in major units: `19.99`. It may be below zero, as refunds are, and carries no currency; only
/// invoices and payments have one, in a field of their own.
///
/// The backend computes with floats and passes their dust on (`0.30000000000000004`). The number is kept as it was sent;
/// [`money`](Self::money) makes exact minor units of it.
///
/// ```
/// use nextpanel_client::billing::Amount;
/// use provisioning_core::money::Currency;
///
/// let amount: Amount = serde_json::from_str("0.30000000000000004")?;
/// assert_eq!(amount.money(Currency::USD)?.minor(), 30);
/// let refund: Amount = serde_json::from_str("-5.5")?;
/// assert!(refund.is_negative());
/// assert_eq!(refund.absolute().money(Currency::USD)?.minor(), 550);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub struct Amount(f64);

impl Amount {
    /// Exact minor units of this currency.
    ///
    /// # Errors
    /// [`MoneyError`] below zero, with more decimals than the currency that are no float dust, or too large to be exact.
    pub fn money(self, currency: Currency) -> Result<Money, MoneyError> {
        let number = serde_json::Number::from_f64(self.0).ok_or(MoneyError::NotADecimal)?;
        Money::from_json_number(&number, currency)
    }

    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.0 < 0.0
    }

    /// The same amount without its sign.
    #[must_use]
    pub fn absolute(self) -> Self {
        Self(self.0.abs())
    }

    /// The number as it was sent.
    #[must_use]
    pub const fn as_f64(self) -> f64 {
        self.0
    }
}

/// The shortest decimal that reads back the same.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AmountVisitor)
    }
}

struct AmountVisitor;

impl Visitor<'_> for AmountVisitor {
    type Value = Amount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an amount of money")
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Amount, E> {
        if value.is_finite() {
            Ok(Amount(value))
        } else {
            Err(E::custom("expected a finite amount"))
        }
    }

    // Sums of nothing come as integers (section 1). No sum of money is beyond what a float holds exactly.
    #[expect(
        clippy::cast_precision_loss,
        reason = "9e15 in major units is no price"
    )]
    fn visit_i64<E: Error>(self, value: i64) -> Result<Amount, E> {
        Ok(Amount(value as f64))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "9e15 in major units is no price"
    )]
    fn visit_u64<E: Error>(self, value: u64) -> Result<Amount, E> {
        Ok(Amount(value as f64))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Amount, E> {
        let value: f64 = value
            .trim()
            .parse()
            .map_err(|_| E::custom("expected an amount of money"))?;
        self.visit_f64(value)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// An amount to send, in major units: finite and not below zero.
///
/// The backend accepts both. An infinite price is stored, and from then on every list of plans is a 500; a negative
/// total makes a paid invoice that owes the customer money (section 1, 4.4, 4.7).
///
/// ```
/// use nextpanel_client::billing::Price;
/// use provisioning_core::money::{Currency, Money};
///
/// let price = Price::from(Money::from_minor(1999, Currency::USD));
/// assert_eq!(price.to_string(), "19.99");
/// assert!(Price::try_from(f64::INFINITY).is_err());
/// assert!(Price::try_from(-1.0).is_err());
/// ```
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub struct Price(f64);

/// The number is no price: it is below zero or not finite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no price: it must be finite and not below zero")]
pub struct NoPrice;

impl Price {
    /// Nothing.
    pub const ZERO: Self = Self(0.0);

    /// The number that is sent.
    #[must_use]
    pub const fn as_f64(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Price {
    type Error = NoPrice;

    fn try_from(value: f64) -> Result<Self, NoPrice> {
        if value.is_finite() && value >= 0.0 {
            // No "-0.0": it would come back as such.
            Ok(Self(value + 0.0))
        } else {
            Err(NoPrice)
        }
    }
}

impl TryFrom<Amount> for Price {
    type Error = NoPrice;

    fn try_from(amount: Amount) -> Result<Self, NoPrice> {
        Self::try_from(amount.0)
    }
}

impl From<Money> for Price {
    fn from(money: Money) -> Self {
        let shown = money.to_string();
        let digits = shown.split(' ').next().unwrap_or_default();
        // Decimal digits always read as a finite number.
        Self(digits.parse().unwrap_or_default())
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Price {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// A share of 100, as discounts and tax rates are.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Percent(f64);

/// The number is no share of 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no percentage: it must be from 0 to 100")]
pub struct NoPercent;

impl TryFrom<f64> for Percent {
    type Error = NoPercent;

    fn try_from(value: f64) -> Result<Self, NoPercent> {
        if (0.0..=100.0).contains(&value) {
            Ok(Self(value + 0.0))
        } else {
            Err(NoPercent)
        }
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Amount, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn amounts_are_read_as_they_were_sent() {
        for (json, shown) in [
            ("5.0", "5"),
            ("0", "0"),
            ("-5.5", "-5.5"),
            ("0.30000000000000004", "0.30000000000000004"),
            (r#""9.99""#, "9.99"),
            ("1e+21", "1000000000000000000000"),
        ] {
            assert_eq!(read(json).unwrap().to_string(), shown);
        }
        for json in ["NaN", "Infinity", "null", "true", r#""Infinity""#, r#""x""#] {
            assert!(read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn float_dust_goes_and_real_decimals_are_refused() {
        let usd = Currency::USD;
        let minor = |json| read(json).unwrap().money(usd).map(Money::minor);
        assert_eq!(minor("59.989999999999995"), Ok(5999));
        assert_eq!(minor("1998.9999999999998"), Ok(199_900));
        assert!(minor("10.005").is_err());
        assert_eq!(minor("-1.0"), Err(MoneyError::Negative));
        assert_eq!(minor("1e+21"), Err(MoneyError::TooLarge));
    }

    #[test]
    fn every_price_of_a_currency_goes_out_exactly() {
        for minor in (0..200_000).step_by(7) {
            let money = Money::from_minor(minor, Currency::USD);
            let sent = serde_json::to_string(&Price::from(money)).unwrap();
            assert_eq!(
                read(&sent).unwrap().money(Currency::USD),
                Ok(money),
                "{sent}"
            );
        }
    }

    #[test]
    fn what_the_backend_chokes_on_is_no_price() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.01] {
            assert_eq!(Price::try_from(bad), Err(NoPrice));
            assert_eq!(Percent::try_from(bad), Err(NoPercent));
        }
        assert_eq!(Percent::try_from(100.5), Err(NoPercent));
        assert_eq!(Price::try_from(-0.0).unwrap().to_string(), "0");
    }
}
