mod table;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use lapor_e2e::{Gateway, Line, Phone, exit, make_photos, photos_in, program, wait_until};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const PATIENCE: Duration = Duration::from_secs(60);

const REPORTS: [(&str, &str); 3] = [
    (
        "Lampu jalan padam",
        "Lampu jalan di depan balai banjar padam sejak tiga hari.",
    ),
    (
        "Jalan berlubang",
        "Lubang besar di tikungan dekat pura, berbahaya pada malam hari.",
    ),
    (
        "Sampah menumpuk",
        "Sampah di tepi sungai tidak diangkut selama dua minggu.",
    ),
];

/// What the story needs before it begins: a folder, and photos that the core takes.
pub(crate) struct Stage {
    folder: tempfile::TempDir,
    photos: Vec<PathBuf>,
}

impl Stage {
    /// Photos of a folder that somebody named, or made here.
    pub(crate) fn set(photos: Option<&Path>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let photos = match photos {
            Some(named) => usable(photos_in(named)?, folder.path())?,
            None => make_photos(&folder.path().join("photos"), 3)?,
        };
        Ok(Self { folder, photos })
    }
}

/// Leaves out what the core refuses, and says why in its words.
fn usable(photos: Vec<PathBuf>, folder: &Path) -> Result<Vec<PathBuf>> {
    let mut taken = Vec::new();
    for photo in photos {
        let tried = Command::new(program("lapor")?)
            .args(["--lang", "en", "photo"])
            .args([&photo, &folder.join("tried.jpg")])
            .arg("--force")
            .output()?;
        if tried.status.success() {
            taken.push(photo);
        } else {
            say(&format!(
                "left out: {}",
                String::from_utf8_lossy(&tried.stderr).trim()
            ));
        }
    }
    ensure!(!taken.is_empty(), "no photo in that folder can be used");
    Ok(taken)
}

/// Runs the story; an error is a broken promise.
pub(crate) fn run(stage: Stage, keep: bool) -> Result<()> {
    let Stage { folder, photos } = stage;
    let mut story = Story::begin(folder.path(), photos)?;
    story.writes_in_a_dead_spot()?;
    story.is_killed_in_the_middle_of_an_upload()?;
    story.meets_a_portal()?;
    story.loses_an_answer_and_heals()?;
    story.takes_a_fourth_back()?;
    let lines = story.is_told()?;
    table::print(&lines);
    println!(
        "demo: {} reports, {} tracking ids, 0 lost, 0 duplicated",
        lines.len(),
        lines.len()
    );
    if keep {
        story.gateway.leave_running();
        let url = story.gateway.url().to_owned();
        println!(
            "the gateway runs on (pid {}): {url}/sandbox",
            story.gateway.pid()
        );
        // Its store must outlive this process.
        let _kept = folder.keep();
    }
    Ok(())
}

struct Story {
    gateway: Gateway,
    line: Line,
    siti: Phone,
    budi: Phone,
    photos: Vec<PathBuf>,
    reports: Vec<String>,
    fourth: String,
    kills: u32,
}

fn say(text: &str) {
    println!("  {text}");
}

impl Story {
    fn begin(folder: &Path, photos: Vec<PathBuf>) -> Result<Self> {
        let gateway = Gateway::start_to_be_left(&folder.join("gateway.db"))?;
        let line = Line::to(gateway.address()?)?;
        let siti = Phone::new(folder, "phone-of-siti", &line.url());
        let budi = Phone::new(folder, "phone-of-budi", &line.url());
        siti.signs_in("siti")?;
        budi.signs_in("budi")?;
        Ok(Self {
            gateway,
            line,
            siti,
            budi,
            photos,
            reports: Vec::new(),
            fourth: String::new(),
            kills: 0,
        })
    }

    fn writes_in_a_dead_spot(&mut self) -> Result<()> {
        self.line.set_up(false);
        for (number, (title, content)) in REPORTS.iter().enumerate() {
            let report = self.siti.drafts(title, content)?;
            let photo = self
                .photos
                .get(number % self.photos.len())
                .context("no photo")?;
            self.siti.attaches(&report, photo)?;
            self.siti.submits(&report)?;
            self.reports.push(report);
        }
        say("no network: three reports written, photos attached, all three accepted");
        self.siti
            .run(&["sync", "--once"])?
            .expect(exit::STILL_WAITING)?;
        for report in &self.reports {
            self.expect_not_called_sent(report)?;
        }
        Ok(())
    }

