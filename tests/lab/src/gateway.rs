//! The sandbox at the server's end of a line, and its desk.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{
    authority::{Authority, Kind},
    line::{Line, Place, Running, run_for_text},
    programs::program,
};

/// A gateway over TLS; several may share one store.
#[derive(Debug)]
pub(crate) struct Gateway {
    _process: Running,
    pub(crate) port: u16,
}

impl Gateway {
    pub(crate) fn start(line: &Line, authority: &Authority, kind: Kind) -> Result<Self> {
        let mut command: Command = line.at(Place::Server, &program("lapor-sandbox")?);
        command
            .args(["--listen", "127.0.0.1:0", "--check-contract"])
            .args(["--max-seconds", "7200"])
            .args(["--parent-pid", &std::process::id().to_string()])
            .arg("--db")
            .arg(line.folder().join("gateway.db"))
            .arg("--tls-cert")
            .arg(authority.chain(kind))
            .arg("--tls-key")
            .arg(authority.key(kind));
        let (process, said) = Running::ready(command)?;
        let port = said
            .split_whitespace()
            .nth(1)
            .and_then(|url| url.rsplit(':').next())
            .and_then(|port| port.parse().ok())
            .with_context(|| format!("the sandbox said {said:?}"))?;
        Ok(Self {
            _process: process,
            port,
        })
    }

    /// `GET /sandbox/PATH`, from the server itself: nothing of it crosses the line.
    pub(crate) fn see(&self, line: &Line, path: &str) -> Result<Value> {
        self.desk(line, path, &[])
    }

    fn desk(&self, line: &Line, path: &str, more: &[&str]) -> Result<Value> {
        let mut curl = line.at(Place::Server, Path::new("curl"));
        curl.args(["--silent", "--show-error", "--fail", "--max-time", "20"])
            .args(more)
            .arg(format!("http://127.0.0.1:{}/sandbox/{path}", self.port));
        let text = run_for_text(&mut curl)?;
        serde_json::from_str(&text).with_context(|| format!("not JSON: {text}"))
    }

    /// Calls the contract as somebody at the server: for the peers' reports.
    pub(crate) fn calls(
        &self,
        line: &Line,
        authority: &Authority,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: &Value,
    ) -> Result<Value> {
        let name = crate::authority::GATEWAY;
        let port = self.port;
        let mut curl = line.at(Place::Server, Path::new("curl"));
        curl.args(["--silent", "--show-error", "--max-time", "20"])
            .args(["-X", method])
            .args([
                "-H",
                "Lapor-Contract: 1",
                "-H",
                "Lapor-Request: 0123456789abcdef01234567",
            ])
            .args(["-H", "Content-Type: application/json"])
            .args(["--resolve", &format!("{name}:{port}:127.0.0.1")])
            .arg("--cacert")
            .arg(authority.root())
            .args(["--data-binary", &body.to_string()]);
        if let Some(token) = token {
            curl.args(["-H", &format!("Authorization: Bearer {token}")]);
        }
        curl.arg(format!("https://{name}:{port}/v1/{path}"));
        let text = run_for_text(&mut curl)?;
        let value: Value =
            serde_json::from_str(&text).with_context(|| format!("not JSON: {text}"))?;
        if value.get("code").is_some() {
            bail!("{method} {path}: {value}");
        }
        Ok(value)
    }
}
