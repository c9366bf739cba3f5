//! SIGKILL wherever it falls, and at the four points where it could hurt.

use std::{
    collections::BTreeMap,
    fs, thread,
    time::{Duration, Instant},
};

use lapor_e2e::exit;
use serde_json::{Value, json};

use crate::stage::{Dice, Stage, word};

const KILLS: u32 = 40;

#[test]
fn forty_kills_in_the_middle_of_a_sync_lose_nothing_and_send_nothing_twice() {
    let mut dice = Dice::new(40);
    let stage = Stage::new();
    // Slow enough everywhere for a kill to fall into every kind of exchange.
    stage.line.set_rate(600_000);
    let slow = |route: &str, latency_ms: u64| json!({ "route": route, "latency_ms": latency_ms });
    let routes = [slow("create", 40), slow("changes", 30), slow("event", 30)];
    stage.gateway.faults(&routes).unwrap();
    let mut reports: Vec<String> = (0..3)
        .map(|number| {
            let photo = stage.photo(&format!("{number}.jpg"), number);
            let document = stage.document(&format!("{number}.pdf"), 250_000);
            stage.submits_with(&format!("Laporan {number}"), &[photo, document])
        })
        .collect();
    let began = Instant::now();
    stage.siti.does(&["list"]).unwrap();
    let to_open = began.elapsed();
    let (mut hurt, mut late) = (BTreeMap::new(), 0);
    for number in 0..KILLS {
        if number % 4 == 3 {
            let document = stage.document(&format!("{number}.pdf"), 60_000);
            let report = stage.submits_with(&format!("Di antara {number}"), &[document]);
            stage.siti.does(&["reply", &report, "Masih."]).unwrap();
            reports.push(report);
        }
        // Two minutes pass between the runs, for the phone: no pause after a cut keeps it idle.
        let now = format!("+{}s", 120 * (number + 1));
        let trace = stage.folder.path().join(format!("trace-{number}"));
        let named = word(&trace);
        let words = ["--now", &now, "--trace", &named, "sync", "--until-idle"];
        let mut sync = stage.siti.starts(&words).unwrap();
        thread::sleep(to_open / 2 + Duration::from_millis(dice.between(0, 350)));
        late += u32::from(sync.try_wait().unwrap().is_some());
        sync.kill().unwrap();
        sync.wait().unwrap();
        let told = fs::read_to_string(&trace).unwrap_or_default();
        // What was begun and never heard of again.
        let lines = told.lines().rev();
        let last: Option<Value> = lines.flat_map(serde_json::from_str).next();
        let last = last.unwrap_or_default();
        if last["event"] == "started" {
            *hurt.entry(last["task"].to_string()).or_insert(0) += 1;
        }
    }
    println!("kills in the middle of {hurt:?}, {late} after the end");
    let fell: u32 = hurt.values().sum();
    assert!(fell >= 10 && hurt.len() >= 2, "too few hurt: {hurt:?}");
    stage.line.set_rate(0);
    stage.gateway.faults(&[]).unwrap();
    stage.drains(&stage.siti);
    stage.expect_arrived_once(&reports);
    let events = &stage.gateway.see("counts").unwrap()["events"];
    let once = events.as_object().unwrap();
    assert_eq!(once.len(), KILLS as usize / 4);
    assert!(once.values().all(|count| count == 1), "{events}");
    assert_eq!(stage.siti.does(&["doctor"]).unwrap()["sound"], true);
}

#[test]
fn kills_while_writing_leave_a_draft_or_an_accepted_report() {
    let mut dice = Dice::new(41);
    let stage = Stage::new();
    let mut reports = Vec::new();
    for number in 0..10 {
        let document = stage.document(&format!("{number}.pdf"), 200_000);
        let key = stage.siti.drafts("Ditulis", "Sebelum dimatikan.").unwrap();
        let attach = ["attach", &key, document.to_str().unwrap()];
        for words in [&attach[..], &["submit", &key]] {
            let mut child = stage.siti.starts(words).unwrap();
            thread::sleep(Duration::from_millis(dice.between(1, 60)));
            child.kill().unwrap();
            child.wait().unwrap();
            let shown = stage.siti.shows(&key).unwrap();
            assert_eq!(shown["content"], "Sebelum dimatikan.", "{shown}");
            match shown["phase"].as_str().unwrap() {
                "draft" if words[0] == "attach" && shown["attachments"]["total"] == 0 => {
                    stage.siti.attaches(&key, &document).unwrap();
                }
                "draft" if words[0] == "submit" => stage.siti.submits(&key).unwrap(),
                "draft" | "queued" => {}
                other => panic!("{other}: {shown}"),
            }
            assert_eq!(stage.siti.shows(&key).unwrap()["attachments"]["total"], 1);
        }
        reports.push(key);
    }
    stage.drains(&stage.siti);
    stage.expect_arrived_once(&reports);
}

#[test]
fn a_phone_that_dies_after_every_single_exchange_gets_all_its_words_across() {
    let stage = Stage::new();
    let reports: Vec<String> = (0..3)
        .map(|number| stage.submits(&number.to_string()))
        .collect();
    for report in &reports {
        stage
            .siti
            .does(&["reply", report, "Masih begitu."])
            .unwrap();
    }
    for death in 1..=6 {
        let ran = stage.siti.run(&["sync", "--crash-at", "settled"]).unwrap();
        assert_eq!(ran.code, -1, "{ran:?}");
        let open = stage.siti.does(&["outbox"]).unwrap();
        assert_eq!(open.as_array().unwrap().len(), 6 - death, "{open}");
    }
    stage.drains(&stage.siti);
    stage.expect_arrived_once(&reports);
    let events = &stage.gateway.see("counts").unwrap()["events"];
    let once = events.as_object().unwrap();
    assert!(
        once.len() == 3 && once.values().all(|count| count == 1),
        "{events}"
    );
}

#[test]
fn a_kill_at_any_point_between_submit_and_tracking_id_is_survived() {
    let stage = Stage::new();
    let mut reports = Vec::new();
    for point in ["submitted", "begun", "answered", "settled"] {
        let key = stage.siti.drafts(point, "Dimatikan di sini.").unwrap();
        let photo = stage.photo(&format!("{point}.jpg"), 5);
        stage.siti.attaches(&key, &photo).unwrap();
        if point == "submitted" {
            let ran = stage.siti.run(&["submit", &key, "--crash-at", point]);
            assert_eq!(ran.unwrap().code, -1);
            let shown = stage.siti.shows(&key).unwrap();
            assert_eq!(shown["phase"], "queued", "accepted before anybody was told");
        } else {
            stage.siti.submits(&key).unwrap();
            for _ in 0..2 {
                let words = ["--network", "up", "sync", "--once", "--crash-at", point];
                let ran = stage.siti.run(&words).unwrap();
                assert!(ran.code == -1 || ran.code == exit::STILL_WAITING, "{ran:?}");
            }
            let shown = stage.siti.shows(&key).unwrap();
            let told = shown["phase"] == "sent";
            assert_eq!(told, point == "settled", "{point}: {shown}");
        }
        reports.push(key);
        stage.drains(&stage.siti);
    }
    stage.expect_arrived_once(&reports);
}