    /// The service stumbles over the third report; the others pass and their pictures begin.
    fn is_killed_in_the_middle_of_an_upload(&mut self) -> Result<()> {
        self.gateway.faults(&[
            json!({ "route": "create", "after": 2, "status": 500 }),
            json!({ "route": "upload_patch", "latency_ms": 300, "bandwidth": 40_000 }),
        ])?;
        self.line.set_up(true);
        let mut sync = self.siti.starts(&[
            "--network",
            "up",
            "sync",
            "--until-idle",
            "--timeout",
            "120",
        ])?;
        wait_until("a picture to be half there", PATIENCE, || {
            let arrived = self.arrived()?;
            let half = arrived.iter().any(|(have, of)| *have > 20_000 && have < of);
            // A picture that is small as a whole is on its way as long as it is asked for.
            let small = arrived.iter().all(|(_, of)| *of <= 20_000);
            Ok(half || small && !arrived.is_empty() && self.is_uploading()?)
        })?;
        // SIGKILL, by its id.
        sync.kill()?;
        sync.wait()?;
        self.kills += 1;
        // What the relay still holds is not on any real line: let it pass before the app is back.
        wait_until("the relay to be empty", PATIENCE, || {
            Ok(!self.is_uploading()?)
        })?;
        say("the app was killed (SIGKILL) in the middle of a picture");
        self.expect_not_called_sent(self.reports.get(2).context("third")?)
    }

    fn meets_a_portal(&mut self) -> Result<()> {
        self.gateway
            .faults(&[json!({ "route": "*", "portal": true })])?;
        let before = self.phases()?;
        self.siti
            .run(&["sync", "--once"])?
            .expect(exit::STILL_WAITING)?;
        ensure!(
            self.phases()? == before,
            "a portal's page changed what the screen says"
        );
        say("a free wifi answered 200 and HTML for a while: nothing was called sent");
        Ok(())
    }

    fn loses_an_answer_and_heals(&mut self) -> Result<()> {
        self.gateway
            .faults(&[json!({ "route": "create", "times": 1, "lose_answer": true })])?;
        let third = self.reports.get(2).context("third")?.clone();
        let mut sync = self.siti.starts(&[
            "--network",
            "up",
            "sync",
            "--until-idle",
            "--timeout",
            "120",
        ])?;
        let status = sync.wait()?;
        ensure!(status.success(), "sync --until-idle ended with {status}");
        say(
            "the answer of a create was lost after the service had committed it; the network healed",
        );
        let shown = self.siti.shows(&third)?;
        ensure!(
            field(&shown, "tracking_id").is_some(),
            "the third report has no tracking id: {shown}"
        );
        Ok(())
    }

    fn takes_a_fourth_back(&mut self) -> Result<()> {
        self.fourth = self
            .budi
            .drafts("Pungutan liar", "Diminta uang di loket.")?;
        self.budi.submits(&self.fourth)?;
        self.gateway
            .faults(&[json!({ "route": "create", "lose_answer": true })])?;
        self.budi
            .run(&["sync", "--once"])?
            .expect(exit::STILL_WAITING)?;
        self.budi.does(&["withdraw", &self.fourth])?;
        let shown = self.budi.shows(&self.fourth)?;
        ensure!(
            field(&shown, "phase").as_deref() == Some("withdrawing"),
            "not being taken back: {shown}"
        );
        self.gateway.faults(&[])?;
        self.budi
            .run(&["--network", "up", "sync", "--until-idle", "--timeout", "60"])?
            .expect(exit::DONE)?;
        let shown = self.budi.shows(&self.fourth)?;
        ensure!(
            field(&shown, "phase").as_deref() == Some("withdrawn"),
            "not taken back: {shown}"
        );
        let public = self.gateway.see("public")?.to_string();
        ensure!(
            !public.contains(&self.fourth) && !public.contains("Pungutan"),
            "a withdrawn report was published"
        );
        say("a fourth report, perhaps sent, was taken back: the service has it as withdrawn only");
        Ok(())
    }

