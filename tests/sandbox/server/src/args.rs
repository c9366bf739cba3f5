//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::tls::Secured;
use crate::{seed, server};

/// A working LAPOR! gateway for development and QA, on this machine only.
#[derive(Debug, Parser)]
#[command(
    name = "lapor-sandbox",
    version,
    subcommand_negates_reqs = true,
    args_conflicts_with_subcommands = true
)]
struct Args {
    /// The gateway's store, made when it is not there; other files lie beside it.
    #[arg(long, required = true)]
    db: Option<PathBuf>,
    /// Where to listen: a loopback address; port 0 lets the system choose.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Speak HTTPS under a test authority made on the spot.
    #[arg(long)]
    tls: bool,
    /// Where ca.pem is written; without it, a folder beside the store.
    #[arg(long, requires = "tls")]
    tls_dir: Option<PathBuf>,
    /// The certificate was valid in 2020 only.
    #[arg(long, requires = "tls")]
    tls_expired: bool,
    /// Speak HTTPS with this certificate and its chain (PEM) instead.
    #[arg(long, requires = "tls_key", conflicts_with = "tls")]
    tls_cert: Option<PathBuf>,
    /// The key of that certificate (PEM).
    #[arg(long, requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Stop when this process is gone.
    #[arg(long)]
    parent_pid: Option<u32>,
    /// Stop after so many seconds.
    #[arg(long, default_value_t = 3600)]
    max_seconds: u64,
    /// Hold every request and answer against the contract; see /sandbox/violations.
    #[arg(long)]
    check_contract: bool,
    /// Write the line that says where it listens to this file too.
    #[arg(long)]
    ready_file: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Send a few reports with pictures to a running sandbox, over the real contract.
    Seed {
        /// As printed when it listens, such as http://127.0.0.1:8080
        #[arg(long)]
        url: String,
    },
}

/// Runs the program: 0 done, 1 failed, 2 wrong usage.
pub fn run() -> ExitCode {
    let args = Args::parse();
    let done = match args.command {
        Some(Command::Seed { url }) => seed::run(&url),
        None => serve(args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lapor-sandbox: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn serve(args: Args) -> anyhow::Result<()> {
    let db = args.db.unwrap_or_default();
    let secured = match (args.tls_cert, args.tls_key) {
        (Some(chain), Some(key)) => Some(Secured::Given { chain, key }),
        _ => args.tls.then(|| Secured::OnTheSpot {
            folder: args.tls_dir.unwrap_or_else(|| {
                let mut beside = db.as_os_str().to_owned();
                beside.push("-tls");
                PathBuf::from(beside)
            }),
            expired: args.tls_expired,
        }),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let done = runtime.block_on(server::serve(server::Serving {
        db,
        listen: args.listen,
        secured,
        parent: args.parent_pid,
        longest: Duration::from_secs(args.max_seconds),
        check_contract: args.check_contract,
        ready_file: args.ready_file,
    }));
    // A call of the rules that has begun ends; connections are not waited for.
    runtime.shutdown_timeout(Duration::from_secs(2));
    done
}
