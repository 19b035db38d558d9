use super::{BodyForm, ServerError};

/// The title of a page, else its first heading, else its text.
pub(super) fn read(text: &str) -> ServerError {
    let message = ["title", "h1"]
        .into_iter()
        .find_map(|tag| element(text, tag))
        .unwrap_or_else(|| without_tags(text));
    ServerError {
        form: BodyForm::Html,
        message: Some(message),
        ..ServerError::default()
    }
}

fn element(text: &str, tag: &str) -> Option<String> {
    // ASCII lowering keeps byte positions.
    let lower = text.to_ascii_lowercase();
    let open = lower.find(&format!("<{tag}"))?;
    let start = open
        .checked_add(lower.get(open..)?.find('>')?)?
        .checked_add(1)?;
    let length = lower.get(start..)?.find("</")?;
    let inner = text.get(start..start.checked_add(length)?)?;
    let inner = without_tags(inner);
    (!inner.trim().is_empty()).then_some(inner)
}

fn without_tags(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut is_inside = false;
    for letter in text.chars() {
        match letter {
            '<' => is_inside = true,
            '>' if is_inside => {
                is_inside = false;
                plain.push(' ');
            }
            _ if !is_inside => plain.push(letter),
            _ => {}
        }
    }
    plain
}
