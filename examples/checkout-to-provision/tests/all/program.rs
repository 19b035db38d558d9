//! Running the program, with an environment of its own, and what came of it.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

/// A run that takes this long hangs.
const LONGEST_RUN: Duration = Duration::from_secs(60);

/// The program, nothing inherited from whoever runs the tests.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_checkout-to-provision"));
    command.env_clear();
    // Windows programs cannot open a socket without it.
    if let Some(root) = std::env::var_os("SystemRoot") {
        command.env("SystemRoot", root);
    }
    command
}

/// One run to come.
pub(crate) struct Program(assert_cmd::Command);

/// What came of it.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The program with these arguments; standard input is empty and no terminal.
pub(crate) fn program<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Program {
    let mut command = assert_cmd::Command::from_std(command());
    command.args(arguments).timeout(LONGEST_RUN).write_stdin("");
    Program(command)
}

/// Runs the program with these arguments, written as on a command line.
pub(crate) fn run(arguments: &str) -> Ended {
    program(arguments.split_whitespace()).run()
}

impl Program {
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    pub(crate) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.write_stdin(bytes);
        self
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.0.arg(argument);
        self
    }

    pub(crate) fn dir(mut self, dir: &Path) -> Self {
        self.0.current_dir(dir);
        self
    }

    pub(crate) fn run(self) -> Ended {
        match self.run_or_die() {
            Ok(ended) => ended,
            Err(died) => panic!("the program hangs, or was killed: {died:#?}"),
        }
    }

    /// Runs it. What it said until then, if it was killed.
    pub(crate) fn run_or_die(mut self) -> Result<Ended, Ended> {
        let output = self.0.output().unwrap();
        let code = output.status.code();
        let ended = Ended {
            exit: code.unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        if code.is_some() {
            Ok(ended)
        } else {
            Err(ended)
        }
    }
}

impl Ended {
    /// Asserts the exit code, and shows everything if it is another.
    #[track_caller]
    pub(crate) fn exits(self, exit: i32) -> Self {
        assert_eq!(self.exit, exit, "{self:#?}");
        self
    }

    /// Asserts that this text is there, on standard output or standard error.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(
            self.all().contains(text),
            "does not say {text:?}: {self:#?}"
        );
        self
    }

    /// Asserts that this text is nowhere.
    #[track_caller]
    pub(crate) fn never_says(self, text: &str) -> Self {
        assert!(!self.all().contains(text), "says {text:?}: {self:#?}");
        self
    }

    /// Asserts that standard output is empty.
    #[track_caller]
    pub(crate) fn has_no_result(self) -> Self {
        assert_eq!(self.stdout, "", "{self:#?}");
        self
    }

    /// Both outputs.
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// How many lines of both outputs contain this.
    pub(crate) fn lines_with(&self, text: &str) -> usize {
        self.all()
            .lines()
            .filter(|line| line.contains(text))
            .count()
    }

    /// Standard output as the one JSON object it has to be.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let value: Value = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("not one JSON value: {error}: {self:#?}"));
        assert!(value.is_object(), "{self:#?}");
        value
    }

    /// The password of its line.
    #[track_caller]
    pub(crate) fn password(&self) -> String {
        let (_, password) = self
            .stdout
            .lines()
            .find(|line| line.starts_with("password of the "))
            .and_then(|line| line.rsplit_once(": "))
            .unwrap_or_else(|| panic!("no password: {self:#?}"));
        password.to_owned()
    }
}
