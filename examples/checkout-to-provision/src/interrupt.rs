//! Ctrl-C and SIGTERM: the first asks to stop before the next request, the second does not wait for the present one.

use std::future::Future;
use std::io;

use tokio::sync::watch;

use crate::report::Report;

/// What was asked for by signals so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Asked {
    times: u32,
    by: &'static str,
}

/// Hears signals as long as the program runs.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt {
    asked: watch::Receiver<Asked>,
}

impl Interrupt {
    /// Takes signals from here on. Before, one ends the program at once, and nothing was sent or stored.
    pub(crate) fn listen(report: Report) -> io::Result<Self> {
        let mut signals = Signals::new()?;
        let (ask, asked) = watch::channel(Asked { times: 0, by: "" });
        tokio::spawn(async move {
            while let Some(by) = signals.next().await {
                ask.send_modify(|asked| {
                    asked.times += 1;
                    asked.by = by;
                });
                if ask.borrow().times == 1 {
                    report.say(&format!(
                        "\n{by}: stops before the next request; again: does not wait for the one that is under way"
                    ));
                }
            }
        });
        Ok(Self { asked })
    }

    /// The signal that asked to stop, if one did.
    pub(crate) fn by(&self) -> Option<&'static str> {
        let asked = *self.asked.borrow();
        (asked.times > 0).then_some(asked.by)
    }

    /// Waits until a signal asks to stop.
    pub(crate) fn asked(&self) -> impl Future<Output = ()> + use<> {
        self.times(1)
    }

    /// Waits until a second one asks to stop at once.
    pub(crate) fn insisted(&self) -> impl Future<Output = ()> + use<> {
        self.times(2)
    }

    fn times(&self, times: u32) -> impl Future<Output = ()> + use<> {
        let mut asked = self.asked.clone();
        async move {
            if asked.wait_for(|asked| asked.times >= times).await.is_err() {
                // Nobody listens for signals any more, so none will come.
                std::future::pending().await
            }
        }
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> Option<&'static str> {
        tokio::select! {
            Some(()) = self.interrupt.recv() => Some("SIGINT"),
            Some(()) = self.terminate.recv() => Some("SIGTERM"),
            else => None,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Option<&'static str> {
        tokio::signal::ctrl_c().await.ok().map(|()| "Ctrl-C")
    }
}
