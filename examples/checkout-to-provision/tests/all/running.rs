//! The program at work: what it says meanwhile, and signals to it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::program::{Ended, command};
use crate::real_panel::{ORDER, RealPanel};

const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Waits until something has happened elsewhere.
pub(crate) async fn until(happened: impl Fn() -> bool) {
    let deadline = Instant::now() + LONGEST_WAIT;
    while !happened() {
        assert!(Instant::now() < deadline, "it never happens");
        // Another process does it and tells nobody: asked again and again, within the limit above.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The program at work.
pub(crate) struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    said: String,
}

impl Running {
    pub(crate) fn start(real: &RealPanel, folder: &TempDir, more: &str) -> Self {
        Self::start_with(&real.environment(), folder, ORDER, more)
    }

    pub(crate) fn start_with(
        environment: &[(&str, String)],
        folder: &TempDir,
        order: &str,
        more: &str,
    ) -> Self {
        let content = order;
        let order = folder.path().join("order.json");
        std::fs::write(&order, content).unwrap();
        let mut command = command();
        command
            .arg(&order)
            .args("--order-id A-1 --paid-by operator --confirm-saved".split(' '))
            .args(more.split_whitespace())
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            stdout,
            said: String::new(),
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Reads on until it says this.
    pub(crate) fn says(&mut self, text: &str) {
        while !self.said.contains(text) {
            let read = self.stdout.read_line(&mut self.said).unwrap();
            assert!(read > 0, "it never says {text:?}: {}", self.said);
        }
    }

    /// What came of it; exit -1 if the signal ended it.
    pub(crate) fn ends(mut self) -> Ended {
        self.stdout.read_to_string(&mut self.said).unwrap();
        let output = self.child.wait_with_output().unwrap();
        Ended {
            exit: output.status.code().unwrap_or(-1),
            stdout: self.said,
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
