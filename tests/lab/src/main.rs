//! Slow, lossy and lying networks, made of network namespaces: the real `lapor` and a real gateway
//! at the two ends, real TCP, DNS and TLS between them.
//!
//! Rate is made by the kernel's tbf and loss by nftables; delay, jitter and silence by a program that
//! carries IP packets between two TUN devices (`wire`), because not every kernel has netem. Never by a
//! relay of TCP, which would hide handshakes and loss. Nothing outlives a run: a namespace lives as
//! long as the process that holds it, and those end with this one.
//!
//! It measures; the rules measured are in `core`.

mod authority;
mod dice;
mod figures;
mod gateway;
mod line;
mod measure;
mod names;
mod phone;
mod plan;
mod profile;
mod programs;
mod swallow;
mod tun;
mod wire;
mod world;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(about = "Measures lapor over slow, lossy and lying networks, in namespaces of its own")]
struct Arguments {
    #[command(subcommand)]
    role: Option<Role>,
    #[command(flatten)]
    wishes: Wishes,
}

#[derive(Debug, Args)]
struct Wishes {
    /// N0, N2, certificates and one series of cuts, with few samples
    #[arg(long)]
    quick: bool,
    /// Silence of 900 s as well
    #[arg(long)]
    long: bool,
    /// Only these parts, such as N0,N4,TLS
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Also a figure that is not reached ends with 1; a broken promise always does
    #[arg(long)]
    strict: bool,
    /// The folder below which npm put tus-js-client
    #[arg(long)]
    tus: Option<PathBuf>,
    /// Keep stores and traces in this folder
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Of jitter and pauses
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// The lab's own programs, started by it inside its namespaces.
#[derive(Debug, Subcommand)]
enum Role {
    #[command(hide = true)]
    Hold,
    #[command(hide = true)]
    Wire,
    #[command(hide = true)]
    Names,
    #[command(hide = true)]
    Swallow {
        listen: SocketAddr,
        chain: PathBuf,
        key: PathBuf,
        log: PathBuf,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.role {
        Some(Role::Hold) => line::hold().map(|()| true),
        Some(Role::Wire) => wire::run().map(|()| true),
        Some(Role::Names) => line::answer_names().map(|()| true),
        Some(Role::Swallow {
            listen,
            chain,
            key,
            log,
        }) => swallow::run(listen, &chain, &key, &log).map(|()| true),
        None => measured(&arguments.wishes),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("lapor-lab: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measured(wishes: &Wishes) -> Result<bool> {
    let began = std::time::Instant::now();
    let figures = figures::Figures::default();
    let passing = tempfile::tempdir()?;
    let folder = wishes.keep.as_deref().unwrap_or(passing.path());
    std::fs::create_dir_all(folder)?;
    let common = world::Common::make(folder, wishes.seed)?;
    plan::run(
        &plan::Wanted {
            quick: wishes.quick,
            long: wishes.long,
            only: &wishes.only,
            tus: wishes.tus.as_deref(),
        },
        &common,
        &figures,
    );
    println!("\n{}", figures.table());
    let (held, missed, broken) = figures.sums();
    println!(
        "lab: seed {}, {held} held, {missed} not reached, {broken} broken, {:.0} s",
        wishes.seed,
        began.elapsed().as_secs_f64()
    );
    Ok(held > 0 && broken == 0 && (missed == 0 || !wishes.strict))
}
