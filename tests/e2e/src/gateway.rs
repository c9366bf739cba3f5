use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::program;

/// A sandbox gateway in a process of its own, with every exchange held against the contract.
pub struct Gateway {
    process: Child,
    url: String,
    db: PathBuf,
    more: Vec<String>,
    agent: ureq::Agent,
    keep: bool,
}

impl Gateway {
    /// Starts one on a free loopback port; `db` is made when absent.
    pub fn start(db: &Path) -> Result<Self> {
        Self::start_with(db, &[])
    }

    /// One with more switches.
    pub fn start_with(db: &Path, more: &[&str]) -> Result<Self> {
        let mut command = Self::command(db)?;
        command
            .args(["--parent-pid", &std::process::id().to_string()])
            .args(more);
        let mut gateway = Self::listening(command, db)?;
        gateway.more = more.iter().map(|word| (*word).to_owned()).collect();
        Ok(gateway)
    }

    /// One that can be left running: it does not end with this process, and holds none of its
    /// outputs open.
    pub fn start_to_be_left(db: &Path) -> Result<Self> {
        let mut command = Self::command(db)?;
        command.stderr(Stdio::null());
        Self::listening(command, db)
    }

    fn command(db: &Path) -> Result<Command> {
        let mut command = Command::new(program("lapor-sandbox")?);
        command
            .arg("--db")
            .arg(db)
            .args(["--listen", "127.0.0.1:0", "--check-contract"]);
        Ok(command)
    }

    fn listening(mut command: Command, db: &Path) -> Result<Self> {
        let mut process = command
            .stdout(Stdio::piped())
            .spawn()
            .context("starting lapor-sandbox")?;
        let out = process
            .stdout
            .take()
            .context("no stdout of lapor-sandbox")?;
        let mut line = String::new();
        BufReader::new(out)
            .read_line(&mut line)
            .context("reading where the sandbox listens")?;
        let url = line
            .split_whitespace()
            .nth(1)
            .unwrap_or_default()
            .to_owned();
        if !line.starts_with("listening http") {
            bail!("lapor-sandbox did not start: {line:?}");
        }
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(30)))
            .http_status_as_error(false)
            .build();
        Ok(Self {
            process,
            url,
            db: db.to_owned(),
            more: Vec::new(),
            agent: config.into(),
            keep: false,
        })
    }

    /// `http://127.0.0.1:port`, `https` when it was started with `--tls`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where the desk answers: plain HTTP on the same port, TLS or not.
    fn desk(&self, path: &str) -> String {
        let address = self.url.rsplit('/').next().unwrap_or_default();
        format!("http://{address}/sandbox/{path}")
    }

    pub fn address(&self) -> Result<std::net::SocketAddr> {
        let address = self.url.rsplit('/').next().unwrap_or_default();
        address
            .parse()
            .with_context(|| format!("the address in {}", self.url))
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// `GET /sandbox/<path>`
    pub fn see(&self, path: &str) -> Result<Value> {
        let mut answer = self.agent.get(self.desk(path)).call()?;
        let status = answer.status();
        ensure!(status.is_success(), "GET /sandbox/{path}: {status}");
        Ok(answer.body_mut().read_json()?)
    }

    /// The bytes at `GET /sandbox/<path>`.
    pub fn bytes(&self, path: &str) -> Result<Vec<u8>> {
        let mut answer = self.agent.get(self.desk(path)).call()?;
        let status = answer.status();
        ensure!(status.is_success(), "GET /sandbox/{path}: {status}");
        Ok(answer
            .body_mut()
            .with_config()
            .limit(16 << 20)
            .read_to_vec()?)
    }

    /// `POST /sandbox/<path>`
    pub fn act(&self, path: &str, body: &Value) -> Result<Value> {
        let mut answer = self.agent.post(self.desk(path)).send_json(body)?;
        let status = answer.status();
        let text = answer.body_mut().read_to_string()?;
        ensure!(status.is_success(), "POST /sandbox/{path}: {status} {text}");
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Sets the fault switches; an empty list heals.
    pub fn faults(&self, faults: &[Value]) -> Result<()> {
        let mut answer = self
            .agent
            .put(self.desk("faults"))
            .send_json(json!(faults))?;
        let status = answer.status();
        ensure!(
            status.is_success(),
            "PUT /sandbox/faults: {status} {}",
            answer.body_mut().read_to_string()?
        );
        Ok(())
    }

    /// Kills the process and starts another on the same store, at another port. Switches and
    /// settings last as long as a process.
    pub fn restart(&mut self) -> Result<()> {
        self.end();
        *self = self.beside()?;
        Ok(())
    }

    /// Another process on the same store.
    pub fn beside(&self) -> Result<Self> {
        let more: Vec<&str> = self.more.iter().map(String::as_str).collect();
        Self::start_with(&self.db, &more)
    }

    /// Leaves the process running when this handle goes.
    pub fn leave_running(&mut self) {
        self.keep = true;
    }

    fn end(&mut self) {
        let _gone = self.process.kill();
        let _reaped = self.process.wait();
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if !self.keep {
            self.end();
        }
    }
}
