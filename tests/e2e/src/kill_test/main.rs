//! `make kill-test`: real `lapor` processes killed by SIGKILL at random moments, against the real
//! sandbox, which dies now and then itself; at the end everything is sent and the books are
//! compared.
//!
//! What it proves: transactions and protocol. Between any two instructions of any command a kill
//! leaves a store from which the next command goes on, what was told still holds, and the gateway
//! has every accepted report once. It does not prove fsync: the page cache survives a SIGKILL. That
//! is proven by the simulator, whose disk forgets what was not synced.
//!
//! Processes are not deterministic: the seed gives the same people, commands and moments, not the
//! same interleaving.

#![forbid(unsafe_code)]

mod background;
mod books;
mod broken;
mod ledger;
mod life;
mod service;
mod victim;

use std::{
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result};
use clap::Parser;
use lapor_e2e::Dice;

use broken::{Broken, Kind};
use life::Life;
use service::Service;
use victim::Lives;

/// Who shares which phone. The officer's institution is given reports by the desk.
const PHONES: [(&str, &[&str]); 4] = [
    ("one", &["siti", "budi"]),
    ("two", &["budi", "ayu"]),
    ("three", &["ayu"]),
    ("four", &["siti", "made"]),
];

/// Kills real lapor processes at random moments: nothing lost, nothing twice, no false success.
#[derive(Debug, Parser)]
#[command(name = "lapor-kill-test", version)]
struct Args {
    /// End after so many kills
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..))]
    kills: u64,
    /// End after so many seconds, and drain
    #[arg(long, default_value_t = 1_200, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// With fewer kills than this when the time is up, the run counts as failed
    #[arg(long, default_value_t = 100)]
    at_least: u64,
    /// The dice; without it they are new each time
    #[arg(long)]
    seed: Option<u64>,
    /// Leave the folders of phones and gateway where they are
    #[arg(long)]
    keep: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("kill-test: cannot run: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<bool> {
    let seed = match args.seed {
        Some(seed) => seed,
        None => u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros())?,
    };
    println!("kill-test: seed {seed} (--seed {seed} gives the same commands and moments)");
    println!(
        "kill-test: SIGKILL proves transactions and protocol, not fsync: the page cache survives a kill. \
         The simulator's disk proves that."
    );
    let began = Instant::now();
    let folder = tempfile::Builder::new()
        .prefix("lapor-kill-test")
        .tempdir()?;
    let service = Service::open(folder.path())?;
    let lives = Lives::default();
    let mut dice = Dice(seed);
    let mut phones = PHONES
        .iter()
        .map(|(name, people)| {
            Life::begin(
                folder.path(),
                name,
                people,
                &service,
                &lives,
                Dice(dice.roll()),
            )
        })
        .collect::<Result<Vec<_>>>()?;
    let mut found = all_live(&mut phones, &service, &lives, args, &mut dice, began);
    let killing = began.elapsed();

    service.heal()?;
    let mut compared = books::Compared::default();
    if found.is_empty() {
        found = drain(&mut phones);
    }
    if found.is_empty() {
        let ledgers: Vec<_> = phones.iter().map(|phone| &phone.ledger).collect();
        match books::compare(&ledgers, &service)
            .and_then(|done| service.kept_the_contract().map(|()| done))
        {
            Ok(done) => compared = done,
            Err(error) => found.push(as_broken("books", error)),
        }
    }
    for (kind, life) in lives.by_kind() {
        println!(
            "  {kind:<18} {:>6} killed, {:>5} ended, lasts {:.1} ms",
            life.kills,
            life.ended,
            life.lasts.as_secs_f64() * 1_000.0
        );
    }
    println!(
        "  gateway: {} deaths, faults on for {:.0} % of the time",
        service.deaths.load(Ordering::Relaxed),
        service.bad_ms.load(Ordering::Relaxed) as f64 / killing.as_secs_f64() / 10.0
    );
    println!(
        "  compared: {} accepted ({} of them taken back), {} pictures by sha256, {} replies, {} drafts",
        compared.accepted, compared.withdrawn, compared.pictures, compared.events, compared.drafts
    );
    let late: u64 = phones.iter().map(|phone| phone.came_late).sum();
    println!(
        "  {late} unconfirmed commands showed their effect when another process on the store died"
    );
    for one in &found {
        println!("kill-test: BROKEN (seed {seed}): {one}");
    }
    let kills = lives.kills();
    let enough = kills >= args.at_least.min(args.kills);
    if kills < args.kills {
        println!(
            "kill-test: {kills} of {} kills when the time was up or a promise broken",
            args.kills
        );
    }
    if args.keep || !found.is_empty() {
        println!(
            "kill-test: the folders are left in {}",
            folder.keep().display()
        );
    }
    println!("  {:.0} kills/s", kills as f64 / killing.as_secs_f64());
    let of = |kind: Kind| found.iter().filter(|one| one.kind == kind).count();
    println!(
        "kill-test: {kills} kills, {} reports accepted, {} lost, {} twice, {} false successes, {:.0} s",
        compared.accepted,
        of(Kind::Lost),
        of(Kind::Twice),
        of(Kind::FalseSuccess),
        began.elapsed().as_secs_f64()
    );
    Ok(found.is_empty() && enough)
}

