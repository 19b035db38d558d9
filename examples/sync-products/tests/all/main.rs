//! The program against the stand-in of either generation.

mod broken_lists;
mod confirming;
mod creating;
mod environment;
mod lost_replies;
mod program;
