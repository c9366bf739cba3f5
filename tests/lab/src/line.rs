//! A line of this run's own: three network namespaces, two of them joined by the long wire. It
//! goes with the processes that hold it, whatever ended them; nothing of it has a name in the system.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    names,
    profile::{Profile, Trip, bucket_bytes, queue_bytes},
};

#[cfg(test)]
mod tests;

pub(crate) const SERVER: &str = "10.77.2.2";
pub(crate) const DOMAIN: &str = "lapor.test";

/// A process that ends with this handle.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Option<BufReader<ChildStdout>>,
}

impl Running {
    /// Starts it and waits for its first line.
    pub(crate) fn ready(mut command: Command) -> Result<(Self, String)> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {command:?}"))?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let mut running = Self {
            child,
            stdin,
            stdout: stdout.map(BufReader::new),
        };
        let line = running
            .line()
            .with_context(|| format!("waiting for {command:?}"))?;
        Ok((running, line))
    }

    pub(crate) fn child(child: Child) -> Self {
        Self {
            child,
            stdin: None,
            stdout: None,
        }
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        let out = self.stdout.as_mut().context("no stdout")?;
        ensure!(out.read_line(&mut line)? > 0, "it ended");
        Ok(line.trim().to_owned())
    }

    fn ask(&mut self, words: &str) -> Result<()> {
        let stdin = self.stdin.as_mut().context("no stdin")?;
        writeln!(stdin, "{words}")?;
        stdin.flush()?;
        self.line()?;
        Ok(())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|ended| ended.is_some())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Whose namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Phone,
    Router,
    Server,
}

#[derive(Debug)]
pub(crate) struct Line {
    phone: Running,
    router: Running,
    server: Running,
    wire: Running,
    _names: Running,
    folder: PathBuf,
}

/// Bytes of IP that crossed the phone's interface, both ways.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Crossed {
    pub(crate) up: u64,
    pub(crate) down: u64,
}

impl Crossed {
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            up: self.up.saturating_sub(before.up),
            down: self.down.saturating_sub(before.down),
        }
    }

    pub(crate) fn both(self) -> u64 {
        self.up + self.down
    }
}

