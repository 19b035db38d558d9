//! Texts from outside, made safe to show: nothing in them can break a line, steer a terminal, or hide or reorder what
//! stands beside it.

/// Longest line kept, in characters.
pub(crate) const LONGEST_LINE: usize = 500;

/// What stands at the end of a text that was cut.
pub(crate) const CUT: char = '\u{2026}';

/// One line of at most 500 characters: blanks and control characters folded into one space, what is invisible left out.
/// None if nothing is left.
pub(crate) fn one_line(text: &str) -> Option<String> {
    let mut line = String::new();
    let mut length = 0_usize;
    let mut is_apart = false;
    for letter in text.chars().filter(|&letter| !is_invisible(letter)) {
        if letter.is_whitespace() || letter.is_control() {
            is_apart = length > 0;
            continue;
        }
        let blank = std::mem::take(&mut is_apart).then_some(' ');
        for letter in blank.into_iter().chain([letter]) {
            if length == LONGEST_LINE {
                line.push(CUT);
                return Some(line);
            }
            line.push(letter);
            length = length.saturating_add(1);
        }
    }
    (length > 0).then_some(line)
}

/// The lines of a text as they are, without control characters and what is invisible.
pub(crate) fn lines(text: &str) -> String {
    text.chars()
        .filter(|&letter| matches!(letter, '\n' | '\t') || !letter.is_control())
        .filter(|&letter| !is_invisible(letter))
        .collect()
}

/// Characters that show nothing of their own: those that turn the direction of what follows, those of no width, marks
/// of byte order and language. They are what Unicode calls `Default_Ignorable_Code_Point`, and the three that frame
/// annotations.
const fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every character that shows nothing or steers what shows the text.
    fn hidden() -> impl Iterator<Item = char> {
        let controls = ('\u{0}'..='\u{1f}').chain('\u{7f}'..='\u{9f}');
        let formats = ('\u{200b}'..='\u{200f}')
            .chain('\u{202a}'..='\u{202e}')
            .chain('\u{2066}'..='\u{2069}');
        controls
            .chain(formats)
            .chain(['\u{feff}', '\u{ad}', '\u{61c}', '\u{e0041}'])
    }

    #[test]
    fn what_does_not_show_is_left_out_and_what_breaks_lines_is_folded() {
        for letter in hidden() {
            let text = format!("pay{letter}load");
            let line = one_line(&text).unwrap();
            let expected = if letter.is_control() {
                "pay load"
            } else {
                "payload"
            };
            assert_eq!(line, expected, "{letter:?}");
            let kept = match letter {
                '\n' | '\t' => text.as_str(),
                _ => "payload",
            };
            assert_eq!(lines(&text), kept, "{letter:?}");
            assert_eq!(one_line(&letter.to_string()), None, "{letter:?}");
        }
        assert_eq!(one_line("\u{2028}a \r\n\u{2029} b\u{85}").unwrap(), "a b");
    }

    #[test]
    fn a_text_turned_around_reads_as_it_was_sent() {
        let sent = "file \u{202e}gpj.exe\u{202c} refused \u{2067}x\u{2069}";
        assert_eq!(one_line(sent).unwrap(), "file gpj.exe refused x");
        assert_eq!(lines(sent), "file gpj.exe refused x");
    }

    #[test]
    fn words_of_every_script_stay() {
        for text in [
            "Größe überschritten",
            "名前が必要です",
            "שם חסר",
            "الاسم مطلوب",
            "1 € 🎉",
        ] {
            assert_eq!(one_line(text).unwrap(), text);
            assert_eq!(lines(text), text);
        }
    }

    #[test]
    fn a_long_line_is_cut_where_it_says_so() {
        let line = one_line(&"x".repeat(LONGEST_LINE)).unwrap();
        assert_eq!(line.chars().count(), LONGEST_LINE);
        for long in ["x".repeat(LONGEST_LINE + 1), "x ".repeat(LONGEST_LINE)] {
            let line = one_line(&long).unwrap();
            assert_eq!(line.chars().count(), LONGEST_LINE + 1);
            assert!(line.ends_with(CUT));
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_shown_can_steer_what_shows_it(text in ".{0,600}") {
            let shown = [one_line(&text).unwrap_or_default(), lines(&text).replace(['\n', '\t'], "")];
            for shown in shown {
                prop_assert!(!shown.contains(char::is_control));
                prop_assert!(!shown.contains(|letter| hidden().any(|one| one == letter)));
            }
        }

        #[test]
        fn a_line_stays_as_it_is(text in ".{0,600}") {
            if let Some(line) = one_line(&text) {
                prop_assert_eq!(one_line(&line), Some(line));
            }
        }
    }
}
