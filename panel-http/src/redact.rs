mod escapes;
mod needle;

use std::ops::Range;

use secrecy::zeroize::Zeroizing;

use self::{
    escapes::{Escapes, INTRODUCERS, Meant},
    needle::{Found, Needle},
};
use crate::{plain_text, request_body::MASK};

/// Shorter secrets are not looked for: replacing them would mangle ordinary words.
const SHORTEST: usize = 4;

/// Takes known secret values out of texts that come from outside, however they are written there: as they are,
/// percent-encoded, escaped for JSON or HTML, one within the other, or in base64.
///
/// It costs far more than a plain search, and is made only once something went wrong.
#[derive(Default)]
pub(crate) struct Redactor {
    needles: Vec<Needle>,
    /// For each byte, whether one of them may begin with it.
    begins: Vec<bool>,
}

impl Redactor {
    /// Adds a secret.
    pub(crate) fn add(&mut self, secret: &str) {
        if secret.len() < SHORTEST {
            return;
        }
        self.add_needle(Needle::plain(secret));
        Needle::base64(secret).for_each(|needle| self.add_needle(needle));
        if let Ok(json) = serde_json::to_string(secret).map(Zeroizing::new)
            && let Some(escaped) = json
                .strip_prefix('"')
                .and_then(|text| text.strip_suffix('"'))
        {
            Needle::base64(escaped).for_each(|needle| self.add_needle(needle));
        }
        // As it stands on a line that was made of the text.
        if let Some(line) = plain_text::one_line(secret).map(Zeroizing::new)
            && line.len() >= SHORTEST
        {
            self.add_needle(Needle::plain(&line));
        }
    }

    /// Adds a secret as it stands in a JSON text, and what it says.
    pub(crate) fn add_json_fragment(&mut self, fragment: &str) {
        let quoted = Zeroizing::new(format!("\"{fragment}\""));
        if let Ok(plain) = serde_json::from_str::<String>(&quoted).map(Zeroizing::new)
            && *plain != fragment
        {
            self.add(&plain);
        }
        self.add(fragment);
    }

    fn add_needle(&mut self, needle: Needle) {
        if needle.is_empty() || self.needles.contains(&needle) {
            return;
        }
        self.begins.resize(256, false);
        for (byte, begins) in (0..=u8::MAX).zip(&mut self.begins) {
            *begins |= needle.begins_with(Meant::Byte(byte));
        }
        self.needles.push(needle);
    }

    /// Cleans a body. Where it was cut off at a cap, the start of a secret at its very end goes too.
    pub(crate) fn clean_body(&self, body: &[u8], is_cut: bool) -> String {
        let places = self.places(body);
        let kept = places.started.filter(|_| is_cut).unwrap_or(body.len());
        masked(body.get(..kept).unwrap_or_default(), &places.secrets)
    }

    /// Cleans a text.
    pub(crate) fn clean(&self, text: String) -> String {
        let places = self.places(text.as_bytes());
        if places.secrets.is_empty() {
            text
        } else {
            masked(text.as_bytes(), &places.secrets)
        }
    }

    /// Cleans a line that may have been cut.
    pub(crate) fn clean_line(&self, line: String) -> String {
        match line.strip_suffix(plain_text::CUT) {
            Some(start) => {
                let mut cleaned = self.clean_body(start.as_bytes(), true);
                cleaned.push(plain_text::CUT);
                cleaned
            }
            None => self.clean(line),
        }
    }

    fn places(&self, text: &[u8]) -> Places {
        let mut places = Places::default();
        if self.needles.is_empty() {
            return places;
        }
        let escapes = Escapes::of(text);
        for (at, &byte) in text.iter().enumerate() {
            let begins = self
                .begins
                .get(usize::from(byte))
                .is_some_and(|begins| *begins);
            let is_escape = INTRODUCERS.contains(&byte);
            if !begins && !is_escape {
                continue;
            }
            let mut read = Vec::new();
            if is_escape {
                escapes.took_end();
                read = escapes.at(at);
                // An escape that the text does not end may be how a secret begins.
                if escapes.took_end() && places.started.is_none() {
                    places.started = Some(at);
                }
            }
            for needle in &self.needles {
                let is_possible = (begins && needle.begins_with(Meant::Byte(byte)))
                    || read.iter().any(|(meant, _)| needle.begins_with(*meant));
                if !is_possible {
                    continue;
                }
                match needle.at(&escapes, at, &read) {
                    Found::Whole(place) => places.secrets.push(place),
                    Found::Started if places.started.is_none() => places.started = Some(at),
                    Found::Started | Found::Nothing => {}
                }
            }
        }
        places
    }
}

/// Where secrets stand in a text.
#[derive(Default)]
struct Places {
    /// In no order; one may lie in another.
    secrets: Vec<Range<usize>>,
    /// Where one begins that the text does not end.
    started: Option<usize>,
}

/// The text with a mask in place of each secret, and of all that overlap.
fn masked(text: &[u8], secrets: &[Range<usize>]) -> String {
    let mut secrets = secrets.to_vec();
    secrets.sort_by_key(|place| place.start);
    let mut shown = Vec::with_capacity(text.len());
    let mut from = 0;
    for place in secrets {
        if place.start >= text.len() {
            break;
        }
        if place.start >= from {
            shown.extend_from_slice(text.get(from..place.start).unwrap_or_default());
            shown.extend_from_slice(MASK.as_bytes());
        }
        from = from.max(place.end);
    }
    shown.extend_from_slice(text.get(from..).unwrap_or_default());
    String::from_utf8_lossy(&shown).into_owned()
}

/// Whether a member of this name holds a secret, or an echo of what was sent, in whatever spelling.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let name: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    [
        "password",
        "passwd",
        "secret",
        "token",
        "apikey",
        "authorization",
        "cookie",
        "hash",
        "privatekey",
        "credential",
    ]
    .iter()
    .any(|part| name.contains(part))
}

#[cfg(test)]
mod tests;
