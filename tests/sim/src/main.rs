//! `lapor-sim`: runs schedules; the same seed is the same schedule.

use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Parser;
use lapor_sim::{Figures, Schedule, run};

/// Phones, people, lines and a gateway from one seed: nothing lost, nothing twice.
#[derive(Debug, Parser)]
#[command(name = "lapor-sim", version)]
struct Args {
    /// Run this one seed and print its story.
    #[arg(long)]
    seed: Option<u64>,
    /// Schedules to run.
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first seed; a fresh one when absent.
    #[arg(long)]
    base: Option<u64>,
    /// Steps of a schedule.
    #[arg(long, default_value_t = 200)]
    steps: u32,
    /// Stop beginning new schedules after so many seconds.
    #[arg(long)]
    seconds: Option<u64>,
    /// Go on after a violation, and print each in one line.
    #[arg(long)]
    hunt: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    // Which seeds to run is the only thing that the clock decides.
    let fresh = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(1, |since| since.as_secs().wrapping_mul(1_000_000))
    };
    let (first, count) = match args.seed {
        Some(seed) => (seed, 1),
        None => (args.base.unwrap_or_else(fresh), args.seeds),
    };
    println!("sim: seeds from {first} on, {} steps each", args.steps);
    let began = Instant::now();
    let (mut total, mut done, mut broken) = (Figures::default(), 0_u64, 0_u64);
    for seed in (0..count).map(|at| first.wrapping_add(at)) {
        let spent = args.seconds.map(Duration::from_secs);
        if spent.is_some_and(|spent| began.elapsed() > spent) {
            break;
        }
        let schedule = run(seed, args.steps);
        done += 1;
        add(&mut total, &schedule.figures);
        if schedule.violation.is_some() {
            broken += 1;
            tell(&schedule, args.steps, args.hunt);
            if !args.hunt {
                break;
            }
        } else if done.is_multiple_of(100) {
            println!("sim: {done} schedules, {} s", began.elapsed().as_secs());
        }
        if args.seed.is_some() && schedule.violation.is_none() {
            for line in &schedule.story {
                println!("{line}");
            }
            println!("sim: seed {seed}, trace {:016x}", schedule.trace);
        }
    }
    println!(
        "sim: {done} schedules, {broken} violations, {} steps, {} exchanges, {} faults, {} crashes, \
         {} reports accepted, {} restores, {} bodies replayed, drained within {} s, {} s",
        total.steps,
        total.exchanges,
        total.faults,
        total.crashes,
        total.accepted,
        total.restores,
        total.replayed,
        total.longest_drain / 1_000,
        began.elapsed().as_secs()
    );
    if broken == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn tell(schedule: &Schedule, steps: u32, short: bool) {
    let Some(violation) = &schedule.violation else {
        return;
    };
    if !short {
        for line in &schedule.story {
            println!("{line}");
        }
    }
    println!("VIOLATION seed {}: {violation}", schedule.seed);
    if !short {
        println!(
            "replay: lapor-sim --seed {} --steps {steps} (trace {:016x})",
            schedule.seed, schedule.trace
        );
    }
}

fn add(total: &mut Figures, one: &Figures) {
    total.steps += one.steps;
    total.exchanges += one.exchanges;
    total.faults += one.faults;
    total.crashes += one.crashes;
    total.accepted += one.accepted;
    total.restores += one.restores;
    total.replayed += one.replayed;
    total.longest_drain = total.longest_drain.max(one.longest_drain);
}
