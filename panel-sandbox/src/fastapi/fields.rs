//! Fields of a body or query: read leniently where pydantic is lenient, and all problems at once.

use serde_json::{Map, Value, json};

use super::{Problem, Refusal};

/// The fields of a JSON body, collecting what is wrong with them.
///
/// A reader that finds a problem notes it and returns a value that is never used, because
/// [`finish`](Fields::finish) then refuses.
pub(crate) struct Fields<'body> {
    whole: &'body Value,
    object: &'body Map<String, Value>,
    problems: Vec<Problem>,
}

impl<'body> Fields<'body> {
    pub(crate) fn of(body: &'body Value) -> Result<Self, Refusal> {
        let object = body.as_object().ok_or_else(|| {
            Refusal::invalid(vec![Problem::new(
                "model_attributes_type",
                [json!("body")],
                "Input should be a valid dictionary or object to extract fields from",
                body.clone(),
            )])
        })?;
        Ok(Self {
            whole: body,
            object,
            problems: Vec::new(),
        })
    }

    pub(crate) fn required_string(&mut self, name: &str) -> String {
        match self.object.get(name) {
            None => {
                let whole = self.whole.clone();
                self.problem("missing", name, "Field required", whole);
                String::new()
            }
            Some(value) => self.string(name, value),
        }
    }

    pub(crate) fn optional_string(&mut self, name: &str) -> Option<String> {
        let value = self.present(name)?;
        Some(self.string(name, value))
    }

    fn string(&mut self, name: &str, value: &Value) -> String {
        if let Value::String(text) = value {
            return text.clone();
        }
        self.problem(
            "string_type",
            name,
            "Input should be a valid string",
            value.clone(),
        );
        String::new()
    }

    pub(crate) fn optional_integer(&mut self, name: &str) -> Option<i64> {
        let value = self.present(name)?;
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

    /// A boolean that is false unless given; the words and numbers pydantic takes for one are taken here.
    pub(crate) fn boolean(&mut self, name: &str) -> bool {
        let Some(value) = self.object.get(name) else {
            return false;
        };
        let truth = match value {
            Value::Bool(truth) => Some(*truth),
            Value::Number(number) => match number.as_i64() {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            },
            Value::String(text) => match text.to_ascii_lowercase().as_str() {
                "1" | "true" | "t" | "yes" | "y" | "on" => Some(true),
                "0" | "false" | "f" | "no" | "n" | "off" => Some(false),
                _ => None,
            },
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        if truth.is_none() {
            let message = "Input should be a valid boolean, unable to interpret input";
            self.problem("bool_parsing", name, message, value.clone());
        }
        truth.unwrap_or_default()
    }

    pub(crate) fn optional_object(&mut self, name: &str) -> Option<Value> {
        let value = self.present(name)?;
        if !value.is_object() {
            let message = "Input should be a valid dictionary";
            self.problem("dict_type", name, message, value.clone());
        }
        Some(value.clone())
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
            let message = "Input should be a valid list";
            self.problem("list_type", name, message, value.clone());
        }
        strings.unwrap_or_default()
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
        let loc = [json!("body"), json!(name)];
        self.problems.push(Problem::new(kind, loc, message, input));
    }

    /// Notes that a string is shorter than it must be, unless it was refused already.
    pub(crate) fn minimum_length(&mut self, name: &str, minimum: usize) {
        let Some(Value::String(text)) = self.object.get(name) else {
            return;
        };
        if text.chars().count() < minimum {
            let loc = [json!("body"), json!(name)];
            let message = format!("String should have at least {minimum} characters");
            let problem = Problem::new("string_too_short", loc, message, json!(text));
            self.problems
                .push(problem.with_context(json!({ "min_length": minimum })));
        }
    }

    /// Refuses if anything was wrong.
    pub(crate) fn finish(self) -> Result<(), Refusal> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(Refusal::invalid(self.problems))
        }
    }
}

/// An integer query parameter within bounds.
pub(crate) fn query_integer(
    request: &wiremock::Request,
    name: &'static str,
    least: u64,
    most: u64,
) -> Result<Option<u64>, Refusal> {
    let Some((_, text)) = request.url.query_pairs().find(|(given, _)| given == name) else {
        return Ok(None);
    };
    let refuse = |kind, message: String| {
        let loc = [json!("query"), json!(name)];
        Refusal::invalid(vec![Problem::new(kind, loc, message, json!(text))])
    };
    let number: i128 = text.parse().map_err(|_| {
        let (kind, message) = integer_problem(&json!(text));
        refuse(kind, message.to_owned())
    })?;
    if number < i128::from(least) {
        let message = format!("Input should be greater than or equal to {least}");
        return Err(refuse("greater_than_equal", message));
    }
    match u64::try_from(number) {
        Ok(number) if number <= most => Ok(Some(number)),
        _ => {
            let message = format!("Input should be less than or equal to {most}");
            Err(refuse("less_than_equal", message))
        }
    }
}

/// The kind and words of the problem with something that should be an integer.
pub(crate) fn integer_problem(value: &Value) -> (&'static str, &'static str) {
    if value.is_string() {
        (
            "int_parsing",
            "Input should be a valid integer, unable to parse string as an integer",
        )
    } else {
        ("int_type", "Input should be a valid integer")
    }
}