/// All phones at once, until there are enough kills, the time is up, or a promise is broken.
fn all_live(
    phones: &mut [Life<'_>],
    service: &Service,
    lives: &Lives,
    args: &Args,
    dice: &mut Dice,
    began: Instant,
) -> Vec<Broken> {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let running: Vec<_> = phones
            .iter_mut()
            .map(|phone| {
                let stop = &stop;
                scope.spawn(move || {
                    let ended = phone
                        .live(stop)
                        .with_context(|| format!("last command: {}", phone.last));
                    stop.fetch_or(ended.is_err(), Ordering::SeqCst);
                    ended
                })
            })
            .collect();
        let weather = scope.spawn(|| {
            let ended = service.weather(&stop, dice);
            stop.fetch_or(ended.is_err(), Ordering::SeqCst);
            ended
        });
        let mut told = Instant::now();
        while !stop.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(10));
            let (kills, passed) = (lives.kills(), began.elapsed());
            if kills >= args.kills || passed >= Duration::from_secs(args.seconds) {
                stop.store(true, Ordering::SeqCst);
            }
            if told.elapsed() >= Duration::from_secs(10) {
                told = Instant::now();
                let rate = kills as f64 / passed.as_secs_f64();
                println!("kill-test: {kills} of {} kills, {rate:.0}/s", args.kills);
            }
        }
        let ends = running
            .into_iter()
            .zip(PHONES)
            .map(|(one, (name, _))| (name, one.join()));
        ends.chain([("gateway", weather.join())])
            .filter_map(|(name, end)| match end {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(as_broken(name, error)),
                Err(_) => Some(as_broken(name, anyhow::anyhow!("panicked"))),
            })
            .collect()
    })
}

fn drain(phones: &mut [Life<'_>]) -> Vec<Broken> {
    thread::scope(|scope| {
        let running: Vec<_> = phones
            .iter_mut()
            .map(|phone| scope.spawn(|| phone.drains()))
            .collect();
        running
            .into_iter()
            .zip(PHONES)
            .filter_map(|(one, (name, _))| match one.join() {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(as_broken(name, error)),
                Err(_) => Some(as_broken(name, anyhow::anyhow!("panicked"))),
            })
            .collect()
    })
}

fn as_broken(who: &str, error: anyhow::Error) -> Broken {
    let kind = error
        .downcast_ref::<Broken>()
        .map_or(Kind::Other, |one| one.kind);
    Broken {
        kind,
        what: format!("{who}: {error:#}"),
    }
}
