//! The command line: which seeds, how many workers, and what is said about them.

mod crew;
mod ranges;
mod telling;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use lapor_sim::{Chance, Plan, Schedule, run_plan, run_with, shrink};

use ranges::Ranges;
use telling::Tally;

/// Shrinking a failing schedule takes at most this long.
const SHRINKING: Duration = Duration::from_secs(60);

/// Phones, people, lines, disks and a gateway from one seed: nothing lost, nothing twice.
#[derive(Debug, Parser)]
#[command(name = "lapor-sim", version)]
struct Args {
    /// Run this one seed and tell its story.
    #[arg(long)]
    seed: Option<u64>,
    /// Schedules to run.
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first seed; a fresh one when absent.
    #[arg(long)]
    base: Option<u64>,
    /// Events of a schedule before all heals.
    #[arg(long, default_value_t = Plan::STEPS)]
    steps: u32,
    /// Worlds that live at the same time.
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// Begin no new schedules after so many seconds; fewer than --seeds fail where CI=true.
    #[arg(long)]
    seconds: Option<u64>,
    /// Go on after a violation, and tell each in one line.
    #[arg(long)]
    hunt: bool,
    /// Of --seed: rounds after which all heals, in place of --steps.
    #[arg(long, requires = "seed")]
    rounds: Option<u64>,
    /// Of --seed: rounds to leave out (3-17,20).
    #[arg(long, requires = "seed", default_value = "")]
    skip: Ranges,
    /// Of --seed: faults that are not to happen (round.number,...).
    #[arg(long, requires = "seed", value_delimiter = ',', value_parser = ranges::chance)]
    spare: Vec<Chance>,
}

impl Args {
    fn plan(&self, seed: u64) -> Plan {
        Plan {
            rounds: self.rounds,
            skip: self.skip.0.clone(),
            spare: self.spare.iter().copied().collect(),
            ..Plan::new(seed, self.steps)
        }
    }

    fn is_shrunk(&self) -> bool {
        self.rounds.is_some()
    }
}

pub(crate) fn run() -> ExitCode {
    let args = Args::parse();
    let good = match args.seed {
        Some(seed) => one(&args, seed),
        None => many(&args),
    };
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn one(args: &Args, seed: u64) -> bool {
    let plan = args.plan(seed);
    let schedule = run_plan(&plan);
    for line in &schedule.story {
        println!("{line}");
    }
    println!("sim: seed {seed}, trace {:016x}", schedule.trace);
    let mut tally = Tally::default();
    tally.add(&schedule);
    if schedule.violation.is_some() {
        telling::violation(&plan, &schedule);
        if !args.is_shrunk() {
            small(&plan, &schedule);
        }
    }
    println!("{}", tally.line(1, Duration::ZERO, 1));
    schedule.violation.is_none()
}

fn many(args: &Args) -> bool {
    let Some(base) = args.base.or_else(fresh) else {
        println!("sim: the OS has no randomness for a first seed");
        return false;
    };
    println!("sim: seeds from {base} on, {} steps each", args.steps);
    let began = Instant::now();
    let bounds = crew::Bounds {
        base,
        count: args.seeds,
        workers: args.workers.max(1),
        until: args
            .seconds
            .and_then(|seconds| began.checked_add(Duration::from_secs(seconds))),
        hunt: args.hunt,
    };
    let (mut tally, mut first) = (Tally::default(), None);
    let mut progress = telling::Progress::new(args.seeds, bounds.workers);
    crew::run(
        &bounds,
        &|gateways, seed| run_with(gateways, &args.plan(seed)),
        &mut |schedule| {
            tally.add(&schedule);
            progress.show(&tally, began.elapsed());
            if schedule.violation.is_none() {
                return;
            }
            if args.hunt {
                progress.say(&telling::in_one_line(&schedule));
            } else if first.is_none() {
                first = Some(schedule);
            }
        },
    );
    progress.end();
    let took = began.elapsed();
    if let Some(schedule) = first {
        let plan = args.plan(schedule.seed);
        for line in &schedule.story {
            println!("{line}");
        }
        telling::violation(&plan, &schedule);
        small(&plan, &schedule);
    }
    println!("{}", tally.rare());
    let unplayed = tally.unplayed(args.steps);
    if !unplayed.is_empty() {
        println!("sim: NEVER PLAYED: {}", unplayed.join(", "));
    }
    println!("{}", tally.line(args.seeds, took, bounds.workers));
    let strict = std::env::var("CI").is_ok_and(|ci| ci == "true");
    tally.broken == 0 && unplayed.is_empty() && (tally.done >= args.seeds || !strict)
}

/// A first seed that nobody has had.
fn fresh() -> Option<u64> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).ok()?;
    // Short enough to be read out.
    Some(u64::from_le_bytes(bytes) >> 16)
}

fn small(plan: &Plan, failed: &Schedule) {
    println!("sim: shrinking ...");
    let began = Instant::now();
    let mut runs = 0_u32;
    let (small, schedule) = shrink(
        failed,
        plan,
        &mut || began.elapsed() < SHRINKING,
        &mut |plan| {
            runs += 1;
            run_plan(plan)
        },
    );
    telling::shrunk(&small, &schedule, runs, began.elapsed());
}
