//! `lapor-sim`: runs schedules; the same seed is the same schedule.
//!
//! Owns what the library must not have: the clock, the threads (one world each), the OS's
//! randomness for fresh seeds, and what is printed.

mod command;

use std::process::ExitCode;

fn main() -> ExitCode {
    command::run()
}
