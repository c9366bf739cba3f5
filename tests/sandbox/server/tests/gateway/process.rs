//! A running sandbox, ended when the test is.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use lapor_sandbox::plain_http::{PlainAnswer, exchange};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) struct Sandbox {
    child: Child,
    pub(crate) address: String,
    pub(crate) ready: String,
    pub(crate) folder: Folder,
}

/// The folder of a store; processes that share one share the store.
#[derive(Clone)]
pub(crate) struct Folder(std::sync::Arc<TempDir>);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(std::sync::Arc::new(TempDir::new().unwrap()))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

pub(crate) fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_lapor-sandbox"))
}

impl Sandbox {
    pub(crate) fn start() -> Self {
        Self::over(Folder::new(), &["--check-contract"])
    }

    pub(crate) fn over(folder: Folder, flags: &[&str]) -> Self {
        let mut child = program()
            .arg("--db")
            .arg(folder.path("gateway.db"))
            .args(["--max-seconds", "120"])
            .args(["--parent-pid", &std::process::id().to_string()])
            .args(flags)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut ready)
            .unwrap();
        let mut words = ready.split_whitespace();
        let address = words
            .nth(1)
            .and_then(|url| url.split_once("://"))
            .map(|(_, address)| address.to_owned())
            .unwrap_or_else(|| panic!("not ready: {ready:?}"));
        Self {
            child,
            address,
            ready: ready.trim_end().to_owned(),
            folder,
        }
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let answer = exchange(&self.address, "GET", path, &[], b"").unwrap();
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.json());
        answer.json()
    }

    pub(crate) fn desk(&self, method: &str, path: &str, said: Value) -> PlainAnswer {
        let headers = [("Content-Type", "application/json")];
        exchange(
            &self.address,
            method,
            path,
            &headers,
            said.to_string().as_bytes(),
        )
        .unwrap()
    }

    pub(crate) fn does(&self, path: &str, said: Value) -> Value {
        let answer = self.desk("POST", path, said);
        assert_eq!(answer.status, 200, "POST {path}: {}", answer.json());
        answer.json()
    }

    pub(crate) fn switch(&self, faults: Value) {
        let answer = self.desk("PUT", "/sandbox/faults", faults);
        assert_eq!(answer.status, 200, "{}", answer.json());
    }

    /// How often a report was really created under the key.
    pub(crate) fn creates_of(&self, key: &str) -> Value {
        self.get("/sandbox/counts")["creates"][key].clone()
    }

    /// Nothing that was said on either side broke the contract.
    pub(crate) fn kept_the_contract(&self) {
        let found = self.get("/sandbox/violations");
        assert_eq!(found["checked"], json!(true));
        assert_eq!(found["violations"], json!([]));
    }

    /// SIGKILL: what is not on disk is lost.
    pub(crate) fn killed(mut self) -> Folder {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.folder.clone()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn ended_by_itself(mut self) -> bool {
        self.child.wait().unwrap().success()
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.folder.path("gateway.db")
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

pub(crate) fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}
