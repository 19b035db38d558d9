//! The program against the stand-in of either generation.

mod budget;
mod comparing;
mod contract;
mod environment;
mod faults;
mod program;
mod shapes;
mod writing;
