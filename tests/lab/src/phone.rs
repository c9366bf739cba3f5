//! The real `lapor` at the phone's end of a line.

use std::{
    ffi::OsStr,
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::{
    authority::{Authority, GATEWAY},
    line::{Line, Place, Running},
    programs::program,
};

/// How often the trace is looked at, while something is waited for.
const LOOK: Duration = Duration::from_millis(5);

#[derive(Debug, Clone)]
pub(crate) struct Phone {
    home: PathBuf,
    authority: PathBuf,
    trace: PathBuf,
    /// For every call, such as `--now`.
    pub(crate) options: Vec<String>,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn json(&self) -> Result<Value> {
        serde_json::from_str(self.out.trim())
            .with_context(|| format!("not JSON: {} {}", self.out, self.err))
    }
}

impl Phone {
    pub(crate) fn new(folder: &Path, authority: &Authority) -> Self {
        Self {
            home: folder.join("phone"),
            authority: authority.root(),
            trace: folder.join("trace"),
            options: Vec::new(),
        }
    }

    pub(crate) fn command<S: AsRef<OsStr>>(&self, line: &Line, words: &[S]) -> Result<Command> {
        let mut command = line.at(Place::Phone, &program("lapor")?);
        command
            .arg("--home")
            .arg(&self.home)
            .arg("--ca")
            .arg(&self.authority)
            .args(["--server", &format!("https://{GATEWAY}/")])
            .args(["--lang", "en", "--json", "--network", "up"])
            .arg("--trace")
            .arg(&self.trace)
            .args(&self.options)
            .args(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Ok(command)
    }

    pub(crate) fn run<S: AsRef<OsStr>>(&self, line: &Line, words: &[S]) -> Result<Ran> {
        let output = self.command(line, words)?.output()?;
        Ok(Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// A command that must succeed.
    pub(crate) fn does<S: AsRef<OsStr>>(&self, line: &Line, words: &[S]) -> Result<Value> {
        let ran = self.run(line, words)?;
        ensure!(ran.code == 0, "lapor ended with {ran:?}");
        ran.json()
    }

    pub(crate) fn signs_in(&self, line: &Line, user: &str) -> Result<()> {
        let mut command = self.command(line, &["sign-in", user, "--password-stdin"])?;
        let mut child = command.stdin(Stdio::piped()).spawn()?;
        let mut stdin = child.stdin.take().context("stdin of lapor")?;
        stdin.write_all(b"rahasia123\n")?;
        drop(stdin);
        let ended = child.wait_with_output()?;
        ensure!(ended.status.success(), "signing in: {ended:?}");
        Ok(())
    }

    /// A complete draft whose frozen body has about `bytes`; gives its key.
    pub(crate) fn drafts(&self, line: &Line, title: &str, bytes: usize) -> Result<String> {
        // What the form's other fields and the JSON around them take.
        const FRAME: usize = 330;
        let content: String = "Jalan rusak dan gelap, sudah lama kami laporkan. "
            .chars()
            .cycle()
            .take(bytes.saturating_sub(FRAME))
            .collect();
        let made = self.does(
            line,
            &[
                "draft",
                "new",
                "--classification",
                "complaint",
                "--title",
                title,
                "--content",
                &content,
                "--date",
                "2026-01-15",
                "--location",
                "Jalan Raya Kerobokan, Kuta Utara",
                "--area",
                "51.03.06",
            ],
        )?;
        let key = made.get("key").and_then(Value::as_str);
        Ok(key.context("no key")?.to_owned())
    }

    /// A report of about 2 KB, accepted.
    pub(crate) fn submits(&self, line: &Line, title: &str) -> Result<String> {
        let key = self.drafts(line, title, 2048)?;
        self.does(line, &["submit", &key])?;
        Ok(key)
    }

    /// One with pictures of at most `budget` bytes each; gives the bytes of all of them too.
    pub(crate) fn submits_with_pictures(
        &self,
        line: &Line,
        title: &str,
        photos: &[PathBuf],
        budget: u64,
    ) -> Result<(String, u64)> {
        let key = self.drafts(line, title, 2048)?;
        let budget = budget.to_string();
        let mut words = vec![OsStr::new("attach"), OsStr::new(&key)];
        words.extend(photos.iter().map(|photo| photo.as_os_str()));
        words.extend([OsStr::new("--budget"), OsStr::new(&budget)]);
        let made = self.does(line, &words)?;
        let all = made.get("attachments").and_then(Value::as_array);
        let bytes: Option<u64> = all
            .with_context(|| format!("no attachments in {made}"))?
            .iter()
            .map(|one| one.get("bytes").and_then(Value::as_u64))
            .sum();
        self.does(line, &["submit", &key])?;
        Ok((key, bytes.with_context(|| format!("no bytes in {made}"))?))
    }

    /// Leaves a sync running, with an empty trace before it.
    pub(crate) fn starts(&self, line: &Line, words: &[&str]) -> Result<Running> {
        self.forgets_trace()?;
        let child: Child = self
            .command(line, words)?
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Running::child(child))
    }

    pub(crate) fn forgets_trace(&self) -> Result<()> {
        std::fs::write(&self.trace, "")?;
        Ok(())
    }

    /// What the syncs since then did, oldest first.
    pub(crate) fn traced(&self) -> Vec<Value> {
        let mut traced = Traced::default();
        traced.goes_on(&self.trace);
        traced.events
    }

    /// How long until the trace says what is asked for.
    pub(crate) fn until(
        &self,
        longest: Duration,
        what: &str,
        mut said: impl FnMut(&[Value]) -> bool,
    ) -> Result<Duration> {
        let began = Instant::now();
        let mut traced = Traced::default();
        loop {
            // Looking must not cost the processor that the line's ends need.
            if traced.goes_on(&self.trace) && said(&traced.events) {
                return Ok(began.elapsed());
            }
            if began.elapsed() > longest {
                let events = traced.events.iter().rev().take(12);
                let last: Vec<String> = events.map(Value::to_string).collect();
                bail!("{what}: not after {longest:?}; last, newest first: {last:#?}");
            }
            thread::sleep(LOOK);
        }
    }

    pub(crate) fn shows(&self, line: &Line, key: &str) -> Result<Value> {
        self.does(line, &["show", key])
    }
}

/// A trace that somebody is still writing, as far as it has been read.
#[derive(Default)]
struct Traced {
    events: Vec<Value>,
    read: u64,
}

impl Traced {
    /// Reads the lines that are whole by now. Is there anything new?
    fn goes_on(&mut self, trace: &Path) -> bool {
        let mut text = String::new();
        let rest = File::open(trace).and_then(|mut file| {
            file.seek(SeekFrom::Start(self.read))?;
            file.read_to_string(&mut text)
        });
        let Some(whole) = rest.ok().and_then(|_| text.rfind('\n')) else {
            return false;
        };
        let lines = text.get(..=whole).unwrap_or_default();
        self.read += lines.len() as u64;
        let known = self.events.len();
        let new = lines
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        self.events.extend(new);
        self.events.len() > known
    }
}

/// Has this report's create been answered with a tracking id?
pub(crate) fn created(traced: &[Value], key: &str) -> bool {
    traced.iter().any(|event| {
        is(event, "event", "ended")
            && is(event, "task", "create")
            && is(event, "report", key)
            && is(event, "outcome", "done")
    })
}

pub(crate) fn is(event: &Value, field: &str, word: &str) -> bool {
    event.get(field).and_then(Value::as_str) == Some(word)
}
