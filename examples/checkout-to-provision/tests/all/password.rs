//! Telling passwords in a text.

use std::collections::BTreeSet;

/// What the panels ask of a password.
pub(crate) const LENGTH: usize = 16;

const SYMBOLS: &str = "!@#$%^&*";

/// Whether a text is 16 characters with a lower-case letter, an upper-case letter, a digit and a symbol, and no others.
pub(crate) fn is_password(text: &str) -> bool {
    let has = |test: fn(char) -> bool| text.chars().any(test);
    text.len() == LENGTH
        && text.chars().all(may_be_in_password)
        && has(|character| character.is_ascii_lowercase())
        && has(|character| character.is_ascii_uppercase())
        && has(|character| character.is_ascii_digit())
        && has(|character| SYMBOLS.contains(character))
}

/// Everything in a text that could be a password, wherever it stands.
pub(crate) fn passwords_in(text: &str) -> BTreeSet<String> {
    text.split(|character| !may_be_in_password(character))
        .flat_map(|run| {
            (0..run.len().saturating_sub(LENGTH - 1)).map(|start| &run[start..start + LENGTH])
        })
        .filter(|candidate| is_password(candidate))
        .map(str::to_owned)
        .collect()
}

fn may_be_in_password(character: char) -> bool {
    character.is_ascii_alphanumeric() || SYMBOLS.contains(character)
}

#[test]
fn a_password_is_found_wherever_it_stands() {
    let text = "of `ada`: Ph0%6ksSR^h94PPS\n{\"password\":\"aTJh8#QT5z$Bt^Pe\"}";
    let found: Vec<String> = passwords_in(text).into_iter().collect();
    assert_eq!(found, ["Ph0%6ksSR^h94PPS", "aTJh8#QT5z$Bt^Pe"]);
    assert!(passwords_in("7bd0589b-615d-5f05-8685-e61668a76618 sample-1001").is_empty());
}
