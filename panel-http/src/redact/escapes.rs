//! What one character may stand for: the escapes in which servers, proxies and frameworks write what they were sent.

use std::{cell::Cell, ops::RangeInclusive};

/// An escape within an escape is read as well, such as JSON within JSON or in a URL.
const DEPTH: u32 = 2;

/// A text that is read escape by escape.
pub(super) struct Escapes<'a> {
    text: &'a [u8],
    /// Whether anything was looked for behind the end of the text.
    has_reached_end: Cell<bool>,
}

/// What an escape stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meant {
    /// One byte of a character's UTF-8.
    Byte(u8),
    /// A character.
    Letter(char),
}

/// An escape that was read, and where the text goes on.
pub(super) type Read = (Meant, usize);

/// Bytes that begin an escape.
pub(super) const INTRODUCERS: [u8; 5] = [b'%', b'\\', b'&', b'+', b'\''];

impl<'a> Escapes<'a> {
    pub(super) const fn of(text: &'a [u8]) -> Self {
        Self {
            text,
            has_reached_end: Cell::new(false),
        }
    }

    /// Whether more text might have made a difference since this was last asked.
    pub(super) fn took_end(&self) -> bool {
        self.has_reached_end.take()
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        let byte = self.text.get(at).copied();
        if byte.is_none() {
            self.has_reached_end.set(true);
        }
        byte
    }

    /// Every escape that begins here. More than one where it is not certain how the text was written.
    pub(super) fn at(&self, at: usize) -> Vec<Read> {
        let mut found = Vec::new();
        self.decode(at, DEPTH, &mut found);
        found
    }

    fn decode(&self, at: usize, depth: u32, found: &mut Vec<Read>) {
        let Some(below) = depth.checked_sub(1) else {
            return;
        };
        let Some(first) = self.byte(at) else {
            return;
        };
        if !INTRODUCERS.contains(&first) {
            return;
        }
        let next = at.saturating_add(1);
        let mut introducers = Vec::new();
        self.decode(at, below, &mut introducers);
        introducers.push((Meant::Byte(first), next));
        for (introducer, next) in introducers {
            match introducer.ascii() {
                Some(b'%') => self.percent(next, below, found),
                Some(b'\\') => self.backslash(next, below, found),
                Some(b'&') => self.entity(next, below, found),
                // A blank in a form.
                Some(b'+') => found.push((Meant::Byte(b' '), next)),
                // A quote in SQL.
                Some(b'\'') => {
                    let second = self.symbol(next, below, b'\'');
                    found.extend(second.map(|end| (Meant::Byte(b'\''), end)));
                }
                _ => {}
            }
        }
    }

    /// `%26`, of UTF-8 or of Latin-1.
    fn percent(&self, at: usize, below: u32, found: &mut Vec<Read>) {
        if let Some((code, end)) = self.number(at, below, 16, 2..=2) {
            push_byte(code, end, found);
        }
    }

    /// `\u0026`, `\u{26}`, `\x26`, `\n`, `\"`, `\\`, `\/`.
    fn backslash(&self, at: usize, below: u32, found: &mut Vec<Read>) {
        for (letter, next) in self.plain_or_escaped(at, below) {
            let meant = match letter {
                b'u' | b'U' => {
                    found.extend(self.code_point(next, below));
                    continue;
                }
                b'x' | b'X' => {
                    if let Some((code, end)) = self.number(next, below, 16, 2..=2) {
                        push_byte(code, end, found);
                    }
                    continue;
                }
                b'b' => 8,
                b't' => b'\t',
                b'n' => b'\n',
                b'f' => 12,
                b'r' => b'\r',
                b'0' => 0,
                _ if letter.is_ascii_punctuation() => letter,
                _ => continue,
            };
            found.push((Meant::Byte(meant), next));
        }
    }

