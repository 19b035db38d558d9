//! Decimal numbers as they are written, and the minor units they mean.

use super::{Currency, Money, MoneyError};

/// What becomes of digits beyond the decimals of a currency.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Excess {
    /// They must be zeros.
    Refused,
    /// They may also be the dust of float arithmetic.
    FloatDust,
}

/// A decimal number as it was written: `digits` x 10^-`scale`.
pub(super) struct Decimal {
    digits: String,
    scale: i32,
}

impl Decimal {
    pub(super) fn parse(text: &str) -> Result<Self, MoneyError> {
        let text = text.trim();
        if text.len() > 64 {
            return Err(MoneyError::TooLarge);
        }
        let (text, negative) = match text.strip_prefix('-') {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (
                mantissa,
                exponent
                    .parse::<i16>()
                    .map_err(|_| MoneyError::NotADecimal)?,
            ),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let only_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty()
            || !only_digits(whole)
            || !only_digits(fraction)
            || mantissa.ends_with('.')
        {
            return Err(MoneyError::NotADecimal);
        }
        let digits = format!("{whole}{fraction}");
        if negative && digits.bytes().any(|digit| digit != b'0') {
            return Err(MoneyError::Negative);
        }
        // At most 64, so the conversion cannot fail; the fallback only keeps the types honest.
        let fraction_digits = i32::try_from(fraction.len()).unwrap_or(i32::MAX);
        Ok(Self {
            digits,
            scale: fraction_digits.saturating_sub(i32::from(exponent)),
        })
    }

    pub(super) fn to_money(&self, currency: Currency, excess: Excess) -> Result<Money, MoneyError> {
        if self.digits.bytes().all(|digit| digit == b'0') {
            return Ok(Money::zero(currency));
        }
        // How many trailing digits lie beyond the minor unit; below zero: how many zeros are missing.
        let beyond = self.scale.saturating_sub(i32::from(currency.exponent()));
        if beyond <= 0 {
            let zeros = usize::try_from(beyond.unsigned_abs()).unwrap_or(usize::MAX);
            if zeros > 20 {
                return Err(MoneyError::TooLarge);
            }
            return whole_number(&format!("{}{}", self.digits, "0".repeat(zeros)), currency);
        }
        let beyond = usize::try_from(beyond).unwrap_or(usize::MAX);
        // Also covers numbers such as 1e-9, whose digits all lie beyond the minor unit.
        let padded = if beyond >= self.digits.len() && beyond <= 128 {
            format!("{:0>width$}", self.digits, width = beyond + 1)
        } else {
            self.digits.clone()
        };
        let Some((kept, dropped)) = padded
            .len()
            .checked_sub(beyond)
            .and_then(|at| padded.split_at_checked(at))
        else {
            return Err(MoneyError::TooManyDecimals { currency });
        };
        let nearest = whole_number(kept, currency)?;
        if dropped.bytes().all(|digit| digit == b'0') {
            return Ok(nearest);
        }
        // Dust shows as six or more zeros or nines right after the minor unit: 4.989999999999995, 0.30000000000000004.
        let head = dropped.get(..6).unwrap_or_default();
        match (excess, head) {
            (Excess::FloatDust, "000000") => Ok(nearest),
            (Excess::FloatDust, "999999") => nearest
                .minor
                .checked_add(1)
                .ok_or(MoneyError::TooLarge)
                .and_then(|minor| Money::checked(minor, currency)),
            _ => Err(MoneyError::TooManyDecimals { currency }),
        }
    }
}

fn whole_number(digits: &str, currency: Currency) -> Result<Money, MoneyError> {
    // Only digits reach this, so the one way to fail is size.
    let minor = digits.parse::<u64>().map_err(|_| MoneyError::TooLarge)?;
    Money::checked(minor, currency)
}
