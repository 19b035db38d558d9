//! Text that others wrote, fit for a terminal.

use std::borrow::Cow;

/// Text with everything spelled out that would steer a terminal or turn a line around: orders and panels are written by
/// others. Line ends and tabs stay.
#[must_use]
pub fn harmless(text: &str) -> Cow<'_, str> {
    let steers = |character: char| {
        (character.is_control() && !matches!(character, '\n' | '\t'))
            || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let spelled = text.chars().map(|character| {
        if steers(character) {
            character.escape_unicode().to_string()
        } else {
            character.to_string()
        }
    });
    Cow::Owned(spelled.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_steer_a_terminal_is_spelled_out() {
        assert_eq!(harmless("a\tb\nc"), "a\tb\nc");
        assert_eq!(
            harmless("x\u{1b}[2Jy\u{9b}1m\u{202e}z"),
            "x\\u{1b}[2Jy\\u{9b}1m\\u{202e}z"
        );
    }
}
