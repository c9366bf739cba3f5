//! Everything at once, by dice: any fault on any route, cuts, kills, new reports and changes of
//! mind, with hours between. Only the end is held to account.

use std::{collections::BTreeMap, thread, time::Duration};

use serde_json::{Value, json};

use crate::stage::{Dice, Stage};

const ROUNDS: u64 = 40;

const ROUTES: [&str; 8] = [
    "create",
    "create",
    "withdraw",
    "event",
    "changes",
    "upload_head",
    "upload_patch",
    "*",
];

fn fault(dice: &mut Dice) -> Value {
    let bytes = dice.between(0, 300);
    let mut fault = match dice.between(0, 12) {
        0 => json!({ "lose_answer": true }),
        1 => json!({ "cut_request_after": bytes }),
        2 => json!({ "cut_answer_after": bytes }),
        3 => json!({ "status": 503, "marked": bytes.is_multiple_of(2) }),
        4 => json!({ "status": 429, "retry_after": bytes }),
        5 => json!({ "portal": true, "commit": bytes.is_multiple_of(2) }),
        6 => json!({ "garbage": true, "commit": bytes.is_multiple_of(2) }),
        7 => json!({ "truncated_gzip": true }),
        8 => json!({ "wrong_content_type": true }),
        9 => json!({ "status": 404, "marked": false }),
        10 => json!({ "lose_answer": true, "reset": true }),
        _ => json!({ "latency_ms": 150 }),
    };
    let route = ROUTES[dice.between(0, ROUTES.len() as u64) as usize];
    fault["route"] = json!(route);
    fault["after"] = json!(dice.between(0, 3));
    fault
}

#[test]
fn a_bad_week_loses_nothing_doubles_nothing_and_publishes_nothing_taken_back() {
    let mut dice = Dice::new(7);
    let stage = Stage::new();
    // A report, and whether it was taken back.
    let mut reports: BTreeMap<String, bool> = BTreeMap::new();
    let now = |round: u64| format!("+{}s", round * 7_200);
    for round in 1..=ROUNDS {
        if round % 3 == 1 {
            let size = dice.between(2_000, 60_000) as usize;
            let document = stage.document(&format!("{round}.pdf"), size);
            let key = stage.submits_with(&format!("Laporan {round}"), &[document]);
            reports.insert(key, false);
        }
        let any = dice.between(0, reports.len() as u64) as usize;
        let (report, taken_back) = reports.iter_mut().nth(any).unwrap();
        match dice.between(0, 6) {
            0 => {
                let ran = stage.siti.run(&["withdraw", report]).unwrap();
                *taken_back |= ran.code == 0;
            }
            1 => {
                stage.siti.run(&["reply", report, "Masih."]).unwrap();
            }
            _ => {}
        }
        let faults: Vec<Value> = (0..dice.between(1, 4)).map(|_| fault(&mut dice)).collect();
        stage.gateway.faults(&faults).unwrap();
        let (passed, _) = stage.line.passed();
        let cuts = (0..dice.between(0, 2)).map(|_| passed + dice.between(1, 20_000));
        stage.line.cut_at(cuts.collect());
        let words = ["--now", &now(round), "sync", "--once", "--timeout", "3"];
        if dice.between(0, 4) == 0 {
            let mut sync = stage.siti.starts(&words).unwrap();
            thread::sleep(Duration::from_millis(dice.between(30, 200)));
            sync.kill().unwrap();
            sync.wait().unwrap();
        } else {
            let ran = stage.siti.run(&words).unwrap();
            assert!(
                matches!(ran.code, 0 | 4),
                "round {round} {faults:?}: {ran:?}"
            );
        }
    }
    stage.gateway.faults(&[]).unwrap();
    stage.line.cut_at(Vec::new());
    // A route that was refused may rest until the next day.
    for round in ROUNDS + 1..ROUNDS + 20 {
        stage
            .siti
            .run(&["--now", &now(round), "sync", "--once"])
            .unwrap();
    }
    let open = stage.siti.does(&["outbox"]).unwrap();
    assert_eq!(open, json!([]), "still waiting");
    let (back, stayed): (Vec<_>, Vec<_>) = reports.into_iter().partition(|(_, back)| *back);
    println!("{} arrived, {} taken back", stayed.len(), back.len());
    let stayed: Vec<String> = stayed.into_iter().map(|(key, _)| key).collect();
    stage.expect_each_arrived_once(&stayed);
    let public = stage.gateway.see("public").unwrap().to_string();
    for (key, _) in back {
        let shown = stage.siti.shows(&key).unwrap();
        assert_eq!(shown["phase"], "withdrawn", "{shown}");
        assert!(!public.contains(&key), "published: {public}");
    }
    let events = &stage.gateway.see("counts").unwrap()["events"];
    for (event, count) in events.as_object().unwrap() {
        assert_eq!(count, 1, "{event}");
    }
}
