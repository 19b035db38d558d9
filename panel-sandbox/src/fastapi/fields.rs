//! Fields of a body: read leniently where pydantic is lenient, and all problems at once.

use serde_json::{Map, Value, json};

use super::{Problem, Refusal};

/// The fields of a JSON object, collecting what is wrong with them.
///
/// A reader that finds a problem notes it and returns a value that is never used, because
/// [`finish`](Fields::finish) then refuses.
pub(crate) struct Fields<'body> {
    whole: &'body Value,
    object: &'body Map<String, Value>,
    /// Where the object stands in the request.
    place: Vec<Value>,
    problems: Vec<Problem>,
}

impl<'body> Fields<'body> {
    pub(crate) fn of(body: &'body Value) -> Result<Self, Refusal> {
        let place = vec![json!("body")];
        let problem = || Refusal::invalid(vec![no_object(body, place.clone())]);
        Self::at(body, &place).ok_or_else(problem)
    }

    fn at(whole: &'body Value, place: &[Value]) -> Option<Self> {
        Some(Self {
            whole,
            object: whole.as_object()?,
            place: place.to_vec(),
            problems: Vec::new(),
        })
    }

    pub(crate) fn required_string(&mut self, name: &str) -> String {
        self.demand_string(name).unwrap_or_default()
    }

    /// A string that must be there; nothing if that was noted as a problem.
    pub(crate) fn demand_string(&mut self, name: &str) -> Option<String> {
        self.required(name, Self::string)
    }

    pub(crate) fn optional_string(&mut self, name: &str) -> Option<String> {
        self.optional(name, Self::string)
    }

    pub(crate) fn required_integer(&mut self, name: &str) -> i64 {
        self.required(name, Self::integer).unwrap_or_default()
    }

    pub(crate) fn optional_integer(&mut self, name: &str) -> Option<i64> {
        self.optional(name, Self::integer)
    }

    /// An integer that may be absent, but not `null`.
    pub(crate) fn integer_or(&mut self, name: &str, default: i64) -> i64 {
        match self.object.get(name) {
            Some(value) => self.integer(name, value).unwrap_or_default(),
            None => default,
        }
    }

    pub(crate) fn required_number(&mut self, name: &str) -> f64 {
        self.required(name, Self::number).unwrap_or_default()
    }

    pub(crate) fn optional_number(&mut self, name: &str) -> Option<f64> {
        self.optional(name, Self::number)
    }

    /// A boolean that is false unless given; the words and numbers pydantic takes for one are taken here.
    pub(crate) fn boolean(&mut self, name: &str) -> bool {
        self.boolean_or(name, false)
    }

    /// A boolean that may be absent, but not `null`.
    pub(crate) fn boolean_or(&mut self, name: &str, default: bool) -> bool {
        match self.object.get(name) {
            Some(value) => self.truth(name, value).unwrap_or_default(),
            None => default,
        }
    }

    pub(crate) fn optional_boolean(&mut self, name: &str) -> Option<bool> {
        self.optional(name, Self::truth)
    }

    pub(crate) fn required_object(&mut self, name: &str) -> Value {
        self.required(name, Self::dictionary).unwrap_or_default()
    }

    pub(crate) fn optional_object(&mut self, name: &str) -> Option<Value> {
        self.optional(name, Self::dictionary)
    }

    /// A list of strings, empty unless given.
    pub(crate) fn strings(&mut self, name: &str) -> Vec<String> {
        let Some(value) = self.present(name) else {
            return Vec::new();
        };
        let strings: Option<Vec<String>> = value.as_array().and_then(|items| {
            items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect()
        });
        if strings.is_none() {
            self.problem(
                "list_type",
                name,
                "Input should be a valid list",
                value.clone(),
            );
        }
        strings.unwrap_or_default()
    }

    /// A list of objects that must be there, each read by itself.
    pub(crate) fn required_items<T>(
        &mut self,
        name: &str,
        read: impl Fn(&mut Fields<'_>) -> T,
    ) -> Vec<T> {
        self.required(name, |fields, name, value| {
            Some(fields.items(name, value, &read))
        })
        .unwrap_or_default()
    }

    /// Notes a field that is absent, whatever it is otherwise.
    pub(crate) fn require(&mut self, name: &str) {
        self.required(name, |_, _, _| Some(()));
    }

    /// A list of objects, each read by itself.
    pub(crate) fn optional_items<T>(
        &mut self,
        name: &str,
        read: impl Fn(&mut Fields<'_>) -> T,
    ) -> Option<Vec<T>> {
        self.optional(name, |fields, name, value| {
            Some(fields.items(name, value, &read))
        })
    }

    fn items<T>(
        &mut self,
        name: &str,
        value: &Value,
        read: impl Fn(&mut Fields<'_>) -> T,
    ) -> Vec<T> {
        let Some(values) = value.as_array() else {
            self.problem(
                "list_type",
                name,
                "Input should be a valid list",
                value.clone(),
            );
            return Vec::new();
        };
        let mut items = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            let mut place = self.place_of(name);
            place.push(json!(index));
            if let Some(mut fields) = Fields::at(value, &place) {
                items.push(read(&mut fields));
                self.problems.append(&mut fields.problems);
            } else {
                self.problems.push(no_object(value, place));
            }
        }
        items
    }

    fn required<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Self, &str, &'body Value) -> Option<T>,
    ) -> Option<T> {
        match self.object.get(name) {
            Some(value) => read(self, name, value),
            None => {
                let whole = self.whole.clone();
                self.problem("missing", name, "Field required", whole);
                None
            }
        }
    }

    fn optional<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Self, &str, &'body Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.present(name)?;
        read(self, name, value)
    }

