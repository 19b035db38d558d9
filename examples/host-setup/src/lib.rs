//! What the host programs here set up around the engine, each the same way: panels from the environment or a fleet file,
//! the place where runs are kept, and the key that seals it.
//!
//! A host of your own does the same with its own configuration; this is small enough to copy.
//!
//! * [`panels::Panels`]: servers and executors from `NEXTPANEL_*`, a fleet file and `MPANEL_*`.
//! * [`state::State`]: a SQLite file or a PostgreSQL database, and the [`Sealer`](provisioning_engine::seal::Sealer) for it.
//! * [`earlier::MarkedAccounts`]: what another process has made for the same orders, by the marks on the panels.
//! * [`exit::Exit`]: the exit codes that all of them share.
//! * [`harmless::harmless`]: text of others, fit for a terminal.
//!
//! Nothing but that search sends a request. Everything that is wrong is said at once.

pub mod earlier;
pub mod environment;
pub mod exit;
pub mod harmless;
pub mod panels;
mod sealing_key;
pub mod state;
pub mod stop;
pub mod text_file;
