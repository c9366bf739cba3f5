//! Which change of a rule does no test notice? cargo-mutants names the changes; it builds the
//! package anew for each of them. Here all of them are woven into one build, each behind a
//! number that a process is started with, so that a change costs only the tests' own time.
//!
//! Works on a copy of the tree. What cannot stand behind a switch, a constant above all, is built
//! by itself.

mod alone;
mod list;
mod site;
mod tests_of;
mod weave;

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use clap::Parser;

#[derive(Parser)]
struct Arguments {
    /// The package whose changes these are.
    package: String,
    /// A copy of the whole tree.
    #[arg(long)]
    tree: PathBuf,
    /// What `cargo mutants --list --json` said of the package.
    #[arg(long)]
    list: PathBuf,
    /// Folder for what is found: caught.txt, survived.txt, hung.txt, unviable.txt.
    #[arg(long)]
    out: PathBuf,
    /// Only these changes, a name a line.
    #[arg(long)]
    only: Option<PathBuf>,
    /// Test processes at a time.
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Seconds after which a test process that waits for something hangs.
    #[arg(long, default_value_t = 900)]
    patience: u64,
    /// For the tests' own program, after all rounds' filters.
    #[arg(last = true)]
    rest: Vec<String>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut changes = list::read(&arguments.list, &arguments.package)?;
    if let Some(only) = &arguments.only {
        let names = fs::read_to_string(only)?;
        changes.retain(|change| names.lines().any(|name| name == change.name));
    }
    fs::create_dir_all(&arguments.out)?;
    let all = changes.len();
    let woven = weave::weave(&arguments.tree, &arguments.package, changes)?;
    println!(
        "{}: {all} changes, {} behind a switch, {} built by themselves, {} compile nowhere",
        arguments.package,
        woven.switched.len(),
        woven.left.len(),
        woven.unviable.len()
    );
    let write = |name: &str, lines: &[String]| -> Result<()> {
        let mut text = lines.join("\n");
        if !text.is_empty() {
            text.push('\n');
        }
        fs::write(arguments.out.join(name), text)
            .with_context(|| format!("{name} of {}", arguments.package))
    };
    let runs = tests_of::Runs {
        package: &arguments.package,
        jobs: arguments.jobs,
        patience: std::time::Duration::from_secs(arguments.patience),
        rest: &arguments.rest,
    };
    let program = tests_of::build(&arguments.tree, &arguments.package)?
        .context("the tests do not compile")?;
    let mut found = runs.all(&program, &woven.switched)?;
    woven.unweave()?;
    let (alone, compile_nowhere) = alone::all(&arguments.tree, &woven.left, &runs)?;
    found.caught.extend(alone.caught);
    found.survived.extend(alone.survived);
    found.hung.extend(alone.hung);
    let mut unviable = woven.unviable;
    unviable.extend(compile_nowhere);
    write("caught.txt", &found.caught)?;
    write("survived.txt", &found.survived)?;
    write("hung.txt", &found.hung)?;
    write("unviable.txt", &unviable)?;
    Ok(())
}
