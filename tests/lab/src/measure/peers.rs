//! The same picture over the same line by what others would take: one multipart POST by curl with
//! retries, and tus-js-client.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::pictures::{Over, Sent, over, send};
use crate::{
    authority::{GATEWAY, Kind, PEER},
    line::{Line, Place, Running, SERVER},
    profile::Profile,
    world::World,
};

const PORT: u16 = 8443;
const LONGEST: Duration = Duration::from_secs(1200);

pub(crate) struct Peers {
    _server: Running,
    posts: PathBuf,
    report: PathBuf,
    picture: PathBuf,
    bytes: u64,
    /// Where npm put tus-js-client; nothing when it could not be had.
    tus: Option<PathBuf>,
}

impl Peers {
    pub(crate) fn start(world: &mut World<'_>, bytes: u64, tus: Option<&Path>) -> Result<Self> {
        let folder = world.line.folder().to_owned();
        let posts = folder.join("posts");
        let mut command = world.line.at(Place::Server, &std::env::current_exe()?);
        command
            .arg("swallow")
            .arg(format!("{SERVER}:{PORT}"))
            .arg(world.authority.chain(Kind::Good))
            .arg(world.authority.key(Kind::Good))
            .arg(&posts);
        let (server, _) = Running::ready(command)?;
        let report = folder.join("report.json");
        let text: String = "Jalan rusak dan gelap. "
            .chars()
            .cycle()
            .take(1700)
            .collect();
        fs::write(&report, body(&[], &text).to_string())?;
        let picture = folder.join("picture.jpg");
        fs::write(&picture, world.dice.bytes(usize::try_from(bytes)?))?;
        Ok(Self {
            _server: server,
            posts,
            report,
            picture,
            bytes,
            tus: tus.map(Path::to_owned),
        })
    }

    /// One POST of report and picture, a new curl each time. How often the server took it whole is
    /// told as well: without a key of its own, a lost answer makes two of one.
    pub(crate) fn curl(&self, world: &World<'_>) -> Result<(Sent, usize)> {
        let posts = || {
            fs::read_to_string(&self.posts)
                .unwrap_or_default()
                .lines()
                .count()
        };
        let before = posts();
        let mut curl = world.line.at(Place::Phone, Path::new("curl"));
        curl.args([
            "--silent",
            "--show-error",
            "--fail",
            "--output",
            "/dev/null",
        ])
        .arg("--cacert")
        .arg(world.authority.root())
        .args(["--retry", "20", "--retry-all-errors", "--retry-delay", "1"])
        .args(["--connect-timeout", "20", "--speed-limit", "100"])
        .args(["--speed-time", "60", "--max-time", "1200", "-H", "Expect:"])
        .arg("--form")
        .arg(format!(
            "report=@{};type=application/json",
            self.report.display()
        ))
        .arg("--form")
        .arg(format!(
            "picture=@{};type=image/jpeg",
            self.picture.display()
        ))
        .arg(format!("https://{PEER}:{PORT}/reports"));
        let sent = timed(&world.line, curl, self.bytes)?;
        Ok((sent, posts() - before))
    }

    /// One upload of the picture to an address that the gateway has given already: the report and
    /// its create are left out.
    pub(crate) fn tus(&self, world: &mut World<'_>) -> Result<Option<Sent>> {
        let Some(modules) = &self.tus else {
            return Ok(None);
        };
        let url = self.upload_url(world)?;
        let script = world.line.folder().join("tus.mjs");
        fs::write(&script, include_str!("tus.mjs"))?;
        let mut node = world.line.at(Place::Phone, Path::new("node"));
        node.arg(&script)
            .arg(modules)
            .arg(&url)
            .arg(&self.picture)
            .env("NODE_EXTRA_CA_CERTS", world.authority.root());
        timed(&world.line, node, self.bytes).map(Some)
    }

    /// A report of another person, created from the server's own side, not over the line.
    fn upload_url(&self, world: &mut World<'_>) -> Result<String> {
        let login = json!({ "user": "budi", "password": "rahasia123" });
        let call = |method, path: &str, token: Option<&str>, body: &Value| {
            world
                .gateway
                .calls(&world.line, &world.authority, method, path, token, body)
        };
        let session = call("POST", "session", None, &login)?;
        let token = session
            .get("access_token")
            .and_then(Value::as_str)
            .context("no token")?;
        let picture = fs::read(&self.picture)?;
        let hash: String = Sha256::digest(&picture)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let attachment = json!({
            "sha256": hash, "bytes": picture.len(), "media_type": "image/jpeg", "name": "a.jpg",
        });
        world.foreign += 1;
        let key = format!("7d1c9b52-4a3e-4f6d-8b2a-{:012x}", world.foreign);
        let report = body(&[attachment], "Jalan rusak dan gelap, sudah lama.");
        let made = call("PUT", &format!("reports/{key}"), Some(token), &report)?;
        let path = made
            .pointer("/missing/0/upload_url")
            .and_then(Value::as_str)
            .with_context(|| format!("no upload address in {made}"))?;
        Ok(format!("https://{GATEWAY}{path}"))
    }
}

