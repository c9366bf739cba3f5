//! A home, a key beside it, and the binary.

use std::{
    ffi::OsStr,
    fs,
    io::Write,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use lapor_core::{
    engine::{
        api::{AccountAnswer, Secret},
        calendar::Instant,
    },
    store::{OpenOptions, Store, StoreKey},
};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct Phone {
    folder: TempDir,
    server: Option<String>,
}

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert!(!self.err.contains("panicked"), "{self:?}");
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.out.lines().count(), 1, "one JSON value: {self:?}");
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Phone {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            server: None,
        }
    }

    /// A phone on which `user` signed in while there was a network. There is none now.
    pub(crate) fn of(user: &str) -> Self {
        let mut phone = Self::new();
        phone.run(["list"]).ends(0);
        phone.signs_in(user);
        phone.server = Some(nobody_there());
        phone
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder().join("phone")
    }

    pub(crate) fn key_file(&self) -> PathBuf {
        self.folder().join("phone.key")
    }

    pub(crate) fn server(&mut self, url: String) {
        self.server = Some(url);
    }

    pub(crate) fn command<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lapor"));
        for name in [
            "LAPOR_KEY_FILE",
            "LAPOR_CA",
            "LAPOR_LANG",
            "LAPOR_SERVER",
            "XDG_DATA_HOME",
        ] {
            command.env_remove(name);
        }
        command
            .env("LAPOR_HOME", self.home())
            .args(arguments)
            .stdin(Stdio::null());
        if let Some(server) = &self.server {
            command.env("LAPOR_SERVER", server);
        }
        command
    }

    pub(crate) fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Ran {
        self.command(arguments).output().unwrap().into()
    }

    pub(crate) fn type_in(&self, arguments: &[&str], input: &[u8]) -> Ran {
        let mut command = self.command(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that refuses early closes its end.
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap().into()
    }

    /// Runs with `--json`, expects success, answers the value.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        self.run([arguments, &["--json"]].concat()).ends(0).json()
    }

    /// A complete draft; its key.
    pub(crate) fn draft(&self, title: &str) -> String {
        let line = [
            "draft",
            "new",
            "--title",
            title,
            "--content",
            "Lubang sedalam mata kaki.",
            "--date",
            "2026-01-05",
            "--location",
            "Denpasar",
            "--classification",
            "pengaduan",
        ];
        self.run(line).ends(0).out.trim().to_owned()
    }

    pub(crate) fn submitted(&self, title: &str) -> String {
        let key = self.draft(title);
        self.run(["submit", &key]).ends(0);
        key
    }

    /// The store behind the binary's back, closed when dropped.
    pub(crate) fn store(&self) -> Store {
        let text = fs::read_to_string(self.key_file()).unwrap();
        let (key, install) = text.trim().split_once('\n').unwrap();
        let key = StoreKey::new(bytes(key), bytes(install));
        let home = self.home();
        let mut entropy = |room: &mut [u8]| room.fill(7);
        let options = OpenOptions::new(&home, Some(&key), now(), &mut entropy);
        Store::open(options).unwrap().0
    }

    /// As an earlier sign-in left it.
    pub(crate) fn signs_in(&self, user: &str) {
        let answer = AccountAnswer {
            id: format!("account-{user}"),
            user: user.to_owned(),
            name: format!("{user} sendiri"),
            role: "reporter".to_owned(),
            institution: None,
        };
        let (access, refresh) = (
            Secret::new(format!("access-{user}")),
            Secret::new(format!("refresh-{user}")),
        );
        self.store()
            .signed_in(&answer, &access, &refresh, now())
            .unwrap();
    }
}

pub(crate) fn now() -> Instant {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    Instant(i64::try_from(since.as_millis()).unwrap())
}

/// An address of this machine that nobody listens at.
pub(crate) fn nobody_there() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/", listener.local_addr().unwrap())
}

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    let byte = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
    std::array::from_fn(byte)
}
