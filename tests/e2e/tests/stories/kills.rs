//! SIGKILL wherever it falls, and at the four points where it could hurt.

use std::{thread, time::Duration};

use lapor_e2e::exit;

use crate::stage::{Dice, Stage};

const KILLS: u32 = 40;

#[test]
fn forty_kills_in_the_middle_of_a_sync_lose_nothing_and_send_nothing_twice() {
    let mut dice = Dice::new(40);
    let stage = Stage::new();
    stage.line.set_rate(300_000);
    let mut reports: Vec<String> = (0..3)
        .map(|number| {
            let photo = stage.photo(&format!("{number}.jpg"), number);
            let document = stage.document(&format!("{number}.pdf"), 250_000);
            stage.submits_with(&format!("Laporan {number}"), &[photo, document])
        })
        .collect();
    let mut early = 0;
    for number in 0..KILLS {
        if number % 4 == 3 {
            reports.push(stage.submits(&format!("Di antara {number}")));
        }
        let words = ["--network", "up", "sync", "--until-idle"];
        let mut sync = stage.siti.starts(&words).unwrap();
        thread::sleep(Duration::from_millis(dice.between(10, 300)));
        early += u32::from(sync.try_wait().unwrap().is_some());
        sync.kill().unwrap();
        sync.wait().unwrap();
    }
    let cut = |entry: &&serde_json::Value| entry["end"] == "cut";
    let cuts = stage.journal().iter().filter(cut).count();
    println!("{cuts} kills fell into an exchange, {early} came after the end");
    assert!(cuts >= 3, "no kill hurt: {cuts}");
    assert!(early <= KILLS / 2, "too late to hurt: {early}");
    stage.line.set_rate(0);
    stage.drains(&stage.siti);
    stage.expect_arrived_once(&reports);
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
fn a_phone_that_dies_after_every_single_exchange_still_gets_it_all_across() {
    let stage = Stage::new();
    let document = stage.document("a.pdf", 60_000);
    let report = stage.submits_with("Lampu", &[document]);
    let mut deaths = 0;
    // A create, an offset perhaps, chunks, the feed: never more than a handful.
    while stage
        .siti
        .run(&["--network", "up", "sync", "--crash-at", "settled"])
        .unwrap()
        .code
        == -1
    {
        deaths += 1;
        let open = stage.siti.does(&["outbox"]).unwrap();
        if open.as_array().unwrap().is_empty() {
            break;
        }
        assert!(deaths < 20, "does not get on: {open}");
    }
    assert!(deaths >= 2, "{deaths}");
    stage.drains(&stage.siti);
    stage.expect_arrived_once(&[report]);
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
