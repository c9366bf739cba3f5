//! Every disk operation of a few stories fails once, for ever, or is the last; and then every
//! operation of the recovery is.
//!
//! The client and its encrypted store are the product's own, on the simulator's disk
//! (`lapor-sim-vfs`), against the sandbox's rules in memory. After each failure the phone is
//! healed, opened again, the story ends, and everything is sent: what was acknowledged must be on
//! the phone or at the gateway once, and nothing may be called damaged or sent that is not.

mod books;
mod crowded;
mod flips;
mod office;
mod point;
mod run;
mod scene;
mod steps;
mod stories;
mod suite;
#[cfg(test)]
mod tests;

use std::{
    process::ExitCode,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use clap::Parser;

use point::Point;
use scene::Papers;
use stories::STORIES;
use suite::Plan;

/// Every disk operation of a few stories fails once, for ever, or is the last.
#[derive(Debug, Parser)]
#[command(name = "lapor-sim-nth", version)]
struct Args {
    /// Only this story.
    #[arg(long)]
    story: Option<String>,
    /// Only this point: error-once:N, error-ever:N, full-once:N, full-ever:N, unread-once:N,
    /// unread-ever:N, freeze:N, freeze:N:M.
    #[arg(long, requires = "story")]
    point: Option<Point>,
    /// What survives a power cut follows from it. A fresh one when absent.
    #[arg(long)]
    seed: Option<u64>,
    /// Of every so many points only one, another one with each seed.
    #[arg(long, default_value_t = 1)]
    one_in: u64,
    /// The same for second power cuts and for reads that fail.
    #[arg(long, default_value_t = 1)]
    deep_one_in: u64,
    /// Of the stories "flips" and "flips-full" only this page.
    #[arg(long)]
    page: Option<u64>,
    /// Threads.
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let fresh = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(1, |since| since.as_secs())
    };
    let plan = Plan {
        seed: args.seed.unwrap_or_else(fresh),
        one_in: args.one_in.max(1),
        deep_one_in: args.deep_one_in.max(1),
        threads: args.threads.max(1),
        only: args.point,
    };
    println!("nth: seed {}", plan.seed);
    let Ok(papers) = Papers::new().map(Arc::new) else {
        println!("FAILED: no folder for the papers that are attached");
        return ExitCode::FAILURE;
    };
    let (mut passed, mut failed) = (0, 0);
    let mut any = false;
    for story in STORIES {
        if args.story.as_deref().is_some_and(|name| name != story.name) {
            continue;
        }
        any = true;
        let (well, badly) = suite::story(story, &papers, plan);
        passed += well;
        failed += badly;
    }
    type EveryPage = fn(&Arc<Papers>, u64, Option<u64>) -> (u64, u64);
    let flips: [(&str, EveryPage); 2] = [
        (flips::NAME, flips::every_page),
        (crowded::NAME, crowded::every_page),
    ];
    for (name, every_page) in flips {
        if args.story.as_deref().is_some_and(|story| story != name) {
            continue;
        }
        any = true;
        let (well, badly) = every_page(&papers, plan.seed, args.page);
        passed += well;
        failed += badly;
    }
    if !any {
        println!("FAILED: there is no such story");
        return ExitCode::FAILURE;
    }
    println!("nth: {passed} passed, {failed} failed");
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