impl Line {
    /// An open line: no rate, no delay, no loss.
    pub(crate) fn build(folder: &Path) -> Result<Self> {
        let hold = || Running::ready(held()?).map(|(running, _)| running);
        let (phone, router, server) = (hold()?, hold()?, hold()?);
        let (wire, _) = Running::ready(inside(&router, &own()?, &["wire"]))?;
        let resolv = folder.join("resolv.conf");
        std::fs::write(&resolv, format!("nameserver {SERVER}\n"))?;
        let script = folder.join("up.sh");
        std::fs::write(&script, include_str!("line/up.sh"))?;
        let pids = [phone.pid().to_string(), server.pid().to_string()];
        let mut up = inside(&router, Path::new("sh"), &[] as &[&str]);
        run(up.arg(&script).args(&pids)).context("building the line")?;
        let mut resolver = inside(&phone, Path::new("mount"), &["--bind"]);
        run(resolver.arg(&resolv).arg("/etc/resolv.conf"))?;
        let (names, _) = Running::ready(inside(&server, &own()?, &["names"]))?;
        Ok(Self {
            phone,
            router,
            server,
            wire,
            _names: names,
            folder: folder.to_owned(),
        })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A command that will run at a place and end with this process.
    pub(crate) fn at(&self, place: Place, program: &Path) -> Command {
        let holder = match place {
            Place::Phone => &self.phone,
            Place::Router => &self.router,
            Place::Server => &self.server,
        };
        inside(holder, program, &[] as &[&str])
    }

    /// Gives the line the nature of a profile.
    pub(crate) fn becomes(&mut self, profile: &Profile, seed: u64) -> Result<()> {
        self.shape(profile.up, profile.down, profile.loss)?;
        self.begins_anew(profile, seed)
    }

    /// The round trips of this seed, from now on.
    pub(crate) fn begins_anew(&mut self, profile: &Profile, seed: u64) -> Result<()> {
        match profile.trip {
            Trip::Even(trip) => self.wire.ask(&format!("rtt {}", trip.as_millis())),
            Trip::Spiky { p50, p99 } => self.wire.ask(&format!(
                "spiky {} {} {seed}",
                p50.as_millis(),
                p99.as_millis()
            )),
        }
    }

    /// As it was built: for what the figures are not about.
    pub(crate) fn opens(&mut self) -> Result<()> {
        const GIGABIT: u64 = 1_000_000_000;
        self.shape(GIGABIT, GIGABIT, 0)?;
        self.wire.ask("rtt 0")?;
        self.wire.ask("hole 0")?;
        self.wire.ask("up")
    }

    fn shape(&self, up: u64, down: u64, loss: u32) -> Result<()> {
        let script = self.folder.join("shape.sh");
        std::fs::write(&script, include_str!("line/shape.sh"))?;
        let numbers = [
            up,
            down,
            bucket_bytes(up),
            bucket_bytes(down),
            queue_bytes(up),
            queue_bytes(down),
            u64::from(loss),
        ];
        let mut shape = self.at(Place::Router, Path::new("sh"));
        run(shape.arg(&script).args(numbers.map(|one| one.to_string())))
    }

    /// Silence both ways, without a word to anybody.
    pub(crate) fn falls_silent(&mut self, ms: u64) -> Result<()> {
        self.wire.ask(&format!("hole {ms}"))
    }

    pub(crate) fn goes_down(&mut self) -> Result<()> {
        self.wire.ask("down")
    }

    pub(crate) fn comes_up(&mut self) -> Result<()> {
        self.wire.ask("up")
    }

    /// Ends the phone's connections to the gateway, as a phone does when it changes networks: the
    /// socket is gone, the far end gets a reset. False when there was none.
    pub(crate) fn cuts(&self) -> Result<bool> {
        let mut kill = self.at(Place::Phone, Path::new("ss"));
        let killed = run_for_text(kill.args(["-H", "-K", "dport", "=", "443"]))?;
        Ok(!killed.trim().is_empty())
    }

    /// Port 443 of the server leads to this port of its loopback.
    pub(crate) fn leads_to(&self, port: u16) -> Result<()> {
        let script = format!(
            "nft flush chain ip lab door && nft add rule ip lab door iifname s0 tcp dport 443 dnat to 127.0.0.1:{port}"
        );
        let mut nft = self.at(Place::Server, Path::new("sh"));
        run(nft.arg("-ec").arg(script))
    }

    /// (packets, lost of them), both ways, since the line became what it is; none where it loses none.
    pub(crate) fn lost(&self) -> Result<Option<(u64, u64)>> {
        let mut list = self.at(Place::Router, Path::new("nft"));
        let text = run_for_text(list.args(["list", "chain", "ip", "lab", "way"]))?;
        Ok(lost(&text))
    }

    pub(crate) fn crossed(&self) -> Result<Crossed> {
        let mut read = self.at(Place::Phone, Path::new("cat"));
        let text = run_for_text(read.arg("/proc/net/dev"))?;
        crossed(&text).with_context(|| format!("no p0 in {text}"))
    }
}

/// The first rule counts every packet, the others those that they drop.
fn lost(text: &str) -> Option<(u64, u64)> {
    let mut counted = text
        .lines()
        .filter_map(|line| line.split_once("counter packets "))
        .filter_map(|(_, rest)| rest.split_whitespace().next()?.parse::<u64>().ok());
    Some((counted.next()?, counted.sum()))
}

/// Ethernet's head, which veth counts and no radio sends.
const ETHERNET: u64 = 14;

fn crossed(text: &str) -> Option<Crossed> {
    let line = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("p0:"))?;
    let numbers: Vec<u64> = line
        .split_whitespace()
        .filter_map(|number| number.parse().ok())
        .collect();
    let of = |bytes: usize| {
        let packets = numbers.get(bytes + 1)?;
        Some(numbers.get(bytes)?.saturating_sub(packets * ETHERNET))
    };
    Some(Crossed {
        down: of(0)?,
        up: of(8)?,
    })
}

fn own() -> Result<PathBuf> {
    std::env::current_exe().context("the path of this program")
}

/// A process that does nothing but keep a network namespace and a mount namespace.
fn held() -> Result<Command> {
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "KILL", "unshare", "--net", "--mount", "--"])
        .arg(own()?)
        .arg("hold");
    Ok(command)
}

fn inside<S: AsRef<std::ffi::OsStr>>(holder: &Running, program: &Path, words: &[S]) -> Command {
    let mut command = Command::new("nsenter");
    command
        .args(["--target", &holder.pid().to_string(), "--net", "--mount"])
        .args(["setpriv", "--pdeathsig", "KILL", "--"])
        .arg(program)
        .args(words)
        .stdin(Stdio::null());
    command
}

pub(crate) fn run(command: &mut Command) -> Result<()> {
    run_for_text(command).map(|_| ())
}

pub(crate) fn run_for_text(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .with_context(|| format!("running {command:?}"))?;
    if !output.status.success() {
        bail!(
            "{command:?} ended with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The program that keeps a namespace: until its stdin ends.
pub(crate) fn hold() -> Result<()> {
    println!("ready");
    let mut line = String::new();
    while std::io::stdin().lock().read_line(&mut line)? > 0 {
        line.clear();
    }
    Ok(())
}

/// The program that answers for names, at the server.
pub(crate) fn answer_names() -> Result<()> {
    names::run(SERVER.parse()?, DOMAIN)
}
