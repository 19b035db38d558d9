//! Reading a JSON object field by field: what is understood is taken out, what is wrong is collected, the rest is kept.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::identity::check_id;
use super::time::instant;
use crate::money::{Currency, Money, MoneyError};
use crate::problem::{Problem, Problems};

/// What comes together while a payload is read.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) problems: Problems,
    /// For people; never with personal data in it.
    pub(super) notes: Vec<String>,
    /// What was not understood, by JSON path.
    pub(super) rest: Map<String, Value>,
}

impl Reading {
    pub(super) fn problem(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem::new(path, message));
    }

    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Keeps a field that could not be used.
    pub(super) fn keep(&mut self, field: Field) {
        self.rest.insert(field.path, field.value);
    }
}

/// A field that was taken out of an object.
pub(super) struct Field {
    pub(super) path: String,
    pub(super) value: Value,
}

/// How whole numbers among amounts are meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum AmountUnit {
    /// Minor units as Stripe counts them; nothing but whole numbers.
    Minor,
    /// Whole numbers are minor units, texts and numbers with a fraction are major units.
    Either,
}

impl AmountUnit {
    /// The amount in a field; what is none is a problem.
    pub(super) fn read(
        self,
        field: Field,
        currency: Currency,
        reading: &mut Reading,
    ) -> Option<Money> {
        match amount(&field.value, self, currency) {
            Ok(money) => Some(money),
            Err(message) => {
                reading.problem(field.path, message);
                None
            }
        }
    }
}

/// An object that is being read; reading takes fields out of it.
pub(super) struct Object {
    path: String,
    fields: Map<String, Value>,
}

impl Object {
    pub(super) fn root(fields: Map<String, Value>) -> Self {
        Self::at(String::new(), fields)
    }

    pub(super) fn at(path: String, fields: Map<String, Value>) -> Self {
        Self { path, fields }
    }

    /// Where this object stands.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Where its field `name` stands.
    pub(super) fn path_of(&self, name: &str) -> String {
        join(&self.path, name)
    }

    /// The names of its fields.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.fields.keys()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.get(name).is_some_and(|value| !value.is_null())
    }

    /// Takes the first of these fields that is there and not null.
    pub(super) fn field<S: AsRef<str>>(&mut self, names: &[S]) -> Option<Field> {
        let name = names
            .iter()
            .map(AsRef::as_ref)
            .find(|name| self.has(name))?;
        let value = self.fields.remove(name)?;
        Some(Field {
            path: join(&self.path, name),
            value,
        })
    }

    /// Takes a text; blanks around it are taken off and an empty one counts as absent.
    pub(super) fn text<S: AsRef<str>>(
        &mut self,
        names: &[S],
        reading: &mut Reading,
    ) -> Option<(String, String)> {
        let field = self.field(names)?;
        match field.value {
            Value::String(text) => {
                let text = text.trim();
                (!text.is_empty()).then(|| (field.path, text.to_owned()))
            }
            other => {
                reading.problem(
                    field.path,
                    format!("must be text, not {}", describe(&other)),
                );
                None
            }
        }
    }

    /// Takes a text that is only kept, such as a name, as one line: one that is not text is kept apart instead of refused.
    pub(super) fn free_text(&mut self, names: &[&str], reading: &mut Reading) -> Option<String> {
        let field = self.field(names)?;
        match field.value {
            Value::String(text) => {
                let text = one_line(&text);
                (!text.is_empty()).then_some(text)
            }
            _ => {
                reading.keep(field);
                None
            }
        }
    }

    /// Takes an id: text, or a whole number.
    pub(super) fn id<S: AsRef<str>>(
        &mut self,
        names: &[S],
        reading: &mut Reading,
    ) -> Option<(String, String)> {
        let name = names
            .iter()
            .map(AsRef::as_ref)
            .find(|name| self.has(name))?;
        match self.fields.get(name) {
            Some(Value::Number(number)) if !number.is_f64() => {
                let text = number.to_string();
                self.field(&[name]).map(|field| (field.path, text))
            }
            _ => self.text(&[name], reading),
        }
    }

    /// Takes an id that will be shown: nothing that could be an e-mail address.
    pub(super) fn shown_id(&mut self, names: &[&str], reading: &mut Reading) -> Option<String> {
        let (path, id) = self.id(names, reading)?;
        match check_id(&id) {
            Ok(()) => Some(id),
            Err(error) => {
                reading.problem(path, error.to_string());
                None
            }
        }
    }

    /// Takes an object.
    pub(super) fn child(&mut self, names: &[&str], reading: &mut Reading) -> Option<Object> {
        let field = self.field(names)?;
        match field.value {
            Value::Object(fields) => Some(Self::at(field.path, fields)),
            other => {
                reading.problem(
                    field.path,
                    format!("must be an object, not {}", describe(&other)),
                );
                None
            }
        }
    }

    /// True if this is a Stripe event whose object had another value of `name` before.
    pub(super) fn data_changed(&self, name: &str) -> bool {
        let previous = self
            .fields
            .get("data")
            .and_then(|data| data.get("previous_attributes"));
        previous.is_some_and(|previous| previous.get(name).is_some())
    }

    /// Takes a Stripe id: text, or an expanded object whose other fields are kept.
    pub(super) fn stripe_id(
        &mut self,
        name: &str,
        reading: &mut Reading,
    ) -> Option<(String, String)> {
        let Some(mut expanded) = self.child_if_any(name) else {
            return self.text(&[name], reading);
        };
        let id = expanded.text(&["id"], reading);
        expanded.finish(reading);
        id
    }

    /// True if the field holds one of these texts; it is left where it is.
    pub(super) fn text_is<S: AsRef<str>>(&self, name: &str, texts: &[S]) -> bool {
        let text = self.fields.get(name).and_then(Value::as_str);
        text.is_some_and(|text| texts.iter().any(|wanted| wanted.as_ref() == text))
    }

    /// Takes an object if the field is one, and leaves it alone otherwise.
    pub(super) fn child_if_any(&mut self, name: &str) -> Option<Object> {
        if !self.fields.get(name).is_some_and(Value::is_object) {
            return None;
        }
        match self.field(&[name])? {
            Field {
                path,
                value: Value::Object(fields),
            } => Some(Self::at(path, fields)),
            _ => None,
        }
    }

    /// Takes an amount of money; without a currency it is kept apart.
    pub(super) fn money(
        &mut self,
        names: &[&str],
        unit: AmountUnit,
        currency: Option<Currency>,
        reading: &mut Reading,
    ) -> Option<Money> {
        let field = self.field(names)?;
        let Some(currency) = currency else {
            reading.keep(field);
            return None;
        };
        unit.read(field, currency, reading)
    }

    /// Takes an instant; one that cannot be read is kept apart and noted.
    pub(super) fn time(&mut self, names: &[&str], reading: &mut Reading) -> Option<Timestamp> {
        let field = self.field(names)?;
        let time = instant(&field.value);
        if time.is_none() {
            reading.note(format!(
                "{} is not a time that can be read; it is left out",
                field.path
            ));
            reading.keep(field);
        }
        time
    }

    /// Ends the reading of this object: what is left was not understood.
    pub(super) fn finish(self, reading: &mut Reading) {
        for (name, value) in self.fields {
            if !value.is_null() {
                reading.rest.insert(join(&self.path, &name), value);
            }
        }
    }
}