    /// Everything is held against what the gateway really has.
    fn is_told(&self) -> Result<Vec<table::Row>> {
        let journal = self.gateway.see("journal")?;
        let mut rows = Vec::new();
        let mut ids = BTreeSet::new();
        for (report, (title, _)) in self.reports.iter().zip(REPORTS) {
            let shown = self.siti.shows(report)?;
            let id =
                field(&shown, "tracking_id").with_context(|| format!("no tracking id: {title}"))?;
            ensure!(
                ids.insert(id.clone()),
                "two reports under one tracking id {id}"
            );
            let (original, sent) = self.pictures_are_whole(report, &shown)?;
            rows.push(table::Row {
                title: title.to_owned(),
                tracking_id: id,
                state: field(&shown, "status").unwrap_or_default(),
                original,
                sent,
                wire: wire_bytes(&journal, report),
                cuts: cuts(&journal, report) + u64::from(self.kills) * u64::from(rows.is_empty()),
            });
        }
        let counts = self.gateway.see("counts")?;
        for report in &self.reports {
            let committed = counts
                .pointer(&format!("/creates/{report}"))
                .and_then(Value::as_u64);
            ensure!(
                committed == Some(1),
                "{report} was committed {committed:?} times"
            );
        }
        let violations = self.gateway.see("violations")?;
        ensure!(
            violations
                .pointer("/violations")
                .and_then(Value::as_array)
                .is_some_and(Vec::is_empty),
            "against the contract: {violations}"
        );
        Ok(rows)
    }

    fn pictures_are_whole(&self, report: &str, shown: &Value) -> Result<(u64, u64)> {
        let attachments = shown
            .get("pictures")
            .and_then(Value::as_array)
            .context("no pictures")?;
        ensure!(!attachments.is_empty(), "the picture is gone");
        let (mut original, mut sent) = (0, 0);
        for attachment in attachments {
            let hash = field(attachment, "sha256").context("no sha256")?;
            ensure!(
                attachment.get("stored") == Some(&json!(true)),
                "a picture did not arrive: {attachment}"
            );
            let there = self
                .gateway
                .bytes(&format!("attachments/{report}/{hash}"))?;
            let have: String = Sha256::digest(&there)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            ensure!(have == hash, "a picture arrived changed");
            original += attachment
                .get("original_bytes")
                .and_then(Value::as_u64)
                .unwrap_or(0);
            sent += there.len() as u64;
        }
        Ok((original, sent))
    }

    /// (have, of) of every attachment at the gateway.
    fn arrived(&self) -> Result<Vec<(u64, u64)>> {
        let reports = self.gateway.see("reports")?;
        let attachments = reports
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|report| report.get("attachments"));
        let number =
            |value: &Value, name: &str| value.get(name).and_then(Value::as_u64).unwrap_or(0);
        Ok(attachments
            .filter_map(Value::as_array)
            .flatten()
            .map(|attachment| (number(attachment, "have"), number(attachment, "bytes")))
            .collect())
    }

    /// A chunk is under way at the gateway.
    fn is_uploading(&self) -> Result<bool> {
        let journal = self.gateway.see("journal")?;
        let open = |entry: &Value| {
            field(entry, "route").as_deref() == Some("upload_patch")
                && field(entry, "end").as_deref() == Some("open")
        };
        Ok(journal.as_array().into_iter().flatten().any(open))
    }

    fn phases(&self) -> Result<Vec<Option<String>>> {
        self.reports
            .iter()
            .map(|report| Ok(field(&self.siti.shows(report)?, "phase")))
            .collect()
    }

    fn expect_not_called_sent(&self, report: &str) -> Result<()> {
        let shown = self.siti.shows(report)?;
        ensure!(
            field(&shown, "phase").as_deref() == Some("queued"),
            "called sent too early: {shown}"
        );
        ensure!(
            field(&shown, "tracking_id").is_none(),
            "a tracking id out of nowhere: {shown}"
        );
        Ok(())
    }
}

fn field(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn of_report<'a>(journal: &'a Value, report: &'a str) -> impl Iterator<Item = &'a Value> {
    journal
        .as_array()
        .into_iter()
        .flatten()
        .filter(move |entry| entry.get("report").and_then(Value::as_str) == Some(report))
}

/// Heads and bodies, both ways, as the gateway counted them.
fn wire_bytes(journal: &Value, report: &str) -> u64 {
    const COUNTED: [&str; 4] = ["head_in", "body_in", "head_out", "body_out"];
    of_report(journal, report)
        .flat_map(|entry| {
            COUNTED
                .iter()
                .filter_map(|name| entry.get(*name).and_then(Value::as_u64))
        })
        .sum()
}

fn cuts(journal: &Value, report: &str) -> u64 {
    of_report(journal, report)
        .filter(|entry| entry.get("end").and_then(Value::as_str) == Some("cut"))
        .count() as u64
}
