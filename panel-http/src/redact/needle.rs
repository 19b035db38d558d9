//! A secret as it is looked for in a text.

use std::{collections::BTreeSet, ops::Range};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use secrecy::zeroize::Zeroizing;

use super::escapes::{Escapes, Meant, Read};

/// One form of a secret, found also where some or all of its characters are escaped.
#[derive(PartialEq, Eq)]
pub(super) struct Needle {
    bytes: Zeroizing<Vec<u8>>,
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As it is.
    Plain,
    /// The part of a base64 text that depends on the secret alone.
    Base64 {
        /// The digit before it tells of the secret and of what stands before.
        shares_first: bool,
        /// So does the digit behind it.
        shares_last: bool,
    },
}

/// What stands at a place of the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// The secret.
    Whole(Range<usize>),
    /// Its beginning, at the very end of the text.
    Started,
}

/// Digits of base64 at the end of a cut text that count as the beginning of a secret: fewer say next to nothing, and any
/// word ends in them.
const FEWEST_DIGITS: usize = 4;

impl Needle {
    pub(super) fn plain(secret: &str) -> Self {
        Self {
            bytes: Zeroizing::new(secret.as_bytes().to_vec()),
            form: Form::Plain,
        }
    }

    /// The secret as it stands in base64, alone or behind something else, such as the name and colon of basic
    /// authentication: where it begins within a group of three bytes decides about its digits.
    pub(super) fn base64(secret: &str) -> impl Iterator<Item = Self> {
        // Of the first digits, those that tell of what stands before as well.
        [(0, 0), (1, 2), (2, 3)]
            .into_iter()
            .map(move |(shift, foreign)| {
                let mut input = Zeroizing::new(vec![0; shift]);
                input.extend_from_slice(secret.as_bytes());
                let digits = Zeroizing::new(STANDARD_NO_PAD.encode(&*input));
                let shares_last = !input.len().is_multiple_of(3);
                let end = digits.len().saturating_sub(usize::from(shares_last));
                let own = digits.as_bytes().get(foreign..end).unwrap_or_default();
                Self {
                    bytes: Zeroizing::new(own.to_vec()),
                    form: Form::Base64 {
                        shares_first: foreign > 0,
                        shares_last,
                    },
                }
            })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether it may begin so.
    pub(super) fn begins_with(&self, meant: Meant) -> bool {
        self.after(0, meant).is_some()
    }

    /// What stands at this place. `escapes` are those that begin there.
    pub(super) fn at(&self, text: &Escapes<'_>, at: usize, escapes: &[Read]) -> Found {
        text.took_end();
        let mut end = None;
        let mut longest = 0;
        // How far in the text, and how much of the secret that is. Every reading of an escape is followed.
        let mut reached = BTreeSet::new();
        self.step(text, (at, 0), escapes, &mut reached);
        while let Some((place, matched)) = reached.pop_first() {
            longest = longest.max(matched);
            if matched == self.bytes.len() {
                end = Some(place);
            } else {
                self.step(text, (place, matched), &text.at(place), &mut reached);
            }
        }
        match end {
            Some(end) => Found::Whole(self.with_shared_digits(text, at..end)),
            None if text.took_end() && self.tells(longest) => Found::Started,
            None => Found::Nothing,
        }
    }

    fn tells(&self, matched: usize) -> bool {
        matches!(self.form, Form::Plain) || matched >= FEWEST_DIGITS
    }

    /// Goes on from a place by what stands there, as it is and in every reading.
    fn step(
        &self,
        text: &Escapes<'_>,
        (place, matched): (usize, usize),
        escapes: &[Read],
        reached: &mut BTreeSet<(usize, usize)>,
    ) {
        let plain = text
            .byte(place)
            .map(|byte| (Meant::Byte(byte), place.saturating_add(1)));
        for (meant, end) in plain.into_iter().chain(escapes.iter().copied()) {
            if let Some(matched) = self.after(matched, meant) {
                reached.insert((end, matched));
            }
        }
    }

    /// How much of the secret is there after this, if it goes on so.
    fn after(&self, matched: usize, meant: Meant) -> Option<usize> {
        let rest = self.bytes.get(matched..)?;
        let mut buffer = [0; 4];
        let meant = match &meant {
            Meant::Byte(byte) => std::slice::from_ref(byte),
            Meant::Letter(letter) => letter.encode_utf8(&mut buffer).as_bytes(),
        };
        let is_next = meant.len() <= rest.len()
            && rest
                .iter()
                .zip(meant)
                .all(|(own, other)| self.is_same(*own, *other));
        is_next.then(|| matched.saturating_add(meant.len()))
    }

    /// URLs have base64 of their own.
    fn is_same(&self, own: u8, other: u8) -> bool {
        own == other
            || (matches!(self.form, Form::Base64 { .. })
                && matches!((own, other), (b'+', b'-') | (b'/', b'_')))
    }

    /// Adds the digits of base64 that tell of the secret and of what stands beside it, and what fills up the end.
    fn with_shared_digits(&self, text: &Escapes<'_>, mut found: Range<usize>) -> Range<usize> {
        let Form::Base64 {
            shares_first,
            shares_last,
        } = self.form
        else {
            return found;
        };
        let is_digit = |at| text.byte(at).is_some_and(is_digit);
        if shares_first && let Some(before) = found.start.checked_sub(1).filter(|&at| is_digit(at))
        {
            found.start = before;
        }
        if shares_last && is_digit(found.end) {
            found.end = found.end.saturating_add(1);
        }
        while text.byte(found.end) == Some(b'=') {
            found.end = found.end.saturating_add(1);
        }
        found
    }
}

const fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}
