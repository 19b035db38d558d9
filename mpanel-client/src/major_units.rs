//! Money as legacy routes take it: a JSON number of whole units with decimals.

use panel_http::EncodeError;
use provisioning_core::money::Money;
use serde_json::value::RawValue;

/// `19.99` for 1999 cents, digit by digit and never by way of a float.
///
/// # Errors
/// None today: the text of an amount is a JSON number.
pub(crate) fn number(money: Money) -> Result<Box<RawValue>, EncodeError> {
    let text = money.to_string();
    let digits = text.split(' ').next().unwrap_or_default().to_owned();
    RawValue::from_string(digits).map_err(EncodeError::new)
}

#[cfg(test)]
mod tests {
    use provisioning_core::money::Currency;

    use super::*;

    #[test]
    fn amounts_are_written_digit_by_digit() {
        for (minor, code, text) in [
            (1999, "USD", "19.99"),
            (5, "USD", "0.05"),
            (0, "EUR", "0.00"),
            (1500, "JPY", "1500"),
            (Money::MAX_MINOR, "USD", "92233720368547758.07"),
        ] {
            let currency: Currency = code.parse().unwrap();
            assert_eq!(
                number(Money::from_minor(minor, currency)).unwrap().get(),
                text
            );
        }
    }
}
