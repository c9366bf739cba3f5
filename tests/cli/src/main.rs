//! `lapor`: the whole core from a terminal.
//!
//! Owns arguments, the key file, what is printed and the exit code. Every rule about reports,
//! retries, photos and every explanation comes from the core: a command here reads one thing or
//! asks for one thing and says what came of it. Nothing is called sent before the core says so.

#![forbid(unsafe_code)]

mod args;
mod commands;
mod exit;
mod home;
mod key_file;
mod print;
mod progress;
#[cfg(feature = "qa")]
mod trace;
mod view;
mod words;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let args = match args::Args::try_parse() {
        Ok(args) => args,
        Err(error) => return print::bad_arguments(&error, std::env::args_os()).into(),
    };
    let printer = print::Printer::new(args.lang, args.json);
    let exit = match commands::run(&args, &printer) {
        Ok(exit) => exit,
        Err(failure) => {
            printer.failure(&failure);
            failure.exit()
        }
    };
    printer.close(exit).into()
}
