//! A gateway, a line and a phone on it, with the checks that every story ends with.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

pub(crate) use lapor_e2e::Dice;
use lapor_e2e::{Gateway, Line, Phone, Ran, exit, wait_until};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

pub(crate) struct Stage {
    pub(crate) gateway: Gateway,
    pub(crate) line: Line,
    pub(crate) siti: Phone,
    pub(crate) folder: TempDir,
    exports: AtomicU32,
}

impl Stage {
    /// Siti is signed in, the line is up.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let gateway = Gateway::start(&folder.path().join("gateway.db")).unwrap();
        let line = Line::to(gateway.address().unwrap()).unwrap();
        let siti = Phone::new(folder.path(), "siti", &line.url());
        siti.signs_in("siti").unwrap();
        Self {
            gateway,
            line,
            siti,
            folder,
            exports: AtomicU32::new(0),
        }
    }

    /// Accepted on Siti's phone, not sent.
    pub(crate) fn submits(&self, title: &str) -> String {
        let key = self.siti.drafts(title, "Sejak tiga hari.").unwrap();
        self.siti.submits(&key).unwrap();
        key
    }

    pub(crate) fn submits_with(&self, title: &str, files: &[PathBuf]) -> String {
        let key = self.siti.drafts(title, "Sejak tiga hari.").unwrap();
        for file in files {
            self.siti.attaches(&key, file).unwrap();
        }
        self.siti.submits(&key).unwrap();
        key
    }

    /// A document that no compression shrinks, of exactly so many bytes.
    pub(crate) fn document(&self, name: &str, bytes: usize) -> PathBuf {
        let path = self.folder.path().join(name);
        let seed = name
            .bytes()
            .fold(7_u64, |sum, byte| sum.wrapping_mul(31) + u64::from(byte));
        let mut dice = Dice(seed);
        let mut text = b"%PDF-1.4\n%%EOF\n".to_vec();
        while text.len() < bytes {
            text.extend(dice.roll().to_be_bytes());
        }
        text.truncate(bytes);
        fs::write(&path, text).unwrap();
        path
    }

    /// A photo with EXIF, place and thumbnail.
    pub(crate) fn photo(&self, name: &str, seed: u64) -> PathBuf {
        let path = self.folder.path().join(name);
        lapor_photo::synth::camera_photo(&path, seed, 1200, 900, 6).unwrap();
        path
    }

    /// The network is back and everything goes.
    pub(crate) fn drains(&self, phone: &Phone) {
        let words = ["--network", "up", "sync", "--until-idle", "--timeout", "40"];
        phone.run(&words).unwrap().expect(exit::DONE).unwrap();
    }

    pub(crate) fn syncs_once(&self) -> Ran {
        self.siti.run(&["sync", "--once"]).unwrap()
    }

    /// Still waiting, for this reason, and nowhere called sent.
    #[track_caller]
    pub(crate) fn expect_waiting(&self, report: &str, reason: &str) -> Value {
        let shown = self.siti.shows(report).unwrap();
        assert_eq!(
            (&shown["phase"], &shown["tracking_id"]),
            (&json!("queued"), &Value::Null),
            "called sent too early: {shown}"
        );
        assert_eq!(shown["waiting"]["reason"]["code"], reason, "{shown}");
        shown
    }

    /// Each of these was created once, with its pictures byte by byte as on the phone; the
    /// gateway has no others, and nobody broke the contract.
    #[track_caller]
    pub(crate) fn expect_arrived_once(&self, reports: &[String]) {
        self.expect_each_arrived_once(reports);
        let counts = self.gateway.see("counts").unwrap();
        assert_eq!(counts["reports"], reports.len(), "others too: {counts}");
        assert_eq!(counts["created"], reports.len(), "{counts}");
    }

    /// The same, where the gateway may have others.
    #[track_caller]
    pub(crate) fn expect_each_arrived_once(&self, reports: &[String]) {
        let out = self.export(&self.siti);
        let mut ids = BTreeSet::new();
        let counts = self.gateway.see("counts").unwrap();
        for report in reports {
            let shown = self.siti.shows(report).unwrap();
            assert_eq!(shown["phase"], "sent", "{shown}");
            let id = shown["tracking_id"].as_str().expect("a tracking id");
            assert!(ids.insert(id.to_owned()), "{id} twice");
            assert_eq!(counts["creates"][report], 1, "{counts}");
            let there = self.gateway.see(&format!("report/{report}")).unwrap();
            assert_eq!(
                (&there["tracking_id"], &there["missing"]),
                (&json!(id), &json!([])),
                "{there}"
            );
            for picture in shown["pictures"].as_array().unwrap() {
                assert_eq!(picture["stored"], true, "{picture}");
                let hash = picture["sha256"].as_str().unwrap();
                let path = format!("attachments/{report}/{hash}");
                let arrived = self.gateway.bytes(&path).unwrap();
                let name = picture["name"].as_str().unwrap();
                let own = fs::read(out.join(report).join(name)).unwrap();
                assert!(arrived == own, "{name} is not what was kept");
            }
        }
        self.expect_no_violations();
    }

    #[track_caller]
    pub(crate) fn expect_no_violations(&self) {
        let seen = self.gateway.see("violations").unwrap();
        assert_eq!(seen["violations"], json!([]), "against the contract");
        assert_eq!(seen["checked"], true);
    }

    pub(crate) fn export(&self, phone: &Phone) -> PathBuf {
        let number = self.exports.fetch_add(1, Ordering::SeqCst);
        let out = self.folder.path().join(format!("export-{number}"));
        phone.does(&["export", &word(&out)]).unwrap();
        out
    }

    /// (have, of) of every attachment at the gateway.
    pub(crate) fn arrived(&self) -> Vec<(u64, u64)> {
        let reports = self.gateway.see("reports").unwrap();
        reports
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|report| report["attachments"].as_array().unwrap())
            .map(|one| {
                (
                    one["have"].as_u64().unwrap(),
                    one["bytes"].as_u64().unwrap(),
                )
            })
            .collect()
    }

    pub(crate) fn until_half_there(&self) {
        self.until("a picture to be half there", || {
            let arrived = self.arrived();
            arrived.iter().any(|(have, of)| *have > 0 && have < of)
        });
    }

    pub(crate) fn until(&self, what: &str, mut ask: impl FnMut() -> bool) {
        wait_until(what, PATIENCE, || Ok(ask())).unwrap();
    }

    pub(crate) fn journal(&self) -> Vec<Value> {
        let journal = self.gateway.see("journal").unwrap();
        journal.as_array().unwrap().clone()
    }
}

pub(crate) fn word(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}