    /// What follows `\u`: four digits, eight where two of them are a pair, or any number of them in braces.
    fn code_point(&self, at: usize, below: u32) -> Option<Read> {
        if let Some(inner) = self.symbol(at, below, b'{') {
            let (code, end) = self.number(inner, below, 16, 1..=6)?;
            let end = self.symbol(end, below, b'}')?;
            return Some((Meant::Letter(char::from_u32(code)?), end));
        }
        let (high, end) = self.number(at, below, 16, 4..=4)?;
        if let Some(letter) = char::from_u32(high) {
            return Some((Meant::Letter(letter), end));
        }
        let end = self.symbol(end, below, b'\\')?;
        let end = self.symbol(end, below, b'u')?;
        let (low, end) = self.number(end, below, 16, 4..=4)?;
        let pair = [u16::try_from(high).ok()?, u16::try_from(low).ok()?];
        let letter = char::decode_utf16(pair).next()?.ok()?;
        Some((Meant::Letter(letter), end))
    }

    /// `&amp;`, `&#38;`, `&#038;`, `&#x26;`.
    fn entity(&self, at: usize, below: u32, found: &mut Vec<Read>) {
        let firsts = self.plain_or_escaped(at, below);
        let may_begin = |name: &str| {
            name.bytes().next().is_some_and(|own| {
                firsts
                    .iter()
                    .any(|(first, _)| first.eq_ignore_ascii_case(&own))
            })
        };
        for (name, letter) in NAMED.into_iter().filter(|(name, _)| may_begin(name)) {
            let end = name
                .bytes()
                .try_fold(at, |at, letter| self.symbol(at, below, letter));
            if let Some(end) = end {
                found.push((Meant::Letter(letter), self.closed(end, below)));
            }
        }
        let Some(at) = self.symbol(at, below, b'#') else {
            return;
        };
        let number = match self.symbol(at, below, b'x') {
            Some(at) => self.number(at, below, 16, 1..=8),
            None => self.number(at, below, 10, 1..=8),
        };
        if let Some((code, end)) = number
            && let Some(letter) = char::from_u32(code)
        {
            found.push((Meant::Letter(letter), self.closed(end, below)));
        }
    }

    /// Behind the semicolon, if there is one.
    fn closed(&self, at: usize, below: u32) -> usize {
        self.symbol(at, below, b';').unwrap_or(at)
    }

    /// The ASCII character that stands here, as it is or as an escape of the level below.
    fn plain_or_escaped(&self, at: usize, below: u32) -> Vec<(u8, usize)> {
        let mut found = Vec::new();
        self.decode(at, below, &mut found);
        let escaped = found
            .into_iter()
            .filter_map(|(meant, end)| Some((meant.ascii()?, end)));
        let plain = self.byte(at).map(|byte| (byte, at.saturating_add(1)));
        // A plain backslash may be half of an escaped one.
        escaped.chain(plain).collect()
    }

    /// Where this character ends, in either case.
    fn symbol(&self, at: usize, below: u32, wanted: u8) -> Option<usize> {
        self.plain_or_escaped(at, below)
            .into_iter()
            .find_map(|(letter, end)| letter.eq_ignore_ascii_case(&wanted).then_some(end))
    }

    /// As many digits as there are, and where they end.
    fn number(
        &self,
        at: usize,
        below: u32,
        radix: u32,
        digits: RangeInclusive<usize>,
    ) -> Option<(u32, usize)> {
        let mut value = 0_u32;
        let mut end = at;
        let mut count = 0_usize;
        while count < *digits.end() {
            let digit = self
                .plain_or_escaped(end, below)
                .into_iter()
                .find_map(|(letter, next)| Some((char::from(letter).to_digit(radix)?, next)));
            let Some((digit, next)) = digit else {
                break;
            };
            value = value.checked_mul(radix)?.checked_add(digit)?;
            end = next;
            count = count.saturating_add(1);
        }
        digits.contains(&count).then_some((value, end))
    }
}

/// Names of characters that are escaped for their meaning in HTML and XML.
const NAMED: [(&str, char); 6] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
];

