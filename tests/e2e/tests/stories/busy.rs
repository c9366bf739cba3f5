//! A gateway that is busy, asks for absurd pauses, or does not answer at all.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::stage::Stage;

const HOUR: u64 = 3_600_000;

#[test]
fn what_a_busy_gateway_asks_for_is_obeyed_within_reason() {
    let stage = Stage::new();
    let report = stage.submits("Lampu");
    // (status, Retry-After, marked, at least, at most): the client clamps to 1 s to 1 h, and
    // adds a tenth of jitter so that phones do not come back in one instant; from the second refusal
    // in a row on up to four times the pause for each, 5 min at most, so that they do not all come back
    // after the same few seconds for ever.
    let cases = [
        (429, Some(7), true, 6_000, 8_700),
        (503, Some(7), false, 6_000, 7_000 + 4 * 7_000),
        (429, Some(0), true, 1, 1_000 + 16 * 1_000),
        (503, Some(u32::MAX), true, HOUR - 5_000, HOUR + HOUR / 10),
        (500, None, true, 1, 5 * 60_000),
        (502, None, false, 1, 5 * 60_000),
    ];
    let mut later = 0;
    for (status, retry_after, marked, least, most) in cases {
        let mut fault = json!({ "route": "create", "status": status, "marked": marked });
        if let Some(seconds) = retry_after {
            fault["retry_after"] = json!(seconds);
        }
        stage.gateway.faults(&[fault.clone()]).unwrap();
        // Two hours pass between the tries, for the phone.
        later += 7_200;
        let now = format!("+{later}s");
        let began = Instant::now();
        let ran = stage.siti.run(&["--now", &now, "sync", "--once"]).unwrap();
        assert!(began.elapsed() < Duration::from_secs(10), "slept: {fault}");
        assert_eq!(ran.code, 4, "{fault}: {ran:?}");
        let next = ran.json().unwrap()["next_try_ms"].as_u64().unwrap();
        assert!((least..=most).contains(&next), "{fault}: {next} ms");
        stage.expect_waiting(&report, "busy");
    }
    stage.gateway.faults(&[]).unwrap();
    let now = format!("+{}s", later + 7_200);
    let ran = stage.siti.run(&["--now", &now, "sync", "--once"]).unwrap();
    assert_eq!(ran.code, 0, "{ran:?}");
    stage.expect_arrived_once(&[report]);
}

#[test]
fn a_gateway_that_asked_for_peace_gets_it_even_from_a_new_process() {
    let stage = Stage::new();
    let report = stage.submits("Lampu");
    stage
        .gateway
        .faults(&[json!({ "route": "create", "status": 503, "retry_after": 600 })])
        .unwrap();
    assert_eq!(stage.syncs_once().code, 4);
    stage.gateway.faults(&[]).unwrap();
    let asked = || {
        let journal = stage.journal();
        let creates = journal.iter().filter(|entry| entry["route"] == "create");
        creates.count()
    };
    let before = asked();
    for _ in 0..3 {
        assert_eq!(stage.syncs_once().code, 4);
    }
    assert_eq!(asked(), before, "knocked again");
    // A new report does not break the peace either.
    let second = stage.submits("Jalan");
    assert_eq!(stage.syncs_once().code, 4);
    assert_eq!(asked(), before, "knocked for another report");
    let ran = stage.siti.run(&["--now", "+700s", "sync", "--once"]);
    assert_eq!(ran.unwrap().code, 0);
    stage.expect_arrived_once(&[report, second]);
}

#[test]
fn a_gateway_that_never_answers_is_left_in_time() {
    let stage = Stage::new();
    let report = stage.submits("Lampu");
    stage
        .gateway
        .faults(&[json!({ "route": "create", "stall": true, "commit": true })])
        .unwrap();
    let began = Instant::now();
    let words = ["sync", "--until-idle", "--timeout", "2"];
    let ran = stage.siti.run(&words).unwrap();
    assert!(began.elapsed() < Duration::from_secs(8), "{ran:?}");
    assert_eq!(ran.code, 4, "{ran:?}");
    let shown = stage.siti.shows(&report).unwrap();
    assert_eq!(shown["phase"], "queued", "{shown}");
    assert_eq!(shown["waiting"]["may_have_arrived"], true, "{shown}");
    stage.gateway.faults(&[]).unwrap();
    stage.drains(&stage.siti);
    stage.expect_arrived_once(&[report]);
}

#[test]
fn maintenance_is_a_pause_and_nothing_else() {
    let stage = Stage::new();
    let report = stage.submits("Lampu");
    stage
        .gateway
        .act("settings", &json!({ "maintenance": true }))
        .unwrap();
    assert_eq!(stage.syncs_once().code, 4);
    stage.expect_waiting(&report, "busy");
    stage
        .gateway
        .act("settings", &json!({ "maintenance": false }))
        .unwrap();
    let ran = stage
        .siti
        .run(&["--now", "+7200s", "sync", "--once"])
        .unwrap();
    assert_eq!(ran.code, 0, "{ran:?}");
    stage.expect_arrived_once(&[report]);
}
