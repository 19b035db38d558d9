//! Stateful stand-ins of the hosting panels, with faults by name: for examples, tests and your own CI.
