//! The package's tests, once for each change: first those of the changed file's own room, and all
//! of them only for what these did not notice.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{list::Change, weave::variable};

/// The tests' program, and the folder that it is to be started in.
pub(crate) struct Program {
    path: PathBuf,
    folder: PathBuf,
}

pub(crate) fn build(tree: &Path, package: &str) -> Result<Program> {
    let output = Command::new("cargo")
        .args([
            "test",
            "--lib",
            "--no-run",
            "--locked",
            "--message-format=json",
            "-p",
            package,
        ])
        .current_dir(tree)
        .stderr(Stdio::inherit())
        .output()
        .context("cargo test")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let messages = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut program = None;
    for message in messages {
        let word = |pointer: &str| {
            message
                .pointer(pointer)
                .and_then(Value::as_str)
                .map(PathBuf::from)
        };
        if let (Some(path), Some(manifest)) = (word("/executable"), word("/manifest_path"))
            && let Some(folder) = manifest.parent()
        {
            let folder = folder.to_owned();
            program = Some(Program { path, folder });
        }
    }
    if !output.status.success() {
        bail!("{package}: its tests do not compile");
    }
    program.with_context(|| format!("{package} has no tests"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Passed,
    Failed,
    Hung,
}

pub(crate) struct Runs<'a> {
    pub(crate) program: &'a Program,
    pub(crate) package: &'a str,
    pub(crate) jobs: usize,
    pub(crate) patience: Duration,
    pub(crate) rest: &'a [String],
}

#[derive(Default)]
pub(crate) struct Found {
    pub(crate) caught: Vec<String>,
    pub(crate) survived: Vec<String>,
    pub(crate) hung: Vec<String>,
}

impl Runs<'_> {
    pub(crate) fn all(&self, changes: &[(usize, Change)]) -> Result<Found> {
        if self.once(0, &[])? != End::Passed {
            bail!("{}: its tests fail without any change", self.package);
        }
        let next = AtomicUsize::new(0);
        let found = Mutex::new(Vec::new());
        thread::scope(|scope| {
            let work = || -> Result<()> {
                while let Some((number, change)) = changes.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let end = self.change(*number, change)?;
                    if end != End::Failed {
                        println!("{end:?}: {}", change.name);
                    }
                    if let Ok(mut found) = found.lock() {
                        found.push((*number, end, change.name.clone()));
                    }
                }
                Ok(())
            };
            let workers: Vec<_> = (0..self.jobs.max(1)).map(|_| scope.spawn(work)).collect();
            workers
                .into_iter()
                .try_for_each(|worker| worker.join().unwrap_or_else(|_| bail!("a worker stopped")))
        })?;
        let mut all = found.into_inner().unwrap_or_default();
        all.sort_by_key(|(number, _, _)| *number);
        let mut sorted = Found::default();
        for (_, end, name) in all {
            match end {
                End::Failed => sorted.caught.push(name),
                End::Passed => sorted.survived.push(name),
                End::Hung => sorted.hung.push(name),
            }
        }
        Ok(sorted)
    }

    /// Its own file's tests, its room's, all.
    fn change(&self, number: usize, change: &Change) -> Result<End> {
        for filter in filters(&change.file) {
            let end = self.once(number, &filter)?;
            if end != End::Passed {
                return Ok(end);
            }
        }
        Ok(End::Passed)
    }

    fn once(&self, number: usize, filter: &[String]) -> Result<End> {
        let mut child = Command::new(&self.program.path)
            .args(filter)
            .args(self.rest)
            .arg("--test-threads=1")
            .current_dir(&self.program.folder)
            .env(variable(self.package), number.to_string())
            // What fails is not made smaller: that it fails is all there is to know.
            .env("PROPTEST_MAX_SHRINK_ITERS", "0")
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("the tests")?;
        let lines = child.stdout.take().context("the tests' words")?;
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let lines = BufReader::new(lines).lines().map_while(Result::ok);
            for line in lines.filter(|line| line.ends_with("... FAILED")) {
                let _ = tell.send(line);
            }
        });
        // The first test that fails is enough.
        let end = match told.recv_timeout(self.patience) {
            Ok(_) => End::Failed,
            Err(mpsc::RecvTimeoutError::Timeout) => End::Hung,
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                let passed = child.wait()?.success();
                return Ok(if passed { End::Passed } else { End::Failed });
            }
        };
        let _ = child.kill();
        child.wait()?;
        Ok(end)
    }
}

/// From the file's own tests to all.
fn filters(file: &str) -> Vec<Vec<String>> {
    let (_, inside) = file.split_once("src/").unwrap_or(("", file));
    let module = inside.trim_end_matches(".rs").replace('/', "::");
    let room = module.split("::").next().unwrap_or_default().to_owned();
    vec![
        vec![format!("{module}::")],
        vec![format!("{room}::")],
        Vec::new(),
    ]
}
