//! `make fleet`: ten thousand phones and more after an outage, under a virtual clock.
//!
//! Every phone of the policy `lapor` runs the engine's own code, called as the client calls it: plan,
//! judge, settle, network_changed. Beside it, in the same run, two peers: a retry at a fixed interval
//! and plain exponential backoff. The gateway has a capacity, a line of two seconds, and refusals whose
//! `Retry-After` follows its load as the contract asks; a gateway that always says 5 s is shown as well.
//! The peers send the report only; the engine probes a line that was gone first, and asks for news after.
//!
//! All phones are awake (the app runs). A phone asleep is woken by its OS every half hour or so, and
//! spreads by that.

#![forbid(unsafe_code)]

mod dice;
mod figures;
mod gateway;
mod phone;
mod plot;
mod scenario;
mod world;

#[cfg(test)]
mod tests;

use std::{fs, path::PathBuf, process::ExitCode, time::Instant};

use anyhow::{Context, Result};
use clap::Parser;

use figures::Figures;
use phone::Policy;
use scenario::Scenario;
use world::World;

#[derive(Debug, Parser)]
#[command(name = "lapor-fleet", version)]
struct Args {
    /// How many phones; several runs with several numbers
    #[arg(long, value_delimiter = ',', default_value = "10000,100000")]
    phones: Vec<u32>,
    /// The dice
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the plots go
    #[arg(long, default_value = "target/fleet")]
    plots: PathBuf,
    /// Only this scenario
    #[arg(long)]
    only: Option<String>,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("fleet: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<bool> {
    fs::create_dir_all(&args.plots).with_context(|| format!("making {}", args.plots.display()))?;
    let began = Instant::now();
    let (mut kept, mut events) = (true, 0);
    println!("fleet: seed {} (--seed n throws other dice)", args.seed);
    for scenario in args.phones.iter().flat_map(|phones| Scenario::all(*phones)) {
        if args.only.as_ref().is_some_and(|only| only != scenario.name) {
            continue;
        }
        let mut lines = Vec::new();
        for policy in Policy::ALL {
            let seen = World::new(&scenario, policy, args.seed).run();
            let figures = Figures::of(&scenario, &seen);
            tell(&scenario, policy, &figures);
            events += seen.events;
            if policy == Policy::Engine && scenario.binding {
                kept &= figures.are_kept();
            }
            lines.push((policy, seen.requests));
        }
        let path = args
            .plots
            .join(format!("{}-{}.svg", scenario.name, scenario.phones));
        fs::write(&path, plot::svg(&scenario, &lines))?;
    }
    println!(
        "fleet: {events} events in {:.1} s, plots in {}: {}",
        began.elapsed().as_secs_f64(),
        args.plots.display(),
        if kept { "ok" } else { "NOT REACHED" }
    );
    Ok(kept)
}

/// A line for each policy; only the engine's own has limits to keep.
fn tell(scenario: &Scenario, policy: Policy, figures: &Figures) {
    let mut line = format!(
        "fleet {} phones={} capacity={:.0}/s policy={} arrived={}",
        scenario.name,
        scenario.phones,
        scenario.capacity,
        policy.name(),
        figures.drained
    );
    for (name, value, limit, kept) in &figures.all {
        line += &format!(" {name}={value:.2}");
        if policy == Policy::Engine {
            let word = match (kept, scenario.binding) {
                (true, _) => "ok",
                (false, true) => "NOT REACHED",
                (false, false) => "not reached, shown only",
            };
            line += &format!(" ({limit} {word})");
        }
    }
    println!("{line}");
}