fn amount(value: &Value, unit: AmountUnit, currency: Currency) -> Result<Money, String> {
    let number = match (value, unit) {
        (Value::Number(number), _) => number,
        (Value::String(text), AmountUnit::Either) => {
            return Money::from_decimal(text, currency).map_err(|error| error.to_string());
        }
        (other, AmountUnit::Either) => {
            return Err(format!("must be an amount, not {}", describe(other)));
        }
        (other, AmountUnit::Minor) => {
            return Err(format!(
                "must be a whole number of minor units (cents), not {}",
                describe(other)
            ));
        }
    };
    if let Some(whole) = number.as_u64() {
        return Money::from_stripe(whole, currency).map_err(|error| error.to_string());
    }
    if number.is_i64() {
        return Err(MoneyError::Negative.to_string());
    }
    match unit {
        AmountUnit::Either => {
            Money::from_json_number(number, currency).map_err(|error| error.to_string())
        }
        AmountUnit::Minor => {
            Err("must be a whole number of minor units (cents), without a fraction".to_owned())
        }
    }
}

/// A JSON path with one more field.
pub(super) fn join(path: &str, name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if name.is_empty() || !name.bytes().all(plain) {
        return format!("{path}[{}]", Value::String(name.to_owned()));
    }
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// What a value is, in words.
pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "true or false".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::String(_) => "text".to_owned(),
        Value::Array(list) => format!("a list of {}", list.len()),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// A text to repeat in a message: only what cannot be an e-mail address or someone's prose.
pub(super) fn quote(text: &str) -> Option<String> {
    let plain = |character: char| character.is_alphanumeric() || "._-:/*".contains(character);
    (text.len() <= 80 && text.chars().all(plain)).then(|| format!("\"{text}\""))
}

/// A text that others wrote, as it may stand in a log, on a terminal and in a panel's form: control characters and line
/// breaks are blanks, and what turns the direction of writing around is gone.
fn one_line(text: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut line = String::with_capacity(text.len());
    for piece in text.split(breaks).map(str::trim) {
        if !line.is_empty() && !piece.is_empty() {
            line.push(' ');
        }
        line.extend(piece.chars().filter(|c| !turns(*c)));
    }
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_name_odd_fields_unmistakably() {
        assert_eq!(join("", "items"), "items");
        assert_eq!(join("items[0]", "domain"), "items[0].domain");
        assert_eq!(join("a", "b.c"), r#"a["b.c"]"#);
        assert_eq!(join("", ""), r#"[""]"#);
    }

    #[test]
    fn whole_numbers_are_minor_units_and_fractions_major_units() {
        let usd = Currency::USD;
        let cents = |value: Value, unit| amount(&value, unit, usd).map(Money::minor).ok();
        assert_eq!(cents(json!(1999), AmountUnit::Either), Some(1999));
        assert_eq!(cents(json!(19.99), AmountUnit::Either), Some(1999));
        assert_eq!(cents(json!("19.99"), AmountUnit::Either), Some(1999));
        assert_eq!(cents(json!("20"), AmountUnit::Either), Some(2000));
        assert_eq!(cents(json!(1999), AmountUnit::Minor), Some(1999));
        for wrong in [
            json!(19.99),
            json!("1999"),
            json!(-1),
            json!([]),
            json!(true),
        ] {
            assert_eq!(cents(wrong.clone(), AmountUnit::Minor), None, "{wrong}");
        }
    }

    #[test]
    fn only_harmless_texts_are_repeated() {
        assert_eq!(quote("wp_growth"), Some("\"wp_growth\"".to_owned()));
        assert_eq!(quote("jane@example.com"), None);
        assert_eq!(quote("Jane Doe"), None);
    }
}
