//! `make demo`: the main job, from a dead spot to a tracking number, on an embedded default.

#![forbid(unsafe_code)]

mod demo;

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;

/// Two phones, a gateway and a bad network: three reports arrive once, a fourth is taken back.
#[derive(Debug, Parser)]
#[command(name = "lapor-demo", version)]
struct Args {
    /// A folder of real photos; without it the demo makes camera-sized ones itself.
    #[arg(long)]
    photos: Option<PathBuf>,
    /// Leave the gateway running and print the address of its console.
    #[arg(long)]
    keep: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let stage = match demo::Stage::set(args.photos.as_deref()) {
        Ok(stage) => stage,
        Err(error) => {
            eprintln!("demo: cannot start: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    match demo::run(stage, args.keep) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: a promise was broken: {error:#}");
            ExitCode::FAILURE
        }
    }
}
