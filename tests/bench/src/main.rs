//! `make bench-core`: the figures of the core, a line each: `bench NAME key=value ...`.
//!
//! Run it in the shipped profile. Medians of several runs; ratios are taken pair by pair, since
//! machines drift. Byte counts are TCP payload both ways, as a relay on loopback saw them.

#![forbid(unsafe_code)]

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
        [] => FIGURES.iter().try_for_each(|(_, print)| print()),
        // Children of this very program: what is measured from outside is a process of its own.
        ["accept-child", home, count, mode] => accept::child(home, count, mode),
        ["rss-child", command @ ..] => rss::child(command),
        names => names.iter().try_for_each(|name| one(name)),
    };
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

type Print = fn() -> Result<()>;

/// Every figure by its name on the command line.
const FIGURES: [(&str, Print); 4] = [
    ("attach", rss::print),
    ("accept", accept::print),
    ("open-list", open_list::print),
    ("wire", wire::print),
];

fn one(name: &str) -> Result<()> {
    match FIGURES.iter().find(|(known, _)| *known == name) {
        Some((_, print)) => print(),
        None => {
            let known: Vec<&str> = FIGURES.iter().map(|(known, _)| *known).collect();
            anyhow::bail!("no figure {name}; there are {}", known.join(", "))
        }
    }
}
