//! Reading a fleet from TOML, with every mistake and its line.

use std::fmt;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use url::Url;

use super::config::{duplicates, preview_domain};
use super::server::{check_url, check_variable};
use super::{FleetConfig, FleetProblem, ServerConfig, ServerConfigError, ServerName, ServerState};
use crate::placement::PlacementRule;

const FILE_KEYS: [&str; 3] = ["preview_domain", "rule", "server"];
const SERVER_KEYS: [&str; 9] = [
    "name",
    "url",
    "api_key_env",
    "api_secret_env",
    "capacity",
    "location",
    "tags",
    "weight",
    "state",
];
const RULES: &str =
    "\"least-accounts\", \"least-full\", \"fill-first\" or { pinned = \"name of a server\" }";

pub(super) fn read(text: &str) -> Result<FleetConfig, Vec<FleetProblem>> {
    let mut reader = Reader {
        line_ends: text.match_indices('\n').map(|(at, _)| at).collect(),
        problems: Vec::new(),
    };
    let document = match DeTable::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let line = error.span().map(|span| reader.line_at(span.start));
            return Err(vec![FleetProblem::new(line, "", error.message())]);
        }
    };
    let config = reader.file(document.get_ref());
    match config {
        Some(config) if reader.problems.is_empty() => Ok(config),
        _ => Err(reader.problems),
    }
}

type Value<'i> = Spanned<DeValue<'i>>;

/// One table being read: its values, its place in words, and the line it starts in.
struct Table<'t, 'i> {
    values: &'t DeTable<'i>,
    path: String,
    line: usize,
}

impl<'t, 'i> Table<'t, 'i> {
    fn get(&self, key: &str) -> Option<&'t Value<'i>> {
        self.values
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map(|(_, value)| value)
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }
}

struct Reader {
    /// Where each line ends, so that a file of thousands of servers is not searched from its start for each of them.
    line_ends: Vec<usize>,
    problems: Vec<FleetProblem>,
}

impl Reader {
    fn line_at(&self, offset: usize) -> usize {
        1 + self.line_ends.partition_point(|end| *end < offset)
    }

    fn line_of<T>(&self, value: &Spanned<T>) -> usize {
        self.line_at(value.span().start)
    }

    fn problem(&mut self, line: usize, path: impl Into<String>, message: impl fmt::Display) {
        self.problems
            .push(FleetProblem::new(Some(line), path, message));
    }

    fn wrong_type(&mut self, value: &Value<'_>, path: String, wanted: &str) {
        let found = match value.get_ref().type_str() {
            found @ ("integer" | "array") => format!("an {found}"),
            found => format!("a {found}"),
        };
        self.problem(
            self.line_of(value),
            path,
            format!("{wanted} is needed here, this is {found}"),
        );
    }

    fn file(&mut self, document: &DeTable<'_>) -> Option<FleetConfig> {
        let file = Table {
            values: document,
            path: String::new(),
            line: 1,
        };
        self.unknown_keys(&file, &FILE_KEYS);
        let preview = self.preview_domain(&file);
        let rule = file
            .get("rule")
            .map(|value| (self.line_of(value), self.rule(value)));
        let (servers, lines) = self.servers(&file);
        self.problems.extend(duplicates(&servers, &lines));
        let complete = servers.len() == lines.len();
        let mut config = FleetConfig::sorted(servers);
        if let Some(domain) = preview {
            config = config.with_preview_domain(&domain).ok()?;
        }
        if let Some((line, rule)) = rule {
            let rule = rule?;
            // A server that could not be read may be the one it is pinned to.
            if complete && let Some(message) = config.unknown_pin(&rule) {
                self.problem(line, "rule", message);
            }
            config = config.with_rule(rule).ok()?;
        }
        Some(config)
    }

