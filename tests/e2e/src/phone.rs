use std::{
    ffi::OsStr,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::program;

/// Exit codes of `lapor`, as its help lists them.
pub mod exit {
    pub const DONE: i32 = 0;
    pub const USAGE: i32 = 2;
    pub const INVALID_DRAFT: i32 = 3;
    pub const STILL_WAITING: i32 = 4;
    pub const SIGN_IN: i32 = 5;
    pub const REJECTED: i32 = 6;
    pub const UPDATE_APP: i32 = 7;
    pub const IN_USE: i32 = 8;
    pub const WRONG_KEY: i32 = 9;
}

/// A store folder with its key, driven by the command line: what a phone is here.
#[derive(Debug, Clone)]
pub struct Phone {
    pub home: PathBuf,
    pub key_file: PathBuf,
    pub server: String,
    /// Options for every call, such as `--now`.
    pub options: Vec<String>,
}

/// A command that has ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// The one JSON value that was printed.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(self.out.trim())
            .with_context(|| format!("not JSON: {} {}", self.out, self.err))
    }

    /// Fails unless it ended with this code.
    pub fn expect(self, code: i32) -> Result<Self> {
        ensure!(
            self.code == code,
            "exit {} instead of {code}:\n{}\n{}",
            self.code,
            self.out,
            self.err
        );
        Ok(self)
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            // A process ended by a signal has no code.
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Phone {
    pub fn new(folder: &Path, name: &str, server: &str) -> Self {
        Self {
            home: folder.join(name),
            key_file: folder.join(format!("{name}.key")),
            server: server.to_owned(),
            options: Vec::new(),
        }
    }

    pub fn command<S: AsRef<OsStr>>(&self, words: &[S]) -> Result<Command> {
        let mut command = Command::new(program("lapor")?);
        command
            .arg("--home")
            .arg(&self.home)
            .arg("--key-file")
            .arg(&self.key_file)
            .args(["--server", &self.server, "--lang", "en", "--json"])
            .args(&self.options)
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Ok(command)
    }

    /// Runs a command to its end.
    pub fn run<S: AsRef<OsStr>>(&self, words: &[S]) -> Result<Ran> {
        Ok(self
            .command(words)?
            .output()
            .context("running lapor")?
            .into())
    }

    /// Runs a command that must succeed and gives its JSON.
    pub fn does<S: AsRef<OsStr>>(&self, words: &[S]) -> Result<Value> {
        self.run(words)?.expect(exit::DONE)?.json()
    }

    /// Starts a command and leaves it running.
    pub fn starts<S: AsRef<OsStr>>(&self, words: &[S]) -> Result<Child> {
        self.command(words)?
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("starting lapor")
    }

    /// Signs a seeded account in.
    pub fn signs_in(&self, user: &str) -> Result<()> {
        self.tries_to_sign_in(user, "rahasia123")?
            .expect(exit::DONE)?;
        Ok(())
    }

    pub fn tries_to_sign_in(&self, user: &str, password: &str) -> Result<Ran> {
        let mut command = self.command(&["sign-in", user, "--password-stdin"])?;
        let mut child = command.stdin(Stdio::piped()).spawn()?;
        let mut stdin = child.stdin.take().context("stdin of lapor")?;
        // A program that refuses early closes its end.
        let _refused = stdin.write_all(format!("{password}\n").as_bytes());
        drop(stdin);
        Ok(child.wait_with_output()?.into())
    }

    /// A complete draft; gives its key.
    pub fn drafts(&self, title: &str, content: &str) -> Result<String> {
        let made = self.does(&[
            "draft",
            "new",
            "--classification",
            "complaint",
            "--title",
            title,
            "--content",
            content,
            "--date",
            "2026-01-15",
            "--location",
            "Jalan Raya Kerobokan, Kuta Utara",
            "--area",
            "51.03.06",
        ])?;
        text(&made, "key")
    }

    pub fn attaches(&self, report: &str, photo: &Path) -> Result<Value> {
        self.does(&[OsStr::new("attach"), OsStr::new(report), photo.as_os_str()])
    }

    pub fn submits(&self, report: &str) -> Result<()> {
        self.does(&["submit", report])?;
        Ok(())
    }

    pub fn shows(&self, report: &str) -> Result<Value> {
        self.does(&["show", report])
    }
}

fn text(value: &Value, field: &str) -> Result<String> {
    let found = value.get(field).and_then(Value::as_str);
    Ok(found
        .with_context(|| format!("no {field} in {value}"))?
        .to_owned())
}
