//! The package's tests, once for each change: first those of the changed file's own room, and all
//! of them only for what these did not notice.

use std::{
    fs::Permissions,
    io::{BufRead, BufReader},
    os::unix::{fs::PermissionsExt, process::ExitStatusExt},
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

/// Seconds of the processor's time after which tests are in a loop without end: all of a package's
/// take a tenth of it.
const ENDLESS: u32 = 60;
/// What a process gets then (Linux).
const SIGXCPU: i32 = 24;

/// The tests' program, and the folder that it is to be started in.
pub(crate) struct Program {
    path: PathBuf,
    folder: PathBuf,
}

/// Nothing where they do not compile.
pub(crate) fn build(tree: &Path, package: &str) -> Result<Option<Program>> {
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
        .output()
        .context("cargo test")?;
    if !output.status.success() {
        return Ok(None);
    }
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
    let program = program.with_context(|| format!("{package} has no tests"))?;
    Ok(Some(program))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Passed,
    Failed,
    Hung,
}

pub(crate) struct Runs<'a> {
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

impl Found {
    pub(crate) fn put(&mut self, end: End, name: String) {
        match end {
            End::Failed => self.caught.push(name),
            End::Passed => self.survived.push(name),
            End::Hung => self.hung.push(name),
        }
    }
}

impl Runs<'_> {
    pub(crate) fn all(&self, program: &Program, changes: &[(usize, Change)]) -> Result<Found> {
        let unchanged = self.once(program, 0, &[])?;
        if unchanged != End::Passed {
            bail!("{}: without any change: {unchanged:?}", self.package);
        }
        let next = AtomicUsize::new(0);
        let found = Mutex::new(Vec::new());
        thread::scope(|scope| {
            let work = || -> Result<()> {
                while let Some((number, change)) = changes.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let end = self.change(program, *number, change)?;
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
            sorted.put(end, name);
        }
        Ok(sorted)
    }

    /// Its own file's tests, its room's, all.
    pub(crate) fn change(&self, program: &Program, number: usize, change: &Change) -> Result<End> {
        for filter in filters(&change.file) {
            let end = self.once(program, number, &filter)?;
            if end != End::Passed {
                return Ok(end);
            }
        }
        Ok(End::Passed)
    }

    fn once(&self, program: &Program, number: usize, filter: &[String]) -> Result<End> {
        // What is stopped cannot tidy up after itself. Some tests act as another user.
        let scratch = tempfile::Builder::new()
            .permissions(Permissions::from_mode(0o755))
            .tempdir()
            .context("a folder for the tests")?;
        // By its own time and not by the clock's: a busy machine is no endless loop.
        let mut child = Command::new("sh")
            .arg("-c")
            .arg(format!("ulimit -t {ENDLESS} && exec \"$0\" \"$@\""))
            .arg(&program.path)
            .args(filter)
            .args(self.rest)
            .arg("--test-threads=1")
            .current_dir(&program.folder)
            .env(variable(self.package), number.to_string())
            .env("TMPDIR", scratch.path())
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
        // The first one that fails is enough.
        let end = match told.recv_timeout(self.patience) {
            Ok(line) => {
                if number == 0 {
                    println!("{line}");
                }
                End::Failed
            }
            Err(mpsc::RecvTimeoutError::Timeout) => End::Hung,
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                let status = child.wait()?;
                return Ok(match status.signal() {
                    Some(SIGXCPU) => End::Hung,
                    _ if status.success() => End::Passed,
                    _ => End::Failed,
                });
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