fn body(attachments: &[Value], content: &str) -> Value {
    json!({
        "classification": "complaint", "title": "Lampu jalan padam", "content": content,
        "incident_date": "2026-01-15", "location": "Jalan Raya Kerobokan, Kuta Utara",
        "area_code": "51.03.06", "anonymous": false, "secret": false, "attachments": attachments,
    })
}

fn timed(line: &Line, mut command: Command, ideal: u64) -> Result<Sent> {
    let before = line.crossed()?;
    let began = Instant::now();
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if began.elapsed() > LONGEST {
            child.kill()?;
            child.wait()?;
            bail!("{command:?} had not ended after {LONGEST:?}");
        }
        thread::sleep(Duration::from_millis(5));
    };
    let took = began.elapsed();
    if !status.success() {
        let said = child.wait_with_output()?;
        bail!(
            "{command:?} ended with {status}: {}",
            String::from_utf8_lossy(&said.stderr)
        );
    }
    Ok(Sent {
        took,
        crossed: line.crossed()?.since(before).both(),
        ideal,
    })
}

/// Rounds of one report with one picture: lapor, curl, tus in turn, so that a line that changes
/// with time treats them alike.
pub(crate) fn measure(
    world: &mut World<'_>,
    profile: &Profile,
    rounds: u32,
    budget: u64,
    limits: (Option<f64>, Option<f64>),
    tus: Option<&Path>,
) -> Result<()> {
    let (mut ours, mut curls, mut tuses) = (Vec::new(), Vec::new(), Vec::new());
    let mut posts = 0;
    let mut peers: Option<Peers> = None;
    for _ in 0..rounds {
        let sent = send(world, 1, budget)?;
        let peers = match &mut peers {
            Some(peers) => peers,
            // Of exactly the size that the phone's own picture came to.
            none => none.insert(Peers::start(world, sent.ideal, tus)?),
        };
        ours.push(sent);
        let (sent, taken) = peers.curl(world)?;
        curls.push(sent);
        posts += taken;
        tuses.extend(peers.tus(world)?);
    }
    let name = profile.name;
    let (own, curl) = (over(profile, &ours), over(profile, &curls));
    let show = |what: &str, over: &Over, rounds: &[Sent]| {
        let times: Vec<String> = rounds
            .iter()
            .map(|sent| format!("{:.1}", sent.took.as_secs_f64()))
            .collect();
        world.figures.tell(
            name,
            &format!(
                "one_picture {what} over_line_time={:.2} bytes_over_ideal={:.3} took={} s",
                over.time,
                over.bytes,
                times.join(","),
            ),
        );
    };
    show("lapor", &own, &ours);
    show("curl", &curl, &curls);
    world.figures.tell(
        name,
        &format!("one_picture curl posts={posts} of {rounds} meant"),
    );
    world
        .figures
        .cell(name, "curl/line", format!("{:.2}", curl.time));
    world
        .figures
        .cell(name, "curl bytes", format!("{:.3}", curl.bytes));
    if !tuses.is_empty() {
        let tus = over(profile, &tuses);
        show("tus-js-client", &tus, &tuses);
        world
            .figures
            .cell(name, "tus/line", format!("{:.2}", tus.time));
        world
            .figures
            .cell(name, "tus bytes", format!("{:.3}", tus.bytes));
    }
    let (over_line, over_curl) = limits;
    if let Some(limit) = over_line {
        world
            .figures
            .at_most(name, "one_picture_over_line_time", own.time, limit, "");
    }
    if let Some(limit) = over_curl {
        let ratio = own.time / curl.time;
        world
            .figures
            .at_most(name, "one_picture_over_curl", ratio, limit, "");
        world
            .figures
            .cell(name, "picture/line", format!("{:.2}", own.time));
        world
            .figures
            .cell(name, "bytes/ideal", format!("{:.3}", own.bytes));
    }
    Ok(())
}