    fn string(&mut self, name: &str, value: &Value) -> Option<String> {
        let text = value.as_str().map(str::to_owned);
        if text.is_none() {
            self.problem(
                "string_type",
                name,
                "Input should be a valid string",
                value.clone(),
            );
        }
        text
    }

    fn integer(&mut self, name: &str, value: &Value) -> Option<i64> {
        let number = match value {
            Value::String(text) => text.trim().parse().ok(),
            number => number.as_i64(),
        };
        if number.is_none() {
            let (kind, message) = integer_problem(value);
            self.problem(kind, name, message, value.clone());
        }
        number
    }

    fn number(&mut self, name: &str, value: &Value) -> Option<f64> {
        let number = match value {
            Value::String(text) => text.trim().parse().ok(),
            number => number.as_f64(),
        };
        if number.is_none() {
            let (kind, message) = if value.is_string() {
                (
                    "float_parsing",
                    "Input should be a valid number, unable to parse string as a number",
                )
            } else {
                ("float_type", "Input should be a valid number")
            };
            self.problem(kind, name, message, value.clone());
        }
        number
    }

    fn truth(&mut self, name: &str, value: &Value) -> Option<bool> {
        let truth = match value {
            Value::Bool(truth) => Some(*truth),
            Value::Number(number) => match number.as_i64() {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            },
            Value::String(text) => truth_of(text),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        if truth.is_none() {
            let message = "Input should be a valid boolean, unable to interpret input";
            self.problem("bool_parsing", name, message, value.clone());
        }
        truth
    }

    fn dictionary(&mut self, name: &str, value: &Value) -> Option<Value> {
        if !value.is_object() {
            self.problem(
                "dict_type",
                name,
                "Input should be a valid dictionary",
                value.clone(),
            );
        }
        Some(value.clone())
    }

    fn present(&self, name: &str) -> Option<&'body Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// Notes a problem with a field.
    pub(crate) fn problem(
        &mut self,
        kind: &'static str,
        name: &str,
        message: impl Into<String>,
        input: Value,
    ) {
        let place = self.place_of(name);
        self.problems
            .push(Problem::new(kind, place, message, input));
    }

    /// Notes a problem with a field, and what it is about.
    pub(crate) fn problem_with_context(
        &mut self,
        kind: &'static str,
        name: &str,
        message: impl Into<String>,
        input: Value,
        context: Value,
    ) {
        let place = self.place_of(name);
        self.problems
            .push(Problem::new(kind, place, message, input).with_context(context));
    }

    fn place_of(&self, name: &str) -> Vec<Value> {
        let mut place = self.place.clone();
        place.push(json!(name));
        place
    }

    /// Notes that a string is shorter than it must be, unless it was refused already.
    pub(crate) fn minimum_length(&mut self, name: &str, minimum: usize) {
        let Some(Value::String(text)) = self.object.get(name) else {
            return;
        };
        if text.chars().count() < minimum {
            self.problem_with_context(
                "string_too_short",
                name,
                format!("String should have at least {minimum} characters"),
                json!(text),
                json!({ "min_length": minimum }),
            );
        }
    }

    /// Notes every field but these.
    pub(crate) fn forbid_others(&mut self, known: &[&str]) {
        for (name, value) in self.object {
            if !known.contains(&name.as_str()) {
                let message = "Extra inputs are not permitted";
                self.problem("extra_forbidden", name, message, value.clone());
            }
        }
    }

    /// Refuses if anything was wrong.
    pub(crate) fn finish(mut self) -> Result<(), Refusal> {
        self.refuse_problems()
    }

    /// Refuses if anything was wrong up to now.
    pub(crate) fn refuse_problems(&mut self) -> Result<(), Refusal> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(Refusal::invalid(std::mem::take(&mut self.problems)))
        }
    }
}

fn no_object(value: &Value, place: Vec<Value>) -> Problem {
    Problem::new(
        "model_attributes_type",
        place,
        "Input should be a valid dictionary or object to extract fields from",
        value.clone(),
    )
}

/// The kind and words of the problem with something that should be an integer.
pub(super) fn integer_problem(value: &Value) -> (&'static str, &'static str) {
    if value.is_string() {
        (
            "int_parsing",
            "Input should be a valid integer, unable to parse string as an integer",
        )
    } else {
        ("int_type", "Input should be a valid integer")
    }
}

/// The words pydantic takes for a boolean.
pub(super) fn truth_of(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "t" | "yes" | "y" | "on" => Some(true),
        "0" | "false" | "f" | "no" | "n" | "off" => Some(false),
        _ => None,
    }
}
