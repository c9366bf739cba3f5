//! `make bench-core`: the figures of the core, a line each: `bench NAME key=value ...`.
//!
//! Run it in the shipped profile. Medians of several runs; ratios are taken pair by pair, since
//! machines drift. Byte counts are TCP payload both ways, as a relay on loopback saw them.

mod accept;
mod numbers;
mod open_list;
mod rss;
mod wire;
mod world;

use std::process::ExitCode;

use anyhow::Result;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ran = match words.as_slice() {
        [] => all(),
        // Children of this very program: what is measured from outside is a process of its own.
        ["accept-child", home, count, mode] => accept::child(home, count, mode),
        ["rss-child", command @ ..] => rss::child(command),
        other => Err(anyhow::anyhow!("unknown words {other:?}; run without any")),
    };
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn all() -> Result<()> {
    rss::print()?;
    accept::print()?;
    open_list::print()?;
    wire::print()
}
