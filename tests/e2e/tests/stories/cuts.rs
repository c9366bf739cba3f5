//! Lines that end in the middle: whatever was cut where, the report arrives once.

use serde_json::{Value, json};

use crate::stage::{Dice, Stage};

/// Each fault hits one attempt of a report of its own, which then goes through.
fn hit_once_each(faults: &[Value]) {
    let stage = Stage::new();
    let mut reports = Vec::new();
    for fault in faults {
        let report = stage.submits(&fault.to_string());
        stage.gateway.faults(std::slice::from_ref(fault)).unwrap();
        let ran = stage.syncs_once();
        assert_eq!(ran.code, 4, "{fault}: {ran:?}");
        let shown = stage.expect_waiting(&report, "unknown");
        assert_eq!(
            shown["waiting"]["may_have_arrived"], true,
            "{fault}: {shown}"
        );
        stage.gateway.faults(&[]).unwrap();
        stage.drains(&stage.siti);
        reports.push(report);
    }
    stage.expect_arrived_once(&reports);
}

#[test]
fn an_answer_that_is_lost_after_the_commit_makes_no_second_report() {
    hit_once_each(&[
        json!({ "route": "create", "lose_answer": true }),
        json!({ "route": "create", "lose_answer": true, "reset": true }),
    ]);
}

#[test]
fn a_request_cut_at_any_byte_is_sent_again() {
    hit_once_each(&[
        json!({ "route": "create", "cut_request_after": 0 }),
        json!({ "route": "create", "cut_request_after": 1, "reset": true }),
        json!({ "route": "create", "cut_request_after": 120 }),
    ]);
}

#[test]
fn an_answer_cut_at_any_byte_is_no_answer() {
    hit_once_each(&[
        json!({ "route": "create", "cut_answer_after": 1 }),
        // In the head, and in the middle of the body.
        json!({ "route": "create", "cut_answer_after": 60 }),
        json!({ "route": "create", "cut_answer_after": 330, "reset": true }),
        json!({ "route": "create", "truncated_gzip": true }),
    ]);
}

#[test]
fn three_lost_answers_in_a_row_make_one_report() {
    let stage = Stage::new();
    let report = stage.submits("Jembatan");
    stage
        .gateway
        .faults(&[json!({ "route": "create", "lose_answer": true, "times": 3 })])
        .unwrap();
    stage.drains(&stage.siti);
    let tries = stage.journal();
    let tries = tries.iter().filter(|entry| entry["route"] == "create");
    assert_eq!(tries.count(), 4);
    stage.expect_arrived_once(&[report]);
}

#[test]
fn a_picture_on_a_line_that_is_cut_twelve_times_arrives_whole_and_little_is_sent_twice() {
    let stage = Stage::new();
    let document = stage.document("a.pdf", 400_000);
    let report = stage.submits_with("Lampu", &[document]);
    stage.siti.run(&["sync", "--limit-bytes", "1"]).unwrap();
    let (before, _) = stage.line.passed();
    // Two at once, one in a head, and the rest all over the picture.
    let mut cuts: Vec<u64> = (1..=10).map(|n| before + n * 37_777).collect();
    cuts.extend([before + 37_778, before + 200]);
    stage.line.cut_at(cuts);
    // A cut line is tried again after a second or more; the person's own clock passes faster.
    for minutes in 1..60 {
        let later = format!("+{}s", minutes * 120);
        let ran = stage.siti.run(&["--now", &later, "sync", "--once"]);
        if ran.unwrap().code == 0 {
            break;
        }
    }
    assert_eq!(stage.line.cuts_made(), 12);
    let (after, _) = stage.line.passed();
    assert!(
        after - before < 480_000,
        "{} bytes for a picture of 400,000",
        after - before
    );
    stage.expect_arrived_once(&[report]);
}

#[test]
fn cuts_at_thirty_random_bytes_of_everything_lose_nothing() {
    let mut dice = Dice::new(30);
    let stage = Stage::new();
    let reports: Vec<String> = (0..3)
        .map(|number| {
            let document = stage.document(&format!("{number}.pdf"), 120_000);
            stage.submits_with(&format!("Laporan {number}"), &[document])
        })
        .collect();
    let (before, _) = stage.line.passed();
    // Most in the words, where a byte is a head, a body or nothing at all.
    let cuts = (0..30).map(|number| {
        let reach = if number % 3 == 0 { 350_000 } else { 12_000 };
        before + dice.between(1, reach)
    });
    stage.line.cut_at(cuts.collect());
    for tries in 1..80 {
        let later = format!("+{}s", tries * 120);
        let ran = stage.siti.run(&["--now", &later, "sync", "--once"]);
        if ran.unwrap().code == 0 {
            break;
        }
    }
    println!("{} cuts", stage.line.cuts_made());
    assert!(stage.line.cuts_made() >= 20);
    stage.expect_arrived_once(&reports);
}
