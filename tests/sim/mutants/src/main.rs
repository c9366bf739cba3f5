//! `sim-mutants`: switches one fault after another into the core and the gateway's rules, and runs
//! fresh schedules until the simulator complains. A fault that it does not find is a blind spot.
//!
//! A schedule counts as a find only when the same seed is clean without the fault, so that a
//! mistake of the simulator itself does not pass for a find.

mod hunt;

use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Parser;
use hunt::{Found, Hunt};
use lapor_engine::mutants::Mutant;

/// The easiest of all: where even this one is missed, the simulator does not work.
const CANARY: Mutant = Mutant::UnreachedSpends;
const CANARY_SEEDS: u64 = 1_000;

/// Faults on purpose, and after how many seeds the simulator notices each.
#[derive(Debug, Parser)]
#[command(name = "sim-mutants", version)]
struct Args {
    /// Only these, by name.
    names: Vec<String>,
    /// Seeds at most for each but the canary.
    #[arg(long, default_value_t = 20_000)]
    seeds: u64,
    /// The first seed; a fresh one when absent.
    #[arg(long)]
    base: Option<u64>,
    #[arg(long, default_value_t = 200)]
    steps: u32,
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// The short form: so many seconds, an eighth of them at most for one mutant; up to as many
    /// again on a busy machine, until --least are found. The canary first, the others beginning
    /// elsewhere each day.
    #[arg(long)]
    seconds: Option<u64>,
    /// With --seconds: at least so many must be found, the canary among them.
    #[arg(long, default_value_t = 11)]
    least: usize,
}

fn main() -> ExitCode {
    let args = Args::parse();
    // Which seeds to run and in which order is all that the clock decides.
    let today = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(1, |since| since.as_secs());
    let base = args.base.unwrap_or_else(|| today.wrapping_mul(1_000_000));
    let chosen = match chosen(&args.names) {
        Ok(chosen) => chosen,
        Err(unknown) => {
            eprintln!("no such mutant: {unknown}");
            return ExitCode::FAILURE;
        }
    };
    let order = in_order(chosen, args.seconds.map(|_| today / 86_400));
    println!(
        "mutants: seeds from {base} on, {} steps each, {} workers; canary {}",
        args.steps,
        args.workers,
        CANARY.name()
    );
    // Mutants make the core panic on purpose; what it says then is in the find.
    std::panic::set_hook(Box::new(|_| {}));
    let began = Instant::now();
    let until = args
        .seconds
        .map(|seconds| began + Duration::from_secs(seconds));
    let patience = Duration::from_secs(args.seconds.unwrap_or(0)) / 8;
    let (mut tried, mut found, mut cut_short) = (0_usize, 0_usize, 0_usize);
    let mut canary_found = !order.contains(&CANARY);
    for mutant in order {
        let limit = until.map(|until| match found < args.least {
            true => until + Duration::from_secs(args.seconds.unwrap_or(0)),
            false => until,
        });
        if limit.is_some_and(|limit| Instant::now() >= limit) {
            break;
        }
        let seeds = if mutant == CANARY {
            CANARY_SEEDS
        } else {
            args.seeds
        };
        let hunt = Hunt {
            base,
            seeds,
            steps: args.steps,
            workers: args.workers,
            until: limit.map(|limit| limit.min(Instant::now() + patience)),
        };
        let end = hunt.run(mutant);
        if end.is_cut_short() && mutant != CANARY {
            cut_short += 1;
            println!("{}", line(mutant, &end));
            continue;
        }
        tried += 1;
        if let Found::After { .. } = end {
            found += 1;
            canary_found |= mutant == CANARY;
        }
        println!("{}", line(mutant, &end));
    }
    let least = if args.seconds.is_some() {
        args.least
    } else {
        tried
    };
    if cut_short > 0 || args.seconds.is_some() {
        println!(
            "mutants: {} in the list; `make sim-mutants` hunts all; here in {} s, {cut_short} cut short",
            Mutant::ALL.len(),
            began.elapsed().as_secs()
        );
    }
    println!("mutants: {found} of {tried} found");
    if found == tried && found >= least && canary_found {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn chosen(names: &[String]) -> Result<Vec<Mutant>, String> {
    if names.is_empty() {
        return Ok(Mutant::ALL.to_vec());
    }
    names
        .iter()
        .map(|name| {
            let found = Mutant::ALL.iter().find(|mutant| mutant.name() == name);
            found.copied().ok_or_else(|| name.clone())
        })
        .collect()
}

/// The canary first; the rest as listed, or beginning elsewhere each day.
fn in_order(mut chosen: Vec<Mutant>, day: Option<u64>) -> Vec<Mutant> {
    if let Some(day) = day {
        let all = chosen.len().max(1) as u64;
        // A stride without a common divisor with most lengths: neighbours are alike.
        let first = usize::try_from(day.wrapping_mul(17) % all).unwrap_or(0);
        chosen.rotate_left(first);
    }
    chosen.sort_by_key(|mutant| *mutant != CANARY);
    chosen
}

fn line(mutant: Mutant, end: &Found) -> String {
    let what = format!(
        "{:<26} {:<8} {}",
        mutant.name(),
        mutant.room(),
        mutant.breaks()
    );
    match end {
        Found::After { seeds, seed, words } => {
            format!("found  {what}: after {seeds} seeds (seed {seed}): {words}")
        }
        Found::Missed { seeds, alarms } if alarms.is_empty() => {
            format!("MISSED {what}: not after {seeds} seeds")
        }
        Found::Missed { seeds, alarms } => {
            format!("MISSED {what}: not after {seeds} seeds (false alarms: {alarms:?})")
        }
        Found::CutShort { seeds } => format!("-      {what}: no time for more than {seeds} seeds"),
    }
}
