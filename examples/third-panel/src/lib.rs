//! Two executors of a host: one for the hosting accounts of a small panel that does not exist, one for DNS; and a server
//! that stands in for both. The README says what each method is for.

pub mod cove;
pub mod dns;
pub mod shop;
pub mod stub;
