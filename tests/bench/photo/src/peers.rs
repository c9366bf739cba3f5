//! The others: sharp in a node process that takes jobs, and what they answered.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::Place;

/// Node with sharp, warm.
pub(crate) struct Sharp {
    node: Child,
    jobs: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    out: PathBuf,
}

pub(crate) struct Made {
    pub(crate) ms: f64,
    /// Of the processor, all threads together.
    pub(crate) cpu_ms: f64,
    pub(crate) quality: f64,
    pub(crate) bytes: Vec<u8>,
}

impl Sharp {
    pub(crate) fn start(place: &Place) -> Result<Self> {
        fs::create_dir_all(&place.target)?;
        let script = place.target.join("peer.mjs");
        fs::write(&script, include_str!("../peer.mjs"))?;
        let mut node = Command::new("node")
            .arg(&script)
            .arg(&place.sharp)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("node")?;
        let jobs = node.stdin.take();
        let answers = BufReader::new(node.stdout.take().context("no answers")?);
        let out = place.target.join("peer.jpg");
        Ok(Self {
            node,
            jobs,
            answers,
            out,
        })
    }

    pub(crate) fn budget(&mut self, photo: &Path, limit: u64, mozjpeg: bool) -> Result<Made> {
        let job = json!({"kind": "budget", "path": photo, "limit": limit, "mozjpeg": mozjpeg});
        self.ask(job)
    }

    /// On so many threads; 0 is sharp's own choice, which is as many as there are cores.
    pub(crate) fn plain(&mut self, photo: &Path, threads: u32) -> Result<Made> {
        self.ask(json!({"kind": "plain", "path": photo, "threads": threads}))
    }

    fn ask(&mut self, mut job: Value) -> Result<Made> {
        if let Some(job) = job.as_object_mut() {
            job.insert("runs".to_owned(), json!(0));
            job.insert("out".to_owned(), json!(self.out));
        }
        let jobs = self.jobs.as_mut().context("sharp has been told to end")?;
        writeln!(jobs, "{job}")?;
        jobs.flush()?;
        let mut line = String::new();
        ensure!(
            self.answers.read_line(&mut line)? > 0,
            "sharp ended: see its words above"
        );
        let answer: Value = serde_json::from_str(&line)?;
        let answer_of = |what: &str| answer.get(what).cloned().unwrap_or_default();
        let times: Vec<f64> = serde_json::from_value(answer_of("times"))?;
        let size = answer_of("size").as_u64().context("no size")?;
        ensure!(size > 0, "sharp found no quality that fits");
        Ok(Made {
            ms: times.first().copied().context("no time")?,
            cpu_ms: answer_of("cpu").as_f64().context("no processor time")?,
            quality: answer_of("quality").as_f64().context("no quality")?,
            bytes: fs::read(&self.out)?,
        })
    }
}

impl Drop for Sharp {
    fn drop(&mut self) {
        // Its input ends, so it ends.
        self.jobs = None;
        let _ = self.node.wait();
    }
}