impl Meant {
    const fn ascii(self) -> Option<u8> {
        match self {
            Self::Byte(byte) if byte.is_ascii() => Some(byte),
            Self::Letter(letter) if letter.is_ascii() => Some(letter as u8),
            Self::Byte(_) | Self::Letter(_) => None,
        }
    }
}

/// A byte is one of UTF-8, or a character of Latin-1.
fn push_byte(code: u32, end: usize, found: &mut Vec<Read>) {
    let Ok(byte) = u8::try_from(code) else {
        return;
    };
    found.push((Meant::Byte(byte), end));
    if !byte.is_ascii() {
        found.push((Meant::Letter(char::from(byte)), end));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether one reading of the whole text is this character.
    fn stands_for(text: &str, letter: char) -> bool {
        let mut buffer = [0; 4];
        let bytes = letter.encode_utf8(&mut buffer).as_bytes();
        Escapes::of(text.as_bytes())
            .at(0)
            .contains(&(Meant::Letter(letter), text.len()))
            || (bytes.len() == 1
                && Escapes::of(text.as_bytes())
                    .at(0)
                    .contains(&(Meant::Byte(bytes[0]), text.len())))
    }

    #[test]
    fn every_way_to_write_a_character_is_read() {
        for (text, letter) in [
            ("%26", '&'),
            ("%5c", '\\'),
            ("%5C", '\\'),
            ("%E9", '\u{e9}'),
            ("+", ' '),
            ("''", '\''),
            ("\\u0026", '&'),
            ("\\u00E9", '\u{e9}'),
            ("\\ud83d\\ude00", '\u{1f600}'),
            ("\\u{1F600}", '\u{1f600}'),
            ("\\x26", '&'),
            ("\\xe9", '\u{e9}'),
            ("\\\"", '"'),
            ("\\\\", '\\'),
            ("\\/", '/'),
            ("\\n", '\n'),
            ("&amp;", '&'),
            ("&AMP;", '&'),
            ("&quot;", '"'),
            ("&#39;", '\''),
            ("&#039;", '\''),
            ("&#x27;", '\''),
            ("&#x1F600;", '\u{1f600}'),
            ("&#38", '&'),
            // Within one another.
            ("%2526", '&'),
            ("%5Cu0026", '&'),
            ("%5C%22", '"'),
            ("%26amp%3B", '&'),
            ("%26%2338%3B", '&'),
            ("\\\\u0026", '&'),
            ("\\\\\\\"", '"'),
            ("\\\\ud83d\\\\ude00", '\u{1f600}'),
            ("\\u0026amp;", '&'),
            ("\\\\n", '\n'),
            ("&amp;amp;", '&'),
            ("\\&quot;", '"'),
            ("&#37;26", '&'),
            ("%5Cu%7B26%7D", '&'),
            ("&#x25;&#x32;&#x36;", '&'),
            ("%5C%75%30%30%32%36", '&'),
        ] {
            assert!(stands_for(text, letter), "{text}");
        }
    }

    #[test]
    fn what_is_no_escape_stands_for_nothing_else() {
        for text in [
            "a", "%", "%2", "%zz", "&", "&x;", "&#;", "&#x;", "\\u12", "\\q", "'x", "",
        ] {
            assert_eq!(Escapes::of(text.as_bytes()).at(0), [], "{text}");
        }
        assert_eq!(Escapes::of(b"&#4294967296;").at(0), []);
        assert_eq!(Escapes::of(b"\\ud83d\\u0041").at(0), []);
    }

    #[test]
    fn an_escape_that_is_cut_off_says_so() {
        for text in ["%", "%2", "\\", "\\u00", "&am", "&#3", "%5Cu00"] {
            let escapes = Escapes::of(text.as_bytes());
            escapes.at(0);
            assert!(escapes.took_end(), "{text}");
            assert!(!escapes.took_end());
        }
        let escapes = Escapes::of(b"%26 and more");
        escapes.at(0);
        assert!(!escapes.took_end());
    }
}
