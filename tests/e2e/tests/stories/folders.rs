//! A key that is lost, a folder that was copied, a store that was damaged: nothing is made in
//! its place, nothing arrives twice.

use std::{fs, path::Path};

use lapor_e2e::{Phone, exit};
use serde_json::json;

use crate::stage::Stage;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let there = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &there);
        } else {
            fs::copy(entry.path(), there).unwrap();
        }
    }
}

/// Names and bytes of all files in it.
fn files(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.clone(), fs::read(path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn a_lost_key_stops_everything_and_replaces_nothing() {
    let stage = Stage::new();
    let document = stage.document("a.pdf", 20_000);
    let report = stage.submits_with("Lampu", &[document]);
    let away = stage.folder.path().join("away.key");
    fs::rename(&stage.siti.key_file, &away).unwrap();
    let before = files(&stage.siti.home);
    for words in [
        &["list"][..],
        &["sync", "--once"],
        &["draft", "new"],
        &["doctor"],
    ] {
        let ran = stage.siti.run(words).unwrap();
        let told = ran.expect(exit::WRONG_KEY).unwrap().json().unwrap();
        assert_eq!(told["error"]["code"], "key_missing", "{words:?}");
        assert!(!stage.siti.key_file.exists(), "a new key: {words:?}");
    }
    let ran = stage.siti.tries_to_sign_in("siti", "rahasia123").unwrap();
    assert_eq!(ran.code, exit::WRONG_KEY, "{ran:?}");
    assert!(files(&stage.siti.home) == before, "the store was touched");
    assert_eq!(stage.gateway.see("counts").unwrap()["reports"], 0);

    fs::rename(&away, &stage.siti.key_file).unwrap();
    stage.drains(&stage.siti);
    stage.expect_arrived_once(&[report]);
}

#[test]
fn a_copied_phone_knows_it_and_the_two_together_send_once() {
    let stage = Stage::new();
    let document = stage.document("a.pdf", 60_000);
    let first = stage.submits_with("Lampu", &[document]);
    let second = stage.submits("Jalan");
    let twin = Phone {
        home: stage.folder.path().join("twin"),
        key_file: stage.folder.path().join("twin.key"),
        ..stage.siti.clone()
    };
    copy(&stage.siti.home, &twin.home);
    let text = fs::read_to_string(&stage.siti.key_file).unwrap();
    let (key, _) = text.split_once('\n').unwrap();
    fs::write(&twin.key_file, format!("{key}\n{}\n", "5a".repeat(16))).unwrap();

    let ran = twin.run(&["list"]).unwrap().expect(0).unwrap();
    assert!(ran.err.contains("copied from another phone"), "{ran:?}");
    // It may have gone from the other phone: taking it back needs the service's word.
    twin.does(&["withdraw", &second]).unwrap();
    assert_eq!(twin.shows(&second).unwrap()["phase"], "withdrawing");

    stage.drains(&stage.siti);
    stage.expect_arrived_once(&[first.clone(), second.clone()]);
    let id = stage.siti.shows(&first).unwrap()["tracking_id"].clone();
    stage.drains(&twin);
    assert_eq!(twin.shows(&first).unwrap()["tracking_id"], id);
    assert_eq!(twin.shows(&second).unwrap()["phase"], "withdrawn");
    let counts = stage.gateway.see("counts").unwrap();
    assert_eq!(counts["creates"][&first], 1, "{counts}");
    let public = stage.gateway.see("public").unwrap().to_string();
    assert!(!public.contains(&second), "{public}");
    // The first phone learns that it is gone.
    stage.drains(&stage.siti);
    stage.expect_no_violations();
}

#[test]
fn a_damaged_store_is_set_aside_and_what_can_be_read_still_arrives_once() {
    let stage = Stage::new();
    let mut reports = Vec::new();
    for number in 0..3 {
        let document = stage.document(&format!("{number}.pdf"), 150_000);
        reports.push(stage.submits_with(&format!("Laporan {number}"), &[document]));
    }
    // One has been created already, and the phone does not know.
    stage
        .gateway
        .faults(&[json!({ "route": "create", "lose_answer": true })])
        .unwrap();
    assert_eq!(stage.syncs_once().code, 4);
    stage.gateway.faults(&[]).unwrap();
    let database = stage.siti.home.join("store").join("lapor.db");
    let mut bytes = fs::read(&database).unwrap();
    // A bad flash cell under the last picture; what was written first lies before it.
    let at = bytes.len() - 80_000;
    bytes[at..at + 1_000].fill(0xEE);
    fs::write(&database, bytes).unwrap();

    let mut said = String::new();
    for minutes in 1..=4 {
        let now = format!("+{}s", minutes * 120);
        let ran = stage.siti.run(&["--now", &now, "sync", "--once"]);
        said.push_str(&ran.unwrap().err);
    }
    assert!(said.contains("set-aside-1"), "told: {said}");
    assert!(stage.siti.home.join("set-aside-1").is_dir(), "kept whole");
    let mut pictures = 0;
    let counts = stage.gateway.see("counts").unwrap();
    for report in &reports {
        let shown = stage.siti.shows(report).unwrap();
        assert_eq!(shown["phase"], "sent", "{shown}");
        assert_eq!(counts["creates"][report], 1, "{counts}");
        pictures += shown["attachments"]["stored"].as_u64().unwrap();
    }
    assert_eq!(counts["created"], 3, "{counts}");
    assert_eq!(pictures, 2, "one was lost, and it was said: {said}");
    assert_eq!(stage.siti.does(&["doctor"]).unwrap()["sound"], true);
    stage.expect_no_violations();
}