    fn unknown_keys(&mut self, table: &Table<'_, '_>, known: &[&str]) {
        for key in table.values.keys() {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                let near = known
                    .iter()
                    .find(|candidate| candidate.starts_with(name) || name.starts_with(*candidate));
                let hint = match near {
                    Some(near) => format!("; did you mean `{near}`?"),
                    None => format!("; known are {}", known.join(", ")),
                };
                self.problem(
                    self.line_of(key),
                    table.path_of(name),
                    format!("unknown key{hint}"),
                );
            }
        }
    }

    fn preview_domain(&mut self, file: &Table<'_, '_>) -> Option<String> {
        let text = self.text(file, "preview_domain")?;
        match preview_domain(&text.value) {
            Ok(domain) => Some(domain),
            Err(message) => {
                self.problem(text.line, "preview_domain", message);
                None
            }
        }
    }

    fn rule(&mut self, value: &Value<'_>) -> Option<PlacementRule> {
        let line = self.line_of(value);
        match value.get_ref() {
            DeValue::String(text) => match text.as_ref() {
                "least-accounts" => Some(PlacementRule::LeastAccounts),
                "least-full" => Some(PlacementRule::LeastFull),
                "fill-first" => Some(PlacementRule::FillFirst),
                other => {
                    self.problem(line, "rule", format!("{other:?} is no rule; {RULES} are"));
                    None
                }
            },
            DeValue::Table(table) => {
                let table = Table {
                    values: table,
                    path: "rule".to_owned(),
                    line,
                };
                self.unknown_keys(&table, &["pinned"]);
                let name = self.required_text(&table, "pinned")?;
                match ServerName::new(name.value) {
                    Ok(name) => Some(PlacementRule::Pinned(name)),
                    Err(error) => {
                        self.problem(name.line, "rule.pinned", error);
                        None
                    }
                }
            }
            _ => {
                self.wrong_type(value, "rule".to_owned(), RULES);
                None
            }
        }
    }

    /// The servers that could be read, and the lines of all there are.
    fn servers(&mut self, file: &Table<'_, '_>) -> (Vec<ServerConfig>, Vec<Option<usize>>) {
        let mut servers = Vec::new();
        let mut lines = Vec::new();
        let Some(value) = file.get("server") else {
            self.problem(1, "", "no server; each one is a table headed [[server]]");
            return (servers, lines);
        };
        let DeValue::Array(array) = value.get_ref() else {
            self.wrong_type(
                value,
                "server".to_owned(),
                "a list of tables, each headed [[server]],",
            );
            return (servers, lines);
        };
        if array.is_empty() {
            self.problem(
                self.line_of(value),
                "server",
                "no server; each one is a table headed [[server]]",
            );
        }
        for (at, entry) in array.iter().enumerate() {
            let line = self.line_of(entry);
            let path = format!("server[{at}]");
            lines.push(Some(line));
            match entry.get_ref() {
                DeValue::Table(values) => {
                    servers.extend(self.server(&Table { values, path, line }))
                }
                _ => self.wrong_type(entry, path, "a table"),
            }
        }
        (servers, lines)
    }

    fn server(&mut self, table: &Table<'_, '_>) -> Option<ServerConfig> {
        let before = self.problems.len();
        self.unknown_keys(table, &SERVER_KEYS);
        let name = self.required_text(table, "name").and_then(|text| {
            ServerName::new(text.value)
                .map_err(|error| self.problem(text.line, table.path_of("name"), error))
                .ok()
        });
        let url = self.url(table);
        let capacity = self.number(table, "capacity", super::server::MAX_CAPACITY);
        if capacity.is_none() && table.get("capacity").is_none() {
            self.problem(
                table.line,
                table.path_of("capacity"),
                "missing: how many accounts the server holds",
            );
        }
        let variables = self.variables(table);
        let location = self.text(table, "location");
        let tags = self.tags(table);
        let weight = self.number(table, "weight", super::server::MAX_WEIGHT);
        let state = self.state(table);
        if self.problems.len() > before {
            return None;
        }
        let build = || {
            let mut server = ServerConfig::new(name?, url?, capacity?)
                .ok()?
                .with_tags(tags)
                .ok()?;
            if let Some((key, secret)) = variables {
                server = server.with_credentials_from(key, secret).ok()?;
            }
            if let Some(location) = location {
                server = server.with_location(location.value).ok()?;
            }
            if let Some(weight) = weight {
                server = server.with_weight(weight).ok()?;
            }
            Some(server.with_state(state))
        };
        build()
    }

    fn url(&mut self, table: &Table<'_, '_>) -> Option<Url> {
        let text = self.required_text(table, "url")?;
        // The text itself is not repeated: it may carry a password.
        let checked = Url::parse(&text.value)
            .map_err(|error| format!("no URL such as https://np-1.example.net:9000: {error}"))
            .and_then(|url| {
                check_url(&url)
                    .map(|()| url)
                    .map_err(|error| error.to_string())
            });
        checked
            .map_err(|message| self.problem(text.line, table.path_of("url"), message))
            .ok()
    }

    fn variables(&mut self, table: &Table<'_, '_>) -> Option<(String, String)> {
        let keys = ["api_key_env", "api_secret_env"];
        let [key, secret] = keys.map(|key| {
            let text = self.text(table, key)?;
            check_variable(&text.value)
                .map_err(|error| self.problem(text.line, table.path_of(key), error))
                .ok()?;
            Some(text.value)
        });
        let [key_is_there, secret_is_there] = keys.map(|key| table.get(key).is_some());
        if key_is_there != secret_is_there {
            let [there, missing] = if key_is_there {
                keys
            } else {
                [keys[1], keys[0]]
            };
            let message =
                format!("missing: {there} is given, and key and secret only work together");
            self.problem(table.line, table.path_of(missing), message);
        }
        key.zip(secret)
    }

    fn tags(&mut self, table: &Table<'_, '_>) -> Vec<String> {
        let Some(value) = table.get("tags") else {
            return Vec::new();
        };
        let DeValue::Array(array) = value.get_ref() else {
            self.wrong_type(value, table.path_of("tags"), "a list of strings");
            return Vec::new();
        };
        let mut tags = Vec::new();
        for (at, entry) in array.iter().enumerate() {
            let path = format!("{}[{at}]", table.path_of("tags"));
            match entry.get_ref().as_str() {
                Some(tag) if tag.trim().is_empty() => {
                    self.problem(
                        self.line_of(entry),
                        path,
                        ServerConfigError::Empty { what: "tag" },
                    );
                }
                Some(tag) => tags.push(tag.to_owned()),
                None => self.wrong_type(entry, path, "a string"),
            }
        }
        tags
    }

    fn state(&mut self, table: &Table<'_, '_>) -> ServerState {
        let Some(text) = self.text(table, "state") else {
            return ServerState::default();
        };
        let state = ServerState::ALL
            .into_iter()
            .find(|state| state.to_string() == text.value);
        if state.is_none() {
            let message = format!(
                "{:?} is no state; open, draining or disabled are",
                text.value
            );
            self.problem(text.line, table.path_of("state"), message);
        }
        state.unwrap_or_default()
    }

    fn number(&mut self, table: &Table<'_, '_>, key: &str, maximum: u32) -> Option<u32> {
        let value = table.get(key)?;
        let wanted = format!("a whole number from 1 to {maximum}");
        let Some(integer) = value.get_ref().as_integer() else {
            self.wrong_type(value, table.path_of(key), &wanted);
            return None;
        };
        let number = u32::from_str_radix(integer.as_str(), integer.radix())
            .ok()
            .filter(|number| (1..=maximum).contains(number));
        if number.is_none() {
            let state = if key == "capacity" {
                "disabled"
            } else {
                "draining"
            };
            let message =
                format!("{wanted} is needed here; a server to be left out has state = \"{state}\"");
            self.problem(self.line_of(value), table.path_of(key), message);
        }
        number
    }

    fn required_text(&mut self, table: &Table<'_, '_>, key: &str) -> Option<Text> {
        if table.get(key).is_none() {
            self.problem(table.line, table.path_of(key), "missing");
        }
        self.text(table, key)
    }

    /// A string that is not blank.
    fn text(&mut self, table: &Table<'_, '_>, key: &str) -> Option<Text> {
        let value = table.get(key)?;
        match value.get_ref().as_str() {
            Some(text) if text.trim().is_empty() => {
                self.problem(self.line_of(value), table.path_of(key), "must not be empty");
                None
            }
            Some(text) => Some(Text {
                value: text.to_owned(),
                line: self.line_of(value),
            }),
            None => {
                self.wrong_type(value, table.path_of(key), "a string");
                None
            }
        }
    }
}

struct Text {
    value: String,
    line: usize,
}
