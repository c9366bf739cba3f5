//! A disk that is really full: a small file system of its own, mounted for the test. Where that
//! is not permitted the stories are skipped aloud, and fail when `CI` is `true`.

use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use lapor_e2e::Phone;
use serde_json::{Value, json};

use crate::stage::{Stage, word};

struct Disk {
    place: PathBuf,
}

impl Disk {
    /// So many MiB; `None` where nobody may mount.
    fn new(place: PathBuf, size: u32) -> Option<Self> {
        fs::create_dir_all(&place).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}m"), "none"])
            .arg(&place)
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self { place });
        }
        let said = "SKIPPED: a full disk needs root and mount(8) for a small tmpfs";
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{said}");
        // Past the capture of the test runner: it is to be seen.
        let line = format!("{said}\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        None
    }

    fn filler(&self) -> PathBuf {
        self.place.join("filler")
    }

    /// Not one byte is left.
    fn fill(&self) {
        let mut file = fs::File::options()
            .create(true)
            .append(true)
            .open(self.filler())
            .unwrap();
        while file.write_all(&[0x55; 65_536]).is_ok() {}
        while file.write_all(&[0x55]).is_ok() {}
    }

    fn free(&self) {
        fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg("-l").arg(&self.place).status();
    }
}

/// Siti's phone has a disk of its own, which can be full.
fn small_phone(size: u32) -> Option<(Stage, Disk)> {
    let mut stage = Stage::new();
    let disk = Disk::new(stage.folder.path().join("disk"), size)?;
    stage.siti = Phone {
        home: disk.place.join("siti"),
        ..Phone::new(stage.folder.path(), "small", &stage.line.url())
    };
    stage.siti.signs_in("siti").unwrap();
    Some((stage, disk))
}

fn code(told: &Value) -> &str {
    told["error"]["code"].as_str().unwrap_or_default()
}

#[test]
fn a_full_disk_at_attach_and_submit_leaves_the_draft_whole() {
    let Some((stage, disk)) = small_phone(12) else {
        return;
    };
    let content = "ꦱ".repeat(10_000);
    let key = stage.siti.drafts("Lampu padam", &content).unwrap();
    let document = stage.document("a.pdf", 100_000);
    stage.siti.attaches(&key, &document).unwrap();
    disk.fill();

    let more = word(&stage.document("b.pdf", 1_500_000));
    let ran = stage.siti.run(&["attach", &key, &more]).unwrap();
    assert_eq!(ran.code, 1, "{ran:?}");
    let told = ran.json().unwrap();
    assert_eq!(
        told["attachments"][0]["error"]["code"], "disk_full",
        "{told}"
    );

    let ran = stage.siti.run(&["submit", &key]).unwrap();
    if ran.code != 0 {
        assert_eq!(
            (ran.code, code(&ran.json().unwrap())),
            (1, "disk_full"),
            "{ran:?}"
        );
        let words = ran.json().unwrap()["error"]["words"].to_string();
        assert!(words.contains("full"), "{words}");
    }
    // Whoever looks sees it, on the full disk too.
    let shown = stage.siti.shows(&key).unwrap();
    assert!(shown["content"] == content.as_str(), "the words are gone");
    assert_eq!(shown["attachments"]["total"], 1, "{shown}");
    let accepted = shown["phase"] == "queued";
    assert_eq!(
        accepted,
        ran.code == 0,
        "accepted and not said, or said and not accepted"
    );

    disk.free();
    if !accepted {
        stage.siti.submits(&key).unwrap();
    }
    stage.drains(&stage.siti);
    stage.expect_arrived_once(&[key]);
}

#[test]
fn a_phone_whose_disk_is_full_before_it_ever_synced_sends_what_it_accepted() {
    let Some((stage, disk)) = small_phone(12) else {
        return;
    };
    let key = stage.siti.drafts("Lampu padam", "Sejak kemarin.").unwrap();
    stage.siti.submits(&key).unwrap();
    // Looking at it takes of the room that was kept, and other apps take what that leaves.
    disk.fill();
    stage.siti.shows(&key).unwrap();
    disk.fill();
    stage.drains(&stage.siti);
    stage.expect_arrived_once(&[key]);
}

#[test]
fn a_disk_that_fills_while_writing_never_loses_an_accepted_report() {
    let Some((stage, disk)) = small_phone(6) else {
        return;
    };
    // Written until nothing fits any more: each was accepted, or refused with its draft whole.
    let (mut accepted, mut refused) = (Vec::new(), 0);
    let filler = stage.document("isi.bin", 2_500_000);
    fs::copy(filler, disk.filler()).unwrap();
    for number in 0..20 {
        let title = format!("Laporan {number}");
        let Ok(key) = stage.siti.drafts(&title, &"x".repeat(9_000)) else {
            refused += 1;
            break;
        };
        let document = word(&stage.document(&format!("{number}.pdf"), 400_000));
        let attached = stage.siti.run(&["attach", &key, &document]).unwrap();
        let ran = stage.siti.run(&["submit", &key]).unwrap();
        if ran.code == 0 {
            accepted.push(key.clone());
        } else {
            assert_eq!(code(&ran.json().unwrap()), "disk_full", "{ran:?}");
            assert_eq!(stage.siti.shows(&key).unwrap()["title"], title.as_str());
        }
        if attached.code != 0 || ran.code != 0 {
            refused += 1;
            break;
        }
    }
    assert!(
        refused > 0 && !accepted.is_empty(),
        "{refused} {accepted:?}"
    );
    disk.free();
    stage.drains(&stage.siti);
    stage.expect_arrived_once(&accepted);
}

#[test]
fn a_disk_that_fills_before_an_answer_is_stored_makes_no_second_report() {
    let Some((stage, disk)) = small_phone(12) else {
        return;
    };
    let document = stage.document("a.pdf", 60_000);
    let report = stage.submits_with("Lampu", &[document]);
    stage
        .gateway
        .faults(&[json!({ "route": "create", "latency_ms": 1200, "times": 1 })])
        .unwrap();
    let sync: Child = stage
        .siti
        .command(&["--network", "up", "sync", "--once"])
        .unwrap()
        .spawn()
        .unwrap();
    stage.until("the create to be under way", || {
        stage
            .journal()
            .iter()
            .any(|entry| entry["route"] == "create")
    });
    disk.fill();
    let output = sync.wait_with_output().unwrap();
    let shown = stage.siti.shows(&report).unwrap();
    println!("{:?} {}", output.status, shown["phase"]);
    // The room kept for outcomes holds the answer.
    assert_eq!(shown["phase"], "sent", "{output:?} {shown}");
    assert!(shown["tracking_id"].is_string(), "{shown}");
    for _ in 0..2 {
        stage
            .siti
            .run(&["--network", "up", "sync", "--once"])
            .unwrap();
    }
    disk.free();
    stage.drains(&stage.siti);
    stage.expect_arrived_once(&[report]);
    let creates = stage.journal();
    let creates = creates.iter().filter(|entry| entry["route"] == "create");
    assert_eq!(creates.count(), 1, "asked again about what was answered");
}
